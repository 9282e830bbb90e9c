"""Reads of the evidence items that engagement knows."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.replicas.items.tables import Item
from shared.persistence.columns import in_array


async def list_items(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Item]:
    """Return those of these items that engagement knows, and all that stand for them, by id."""
    items: dict[UUID, Item] = {}
    missing = set(ids)
    while missing:
        rows = (await session.scalars(select(Item).where(in_array(col(Item.id), missing)))).all()
        items |= {item.id: item for item in rows}
        missing = {item.merged_into for item in rows if item.merged_into} - items.keys()
    return items
