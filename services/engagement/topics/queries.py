"""What engagement knows of topics."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.topics.tables import Topic


async def known_topics(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Topic]:
    """Those of these topics that engagement has heard of, by id."""
    if not ids:
        return {}
    found = await session.scalars(select(Topic).where(col(Topic.id).in_(ids)))
    return {topic.id: topic for topic in found}


async def lock_topic(session: AsyncSession, topic_id: UUID) -> Topic | None:
    return await session.scalar(select(Topic).where(col(Topic.id) == topic_id).with_for_update())
