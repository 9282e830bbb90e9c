"""The queue of evidence requests over HTTP."""

from datetime import date, time, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import Query, Response
from pydantic import Field

from services.evidence.callers import Editor
from services.evidence.library.date_ranges import check_order
from services.evidence.library.place_filters import PlaceFilter
from services.evidence.library.topics.queries import TopicNotFound, topic_and_below
from services.evidence.publications.requests.queries import RequestNotFound, load_requests
from services.evidence.publications.requests.queue import commands, queries
from services.evidence.publications.requests.queue.queries import QueueFilters
from services.evidence.publications.requests.queue.views import QueuedRequestView, RequestQueuePage
from services.evidence.publications.requests.rules import HeldByColleague, NotAwaitingAnswer
from services.evidence.publications.requests.tables import EvidenceRequest, RequestStatus, Used
from services.evidence.publications.requests.views import EvidenceRequestView, respond
from shared import clock
from shared.events.contracts.evidence import Urgency
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.http.pagination import Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, documented
from shared.views import Body, Day

router = create_router("/v1/evidence-requests", "Evidence requests")


class Assignment(Body):
    """Who looks for the answer from now on: you, unless you hand it over."""

    to: UUID | None = Field(
        default=None, description="An editor who has taken, answered or published a question here before."
    )


class Release(Body):
    """That you free what a colleague holds, and that they know it."""

    informed: UUID | None = Field(
        default=None,
        description="The `held_by` of the request: the colleague whom you have informed that you free it. Recorded.",
    )


@router.get("/queue", response_model=RequestQueuePage, responses=documented(TopicNotFound, Invalid))
async def list_queue(
    caller: Editor,
    session: Reading,
    paging: Paging,
    place: PlaceFilter,
    urgency: Urgency | None = None,
    status: Annotated[
        RequestStatus | None,
        Query(
            description="Without it, what waits for an answer or a decision. `used` and `what_happened`: all answered."
        ),
    ] = None,
    in_doubt: Annotated[
        bool | None, Query(description="Those with an answer that stands on something in doubt, or those without.")
    ] = None,
    mine: Annotated[bool, Query(description="Only those that are assigned to you.")] = False,
    topic: Annotated[UUID | None, Query(description="Only those on this topic, and those below it.")] = None,
    used: Annotated[Used | None, Query(description="What the asker said of the answer.")] = None,
    what_happened: Annotated[bool | None, Query(description="Whether the asker has said what happened.")] = None,
    first: Annotated[Day | None, Query(alias="from", description="Asked on this day or later.")] = None,
    last: Annotated[Day | None, Query(alias="to", description="Asked on this day or before.")] = None,
) -> RequestQueuePage:
    """List the requests that wait for staff, the most urgent first, then by when they are due.

    With `status=answered`, `closed` or `withdrawn`, list what became of those, the latest first. The `etag` of each is
    what `If-Match` of its commands takes.
    """
    check_order(first, last)
    filters = QueueFilters(
        status=status,
        in_doubt=in_doubt,
        urgency=urgency,
        assignee_id=caller.id if mine else None,
        topics=None if topic is None else await topic_and_below(session, topic),
        country=place.country,
        setting=place.setting,
        used=used,
        with_outcome=what_happened,
        since=None if first is None else clock.in_england(first, time()),
        before=None if last in (None, date.max) else clock.in_england(last + timedelta(days=1), time()),
    )
    key = queries.BY_URGENCY if filters.is_queue else queries.BY_ID
    statement = queries.list_queue(filters)
    page = await paginate(session, statement, paging, key=key, view=_row, descending=not filters.is_queue)
    snapshots = await load_requests(session, page.items)
    items = list(map(QueuedRequestView.of_snapshot, snapshots))
    without = await queries.count_without(session, filters) if paging.cursor is None else {}
    return RequestQueuePage(
        items=items,
        next=page.next,
        total=page.total,
        without_country=without.get("country"),
        without_setting=without.get("setting"),
    )


@router.post(
    "/{request_id}/assign",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, NotAwaitingAnswer, HeldByColleague, Invalid, PreconditionFailed),
)
async def assign_request(
    request_id: UUID, match: IfMatch, caller: Editor, uow: Transaction, body: Assignment | None = None
) -> Response:
    """Assign the request to yourself, or hand it over to another editor: nobody else answers it until `held_until`.

    Send `If-Match` to assign only what you have read.
    """
    editor_id = body.to if body and body.to else caller.id
    return respond(await commands.assign_request(uow, request_id, editor_id, match, caller), caller)


@router.post(
    "/{request_id}/unassign",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, NotAwaitingAnswer, HeldByColleague, PreconditionFailed),
)
async def unassign_request(
    request_id: UUID, match: IfMatch, caller: Editor, uow: Transaction, body: Release | None = None
) -> Response:
    """Return the request to the queue: one of your own, or of a colleague whose `held_until` is over.

    Earlier, any editor frees it who has informed whoever holds it (`informed`), so that nobody's absence locks a
    question; an editor who also is an administrator frees a request at any time. Send `If-Match` to return only what
    you have read.
    """
    informed = body.informed if body else None
    return respond(await commands.unassign_request(uow, request_id, informed, match, caller), caller)


def _row(request: EvidenceRequest) -> EvidenceRequest:
    return request
