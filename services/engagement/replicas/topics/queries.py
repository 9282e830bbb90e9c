"""Reads of the topics and evidence requests that engagement knows."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.replicas.topics.tables import EvidenceRequest, Topic
from shared.persistence.columns import in_array


async def list_topics(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Topic]:
    """Return those of these topics that engagement knows, by id."""
    if not ids:
        return {}
    topics = await session.scalars(select(Topic).where(in_array(col(Topic.id), ids)))
    return {topic.id: topic for topic in topics}


async def get_topic(session: AsyncSession, topic_id: UUID) -> Topic:
    """Return the topic that a foreign key refers to: it exists."""
    return (await list_topics(session, [topic_id]))[topic_id]


async def lock_topics(session: AsyncSession, ids: Collection[UUID]) -> Sequence[Topic]:
    """Return those of these topics that engagement knows, locked in the order of their ids."""
    statement = select(Topic).where(in_array(col(Topic.id), ids)).order_by(col(Topic.id)).with_for_update()
    return (await session.scalars(statement)).all()


_LOCK_COUNTS = text("SELECT pg_advisory_xact_lock(hashtextextended(id::text, 0)) FROM unnest(CAST(:ids AS uuid[])) id")


async def lock_counts(session: AsyncSession, topic_ids: Collection[UUID]) -> None:
    """Hold the right to count the open questions of these topics until the transaction ends."""
    await session.execute(_LOCK_COUNTS, {"ids": sorted(topic_ids)})


async def count_open_questions(session: AsyncSession, topic_id: UUID) -> int:
    """Return how many open evidence requests name the topic."""
    statement = select(func.count()).where(
        col(EvidenceRequest.open), col(EvidenceRequest.topic_ids).contains([topic_id])
    )
    return await session.scalar(statement) or 0
