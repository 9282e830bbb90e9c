"""Who is looking for the answer to a request."""

from uuid import UUID

from services.evidence.publications.requests.rules import check_awaiting_answer
from services.evidence.publications.requests.tables import EvidenceRequest
from shared.problems import Conflict


class AssignedToColleague(Conflict):
    title = "A colleague is looking for this answer"
    detail = "Ask them, or unassign the request; then it can be assigned to you."


def assign(request: EvidenceRequest, editor_id: UUID) -> None:
    """Assign the request to an editor. Raises NotAwaitingAnswer, AssignedToColleague."""
    check_awaiting_answer(request)
    if request.assignee_id not in (None, editor_id):
        raise AssignedToColleague
    request.status, request.assignee_id = "assigned", editor_id


def unassign(request: EvidenceRequest) -> None:
    """Return the request to the queue, also for a colleague who is away. Raises NotAwaitingAnswer."""
    check_awaiting_answer(request)
    request.status, request.assignee_id = "open", None
