"""Evidence requests in SQL: one request, and lists of them. What their answers cite: `citations`."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    TEXT,
    ColumnElement,
    Integer,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.statements import PLACE_FIELDS, PlaceField, place_conditions
from services.evidence.library.items.tables import Item
from services.evidence.library.place_filters import Locality
from services.evidence.publications.requests import rules
from services.evidence.publications.requests.citations import CitedSource, get_citations, turns_that_cite
from services.evidence.publications.requests.tables import (
    PUBLIC_WORDS,
    AnswerDecision,
    EvidenceRequest,
    RequestTurn,
    request_topics,
)
from shared.callers import Caller
from shared.http.pagination import Key
from shared.persistence.fetch import fetch
from shared.problems import NotFound


class RequestNotFound(NotFound):
    title = "There is no such evidence request"
    detail = "It may not be yours. Yours are at /v1/evidence-requests/mine."


@dataclass(frozen=True)
class RequestSnapshot:
    """A request with everything shown with it."""

    request: EvidenceRequest
    topics: Sequence[UUID]
    turns: Sequence[RequestTurn]
    citations: Mapping[UUID, Sequence[CitedSource]]
    """By turn."""
    decisions: Mapping[UUID, Sequence[AnswerDecision]]
    """By turn, the first one first."""
    is_whole: bool = True
    """False where it is only what everyone reads."""


MAX_SIMILAR = 5
MAX_WORDS = 100
"""Of a question that are compared."""
MIN_SHARED_WORDS = 2
_WORD = re.compile(r"[^\W_]{4,}")
_ENGLISH: ColumnElement[str] = literal_column("'english'::regconfig")
_SHARED_WORDS = f"""
    SELECT cardinality(ARRAY(
        SELECT unnest(tsvector_to_array({PUBLIC_WORDS}))
        INTERSECT SELECT unnest(tsvector_to_array(to_tsvector('english', :words)))
    ))
"""
BY_PUBLICATION: Sequence[Key] = (col(EvidenceRequest.published_at), col(EvidenceRequest.id))
"""The key of `list_published_requests`, descending."""
BY_ID: Sequence[Key] = (col(EvidenceRequest.id),)
"""The key of `list_requests_of`, descending."""


async def get_asker_id(session: AsyncSession, request_id: UUID) -> UUID | None:
    """Return who asked, or None where the request is not in this database."""
    return await session.scalar(select(col(EvidenceRequest.asker_id)).where(col(EvidenceRequest.id) == request_id))


async def get_request(session: AsyncSession, request_id: UUID) -> EvidenceRequest:
    """Return the request. Raises RequestNotFound."""
    return await fetch(session, EvidenceRequest, request_id, missing=RequestNotFound)


async def lock_request(session: AsyncSession, request_id: UUID) -> EvidenceRequest:
    """Return the request, locked. Raises RequestNotFound."""
    return await fetch(session, EvidenceRequest, request_id, missing=RequestNotFound, lock=True)


async def lock_readable_request(session: AsyncSession, request_id: UUID, caller: Caller) -> EvidenceRequest:
    """Return the request, locked, for its asker or staff. Raises RequestNotFound."""
    request = await lock_request(session, request_id)
    if not rules.can_read(caller, request):
        raise RequestNotFound
    return request


async def lock_own_request(session: AsyncSession, request_id: UUID, caller: Caller) -> EvidenceRequest:
    """Return the request, locked, only for its asker. Raises RequestNotFound."""
    request = await lock_request(session, request_id)
    if not rules.is_asker(caller, request):
        raise RequestNotFound
    return request


async def get_request_with_outcome(session: AsyncSession, request_id: UUID, caller: Caller) -> RequestSnapshot:
    """Return a request for which its asker has recorded what happened, only for them.

    Raises RequestNotFound, NoOutcome.
    """
    request = await get_request(session, request_id)
    if not rules.is_asker(caller, request):
        raise RequestNotFound
    if not request.what_happened:
        raise rules.NoOutcome
    return (await load_requests(session, [request]))[0]


async def get_visible_request(session: AsyncSession, request_id: UUID, caller: Caller) -> RequestSnapshot:
    """Return the whole request for its asker and staff; for others what was published of it. Raises RequestNotFound."""
    request = await get_request(session, request_id)
    if rules.can_read(caller, request):
        return await load_request(session, request)
    if request.published_at is None:
        raise RequestNotFound
    return (await load_published_requests(session, [request]))[0]


async def load_requests(session: AsyncSession, requests: Sequence[EvidenceRequest]) -> list[RequestSnapshot]:
    """Load what is shown with these requests, with as many statements however many there are."""
    ids = [request.id for request in requests]
    turns = await get_turns(session, ids)
    turn_ids = [turn.id for request_turns in turns.values() for turn in request_turns]
    cited = await get_citations(session, turn_ids)
    decisions = await get_decisions(session, turn_ids)
    topics = await get_topics(session, ids)
    return [RequestSnapshot(request, topics[request.id], turns[request.id], cited, decisions) for request in requests]


async def load_published_requests(session: AsyncSession, requests: Sequence[EvidenceRequest]) -> list[RequestSnapshot]:
    """Load what everyone reads of these published requests: without the asker's text."""
    topics = await get_topics(session, [request.id for request in requests])
    cited = await get_citations(session, [request.public_turn_id for request in requests if request.public_turn_id])
    return [RequestSnapshot(request, topics[request.id], (), cited, {}, is_whole=False) for request in requests]


async def load_request(session: AsyncSession, request: EvidenceRequest) -> RequestSnapshot:
    """Load the request as this session leaves it."""
    return (await load_requests(session, [request]))[0]


async def get_turns(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[RequestTurn]]:
    """Return the turns of each request, the first question first."""
    statement = select_rows(RequestTurn).where(col(RequestTurn.request_id).in_(ids))
    turns: dict[UUID, list[RequestTurn]] = {request_id: [] for request_id in ids}
    for turn in (await session.execute(statement.order_by(col(RequestTurn.number)))).scalars():
        turns[turn.request_id].append(turn)
    return turns


async def get_decisions(session: AsyncSession, turn_ids: Collection[UUID]) -> dict[UUID, list[AnswerDecision]]:
    """Return what was decided about the answer of each turn, the first decision first."""
    statement = select_rows(AnswerDecision).where(col(AnswerDecision.turn_id).in_(turn_ids))
    decisions: dict[UUID, list[AnswerDecision]] = {turn_id: [] for turn_id in turn_ids}
    for decision in (await session.execute(statement.order_by(col(AnswerDecision.id)))).scalars():
        decisions[decision.turn_id].append(decision)
    return decisions


async def erase_decisions(session: AsyncSession, turn_ids: Collection[UUID]) -> None:
    """Erase the reasons that editors gave, which may repeat what was asked."""
    await session.execute(update(AnswerDecision).where(col(AnswerDecision.turn_id).in_(turn_ids)).values(because=""))


async def get_topics(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Return the topics of each request."""
    statement = select(request_topics).where(request_topics.c.request_id.in_(ids)).order_by(request_topics.c.topic_id)
    topics: dict[UUID, list[UUID]] = {request_id: [] for request_id in ids}
    for row in await session.execute(statement):
        topics[row.request_id].append(row.topic_id)
    return topics


async def replace_topics(session: AsyncSession, request_id: UUID, topics: Collection[UUID]) -> None:
    """File the request under these topics and no others."""
    await session.execute(delete(request_topics).where(request_topics.c.request_id == request_id))
    if topics:
        rows = [{"request_id": request_id, "topic_id": topic} for topic in sorted(set(topics))]
        await session.execute(insert(request_topics), rows)


def list_requests_of(asker_id: UUID) -> SelectOfScalar[EvidenceRequest]:
    """Select what this person asked, to be paged by BY_ID."""
    return select_rows(EvidenceRequest).where(col(EvidenceRequest.asker_id) == asker_id)


def list_published_requests(
    topics: Collection[UUID] | None, place: Locality, words: str | None
) -> SelectOfScalar[EvidenceRequest]:
    """Select what everyone may read, with all of these words, to be paged by BY_PUBLICATION.

    Of a place are those whose answers stand on evidence from there: where its asker works is not public.
    """
    statement = select_rows(EvidenceRequest).where(col(EvidenceRequest.published_at).is_not(None))
    if conditions := place_conditions(place.country, place.setting):
        statement = statement.where(col(EvidenceRequest.public_turn_id).in_(turns_that_cite(conditions)))
    if words is not None:
        query = func.websearch_to_tsquery(_ENGLISH, words)
        statement = statement.where(literal_column(PUBLIC_WORDS).bool_op("@@")(query))
    if topics is None:
        return statement
    on_topics = select(request_topics.c.request_id).where(request_topics.c.topic_id.in_(topics))
    return statement.where(col(EvidenceRequest.id).in_(on_topics))


async def count_without(
    session: AsyncSession, topics: Collection[UUID] | None, place: Locality, words: str | None
) -> dict[PlaceField, int]:
    """Count the published requests that a filter by place leaves out because nothing that they cite says it."""
    counts: dict[PlaceField, int] = {}
    for name in PLACE_FIELDS:
        if getattr(place, name) is None:
            continue
        saying = turns_that_cite([col(getattr(Item, name)).is_not(None)])
        wider = list_published_requests(topics, place._replace(**{name: None}), words)
        silent = wider.where(col(EvidenceRequest.public_turn_id).not_in(saying)).subquery()
        counts[name] = await session.scalar(select(func.count()).select_from(silent)) or 0
    return counts


async def find_similar_requests(session: AsyncSession, question: str) -> list[EvidenceRequest]:
    """Return published requests that share the most words with the question, at least two of them."""
    words = list(dict.fromkeys(_WORD.findall(question.casefold())))[:MAX_WORDS]
    query = func.to_tsquery(_ENGLISH, " | ".join(words))
    shared_words = text(_SHARED_WORDS).bindparams(bindparam("words", " ".join(words), TEXT)).columns(shared=Integer)
    shared = shared_words.scalar_subquery()
    statement = (
        select_rows(EvidenceRequest)
        .where(col(EvidenceRequest.published_at).is_not(None))
        .where(literal_column(PUBLIC_WORDS).bool_op("@@")(query))
        .where(shared >= MIN_SHARED_WORDS)
        .order_by(shared.desc(), col(EvidenceRequest.published_at).desc())
        .limit(MAX_SIMILAR)
    )
    return list((await session.execute(statement)).scalars())
