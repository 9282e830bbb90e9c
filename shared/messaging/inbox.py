"""Which events this service has handled: the row that makes an effect happen exactly once."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from shared.event_log.protocol import RETENTION
from shared.persistence.platform_tables import inbox

KEPT = RETENTION + timedelta(days=15)
"""Longer than any topic keeps its messages: whatever can still be delivered again is still known here."""


async def enter(session: AsyncSession, types: Mapping[UUID, str]) -> set[UUID]:
    """Note events as handled in this transaction. Returns those that nobody had handled before.

    Waits for another transaction that is handling one of them now.
    """
    rows = [{"event_id": event_id, "type": kind} for event_id, kind in types.items()]
    entered = await session.execute(insert(inbox).values(rows).on_conflict_do_nothing().returning(inbox.c.event_id))
    return set(entered.scalars())


async def purge(session: AsyncSession, before: datetime, most: int = 10_000) -> int:
    """Forget events handled before this. Returns how many were forgotten, at most `most`."""
    old = select(inbox.c.event_id).where(inbox.c.handled_at < before).limit(most)
    forgotten = await session.execute(delete(inbox).where(inbox.c.event_id.in_(old)).returning(inbox.c.event_id))
    return len(forgotten.all())


async def leave(session: AsyncSession, event_id: UUID) -> None:
    """Take an entry of this transaction back."""
    await session.execute(delete(inbox).where(inbox.c.event_id == event_id))


async def known(session: AsyncSession, event_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the events that were handled."""
    return set((await session.execute(select(inbox.c.event_id).where(inbox.c.event_id.in_(event_ids)))).scalars())
