"""Queries of retraction lists, and of the items that notices are about."""

from collections.abc import Collection
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, delete, insert, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.exchange.file_jobs import queries as file_jobs
from services.evidence.exchange.retraction_lists.tables import (
    RETRACTION_LIST_FILES,
    RetractionList,
    retraction_flags,
    retraction_rejects,
    unchecked_items,
)
from services.evidence.library.items.identifiers.rules import Name
from services.evidence.library.items.tables import Item, identifiers
from shared.persistence.columns import select_columns
from shared.problems import NotFound


class RetractionListNotFound(NotFound):
    title = "There is no such retraction list"
    detail = "Check the id. The lists are at /v1/retractions."


class UncheckedItems(NamedTuple):
    """Entries of `unchecked_items`, and the items that they name."""

    sequences: list[int]
    item_ids: set[UUID]


def all_lists() -> SelectOfScalar[RetractionList]:
    """Select every list, to be paged by id."""
    return select_rows(RetractionList)


def rejects_of(list_id: UUID) -> Select[Any]:
    """Select the rejected rows of a list, to be paged by number."""
    return select(retraction_rejects).where(retraction_rejects.c.job_id == list_id)


def flagged_items(list_id: UUID) -> Select[Any]:
    """Select the items that a list flagged, as they are now, to be paged by number and item."""
    flag = retraction_flags.c
    statement = select_columns(
        flag.number,
        flag.item_id,
        col(Item.title).label("item_title"),
        col(Item.status).label("item_status"),
        col(Item.retraction).label("retraction"),
    )
    return statement.join(Item, col(Item.id) == flag.item_id).where(flag.job_id == list_id)


async def insert_flags(session: AsyncSession, list_id: UUID, flags: Collection[tuple[int, UUID]]) -> None:
    """Store which items the rows with these numbers flagged."""
    if flags:
        rows = [{"job_id": list_id, "number": number, "item_id": item_id} for number, item_id in flags]
        await session.execute(insert(retraction_flags), rows)


async def try_lock_notices(session: AsyncSession) -> bool:
    """Lock the notices until the transaction ends. Returns False if another transaction has locked them.

    So a list that is read and the check of new items never miss what the other wrote.
    """
    locked = await session.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('evidence retractions'))"))
    return bool(locked)


async def lock_next_due(session: AsyncSession, now: datetime) -> RetractionList | None:
    """Return the oldest list that is due; None also while another worker has locked the notices."""
    if not await try_lock_notices(session):
        return None
    return await file_jobs.lock_next_due(session, RETRACTION_LIST_FILES, now)


async def item_ids_by_name(session: AsyncSession, names: Collection[Name]) -> dict[Name, UUID]:
    """Return the items that have these identifiers (scheme and value)."""
    if not names:
        return {}
    key = tuple_(identifiers.c.scheme, identifiers.c.value)
    rows = await session.execute(select(identifiers).where(key.in_(list(names))))
    return {(row.scheme, row.value): row.item_id for row in rows}


async def lock_visible_items(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Item]:
    """Lock those of these items that are drafts or published, in the order of their ids, as everywhere."""
    statement = select_rows(Item).where(col(Item.id).in_(ids), col(Item.status).in_(("draft", "published")))
    rows = await session.execute(statement.order_by(col(Item.id)).with_for_update(key_share=True))
    return {item.id: item for item in rows.scalars()}


async def oldest_unchecked_items(session: AsyncSession, limit: int) -> UncheckedItems:
    """Return the oldest entries of items that were added or got other identifiers."""
    statement = select(unchecked_items).order_by(unchecked_items.c.sequence).limit(limit)
    rows = (await session.execute(statement)).all()
    return UncheckedItems([row.sequence for row in rows], {row.item_id for row in rows})


async def delete_unchecked_items(session: AsyncSession, sequences: Collection[int]) -> None:
    """Delete entries whose items were checked."""
    await session.execute(delete(unchecked_items).where(unchecked_items.c.sequence.in_(sequences)))
