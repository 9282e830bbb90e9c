"""Evidence requests over HTTP: ask, read, say what came of the answer. What staff do is in `answering`."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.evidence.callers import Anyone, Contributor
from services.evidence.library.items.descriptions import Country, Setting
from services.evidence.library.items.views import PUBLIC
from services.evidence.library.topics.queries import TopicNotFound, topic_and_below, unknown_topics
from services.evidence.publications.guides.words import without_markup
from services.evidence.publications.requests import answering, giving, queries, rules
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn
from services.evidence.publications.requests.views import (
    AnsweredQuestion,
    EvidenceRequestView,
    answered,
    seen,
    shown,
    whole,
)
from shared import clock
from shared.callers import Caller
from shared.events.contracts.evidence import Urgency
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch
from shared.http.pagination import Page, Paging, paginate
from shared.persistence import idempotency
from shared.persistence.unit_of_work import Reading, Transaction, UnitOfWork
from shared.problems import FieldError, Invalid, PreconditionFailed, PreconditionRequired, documented
from shared.views import Body

router = create_router("/v1/evidence-requests", "evidence requests")
routers = (answering.router, giving.router, router)

Question = Annotated[
    str,
    StringConstraints(min_length=10, max_length=5_000),
    AfterValidator(without_markup),
    Field(
        description="For you and the staff alone. Leave out names and what would let somebody be recognised.",
        examples=["Which ways to plan a break help a carer who never leaves the house?"],
    ),
]
Topics = Annotated[list[UUID], Field(max_length=20, description="Where you know them; staff add what is missing.")]


class NewEvidenceRequest(Body):
    """A question from practice. Only you and the staff of the centre see what you write."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "question": "Which ways to plan a break help a carer who never leaves the house?",
                "urgency": "this_week",
                "setting": "home care",
                "country": "GB-ENG",
            }
        }
    )

    question: Question
    urgency: Urgency
    topics: Topics = Field(default=[])
    setting: Setting | None = None
    country: Country | None = None


class EvidenceRequestPatch(Body):
    """While nobody has answered (RFC 7396). Staff file a request: its topics, setting and country."""

    question: Question | None = None
    urgency: Urgency | None = None
    topics: Topics | None = None
    setting: Setting | None = None
    country: Country | None = None


class Use(Body):
    """Whether the answer was used, and what happened. For you and the staff alone."""

    used: rules.Used
    what_happened: Annotated[str, StringConstraints(max_length=20_000), AfterValidator(without_markup)] | None = None


class FurtherQuestion(Body):
    question: Question


@router.post("", status_code=201, response_model=EvidenceRequestView, responses=documented(Invalid))
async def ask_for_evidence(
    new: NewEvidenceRequest, caller: Contributor, uow: Transaction, request: Request, response: Response
) -> EvidenceRequestView:
    """Ask what is known. Staff answer with evidence and guides, sooner the more urgent it is."""
    await _check_topics(uow, new.topics)
    now = clock.now()
    asked = rules.ask(
        caller.id, new.urgency, new.setting, new.country, now=now, targets=request.app.state.settings.answer_within
    )
    uow.save(asked)
    await uow.session.flush()
    uow.save(RequestTurn(request_id=asked.id, number=1, question=new.question, asked_at=now))
    await queries.file_under(uow.session, asked.id, new.topics)
    uow.publish(rules.received(asked, new.topics), of=asked)
    response.headers["Location"] = f"/v1/evidence-requests/{asked.id}"
    return await answered(uow.session, asked, response)


@router.get("", response_model=Page[AnsweredQuestion], responses=documented(TopicNotFound))
async def list_answered_questions(
    caller: Anyone,
    session: Reading,
    paging: Paging,
    response: Response,
    topic: Annotated[UUID | None, Query(description="Only questions on this topic and those below it.")] = None,
) -> Page[AnsweredQuestion]:
    """Questions of the front line and what is known, in the words of staff; the newest first."""
    _as_everyone(caller, response)
    below = None if topic is None else await topic_and_below(session, topic)
    wanted = queries.shown(below)
    page = await paginate(session, wanted, paging, key=queries.SHOWN_KEY, view=_itself, descending=True)
    return Page(items=await shown(session, page.items), next=page.next, total=page.total)


@router.get("/mine", response_model=Page[EvidenceRequestView])
async def list_own_requests(caller: Contributor, session: Reading, paging: Paging) -> Page[EvidenceRequestView]:
    """What you asked, the latest first, and what came of it."""
    wanted = queries.requests_of(caller.id)
    page = await paginate(session, wanted, paging, key=queries.BY_HURRY[-1:], view=_itself, descending=True)
    return Page(items=await whole(session, page.items), next=page.next, total=page.total)


@router.get(
    "/{request_id}",
    response_model=EvidenceRequestView | AnsweredQuestion,
    responses=documented(rules.RequestNotFound),
)
async def get_request(
    request_id: UUID, caller: Anyone, session: Reading, response: Response
) -> EvidenceRequestView | AnsweredQuestion:
    """One request: whole for whoever asked and for staff; for everyone else what staff made public of it."""
    found = await queries.request(session, request_id)
    if rules.is_asker(caller, found) or rules.is_staff(caller):
        return await answered(session, found, response)
    _as_everyone(caller, response)
    for public in await shown(session, [found]):
        return public
    raise rules.RequestNotFound


@router.patch(
    "/{request_id}",
    response_model=EvidenceRequestView,
    responses=documented(rules.RequestNotFound, rules.NotWaiting, Invalid, PreconditionFailed, PreconditionRequired),
)
async def change_request(
    request_id: UUID,
    patch: EvidenceRequestPatch,
    match: IfMatch,
    caller: Contributor,
    uow: Transaction,
    request: Request,
    response: Response,
) -> EvidenceRequestView:
    """Say it better while nobody has answered. Staff change only under what it is filed, never the words."""
    found = await queries.lock_request(uow.session, request_id)
    rules.check_may_read(caller, found)
    match.check(await seen(uow.session, found))
    rules.check_waiting(found)
    wanted = patch.model_dump(exclude_unset=True)
    for name in ("question", "urgency", "topics"):
        if name in wanted and wanted[name] is None:
            raise Invalid(errors=[FieldError(pointer=f"/{name}", detail="This cannot be left empty.")])
    own = sorted(wanted.keys() & {"question", "urgency"})
    if own and not rules.is_asker(caller, found):
        detail = "Only who asked may change the question, or how urgent it is."
        raise Invalid(errors=[FieldError(pointer=f"/{name}", detail=detail) for name in own])
    turn = (await queries.turns_of(uow.session, [found.id]))[found.id][-1]
    turn.question = wanted.get("question", turn.question)
    if patch.urgency:
        rules.hurry_otherwise(found, patch.urgency, turn.asked_at, request.app.state.settings.answer_within)
    found.setting = wanted.get("setting", found.setting)
    found.country = wanted.get("country", found.country)
    found.updated_at = clock.now()
    topics = await _file(uow, found, patch.topics)
    if wanted.keys() & {"topics", "urgency"}:
        uow.publish(rules.received(found, topics), of=found)
    return await answered(uow.session, found, response)


@router.post(
    "/{request_id}/use",
    response_model=EvidenceRequestView,
    responses=documented(rules.RequestNotFound, rules.NotAnswered, rules.TakenBack),
)
async def tell_use(
    request_id: UUID, use: Use, caller: Contributor, uow: Transaction, response: Response
) -> EvidenceRequestView:
    """Say whether the answer was used, and what happened: yes or no closes the request, not yet leaves it."""
    found = await _own(uow, caller, request_id)
    if closed := rules.tell_use(found, use.used, use.what_happened, clock.now()):
        uow.publish(closed, of=found)
    return await answered(uow.session, found, response)


@router.post(
    "/{request_id}/reopen",
    response_model=EvidenceRequestView,
    responses=documented(rules.RequestNotFound, rules.NotAnswered, rules.TakenBack),
)
async def ask_further(
    request_id: UUID,
    further: FurtherQuestion,
    caller: Contributor,
    uow: Transaction,
    request: Request,
    response: Response,
) -> EvidenceRequestView:
    """The answer did not settle it: ask further, and staff look again."""
    found = await _own(uow, caller, request_id)
    now = clock.now()
    rules.ask_further(found, now, request.app.state.settings.answer_within)
    number = len((await queries.turns_of(uow.session, [found.id]))[found.id]) + 1
    uow.save(RequestTurn(request_id=found.id, number=number, question=further.question, asked_at=now))
    topics = (await queries.topics_of(uow.session, [found.id]))[found.id]
    uow.publish(rules.received(found, topics), of=found)
    return await answered(uow.session, found, response)


@router.post(
    "/{request_id}/take-back",
    response_model=EvidenceRequestView,
    responses=documented(rules.RequestNotFound, rules.TakenBack),
)
async def take_request_back(
    request_id: UUID, caller: Contributor, uow: Transaction, response: Response
) -> EvidenceRequestView:
    """Take back what you asked, at any time. Your words are erased, and nothing of it is public any more."""
    found = await _own(uow, caller, request_id)
    turns = (await queries.turns_of(uow.session, [found.id]))[found.id]
    await idempotency.forget(uow.session, found.id)
    uow.publish(rules.take_back(found, turns, clock.now()), of=found)
    return await answered(uow.session, found, response)


def _as_everyone(caller: Caller, response: Response) -> None:
    """Asked for again each time: what is no longer shown must disappear everywhere at once."""
    if caller.anonymous:
        response.headers.update(PUBLIC)


def _itself(found: EvidenceRequest) -> EvidenceRequest:
    return found


async def _own(uow: UnitOfWork, caller: Caller, request_id: UUID) -> EvidenceRequest:
    """Raises RequestNotFound."""
    found = await queries.lock_request(uow.session, request_id)
    rules.check_is_asker(caller, found)
    return found


async def _file(uow: UnitOfWork, found: EvidenceRequest, wanted: list[UUID] | None) -> list[UUID]:
    """Put the request under these topics, or leave it where it is; return where it lies."""
    before = (await queries.topics_of(uow.session, [found.id]))[found.id]
    if wanted is None or set(wanted) == set(before):
        return before
    await _check_topics(uow, wanted)
    await queries.file_under(uow.session, found.id, wanted)
    payload = {"topics": [str(topic) for topic in before]}, {"topics": [str(topic) for topic in sorted(wanted)]}
    uow.record("changed", "EvidenceRequest", found.id, before=payload[0], after=payload[1])
    return wanted


async def _check_topics(uow: UnitOfWork, topics: list[UUID]) -> None:
    if unknown := await unknown_topics(uow.session, topics):
        detail = "There is no such topic. The list is at /v1/topics."
        raise Invalid(errors=[FieldError(pointer=f"/topics/{place}", detail=detail) for place in unknown])
