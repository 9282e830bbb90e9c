"""Published items in one snapshot, page by page, so that an export is of one moment and of any length."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Row, String, func, select, text, true, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from services.evidence.library.items.tables import Item
from services.evidence.library.topics.tables import Topic, filings
from shared.persistence.database import Database

PAGE = 500

_names = (
    select(col(Topic.name))
    .join(filings, filings.c.topic_id == col(Topic.id))
    .where(filings.c.item_id == col(Item.id))
    .order_by(col(Topic.name))
    .scalar_subquery()
)
_columns: tuple[Any, ...] = (
    col(Item.id),
    col(Item.way_of_knowing),
    col(Item.title),
    col(Item.summary),
    col(Item.country),
    col(Item.setting),
    col(Item.language),
    col(Item.own),
    col(Item.published_at),
    col(Item.updated_at),
    col(Item.retraction),
    func.array(_names, type_=ARRAY(String)).label("topic_names"),
)
_published: Any = select(*_columns).where(col(Item.state) == "published")
_STATE = text(
    """
    SELECT concat_ws('.', coalesce((SELECT max(changed_in) FROM item_changes), 0), counted.topics, counted.versions)
    FROM (SELECT count(*) AS topics, sum(version) AS versions FROM topics) counted
    WHERE pg_snapshot_xmin(pg_current_snapshot())::text::bigint
        > coalesce((SELECT max(changed_in) FROM item_changes), 0)
    """
)

EVERYTHING: ColumnElement[bool] = true()


@asynccontextmanager
async def snapshot(database: Database) -> AsyncGenerator[AsyncConnection]:
    """A connection that sees one moment and changes nothing."""
    async with database.engine.connect() as connection:
        yield await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


async def state(connection: AsyncConnection) -> str | None:
    """Equal for two moments only if the same was published in them; None while that cannot be told.

    Changes carry the number of their transaction: the last of them tells the moment once none before it is under way.
    """
    return await connection.scalar(_STATE)


async def pages(connection: AsyncConnection, wanted: ColumnElement[bool]) -> AsyncGenerator[Sequence[Row[Any]]]:
    """What is published and fits, the newest first."""
    page = _published.where(wanted).order_by(col(Item.published_at).desc(), col(Item.id).desc()).limit(PAGE)
    place: ColumnElement[bool] | None = None
    while True:
        rows = (await connection.execute(page if place is None else page.where(place))).all()
        if rows:
            yield rows
        if len(rows) < PAGE:
            return
        place = tuple_(col(Item.published_at), col(Item.id)) < (rows[-1].published_at, rows[-1].id)


async def standing(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, UUID]:
    """For each of these that is published, or stands in one that is, the item that stands for it."""
    stands: Any = func.coalesce(col(Item.merged_into), col(Item.id))
    statement = select(col(Item.id), stands.label("stands")).where(col(Item.id).in_(ids))
    found = statement.subquery()
    shown = select(found.c.id, found.c.stands).join(Item, col(Item.id) == found.c.stands)
    return {row.id: row.stands for row in await connection.execute(shown.where(col(Item.state) == "published"))}


async def chosen(
    connection: AsyncConnection, ids: Sequence[UUID], wanted: ColumnElement[bool]
) -> AsyncGenerator[Sequence[Row[Any]]]:
    """Those of these that are published and fit, in their order."""
    for begin in range(0, len(ids), PAGE):
        part = ids[begin : begin + PAGE]
        rows = await connection.execute(_published.where(wanted, col(Item.id).in_(part)))
        found = {row.id: row for row in rows}
        if kept := [found[item_id] for item_id in part if item_id in found]:
            yield kept


async def shown(connection: AsyncConnection, item_id: UUID) -> Row[Any] | None:
    """One published item."""
    return (await connection.execute(_published.where(col(Item.id) == item_id))).first()
