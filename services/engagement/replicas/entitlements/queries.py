"""Reads of the entitlements that engagement knows."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.replicas.entitlements.tables import Entitlement


async def is_entitled(session: AsyncSession, registration_id: UUID) -> bool:
    """Return whether the registration has an entitlement that is not withdrawn."""
    granted = select(col(Entitlement.id)).where(
        col(Entitlement.registration_id) == registration_id, ~col(Entitlement.withdrawn)
    )
    return await session.scalar(granted.limit(1)) is not None
