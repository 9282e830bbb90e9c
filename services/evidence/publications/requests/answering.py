"""What staff do about evidence requests: the queue, the answer, and what everyone may read of it."""

from typing import Annotated, Literal
from uuid import UUID

from fastapi import Query, Response
from pydantic import AfterValidator, ConfigDict, Field, StringConstraints

from services.evidence.callers import Editor
from services.evidence.library.items.queries import published_items
from services.evidence.publications.guides.words import without_markup
from services.evidence.publications.requests import queries, rules
from services.evidence.publications.requests.tables import EvidenceRequest
from services.evidence.publications.requests.views import EvidenceRequestView, answered, whole
from shared import clock
from shared.events.contracts.evidence import Urgency
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import FieldError, Invalid, documented
from shared.views import Body

router = create_router("/v1/evidence-requests", "evidence requests")

Answer = Annotated[str, StringConstraints(min_length=1, max_length=20_000), AfterValidator(without_markup)]


class NewAnswer(Body):
    """What is known, in plain words, and what it rests on. Nothing is cited where nothing is known."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "answer": "Breaks planned together with the person are taken more often. Begin with one hour at home.",
                "items": ["01980000-0000-7000-8000-000000000001"],
                "guides": [],
            }
        }
    )

    answer: Answer
    items: list[UUID] = Field(default=[], max_length=50, description="Evidence items that are published.")
    guides: list[UUID] = Field(default=[], max_length=50, description="Guides that are published.")


class Shown(Body):
    """What everyone reads: a question that nobody can be recognised by, and an answer; else the one that was given."""

    question: Annotated[str, StringConstraints(min_length=10, max_length=1_000), AfterValidator(without_markup)]
    answer: Answer | None = None


@router.get("/queue", response_model=Page[EvidenceRequestView])
async def list_waiting_requests(
    caller: Editor,
    session: Reading,
    paging: Paging,
    urgency: Urgency | None = None,
    state: Literal["open", "in_hand"] | None = None,
    mine: Annotated[bool, Query(description="Only those that you have in hand.")] = False,
) -> Page[EvidenceRequestView]:
    """What waits for an answer: the most urgent first, and of these what is due first."""
    wanted = queries.waiting(urgency, caller.id if mine else None, state)
    page = await paginate(session, wanted, paging, key=queries.BY_HURRY, view=_itself)
    return Page(items=await whole(session, page.items), next=page.next, total=page.total)


@router.post(
    "/{request_id}/take",
    response_model=EvidenceRequestView,
    responses=documented(rules.RequestNotFound, rules.NotWaiting, rules.InOtherHands),
)
async def take_request(request_id: UUID, caller: Editor, uow: Transaction, response: Response) -> EvidenceRequestView:
    """Say that you look for the answer, so that nobody else does."""
    found = await queries.lock_request(uow.session, request_id)
    rules.take(found, caller.id)
    return await answered(uow.session, found, response)


@router.post(
    "/{request_id}/give-back",
    response_model=EvidenceRequestView,
    responses=documented(rules.RequestNotFound, rules.NotWaiting),
)
async def give_request_back(
    request_id: UUID, caller: Editor, uow: Transaction, response: Response
) -> EvidenceRequestView:
    """Put it back into the queue: your own, or that of a colleague who is away."""
    found = await queries.lock_request(uow.session, request_id)
    rules.give_back(found)
    return await answered(uow.session, found, response)


@router.post(
    "/{request_id}/answer",
    response_model=EvidenceRequestView,
    responses=documented(rules.RequestNotFound, rules.NotWaiting, Invalid),
)
async def answer_request(
    request_id: UUID, new: NewAnswer, caller: Editor, uow: Transaction, response: Response
) -> EvidenceRequestView:
    """Answer in plain words with published evidence and guides. Citing nothing says that nothing is known yet."""
    found = await queries.lock_request(uow.session, request_id)
    rules.check_waiting(found)
    items = await published_items(uow.session, new.items)
    guides = await queries.published_guides(uow.session, new.guides)
    _check_cited(new, items.keys(), guides.keys())
    turn = (await queries.turns_of(uow.session, [found.id]))[found.id][-1]
    cited_items, cited_guides = list(dict.fromkeys(new.items)), list(dict.fromkeys(new.guides))
    told = rules.answer(found, turn, new.answer, items=cited_items, guides=cited_guides, now=clock.now())
    await uow.session.flush()
    await queries.cite(
        uow.session,
        turn.id,
        [
            *(("guide", guide, guides[guide]) for guide in cited_guides),
            *(("item", item, items[item].edition) for item in cited_items),
        ],
    )
    uow.publish(told, of=found)
    return await answered(uow.session, found, response)


@router.post(
    "/{request_id}/show",
    response_model=EvidenceRequestView,
    responses=documented(rules.RequestNotFound, rules.NotAnswered, rules.TakenBack, Invalid),
)
async def show_answer(
    request_id: UUID, shown: Shown, caller: Editor, uow: Transaction, response: Response
) -> EvidenceRequestView:
    """Let everyone read the latest answer, under a question in your own words."""
    found = await queries.lock_request(uow.session, request_id)
    turns = (await queries.turns_of(uow.session, [found.id]))[found.id]
    rules.show(found, turns, shown.question, shown.answer, clock.now())
    return await answered(uow.session, found, response)


@router.post("/{request_id}/hide", response_model=EvidenceRequestView, responses=documented(rules.RequestNotFound))
async def hide_answer(request_id: UUID, caller: Editor, uow: Transaction, response: Response) -> EvidenceRequestView:
    """Take it out of everyone's sight; whoever asked still reads it."""
    found = await queries.lock_request(uow.session, request_id)
    rules.hide(found)
    return await answered(uow.session, found, response)


def _itself(found: EvidenceRequest) -> EvidenceRequest:
    return found


def _check_cited(new: NewAnswer, items: object, guides: object) -> None:
    """Raises Invalid with a pointer to each that is not published."""
    detail = "This is not published. An answer rests on what whoever asked can read."
    error = [
        FieldError(pointer=f"/{name}/{place}", detail=detail)
        for name, given, known in (("items", new.items, items), ("guides", new.guides, guides))
        for place, one in enumerate(given)
        if one not in known  # pyright: ignore[reportOperatorIssue]  keys of a mapping
    ]
    if error:
        raise Invalid(errors=error)
