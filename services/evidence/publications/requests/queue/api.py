"""The queue of evidence requests over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Response

from services.evidence.callers import Editor
from services.evidence.publications.requests.queries import RequestNotFound, load_requests
from services.evidence.publications.requests.queue import commands, queries
from services.evidence.publications.requests.queue.queries import QueuedStatus
from services.evidence.publications.requests.queue.rules import AssignedToColleague
from services.evidence.publications.requests.rules import NotAwaitingAnswer
from services.evidence.publications.requests.tables import EvidenceRequest
from services.evidence.publications.requests.views import EvidenceRequestView, respond
from shared.events.contracts.evidence import Urgency
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import documented

router = create_router("/v1/evidence-requests", "Evidence requests")


@router.get("/queue", response_model=Page[EvidenceRequestView])
async def list_queue(
    caller: Editor,
    session: Reading,
    paging: Paging,
    urgency: Urgency | None = None,
    status: QueuedStatus | None = None,
    mine: Annotated[bool, Query(description="Only those that are assigned to you.")] = False,
) -> Page[EvidenceRequestView]:
    """List the requests that wait for an answer, the most urgent first, then by when they are due."""
    statement = queries.list_queue(urgency, caller.id if mine else None, status)
    page = await paginate(session, statement, paging, key=queries.BY_URGENCY, view=_row)
    snapshots = await load_requests(session, page.items)
    return Page(items=list(map(EvidenceRequestView.of, snapshots)), next=page.next, total=page.total)


@router.post(
    "/{request_id}/assign",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, NotAwaitingAnswer, AssignedToColleague),
)
async def assign_request(request_id: UUID, caller: Editor, uow: Transaction, response: Response) -> EvidenceRequestView:
    """Assign the request to yourself, so that nobody else looks for the answer."""
    return respond(await commands.assign_request(uow, request_id, caller), response)


@router.post(
    "/{request_id}/unassign",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, NotAwaitingAnswer),
)
async def unassign_request(
    request_id: UUID, _caller: Editor, uow: Transaction, response: Response
) -> EvidenceRequestView:
    """Return the request to the queue: one of your own, or of a colleague who is away."""
    return respond(await commands.unassign_request(uow, request_id), response)


def _row(request: EvidenceRequest) -> EvidenceRequest:
    return request
