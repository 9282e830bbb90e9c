"""SQL of items: one item, the newest, drafts, and their topics.

Reading one item is among the busiest paths of the service: its statement is compiled once and goes straight to the
driver.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Select, Uuid, bindparam, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items import rules
from services.evidence.library.items.descriptions import WAYS
from services.evidence.library.items.statements import (
    PLACE_FIELDS,
    CompiledStatement,
    ItemFilters,
    PlaceField,
    UnpublishedStatus,
    balanced_statement,
    compile_statement,
    count_statement,
    newest_statement,
    next_position,
    select_summary,
    topics_column,
    unpublished,
)
from services.evidence.library.items.tables import Item, ItemStatus, Side
from services.evidence.library.years import Years, years_of
from shared.callers import Caller
from shared.http.pagination import PageRequest
from shared.persistence.database import Database
from shared.persistence.fetch import fetch
from shared.problems import NotFound

Sort = Literal["balanced", "newest"]
NO_FILTERS = ItemFilters()
NEWEST_KEY, NEWEST_NAMES = (datetime, UUID), ("at", "last")
BALANCED_KEY = (int, datetime, UUID) * len(WAYS)
BALANCED_NAMES = tuple(f"{name}_{way}" for way in WAYS for name in ("turn", "at", "last"))
"""Of each way of knowing: how many came before, and which was the last."""


class ItemNotFound(NotFound):
    title = "There is no such evidence item"
    detail = "It may be a draft that is not yours. Check the id, or search."


class ItemRow(NamedTuple):
    """An item with everything that its views show, and its topics."""

    id: UUID
    version: int
    way_of_knowing: str
    status: ItemStatus
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    details: dict[str, Any]
    contributor_id: UUID | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: Side | None
    withdrawal_reason: str | None
    edition: int
    merged_into: UUID | None
    retraction: dict[str, Any] | None
    held_back_at: datetime | None
    topics: list[UUID]


class ItemSummaryRow(NamedTuple):
    """An item as lists show it."""

    id: UUID
    way_of_knowing: str
    status: ItemStatus
    title: str
    summary: str
    country: str | None
    setting: str | None
    language: str
    published_on: str | None
    period: dict[str, Any] | None
    published_at: datetime | None
    edition: int
    retraction: dict[str, Any] | None
    topics: list[UUID]

    @property
    def years(self) -> Years | None:
        """The years by which it is found."""
        details = {"published_on": self.published_on, "period": self.period}
        return years_of(self.way_of_knowing, details, self.published_at)


class NewestPage(NamedTuple):
    """One page of published items as JSON objects."""

    rows: list[dict[str, Any]]
    key: list[Any] | None
    """Where the next page begins, if there is one."""
    total: int | None
    """Of all pages, if it was asked for."""
    without: Mapping[PlaceField, int | None]
    """On the first page: how many pass the other filters and do not say what one of them asks for."""


_ITEM_COLUMNS: tuple[Any, ...] = (
    *(getattr(Item, name) for name in ItemRow._fields if name != "topics"),
    topics_column,
)
_select_item: Select[*tuple[Any, ...]] = select(*_ITEM_COLUMNS)

ITEM_STATEMENT = compile_statement(_select_item.where(col(Item.id) == bindparam("id", type_=Uuid())))[0]


def check_visible(caller: Caller, item: rules.AnyItem) -> None:
    """Raise ItemWithdrawn, ItemMerged, or ItemNotFound for a draft that the caller may not see."""
    rules.check_not_gone(item, caller)
    if not rules.is_visible(caller, item):
        raise ItemNotFound


async def get_item(session: AsyncSession, item_id: UUID) -> ItemRow:
    """Return the item as this session left it. Raises ItemNotFound."""
    row = (await session.execute(_select_item.where(col(Item.id) == item_id))).first()
    if row is None:
        raise ItemNotFound
    return ItemRow(*row)


async def get_visible_item(session: AsyncSession, item_id: UUID, caller: Caller) -> ItemRow:
    """Return the item. Raises ItemNotFound, ItemWithdrawn, ItemMerged."""
    row = await get_item(session, item_id)
    check_visible(caller, row)
    return row


async def read_item(database: Database, item_id: UUID) -> ItemRow:
    """Return the item, read past the object mapper. Raises ItemNotFound."""
    records = await database.statements.read(ITEM_STATEMENT, item_id)
    if not records:
        raise ItemNotFound
    values = dict(records[0])
    values["details"] = orjson.loads(values["details"])
    if values["retraction"] is not None:
        values["retraction"] = orjson.loads(values["retraction"])
    return ItemRow(**values)


async def read_visible_item(database: Database, item_id: UUID, caller: Caller) -> ItemRow:
    """Return the item, read past the object mapper. Raises ItemNotFound, ItemWithdrawn, ItemMerged."""
    row = await read_item(database, item_id)
    check_visible(caller, row)
    return row


async def items_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, ItemRow]:
    """Return those of these items that exist, whatever their status."""
    rows = await session.execute(_select_item.where(col(Item.id).in_(ids)))
    return {row.id: row for row in map(ItemRow._make, rows)}


async def published_items(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, ItemSummaryRow]:
    """Return those of these items that are published, as lists show them."""
    rows = await session.execute(select_summary.where(col(Item.id).in_(ids), col(Item.status) == "published"))
    return {row.id: row for row in map(ItemSummaryRow._make, rows)}


async def newest_items(
    database: Database, paging: PageRequest, filters: ItemFilters = NO_FILTERS, sort: Sort = "balanced"
) -> NewestPage:
    """Return a page of published items that the filters let through. Raises InvalidCursor.

    `balanced`: the ways of knowing take turns, each with its newest, so that no page shows one of them alone as long as
    another has items left. A page begins where each way ended before, so that nothing comes twice or is left out.
    """

    async def read(compiled: CompiledStatement) -> Sequence[Any]:
        statement, names = compiled
        return await database.statements.read(statement, *(values[name] for name in names))

    is_balanced = sort == "balanced" and filters.way is None
    position = paging.after(BALANCED_KEY if is_balanced else NEWEST_KEY)
    values: dict[str, Any] = {**filters._asdict(), "limit": paging.limit + 1}
    if position is not None:
        values |= dict(zip(BALANCED_NAMES if is_balanced else NEWEST_NAMES, position, strict=True))
    statement = balanced_statement if is_balanced else newest_statement
    records = [dict(record) for record in await read(statement(filters.names, after=position is not None))]
    rows = records[: paging.limit]
    key: list[Any] | None = None
    if len(records) > paging.limit:
        key = next_position(rows, position) if is_balanced else [rows[-1]["published_at"], rows[-1]["id"]]
    for row in rows:
        row.pop("turn", None)
        if row["retraction"] is not None:
            row["retraction"] = orjson.loads(row["retraction"])
        details = {"published_on": row["published_on"], "period": orjson.loads(row.pop("period") or b"null")}
        years = years_of(row["way_of_knowing"], details, row["published_at"])
        row["years"] = years and years.model_dump()
    total = (await read(count_statement(filters.names)))[0][0] if paging.count else None
    without: dict[PlaceField, int | None] = dict.fromkeys(PLACE_FIELDS)
    if position is None:
        for name in filters.places:
            without[name] = (await read(count_statement(filters.without(name).names, without=name)))[0][0]
    return NewestPage(rows, key, total, without)


async def unpublished_without(
    session: AsyncSession, status: UnpublishedStatus, contributor: UUID | None, filters: ItemFilters
) -> dict[PlaceField, int | None]:
    """Count what a filter of `unpublished` by place leaves out because it does not say it."""
    without: dict[PlaceField, int | None] = dict.fromkeys(PLACE_FIELDS)
    for name in filters.places:
        wider = unpublished(status, contributor, filters.without(name)).where(col(getattr(Item, name)).is_(None))
        without[name] = await session.scalar(select(func.count()).select_from(wider.subquery()))
    return without


def contributed_items(contributor: UUID) -> Select[*tuple[Any, ...]]:
    """Return the statement of what somebody contributed, whatever their status. To be paged by id."""
    return select_summary.where(col(Item.contributor_id) == contributor)


async def is_withdrawn(session: AsyncSession, item_id: UUID) -> bool:
    """Return whether the item was withdrawn for good. One that is held back may be published again."""
    statement = select(col(Item.id)).where(col(Item.id) == item_id, col(Item.status) == "withdrawn")
    return await session.scalar(statement) is not None


async def lock_item(session: AsyncSession, item_id: UUID) -> Item:
    """Lock the item against changes; rows that refer to it may still be added. Raises ItemNotFound.

    Order of locks: a writer that holds `lock_works` may add a row that refers to an item, while another that changes
    the item waits for `lock_works`.
    """
    return await fetch(session, Item, item_id, missing=ItemNotFound, key_share=True)


async def lock_visible_item(session: AsyncSession, item_id: UUID, caller: Caller) -> Item:
    """Lock the item for a change by the caller. Raises ItemNotFound, ItemWithdrawn, MergedItemIsReadOnly."""
    item = await lock_item(session, item_id)
    rules.check_not_merged(item)
    check_visible(caller, item)
    return item
