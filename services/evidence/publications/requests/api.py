"""Evidence requests over HTTP, for those who ask and for readers of published answers."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request, Response

from services.evidence.callers import Anyone, Contributor, is_editor
from services.evidence.library.place_filters import PlaceFilter
from services.evidence.library.topics.queries import TopicNotFound, topic_and_below
from services.evidence.publications.requests import commands, queries, rules
from services.evidence.publications.requests.bodies import (
    EvidenceRequestPatch,
    FurtherQuestion,
    NewEvidenceRequest,
    TypedQuestion,
    UseOfAnswer,
)
from services.evidence.publications.requests.queries import RequestNotFound
from services.evidence.publications.requests.rules import Targets
from services.evidence.publications.requests.tables import EvidenceRequest
from services.evidence.publications.requests.views import (
    AnsweredQuestion,
    AnsweredQuestionPage,
    EvidenceRequestView,
    PrefilledDraft,
    SimilarQuestions,
    respond,
)
from shared.http.caching import PUBLIC_REVALIDATED
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1/evidence-requests", "Evidence requests")


async def _answer_targets(request: Request) -> Targets:
    return request.app.state.settings.answer_within


AnswerTargets = Annotated[Targets, Depends(_answer_targets)]


@router.post("", status_code=201, response_model=EvidenceRequestView, responses=documented(Invalid))
async def create_request(
    body: NewEvidenceRequest, caller: Contributor, uow: Transaction, targets: AnswerTargets
) -> Response:
    """Ask what is known. Staff answer with evidence and guides, sooner the more urgent it is."""
    snapshot = await commands.create_request(uow, body, caller, targets)
    return respond(snapshot, caller, status=201, location=f"/v1/evidence-requests/{snapshot.request.id}")


@router.get(
    "",
    response_model=AnsweredQuestionPage,
    responses=documented(TopicNotFound),
    dependencies=[Depends(PUBLIC_REVALIDATED)],
)
async def list_requests(
    _caller: Anyone,
    session: Reading,
    paging: Paging,
    place: PlaceFilter,
    topic: Annotated[UUID | None, Query(description="Only questions on this topic and those below it.")] = None,
    q: Annotated[
        str | None,
        Query(min_length=1, max_length=500, description='With all of these words. `"a phrase"`, `-without`, `or`.'),
    ] = None,
) -> AnsweredQuestionPage:
    """List published questions from the front line, with what is known, the newest first.

    `country` and `setting` choose by the items that the answer cites, itself or through a guide: where whoever asked
    is from is not public.
    """
    topics = None if topic is None else await topic_and_below(session, topic)
    statement = queries.list_published_requests(topics, place, q)
    page = await paginate(session, statement, paging, key=queries.BY_PUBLICATION, view=_row, descending=True)
    snapshots = await queries.load_published_requests(session, page.items)
    without = await queries.count_without(session, topics, place, q) if paging.cursor is None else {}
    return AnsweredQuestionPage(
        items=list(map(AnsweredQuestion.of, snapshots)),
        next=page.next,
        total=page.total,
        without_country=without.get("country"),
        without_setting=without.get("setting"),
    )


@router.post("/search", response_model=SimilarQuestions)
async def search_similar_questions(body: TypedQuestion, _caller: Anyone, session: Reading) -> SimilarQuestions:
    """Find answered questions like one that somebody is about to ask.

    By POST, so that the words stand in no address and no log; they are not stored.
    """
    requests = await queries.find_similar_requests(session, body.question)
    return SimilarQuestions(
        items=list(map(AnsweredQuestion.of, await queries.load_published_requests(session, requests)))
    )


@router.get("/mine", response_model=Page[EvidenceRequestView])
async def list_own_requests(caller: Contributor, session: Reading, paging: Paging) -> Page[EvidenceRequestView]:
    """List what you asked, the latest first, with the answers and what happened."""
    statement = queries.list_requests_of(caller.id)
    page = await paginate(session, statement, paging, key=queries.BY_ID, view=_row, descending=True)
    snapshots = await queries.load_requests(session, page.items)
    items = [EvidenceRequestView.of(snapshot, staff=is_editor(caller)) for snapshot in snapshots]
    return Page(items=items, next=page.next, total=page.total)


@router.get(
    "/{request_id}",
    response_model=EvidenceRequestView | AnsweredQuestion,
    responses=documented(RequestNotFound),
)
async def get_request(
    request_id: UUID, caller: Anyone, session: Reading, response: Response
) -> Response | AnsweredQuestion:
    """Return a request: all of it for whoever asked and for staff; for others what staff have published of it.

    An answer is held back while what it stands on was withdrawn or retracted, until an editor has decided.
    """
    snapshot = await queries.get_visible_request(session, request_id, caller)
    if snapshot.is_whole:
        return respond(snapshot, caller)
    if caller.anonymous:
        PUBLIC_REVALIDATED.set_on(response)
    return AnsweredQuestion.of(snapshot)


@router.patch(
    "/{request_id}",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, rules.NotAwaitingAnswer, Invalid, PreconditionFailed, PreconditionRequired),
)
async def update_request(
    request_id: UUID,
    patch: EvidenceRequestPatch,
    match: IfMatch,
    caller: Contributor,
    uow: Transaction,
    targets: AnswerTargets,
) -> Response:
    """Change a request while nobody has answered. Staff change only how it is filed, never its text."""
    return respond(await commands.update_request(uow, request_id, patch, match, caller, targets), caller)


@router.post(
    "/{request_id}/use",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, rules.NotAnswered, rules.RequestIsWithdrawn),
)
async def record_use(request_id: UUID, body: UseOfAnswer, caller: Contributor, uow: Transaction) -> Response:
    """Record whether the answer was used, and what happened: `yes` or `no` closes the request, `not_yet` does not."""
    return respond(await commands.record_use(uow, request_id, body, caller), caller)


@router.post(
    "/{request_id}/reopen",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, rules.NotAnswered, rules.RequestIsWithdrawn),
)
async def reopen_request(
    request_id: UUID,
    body: FurtherQuestion,
    caller: Contributor,
    uow: Transaction,
    targets: AnswerTargets,
) -> Response:
    """Ask a further question where the answer left something open: staff look at it again."""
    return respond(await commands.reopen_request(uow, request_id, body.question, caller, targets), caller)


@router.post(
    "/{request_id}/withdraw",
    response_model=EvidenceRequestView,
    responses=documented(RequestNotFound, rules.RequestIsWithdrawn),
)
async def withdraw_request(request_id: UUID, caller: Contributor, uow: Transaction) -> Response:
    """Withdraw what you asked, at any time. Your text is erased, and nothing of it stays public."""
    return respond(await commands.withdraw_request(uow, request_id, caller), caller)


@router.get(
    "/{request_id}/draft",
    response_model=PrefilledDraft,
    responses=documented(RequestNotFound, rules.NoOutcome),
)
async def get_prefilled_draft(
    request_id: UUID,
    caller: Contributor,
    session: Reading,
    way_of_knowing: Annotated[Literal["practice_knowledge", "lived_experience"], Query()] = "practice_knowledge",
) -> PrefilledDraft:
    """Return a draft of evidence of your own from what happened. Nothing is added unless you add it yourself."""
    return PrefilledDraft.of(await queries.get_request_with_outcome(session, request_id, caller), way_of_knowing)


def _row(request: EvidenceRequest) -> EvidenceRequest:
    return request
