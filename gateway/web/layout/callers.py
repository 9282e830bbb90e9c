"""Who may open which pages. What they find there is decided by the services."""

from typing import Final

from shared.callers import Caller, Role, allow

ANYONE: Final = allow(anyone=True)
SIGNED_IN: Final = allow(Role.CONTRIBUTOR)
EDITOR_OR_FACILITATOR: Final = allow(Role.EVIDENCE_EDITOR, Role.FACILITATOR)
EDITOR: Final = allow(Role.EVIDENCE_EDITOR)


def is_editor(caller: Caller | None) -> bool:
    """Return whether the caller is an evidence editor, who may change what others judged."""
    return caller is not None and caller.has(Role.EVIDENCE_EDITOR)
