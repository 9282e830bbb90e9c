"""Reads of the guides that engagement knows."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.replicas.guides.tables import Guide
from shared.persistence.columns import in_array


async def list_guides(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Guide]:
    """Return those of these guides that engagement knows, by id."""
    if not ids:
        return {}
    guides = await session.scalars(select(Guide).where(in_array(col(Guide.id), ids)))
    return {guide.id: guide for guide in guides}
