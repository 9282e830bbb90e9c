"""What is asked of the evidence requests."""

from collections.abc import Collection, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import Row, delete, func, insert, literal, null, select, union_all
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.tables import Item
from services.evidence.publications.guides.tables import Guide
from services.evidence.publications.requests.rules import RequestNotFound
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn, citations, request_topics

BY_HURRY: tuple[Any, ...] = (col(EvidenceRequest.hurry), col(EvidenceRequest.due_at), col(EvidenceRequest.id))
SHOWN_KEY: tuple[Any, ...] = (col(EvidenceRequest.shown_at), col(EvidenceRequest.id))
_WAITING = col(EvidenceRequest.state).in_(["open", "in_hand"])


async def request(session: AsyncSession, request_id: UUID) -> EvidenceRequest:
    """Raises RequestNotFound."""
    found = await session.get(EvidenceRequest, request_id)
    if found is None:
        raise RequestNotFound
    return found


async def lock_request(session: AsyncSession, request_id: UUID) -> EvidenceRequest:
    """Raises RequestNotFound."""
    found = await session.get(EvidenceRequest, request_id, with_for_update=True)
    if found is None:
        raise RequestNotFound
    return found


async def turns_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[RequestTurn]]:
    """By request, the first question first."""
    statement = select_rows(RequestTurn).where(col(RequestTurn.request_id).in_(ids))
    found: dict[UUID, list[RequestTurn]] = {request_id: [] for request_id in ids}
    for turn in (await session.execute(statement.order_by(col(RequestTurn.number)))).scalars():
        found[turn.request_id].append(turn)
    return found


async def topics_of(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    statement = select(request_topics).where(request_topics.c.request_id.in_(ids)).order_by(request_topics.c.topic_id)
    found: dict[UUID, list[UUID]] = {request_id: [] for request_id in ids}
    for row in await session.execute(statement):
        found[row.request_id].append(row.topic_id)
    return found


async def file_under(session: AsyncSession, request_id: UUID, topics: Collection[UUID]) -> None:
    """These topics and no others. The request has been flushed."""
    await session.execute(delete(request_topics).where(request_topics.c.request_id == request_id))
    if topics:
        rows = [{"request_id": request_id, "topic_id": topic} for topic in sorted(set(topics))]
        await session.execute(insert(request_topics), rows)


def requests_of(asker: UUID) -> SelectOfScalar[EvidenceRequest]:
    """To be paged by id."""
    return select_rows(EvidenceRequest).where(col(EvidenceRequest.asker_id) == asker)


def waiting(urgency: str | None, in_hand_of: UUID | None, state: str | None) -> SelectOfScalar[EvidenceRequest]:
    """What staff have to answer. To be paged by BY_HURRY."""
    statement = select_rows(EvidenceRequest).where(_WAITING)
    if urgency is not None:
        statement = statement.where(col(EvidenceRequest.urgency) == urgency)
    if in_hand_of is not None:
        statement = statement.where(col(EvidenceRequest.in_hand_of) == in_hand_of)
    return statement if state is None else statement.where(col(EvidenceRequest.state) == state)


def shown(topics: Collection[UUID] | None) -> SelectOfScalar[EvidenceRequest]:
    """What everyone may read. To be paged by SHOWN_KEY."""
    statement = select_rows(EvidenceRequest).where(col(EvidenceRequest.shown_at).is_not(None))
    if topics is None:
        return statement
    filed = select(request_topics.c.request_id).where(request_topics.c.topic_id.in_(topics))
    return statement.where(col(EvidenceRequest.id).in_(filed))


async def cite(
    session: AsyncSession, turn_id: UUID, cited: Sequence[tuple[Literal["item", "guide"], UUID, int]]
) -> None:
    """What the answer of a turn rests on, in the order in which it is shown."""
    rows = [
        {"turn_id": turn_id, "kind": kind, "thing_id": thing, "edition": edition, "position": position}
        for position, (kind, thing, edition) in enumerate(cited)
    ]
    if rows:
        await session.execute(insert(citations), rows)


async def published_guides(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """Those of these guides that are published, with their edition."""
    wanted: Any = select(col(Guide.id), col(Guide.edition)).where(
        col(Guide.id).in_(ids), col(Guide.state) == "published"
    )
    return {row.id: row.edition for row in await session.execute(wanted)}


async def cited(session: AsyncSession, turns: Collection[UUID]) -> dict[UUID, list[Row[Any]]]:
    """By turn, what its answer rests on and what has become of it since: titles only of what stands today."""
    standing = aliased(Item)
    cite: Any = citations.c
    stands: Any = func.coalesce(standing.id, Item.id)
    state: Any = func.coalesce(standing.state, Item.state)
    items: Any = (
        select(
            cite.turn_id,
            cite.position,
            cite.kind,
            stands.label("id"),
            cite.edition,
            state.label("state"),
            func.coalesce(standing.title, Item.title).label("title"),
            func.coalesce(standing.way_of_knowing, Item.way_of_knowing).label("way_of_knowing"),
            func.coalesce(standing.edition, Item.edition).label("edition_now"),
            func.coalesce(standing.retraction, Item.retraction).label("retraction"),
            col(standing.id).is_not(None).label("merged"),
        )
        .join(Item, col(Item.id) == cite.thing_id)
        .outerjoin(standing, col(standing.id) == col(Item.merged_into))
        .where(cite.kind == "item", cite.turn_id.in_(turns))
    )
    guides: Any = (
        select(
            cite.turn_id,
            cite.position,
            cite.kind,
            col(Guide.id),
            cite.edition,
            col(Guide.state),
            col(Guide.title),
            null(),
            col(Guide.edition),
            null(),
            literal(False),
        )
        .join(Guide, col(Guide.id) == cite.thing_id)
        .where(cite.kind == "guide", cite.turn_id.in_(turns))
    )
    both = union_all(items, guides).subquery()
    found: dict[UUID, list[Row[Any]]] = {turn: [] for turn in turns}
    for row in await session.execute(select(both).order_by(both.c.position)):
        found[row.turn_id].append(row)
    return found


async def versions_cited(session: AsyncSession, request_id: UUID) -> int:
    """The versions of all that its answers cite, added up."""
    standing = aliased(Item)
    cite: Any = citations.c
    added: Any = func.coalesce(func.sum(col(Item.version) + func.coalesce(standing.version, 0)), 0)
    of_one = col(RequestTurn.request_id) == request_id
    items = (
        select(added)
        .select_from(citations)
        .join(RequestTurn, col(RequestTurn.id) == cite.turn_id)
        .join(Item, col(Item.id) == cite.thing_id)
        .outerjoin(standing, col(standing.id) == col(Item.merged_into))
        .where(of_one, cite.kind == "item")
    )
    guides = (
        select(func.coalesce(func.sum(col(Guide.version)), 0))
        .select_from(citations)
        .join(RequestTurn, col(RequestTurn.id) == cite.turn_id)
        .join(Guide, col(Guide.id) == cite.thing_id)
        .where(of_one, cite.kind == "guide")
    )
    numbers: Any = select(items.scalar_subquery() + guides.scalar_subquery())
    return await session.scalar(numbers) or 0
