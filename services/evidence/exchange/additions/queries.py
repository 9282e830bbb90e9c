"""Queries that add works in bulk, since a file may hold a million records."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, cast
from uuid import UUID

import asyncpg
from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.additions.rules import NewItem
from services.evidence.library.items.tables import Item, identifiers
from services.evidence.library.topics.tables import filings
from shared.persistence.columns import in_array

_COLUMNS = tuple(field.name for field in fields(NewItem) if field.name != "topics")
_values = attrgetter(*_COLUMNS)


async def surviving_ids(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Return the items with these ids, whatever their status, each with the item that it was merged into, or itself.

    None for research that went with its import (`withdrawals.commands`): it comes in anew, under another id.
    """
    if not ids:
        return {}
    has_gone = (
        (col(Item.way_of_knowing) == "research") & (col(Item.status) == "withdrawn") & col(Item.fingerprint).is_(None)
    )
    survivor = case((has_gone, None), else_=func.coalesce(col(Item.merged_into), col(Item.id))).label("survivor_id")
    rows = await session.execute(select(col(Item.id), survivor).where(in_array(col(Item.id), ids)))
    return {row.id: row.survivor_id for row in rows}


async def insert_items(session: AsyncSession, items: Sequence[NewItem], names: Sequence[tuple[str, str, UUID]]) -> None:
    """Write new items, the topics that they are filed under, and their identifiers (scheme, value and item)."""
    if not items:
        return
    await copy_rows(session, Item.__tablename__, _COLUMNS, map(_values, items))
    await copy_rows(session, identifiers.name, ("scheme", "value", "item_id"), names)
    item_topics = [(item.id, topic, item.way_of_knowing, item.published_at) for item in items for topic in item.topics]
    if item_topics:
        await copy_rows(session, filings.name, ("item_id", "topic_id", "way_of_knowing", "published_at"), item_topics)


async def copy_rows(session: AsyncSession, table: str, columns: Sequence[str], rows: Iterable[tuple[Any, ...]]) -> None:
    """Write by COPY, in the session's transaction: a third of the cost of INSERT."""
    pooled = await (await session.connection()).get_raw_connection()
    connection = cast("asyncpg.Connection[Any]", pooled.driver_connection)
    await connection.copy_records_to_table(table, columns=columns, records=rows)
