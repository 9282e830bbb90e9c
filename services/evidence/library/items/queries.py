"""SQL of items: one item, the newest, drafts, and their topics.

Reading one item and the newest page are the busiest paths of the service: their statements are compiled once and go
straight to the driver.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import (
    ARRAY,
    DateTime,
    Integer,
    Label,
    Select,
    String,
    Uuid,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects.postgresql import asyncpg
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items import rules
from services.evidence.library.items.tables import Item, ItemStatus
from services.evidence.library.provenance.queries import came_with
from services.evidence.library.topics.tables import filings
from shared.callers import Caller
from shared.http.pagination import PageRequest
from shared.persistence.database import Database
from shared.persistence.fetch import fetch
from shared.problems import NotFound


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
    edition: int
    merged_into: UUID | None
    retraction: dict[str, Any] | None
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
    published_at: datetime | None
    edition: int
    retraction: dict[str, Any] | None
    topics: list[UUID]


class NewestPage(NamedTuple):
    """One page of published items as JSON objects, with one item more if there is a next page."""

    rows: list[dict[str, Any]]
    total: int | None
    """Of all pages, if it was asked for."""


topics_column: Label[Sequence[UUID]] = func.array(
    select(filings.c.topic_id).where(filings.c.item_id == col(Item.id)).order_by(filings.c.topic_id).scalar_subquery(),
    type_=ARRAY(Uuid),
).label("topics")
_ITEM_COLUMNS: tuple[Any, ...] = (
    *(getattr(Item, name) for name in ItemRow._fields if name != "topics"),
    topics_column,
)
_SUMMARY_COLUMNS: tuple[Any, ...] = (
    col(Item.id),
    col(Item.way_of_knowing),
    col(Item.status),
    col(Item.title),
    func.left(col(Item.summary), literal_column("600")).label("summary"),
    col(Item.country),
    col(Item.setting),
    col(Item.language),
    col(Item.details).op("->>")(literal_column("'published_on'")).label("published_on"),
    col(Item.published_at),
    col(Item.edition),
    col(Item.retraction),
    topics_column,
)
_select_item: Select[*tuple[Any, ...]] = select(*_ITEM_COLUMNS)
_select_summary: Select[*tuple[Any, ...]] = select(*_SUMMARY_COLUMNS)


def compile_statement(statement: Select[*tuple[Any, ...]]) -> tuple[str, tuple[str, ...]]:
    """Return a statement as asyncpg takes it, and the names of its parameters in their order."""
    compiled = statement.compile(dialect=asyncpg.dialect())
    return str(compiled), tuple(compiled.positiontup or ())


ITEM_STATEMENT = compile_statement(_select_item.where(col(Item.id) == bindparam("id", type_=Uuid())))[0]


def check_visible(caller: Caller, item: rules.AnyItem) -> None:
    """Raise ItemWithdrawn, ItemMerged, or ItemNotFound for a draft that the caller may not see."""
    rules.check_not_gone(item)
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
    rows = await session.execute(_select_summary.where(col(Item.id).in_(ids), col(Item.status) == "published"))
    return {row.id: row for row in map(ItemSummaryRow._make, rows)}


async def newest_items(
    database: Database,
    paging: PageRequest,
    way_of_knowing: str | None = None,
    topics: Collection[UUID] | None = None,
    import_id: UUID | None = None,
) -> NewestPage:
    """Return a page of published items, the newest first, of these topics and this import. Raises InvalidCursor."""
    at, last = paging.after([datetime, UUID]) or (None, None)
    values = {
        "way": way_of_knowing,
        "topics": topics,
        "import": import_id,
        "at": at,
        "last": last,
        "limit": paging.limit + 1,
    }
    filters = (way_of_knowing is not None, topics is not None, import_id is not None)
    statement, names = _newest_statement(*filters, at is not None)
    records = await database.statements.read(statement, *(values[name] for name in names))
    total = None
    if paging.count:
        statement, names = _count_statement(*filters)
        total = (await database.statements.read(statement, *(values[name] for name in names)))[0][0]
    rows = [dict(record) for record in records]
    for row in rows:
        if row["retraction"] is not None:
            row["retraction"] = orjson.loads(row["retraction"])
    return NewestPage(rows, total)


def _published(columns: Sequence[Any], of_way: bool, of_topics: bool, of_import: bool) -> Select[*tuple[Any, ...]]:
    statement = select(*columns).select_from(Item).where(col(Item.status) == literal_column("'published'"))
    if of_way:
        statement = statement.where(col(Item.way_of_knowing) == bindparam("way", type_=String()))
    if of_topics:
        under = filings.c.topic_id == any_(bindparam("topics", type_=ARRAY(Uuid)))
        classified = select(filings.c.item_id).where(under, filings.c.published_at.is_not(None))
        statement = statement.where(col(Item.id).in_(classified))
    if of_import:
        statement = statement.where(came_with(col(Item.id), bindparam("import", type_=Uuid())))
    return statement


@lru_cache
def _newest_statement(of_way: bool, of_topics: bool, of_import: bool, after: bool) -> tuple[str, tuple[str, ...]]:
    statement = _published(_SUMMARY_COLUMNS, of_way, of_topics, of_import)
    if after:
        cursor = tuple_(bindparam("at", type_=DateTime(timezone=True)), bindparam("last", type_=Uuid()))
        statement = statement.where(tuple_(col(Item.published_at), col(Item.id)) < cursor)
    statement = statement.order_by(col(Item.published_at).desc(), col(Item.id).desc())
    return compile_statement(statement.limit(bindparam("limit", type_=Integer())))


@lru_cache
def _count_statement(of_way: bool, of_topics: bool, of_import: bool) -> tuple[str, tuple[str, ...]]:
    return compile_statement(_published([func.count()], of_way, of_topics, of_import))


NEWEST_STATEMENT = _newest_statement(of_way=False, of_topics=False, of_import=False, after=False)[0]


def drafts(
    contributor: UUID | None,
    way_of_knowing: str | None,
    topics: Collection[UUID] | None,
    import_id: UUID | None = None,
) -> Select[*tuple[Any, ...]]:
    """Return the statement of the drafts of one contributor, or of all. To be paged by id."""
    statement = _select_summary.where(col(Item.status) == "draft")
    if contributor is not None:
        statement = statement.where(col(Item.contributor_id) == contributor)
    if way_of_knowing is not None:
        statement = statement.where(col(Item.way_of_knowing) == way_of_knowing)
    if topics is not None:
        statement = statement.where(exists().where(filings.c.item_id == col(Item.id), filings.c.topic_id.in_(topics)))
    if import_id is not None:
        statement = statement.where(came_with(col(Item.id), import_id))
    return statement


def contributed_items(contributor: UUID) -> Select[*tuple[Any, ...]]:
    """Return the statement of what somebody contributed, whatever their status. To be paged by id."""
    return _select_summary.where(col(Item.contributor_id) == contributor)


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
