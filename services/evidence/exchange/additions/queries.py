"""Queries that add works in bulk, since a file may hold a million records."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any, cast
from uuid import UUID

import asyncpg
from sqlalchemy import Uuid, bindparam, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased
from sqlmodel import col

from services.evidence.exchange.additions.rules import NewItem
from services.evidence.library.items.tables import Item, identifiers
from services.evidence.library.topics.tables import filings
from shared.persistence.columns import in_array

_COLUMNS = tuple(field.name for field in fields(NewItem) if field.name != "topics")
_values = attrgetter(*_COLUMNS)
_RETURN = text("UPDATE items SET returned_as = :new_id WHERE id = :old_id").bindparams(
    bindparam("new_id", type_=Uuid), bindparam("old_id", type_=Uuid)
)


async def surviving_ids(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Return the items with these ids, whatever their status, each with the item that stands for it, or itself.

    That is the one that it was merged into, or as which it came in anew. None for what went with its import
    (`withdrawals.commands`): it comes in anew, under another id.
    """
    if not ids:
        return {}
    latest = aliased(Item)
    has_gone = col(latest.withdrawn_with).is_not(None)
    survivor = case((has_gone, None), else_=func.coalesce(col(latest.merged_into), col(latest.id))).label("survivor_id")
    statement = (
        select(col(Item.id), survivor)
        .join(latest, col(latest.id) == func.coalesce(col(Item.returned_as), col(Item.id)))
        .where(in_array(col(Item.id), ids))
    )
    return {row.id: row.survivor_id for row in await session.execute(statement)}


async def note_returns(session: AsyncSession, returns: Mapping[UUID, UUID]) -> None:
    """Store as which items these, which went with their imports, came in anew: their ids lead there from now on."""
    if returns:
        rows = [{"old_id": old_id, "new_id": new_id} for old_id, new_id in returns.items()]
        await session.execute(_RETURN, rows)


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
