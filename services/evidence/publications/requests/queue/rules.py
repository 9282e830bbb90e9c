"""Who looks for the answer to a request, for how long, and who may free it."""

from datetime import datetime
from uuid import UUID

from services.evidence.callers import is_administrator
from services.evidence.publications.requests.rules import check_awaiting_answer, check_not_held
from services.evidence.publications.requests.tables import EvidenceRequest
from shared.callers import Caller
from shared.problems import FieldError, Invalid


def assign(request: EvidenceRequest, editor_id: UUID, caller: Caller, now: datetime) -> None:
    """Assign the request to an editor, who holds it from now on: to oneself, or to whom it is handed over.

    An editor who also is an administrator hands over what a colleague holds. Raises NotAwaitingAnswer, HeldByColleague.
    """
    check_awaiting_answer(request)
    _check_may_free(request, caller, now, is_own=editor_id == caller.id)
    request.status, request.assignee_id, request.assigned_at = "assigned", editor_id, now


def check_is_editor(editor_id: UUID, caller: Caller, *, has_acted: bool) -> None:
    """Raise Invalid for anybody but oneself and those who `has_acted` here as an editor.

    The service knows no list of roles: with any id a question could be held by somebody who never comes.
    """
    if editor_id != caller.id and not has_acted:
        detail = (
            "Nobody with this id has taken, answered or published a question here. Return the question to the queue "
            "(POST to /unassign) and ask them to assign it to themselves."
        )
        raise Invalid(errors=[FieldError(pointer="/to", detail=detail)])


def unassign(request: EvidenceRequest, caller: Caller, now: datetime, informed: UUID | None = None) -> None:
    """Return the request to the queue: one's own, one whose holder's time is over, or whose holder was `informed`.

    An editor who also is an administrator frees it at any time. Raises NotAwaitingAnswer, HeldByColleague.
    """
    check_awaiting_answer(request)
    if informed is None or informed != request.assignee_id:
        _check_may_free(request, caller, now)
    request.status, request.assignee_id, request.assigned_at = "open", None, None


def _check_may_free(request: EvidenceRequest, caller: Caller, now: datetime, *, is_own: bool = False) -> None:
    if is_own or not is_administrator(caller):
        check_not_held(request, caller, now)
