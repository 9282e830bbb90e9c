"""Evidence requests as they are answered: whole for the asker and staff, in the words of staff for everyone."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from fastapi import Response
from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.items.descriptions import Retraction
from services.evidence.publications.requests import queries, rules
from services.evidence.publications.requests.tables import EvidenceRequest
from shared.events.contracts.evidence import Urgency, WayOfKnowing
from shared.http.etags import set_etag
from shared.views import View


class CitedView(View):
    """What an answer rests on, and whether it still stands today."""

    kind: Literal["item", "guide"]
    id: UUID
    edition: int = Field(description="The edition that the answer was given from.")
    title: str | None = Field(description="As it is called today; null where it is no longer shown.")
    way_of_knowing: WayOfKnowing | None
    stands: bool = Field(description="False once it is withdrawn: do not rely on it any more.")
    changed: bool = Field(description="There is a newer edition than the answer was given from.")
    retraction: Retraction | None = Field(description="What became of the work itself. To be said first.")


class TurnView(View):
    """One question and its answer."""

    number: int
    question: str
    asked_at: datetime
    answer: str | None
    answered_at: datetime | None
    cites: list[CitedView]


class ShownView(View):
    """What everyone reads of it."""

    question: str
    answer: str
    since: datetime


class EvidenceRequestView(View):
    """A request whole, for whoever asked and for staff alone."""

    id: UUID
    state: rules.State
    urgency: Urgency
    topics: list[UUID]
    setting: str | None
    country: str | None
    asked_at: datetime
    due_at: datetime = Field(description="When staff mean to have answered the latest question.")
    turns: list[TurnView] = Field(description="The questions with their answers, the first one first.")
    used: rules.Used | None
    what_happened: str
    closed_at: datetime | None
    shown: ShownView | None = Field(description="What everyone may read of it, in the words of staff.")
    look_again: bool = Field(description="Something that an answer cites is withdrawn, retracted or has changed.")


class AnsweredQuestion(View):
    """A question like one that was asked, in the words of staff, and what is known. Never who asked, or their words."""

    id: UUID
    question: str
    answer: str
    topics: list[UUID]
    cites: list[CitedView]
    since: datetime


def _cited(row: Any) -> CitedView:
    stands = row.state == "published"
    return CitedView(
        kind=row.kind,
        id=row.id,
        edition=row.edition,
        title=row.title if stands else None,
        way_of_knowing=row.way_of_knowing,
        stands=stands,
        changed=stands and not row.merged and row.edition_now > row.edition,
        retraction=row.retraction,
    )


def _look_again(cited: CitedView) -> bool:
    retracted = cited.retraction is not None and cited.retraction.nature != "reinstatement"
    return not cited.stands or cited.changed or retracted


class Seen(NamedTuple):
    """What is shown is made of several rows: its version grows with each change of any of them."""

    version: int


async def seen(session: AsyncSession, request: EvidenceRequest) -> Seen:
    """Changes too when something that an answer cites is withdrawn, retracted or written anew."""
    return Seen(request.version + await queries.versions_cited(session, request.id))


async def answered(session: AsyncSession, request: EvidenceRequest, response: Response) -> EvidenceRequestView:
    """The request as this session leaves it, with its ETag."""
    await session.flush()
    set_etag(response, await seen(session, request))
    (view,) = await whole(session, [request])
    return view


async def whole(session: AsyncSession, found: Collection[EvidenceRequest]) -> list[EvidenceRequestView]:
    """In the order given, with three statements however many there are."""
    ids = [request.id for request in found]
    turns = await queries.turns_of(session, ids)
    cites = await queries.cited(session, [turn.id for of_one in turns.values() for turn in of_one])
    topics = await queries.topics_of(session, ids)
    return [
        _whole(
            request,
            topics[request.id],
            [
                TurnView(
                    **turn.model_dump(include=set(TurnView.model_fields)),
                    cites=[_cited(row) for row in cites[turn.id]],
                )
                for turn in turns[request.id]
            ],
        )
        for request in found
    ]


def _whole(request: EvidenceRequest, topics: list[UUID], turns: list[TurnView]) -> EvidenceRequestView:
    told: dict[str, Any] = request.model_dump(include=set(EvidenceRequestView.model_fields))
    public = None
    if request.shown_at is not None:
        public = {"question": request.shown_question, "answer": request.shown_answer, "since": request.shown_at}
    told |= {
        "topics": topics,
        "turns": turns,
        "shown": public,
        "look_again": any(_look_again(cited) for turn in turns for cited in turn.cites),
    }
    return EvidenceRequestView.model_validate(told)


async def shown(session: AsyncSession, found: Collection[EvidenceRequest]) -> list[AnsweredQuestion]:
    """As everyone reads them."""
    topics = await queries.topics_of(session, [request.id for request in found])
    cites = await queries.cited(session, [request.shown_turn for request in found if request.shown_turn])
    return [
        AnsweredQuestion(
            id=request.id,
            question=request.shown_question,
            answer=request.shown_answer or "",
            topics=topics[request.id],
            cites=[_cited(row) for row in cites[request.shown_turn]],
            since=request.shown_at,
        )
        for request in found
        if request.shown_turn and request.shown_at and request.shown_question
    ]
