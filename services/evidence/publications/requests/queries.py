"""Evidence requests in SQL: one request, lists of them, and what their answers cite."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Select, delete, func, insert, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.tables import Item, ItemStatus
from services.evidence.publications.guides.tables import Guide, GuideStatus
from services.evidence.publications.requests import rules
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn, citations, request_topics
from shared.callers import Caller
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.pagination import Key
from shared.persistence.columns import select_columns
from shared.persistence.fetch import fetch
from shared.problems import NotFound

SourceKind = Literal["item", "guide"]


class RequestNotFound(NotFound):
    title = "There is no such evidence request"
    detail = "It may not be yours. Yours are at /v1/evidence-requests/mine."


class CitedSource(NamedTuple):
    """An item or guide that an answer cites, as it is now. A merged item is replaced by the one it was merged into."""

    turn_id: UUID
    position: int
    kind: SourceKind
    id: UUID
    edition: int
    status: ItemStatus | GuideStatus
    title: str
    way_of_knowing: WayOfKnowing | None
    current_edition: int
    retraction: Mapping[str, Any] | None
    is_merged: bool


@dataclass(frozen=True)
class RequestSnapshot:
    """A request with everything shown with it."""

    request: EvidenceRequest
    topics: Sequence[UUID]
    turns: Sequence[RequestTurn]
    citations: Mapping[UUID, Sequence[CitedSource]]
    """By turn."""


class RequestVersion(NamedTuple):
    """The version of a request plus those of everything that its answers cite: it grows when any of them changes."""

    version: int


class VersionedRequest(NamedTuple):
    """A request, and its `RequestVersion`."""

    snapshot: RequestSnapshot
    version: int


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


async def get_visible_request(
    session: AsyncSession, request_id: UUID, caller: Caller
) -> VersionedRequest | RequestSnapshot:
    """Return the whole request with its version for its asker and staff; for others a published one.

    Raises RequestNotFound.
    """
    request = await get_request(session, request_id)
    if rules.can_read(caller, request):
        return await load_versioned(session, request)
    if request.published_at is None:
        raise RequestNotFound
    return (await load_published_requests(session, [request]))[0]


async def load_requests(session: AsyncSession, requests: Sequence[EvidenceRequest]) -> list[RequestSnapshot]:
    """Load what is shown with these requests, with three statements however many there are."""
    ids = [request.id for request in requests]
    turns = await get_turns(session, ids)
    cited = await get_citations(session, [turn.id for request_turns in turns.values() for turn in request_turns])
    topics = await get_topics(session, ids)
    return [RequestSnapshot(request, topics[request.id], turns[request.id], cited) for request in requests]


async def load_published_requests(session: AsyncSession, requests: Sequence[EvidenceRequest]) -> list[RequestSnapshot]:
    """Load what everyone reads of these published requests: without the asker's text."""
    topics = await get_topics(session, [request.id for request in requests])
    cited = await get_citations(session, [request.public_turn_id for request in requests if request.public_turn_id])
    return [RequestSnapshot(request, topics[request.id], (), cited) for request in requests]


async def load_versioned(session: AsyncSession, request: EvidenceRequest) -> VersionedRequest:
    """Load the request as this session leaves it."""
    version = await get_version(session, request)
    return VersionedRequest((await load_requests(session, [request]))[0], version.version)


async def get_turns(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[RequestTurn]]:
    """Return the turns of each request, the first question first."""
    statement = select_rows(RequestTurn).where(col(RequestTurn.request_id).in_(ids))
    turns: dict[UUID, list[RequestTurn]] = {request_id: [] for request_id in ids}
    for turn in (await session.execute(statement.order_by(col(RequestTurn.number)))).scalars():
        turns[turn.request_id].append(turn)
    return turns


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


def list_published_requests(topics: Collection[UUID] | None) -> SelectOfScalar[EvidenceRequest]:
    """Select what everyone may read, to be paged by BY_PUBLICATION."""
    statement = select_rows(EvidenceRequest).where(col(EvidenceRequest.published_at).is_not(None))
    if topics is None:
        return statement
    on_topics = select(request_topics.c.request_id).where(request_topics.c.topic_id.in_(topics))
    return statement.where(col(EvidenceRequest.id).in_(on_topics))


async def get_citations(session: AsyncSession, turn_ids: Collection[UUID]) -> dict[UUID, list[CitedSource]]:
    """Return what the answer of each turn cites, as it is now."""
    sources = union_all(_cited_items(turn_ids), _cited_guides(turn_ids)).subquery()
    cited: dict[UUID, list[CitedSource]] = {turn_id: [] for turn_id in turn_ids}
    rows = await session.execute(select(sources).order_by(sources.c.position))
    for source in map(CitedSource._make, rows):
        cited[source.turn_id].append(source)
    return cited


def _cited_items(turn_ids: Collection[UUID]) -> Select[Any]:
    surviving = aliased(Item)
    columns: tuple[Any, ...] = (
        citations.c.turn_id,
        citations.c.position,
        citations.c.kind,
        func.coalesce(surviving.id, Item.id).label("id"),
        citations.c.edition,
        func.coalesce(surviving.status, Item.status).label("status"),
        func.coalesce(surviving.title, Item.title).label("title"),
        func.coalesce(surviving.way_of_knowing, Item.way_of_knowing).label("way_of_knowing"),
        func.coalesce(surviving.edition, Item.edition).label("current_edition"),
        func.coalesce(surviving.retraction, Item.retraction).label("retraction"),
        col(surviving.id).is_not(None).label("is_merged"),
    )
    return (
        select_columns(*columns)
        .join(Item, col(Item.id) == citations.c.source_id)
        .outerjoin(surviving, col(surviving.id) == col(Item.merged_into))
        .where(citations.c.kind == "item", citations.c.turn_id.in_(turn_ids))
    )


def _cited_guides(turn_ids: Collection[UUID]) -> Select[Any]:
    columns: tuple[Any, ...] = (
        citations.c.turn_id,
        citations.c.position,
        citations.c.kind,
        col(Guide.id),
        citations.c.edition,
        col(Guide.status),
        col(Guide.title),
        null(),
        col(Guide.edition),
        null(),
        literal(False),
    )
    return (
        select_columns(*columns)
        .join(Guide, col(Guide.id) == citations.c.source_id)
        .where(citations.c.kind == "guide", citations.c.turn_id.in_(turn_ids))
    )


async def get_version(session: AsyncSession, request: EvidenceRequest) -> RequestVersion:
    """Return the version of the request and everything that its answers cite."""
    surviving = aliased(Item)
    items = (
        select_columns(func.coalesce(func.sum(col(Item.version) + func.coalesce(surviving.version, 0)), 0))
        .select_from(citations)
        .join(RequestTurn, col(RequestTurn.id) == citations.c.turn_id)
        .join(Item, col(Item.id) == citations.c.source_id)
        .outerjoin(surviving, col(surviving.id) == col(Item.merged_into))
        .where(col(RequestTurn.request_id) == request.id, citations.c.kind == "item")
    )
    guides = (
        select_columns(func.coalesce(func.sum(col(Guide.version)), 0))
        .select_from(citations)
        .join(RequestTurn, col(RequestTurn.id) == citations.c.turn_id)
        .join(Guide, col(Guide.id) == citations.c.source_id)
        .where(col(RequestTurn.request_id) == request.id, citations.c.kind == "guide")
    )
    # Read before the request's own version, which a change that this statement flushes has raised.
    cited = await session.scalar(select_columns(items.scalar_subquery() + guides.scalar_subquery())) or 0
    return RequestVersion(request.version + cited)
