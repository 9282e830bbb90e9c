"""Cited items as they are today, and the flags of citations in any table that has them.

Titles and details of an item are read whenever they are shown, and only while it is published: a withdrawal takes
effect before any event arrives.
"""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    label,
    literal,
    null,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.tables import Item, item_editions
from services.evidence.publications.cited_items.rules import Citation, CitedItem, FlagChange
from shared.persistence.columns import array_of, select_columns

MAX_MERGE_CHAIN = 20
"""How many merges are followed from a cited item to the one that replaces it."""


def merge_chain(start: ColumnElement[bool]) -> CTE:
    """Return each cited item with itself and every item that it was merged into, directly or through others."""
    first = select_columns(label("cited", col(Item.id)), label("id", col(Item.id)), literal(0).label("steps"))
    chain = first.where(start).cte(recursive=True)
    merged = select_columns(chain.c.cited, col(Item.merged_into), chain.c.steps + 1).where(
        col(Item.id) == chain.c.id, col(Item.merged_into).is_not(None), chain.c.steps < MAX_MERGE_CHAIN
    )
    return chain.union_all(merged)


_is_published = col(Item.status) == "published"
_chained = merge_chain(col(Item.id) == func.any(bindparam("ids", type_=array_of(Uuid))))
_erased = (
    select(item_editions.c.edition)
    .where(item_editions.c.item_id == col(Item.id), item_editions.c.title == "")
    .correlate(Item)
    .scalar_subquery()
)
_columns: tuple[Any, ...] = (
    _chained.c.cited,
    col(Item.id),
    col(Item.way_of_knowing),
    col(Item.status),
    col(Item.edition),
    col(Item.retraction),
    col(Item.updated_at),
    col(Item.withdrawn_at),
    case((_is_published, col(Item.title)), else_=null()),
    case((_is_published, col(Item.details)["design"].astext), else_=null()),
    case((_is_published, col(Item.details)), else_=null()),
    func.array(_erased, type_=array_of(Integer)),
)
_cited_items = select(*_columns).join(_chained, _chained.c.id == col(Item.id)).where(col(Item.status) != "merged")


async def get_cited_items(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, CitedItem]:
    """Return each of these items, or the one that replaces it, by the id that was cited. Unknown ids are left out."""
    if not ids:
        return {}
    rows = await session.execute(_cited_items, {"ids": sorted(ids)})
    return {item.cited_id: item for item in map(CitedItem._make, rows)}


async def lock_items(session: AsyncSession, ids: Collection[UUID]) -> None:
    """Lock items FOR SHARE: until the transaction ends nobody withdraws, changes or merges them."""
    statement = select(col(Item.id)).where(col(Item.id).in_(ids)).order_by(col(Item.id))
    await session.execute(statement.with_for_update(read=True))


async def find_merged_ids(session: AsyncSession, item_id: UUID) -> set[UUID]:
    """Return the ids of the item and of every item that was merged into it, directly or through others."""
    merged = select(label("id", col(Item.id))).where(col(Item.id) == item_id).cte("merged", recursive=True)
    merged = merged.union(select(col(Item.id)).where(col(Item.merged_into) == merged.c.id))
    return {item_id, *(await session.execute(select(merged.c.id))).scalars()}


async def write_flags(session: AsyncSession, table: Table, changes: Sequence[FlagChange[Citation]]) -> None:
    """Write the new flags of citations of this table, in one statement however many there are."""
    if not changes:
        return
    keys = {column: [getattr(change.citation, column.key) for change in changes] for column in table.primary_key}
    flags = {
        table.c.flagged_reason: [change.issue.reason if change.issue else None for change in changes],
        table.c.flagged_key: [change.issue.key if change.issue else None for change in changes],
        table.c.flagged_at: [change.flagged_at for change in changes],
    }
    columns: tuple[Any, ...] = tuple(
        func.unnest(bindparam(None, values, type_=array_of(column.type))).label(f"new_{column.key}")
        for column, values in (keys | flags).items()
    )
    new = select(*columns).subquery("new")
    await session.execute(
        update(table)
        .where(and_(*(column == new.c[f"new_{column.key}"] for column in keys)))
        .values({column.key: new.c[f"new_{column.key}"] for column in flags})
    )
