"""What engagement knows of topics."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.replicas.topics.tables import EvidenceRequest, Topic


async def known_topics(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, Topic]:
    """Those of these topics that engagement has heard of, by id."""
    if not ids:
        return {}
    found = await session.scalars(select(Topic).where(col(Topic.id).in_(ids)))
    return {topic.id: topic for topic in found}


async def lock_topic(session: AsyncSession, topic_id: UUID) -> Topic | None:
    return await session.scalar(select(Topic).where(col(Topic.id) == topic_id).with_for_update())


async def lock_request(session: AsyncSession, request_id: UUID) -> EvidenceRequest | None:
    statement = select(EvidenceRequest).where(col(EvidenceRequest.id) == request_id)
    return await session.scalar(statement.with_for_update())


_HOLD_COUNTS = text("SELECT pg_advisory_xact_lock(hashtextextended(id::text, 0)) FROM unnest(CAST(:ids AS uuid[])) id")


async def count_open_questions(session: AsyncSession, topic_ids: Collection[UUID]) -> None:
    """Say of each of these topics that engagement knows how many questions about it wait for an answer.

    A topic and a question about it that come at once are held apart: the later one sees the other.
    """
    await session.execute(_HOLD_COUNTS, {"ids": sorted(topic_ids)})
    statement = select(Topic).where(col(Topic.id).in_(topic_ids)).order_by(col(Topic.id)).with_for_update()
    for topic in (await session.scalars(statement)).all():
        waiting = select(func.count()).where(
            col(EvidenceRequest.open), col(EvidenceRequest.topic_ids).contains([topic.id])
        )
        topic.open_questions = await session.scalar(waiting) or 0
