"""What engagement knows of guides."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.replicas.guides.tables import Guide


async def known_guides(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Guide]:
    """Those of these guides that engagement has heard of, by id."""
    if not ids:
        return {}
    found = await session.scalars(select(Guide).where(col(Guide.id).in_(ids)))
    return {guide.id: guide for guide in found}


async def lock_guide(session: AsyncSession, guide_id: UUID) -> Guide | None:
    return await session.scalar(select(Guide).where(col(Guide.id) == guide_id).with_for_update())
