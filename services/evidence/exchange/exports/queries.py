"""Published items in one snapshot, page by page, so that an export shows one moment and may have any length."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, String, func, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from services.evidence.exchange.writers.exported_item import PublishedItem
from services.evidence.library.items.tables import Item
from services.evidence.library.topics.tables import Topic, filings
from shared.persistence.database import Database

PAGE_SIZE = 500

_topic_names = (
    select(col(Topic.name))
    .join(filings, filings.c.topic_id == col(Topic.id))
    .where(filings.c.item_id == col(Item.id))
    .order_by(col(Topic.name))
    .scalar_subquery()
)
# In the order of PublishedItem's fields.
_columns = (
    col(Item.id),
    col(Item.way_of_knowing),
    col(Item.title),
    col(Item.summary),
    col(Item.country),
    col(Item.setting),
    col(Item.language),
    col(Item.details),
    col(Item.published_at),
    col(Item.updated_at),
    col(Item.retraction),
    func.array(_topic_names, type_=ARRAY(String)).label("topic_names"),
)
_items = select(*_columns)
_published = _items.where(col(Item.status) == "published")
_LIBRARY_STATE = text(
    """
    SELECT concat_ws('.', coalesce((SELECT max(changed_in) FROM item_changes), 0), counted.topics, counted.versions)
    FROM (SELECT count(*) AS topics, sum(version) AS versions FROM topics) counted
    WHERE pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        > coalesce((SELECT max(changed_in) FROM item_changes), 0)
    """
)

NO_CONDITION: ColumnElement[bool] = true()


@asynccontextmanager
async def snapshot(database: Database) -> AsyncGenerator[AsyncConnection]:
    """Open a read-only connection that sees one moment of the database."""
    async with database.engine.connect() as connection:
        yield await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


async def library_state(connection: AsyncConnection) -> str | None:
    """Return a token that is equal at two moments only if the same was published at both; None while it is unknown.

    Each change carries the number of its transaction. The last one identifies the moment, once no earlier transaction
    is under way.
    """
    return await connection.scalar(_LIBRARY_STATE)


async def published_pages(
    connection: AsyncConnection, condition: ColumnElement[bool]
) -> AsyncGenerator[Sequence[PublishedItem]]:
    """Yield pages of the published items that meet the condition, the newest first."""
    page = _published.where(condition).order_by(col(Item.published_at).desc(), col(Item.id).desc()).limit(PAGE_SIZE)
    after: ColumnElement[bool] | None = None
    while True:
        rows = (await connection.execute(page if after is None else page.where(after))).all()
        items = [PublishedItem._make(row) for row in rows]
        if items:
            yield items
        if len(items) < PAGE_SIZE:
            return
        after = tuple_(col(Item.published_at), col(Item.id)) < (items[-1].published_at, items[-1].id)


async def draft_pages(
    connection: AsyncConnection, condition: ColumnElement[bool]
) -> AsyncGenerator[Sequence[PublishedItem]]:
    """Yield pages of the drafts that meet the condition, the newest first."""
    page = _items.where(col(Item.status) == "draft", condition).order_by(col(Item.id).desc()).limit(PAGE_SIZE)
    after: ColumnElement[bool] = true()
    while rows := (await connection.execute(page.where(after))).all():
        items = [PublishedItem._make(row) for row in rows]
        yield items
        after = col(Item.id) < items[-1].id


async def published_ids(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """Return, by each of these ids that is published or was merged into a published item, that item's id."""
    survivor_id = func.coalesce(col(Item.merged_into), col(Item.id)).label("survivor_id")
    merged = select(col(Item.id), survivor_id).where(col(Item.id).in_(ids)).subquery()
    statement = (
        select(merged.c.id, merged.c.survivor_id)
        .join(Item, col(Item.id) == merged.c.survivor_id)
        .where(col(Item.status) == "published")
    )
    return {row.id: row.survivor_id for row in await connection.execute(statement)}


async def chosen_pages(
    connection: AsyncConnection, ids: Sequence[UUID], condition: ColumnElement[bool]
) -> AsyncGenerator[Sequence[PublishedItem]]:
    """Yield pages of the items with these ids that are published and meet the condition, in the order of the ids."""
    for begin in range(0, len(ids), PAGE_SIZE):
        page_ids = ids[begin : begin + PAGE_SIZE]
        rows = await connection.execute(_published.where(condition, col(Item.id).in_(page_ids)))
        items = {item.id: item for item in map(PublishedItem._make, rows)}
        if page := [items[item_id] for item_id in page_ids if item_id in items]:
            yield page


async def find_published(connection: AsyncConnection, item_id: UUID) -> PublishedItem | None:
    row = (await connection.execute(_published.where(col(Item.id) == item_id))).first()
    return None if row is None else PublishedItem._make(row)
