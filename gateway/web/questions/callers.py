"""Who reads questions as staff do."""

from shared.callers import Caller, Role


def answers_questions(caller: Caller | None) -> bool:
    """Return whether they answer other people's questions."""
    return caller is not None and caller.has(Role.EVIDENCE_EDITOR)
