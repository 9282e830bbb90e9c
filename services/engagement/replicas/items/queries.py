"""What engagement knows of evidence items."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.replicas.items.tables import Item


async def known_items(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Item]:
    """Those of these items that engagement has heard of, by id."""
    if not ids:
        return {}
    found = await session.scalars(select(Item).where(col(Item.id).in_(ids)))
    return {item.id: item for item in found}


async def lock_item(session: AsyncSession, item_id: UUID) -> Item | None:
    return await session.scalar(select(Item).where(col(Item.id) == item_id).with_for_update())
