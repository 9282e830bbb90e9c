"""The inbox: one row for each handled event, written with its effect, so that it happens exactly once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.event_log.protocol import RETENTION
from shared.persistence.platform_tables import inbox

RETENTION_TIME = RETENTION + timedelta(days=15)
"""Longer than the retention of any topic: whatever can still be delivered again is still recorded."""


async def enter(session: AsyncSession, types: Mapping[UUID, str]) -> set[UUID]:
    """Record events as handled in this transaction. Returns those that had not been handled before.

    Waits for another transaction that is handling one of them now.
    """
    rows = [{"event_id": event_id, "type": kind} for event_id, kind in types.items()]
    entered = await session.execute(insert(inbox).values(rows).on_conflict_do_nothing().returning(inbox.c.event_id))
    return set(entered.scalars())


async def purge(session: AsyncSession, before: datetime, limit: int = 10_000) -> int:
    """Delete the rows of events handled before this, at most `limit`. Returns how many were deleted."""
    old = select(inbox.c.event_id).where(inbox.c.handled_at < before).limit(limit)
    deleted = await session.execute(delete(inbox).where(inbox.c.event_id.in_(old)).returning(inbox.c.event_id))
    return len(deleted.all())


async def leave(session: AsyncSession, event_id: UUID) -> None:
    """Delete a row that this transaction wrote."""
    await session.execute(delete(inbox).where(inbox.c.event_id == event_id))


async def handled_ids(session: AsyncSession, event_ids: Sequence[UUID]) -> set[UUID]:
    """Return those of the events that were handled."""
    return set((await session.execute(select(inbox.c.event_id).where(inbox.c.event_id.in_(event_ids)))).scalars())
