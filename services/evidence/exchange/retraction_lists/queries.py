"""What is asked of lists of retractions, and of what they say."""

from collections.abc import AsyncIterator, Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, delete, insert, or_, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.exchange.retraction_lists.rules import ListNotFound, Name
from services.evidence.exchange.retraction_lists.tables import (
    RetractionList,
    retraction_chunks,
    retraction_rejects,
    unchecked_items,
)
from services.evidence.library.items.tables import Item, identifiers

UNFINISHED = ("queued", "running")


async def may_read(session: AsyncSession) -> bool:
    """Held until the transaction ends: what a list says and what comes into the library cannot miss each other."""
    held = await session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('evidence retractions'))"))
    return bool(held)


async def list_of(session: AsyncSession, list_id: UUID) -> RetractionList:
    """Raises ListNotFound."""
    found = await session.get(RetractionList, list_id)
    if found is None:
        raise ListNotFound
    return found


def all_lists() -> SelectOfScalar[RetractionList]:
    """To be paged by id."""
    return select_rows(RetractionList)


def rejects_of(list_id: UUID) -> Select[Any]:
    """To be paged by number."""
    return select(retraction_rejects).where(retraction_rejects.c.list_id == list_id)


async def lock_next_due(session: AsyncSession, now: datetime) -> RetractionList | None:
    """The oldest list that is to be read now."""
    due = or_(col(RetractionList.try_at).is_(None), col(RetractionList.try_at) <= now)
    statement = select_rows(RetractionList).where(col(RetractionList.status).in_(UNFINISHED), due)
    found = await session.execute(statement.order_by(col(RetractionList.id)).limit(1).with_for_update(skip_locked=True))
    return found.scalar_one_or_none()


async def lock_unfinished(session: AsyncSession, list_id: UUID) -> RetractionList | None:
    statement = select_rows(RetractionList).where(
        col(RetractionList.id) == list_id, col(RetractionList.status).in_(UNFINISHED)
    )
    return (await session.execute(statement.with_for_update())).scalar_one_or_none()


async def keep_chunk(session: AsyncSession, list_id: UUID, begin: int, content: bytes) -> None:
    await session.execute(insert(retraction_chunks).values(list_id=list_id, begin=begin, content=content))


async def content_from(session: AsyncSession, list_id: UUID, offset: int) -> AsyncIterator[bytes]:
    """The file from this byte on, chunk by chunk."""
    chunk = retraction_chunks.c
    of_list = select(chunk.begin, chunk.content).where(chunk.list_id == list_id)
    holding = of_list.where(chunk.begin <= offset).order_by(chunk.begin.desc()).limit(1)
    row = (await session.execute(holding)).first()
    while row is not None:
        if content := row.content[max(0, offset - row.begin) :]:
            yield content
        row = (await session.execute(of_list.where(chunk.begin > row.begin).order_by(chunk.begin).limit(1))).first()


async def forget_content(session: AsyncSession, list_id: UUID) -> None:
    await session.execute(delete(retraction_chunks).where(retraction_chunks.c.list_id == list_id))


async def add_rejects(session: AsyncSession, rejects: Sequence[dict[str, Any]]) -> None:
    if rejects:
        await session.execute(insert(retraction_rejects), list(rejects))


async def holders(session: AsyncSession, names: Collection[Name]) -> dict[Name, UUID]:
    """The items that have these identifiers."""
    if not names:
        return {}
    key = tuple_(identifiers.c.scheme, identifiers.c.value)
    rows = await session.execute(select(identifiers).where(key.in_(list(names))))
    return {(row.scheme, row.value): row.item_id for row in rows}


async def lock_shown(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Item]:
    """Those of these that are drafts or published, in the order of their ids."""
    statement = select_rows(Item).where(col(Item.id).in_(ids), col(Item.state).in_(("draft", "published")))
    rows = await session.execute(statement.order_by(col(Item.id)).with_for_update(key_share=True))
    return {item.id: item for item in rows.scalars()}


async def unchecked(session: AsyncSession, most: int) -> tuple[list[int], set[UUID]]:
    """The oldest notes of works that came or changed, and those works."""
    statement = select(unchecked_items).order_by(unchecked_items.c.noted).limit(most)
    rows = (await session.execute(statement)).all()
    return [row.noted for row in rows], {row.item_id for row in rows}


async def forget_unchecked(session: AsyncSession, notes: Collection[int]) -> None:
    await session.execute(delete(unchecked_items).where(unchecked_items.c.noted.in_(notes)))
