"""Cited items as they are today, and the flags of citations in any table that has them.

Titles and details of an item are read whenever they are shown, and only while it is published: a withdrawal takes
effect before any event arrives.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Table,
    Uuid,
    and_,
    bindparam,
    case,
    func,
    label,
    literal,
    null,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.items.statements import PLACE_FIELDS, place_conditions
from services.evidence.library.items.tables import Item, item_editions
from services.evidence.library.place_filters import Locality
from services.evidence.publications.cited_items.rules import Citation, CitedItem, FlagChange
from shared.persistence.columns import SqlColumn, array_of, select_columns

S = TypeVar("S", bound=Select[Any] | SelectOfScalar[Any])
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


class CitingList(NamedTuple):
    """A list of what cites items: its key, and the rows `source_id` and `item_id` of what cites which item."""

    key: SqlColumn
    cited: Subquery

    def narrow(self, statement: S, place: Locality) -> S:
        """Return the statement of those alone that cite a published item from this place."""
        conditions = place_conditions(*place)
        return statement.where(self.key.in_(self._select_citing(conditions))) if conditions else statement

    async def count_unplaced(
        self, session: AsyncSession, statement: Select[Any] | SelectOfScalar[Any], place: Locality
    ) -> dict[str, int]:
        """Count, for each filter by place, what passes the other filters and cites nothing that says its own."""
        counts: dict[str, int] = {}
        for name in PLACE_FIELDS:
            if getattr(place, name) is not None:
                says = self._select_citing([col(getattr(Item, name)).is_not(None)])
                wider = self.narrow(statement, place._replace(**{name: None})).where(self.key.not_in(says))
                number = await session.scalar(select(func.count()).select_from(wider.subquery()))
                counts[f"without_{name}"] = number or 0
        return counts

    def _select_citing(self, conditions: Iterable[ColumnElement[bool]]) -> Select[tuple[UUID]]:
        """Select the keys of what cites a published item of which this holds, or one merged into such an item.

        An item that is not public has no place that anybody may learn.
        """
        chain = merge_chain(col(Item.id).in_(select(self.cited.c.item_id)))
        return (
            select(self.cited.c.source_id)
            .join(chain, chain.c.cited == self.cited.c.item_id)
            .join(Item, col(Item.id) == chain.c.id)
            .where(_is_published, *conditions)
        )


_is_published = col(Item.status) == "published"
_chained = merge_chain(col(Item.id) == func.any(bindparam("ids", type_=array_of(Uuid))))
_erased = (
    select(item_editions.c.edition)
    .where(item_editions.c.item_id == col(Item.id), or_(item_editions.c.title == "", item_editions.c.withheld))
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
    col(Item.language),
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
