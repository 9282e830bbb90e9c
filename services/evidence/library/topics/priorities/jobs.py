"""Keeps priorities up to date: includes pending mentions each second, and drops those of a year ago every six hours."""

import asyncio
import time

from services.evidence.library.topics import classification
from services.evidence.library.topics.priorities import queries
from services.evidence.library.topics.priorities.commands import apply_pending, reprioritise
from services.evidence.library.topics.priorities.rules import Cause
from services.evidence.library.topics.voices import queries as voices
from shared.persistence.unit_of_work import Database
from shared.waiting import repeat_until

POLL_INTERVAL_SECONDS = 1.0
FULL_RECALCULATION_INTERVAL_SECONDS = 6 * 3600.0
MAX_BATCH_TOPICS = 200


async def update_priorities(database: Database, stop: asyncio.Event) -> None:
    """Include pending mentions each second; recalculate every topic at the start and every six hours.

    Several workers do no harm: each pending mention is taken by one of them, and no unchanged priority is published.
    """
    due = time.monotonic()

    async def update() -> None:
        nonlocal due
        await apply_pending_mentions(database)
        async with database.transaction() as uow:
            await classification.sweep_changes(uow.session)
        if time.monotonic() >= due:
            await recalculate_all(database)
            due = time.monotonic() + FULL_RECALCULATION_INTERVAL_SECONDS

    await repeat_until(stop, update, interval=POLL_INTERVAL_SECONDS)


async def apply_pending_mentions(database: Database) -> bool:
    """Recalculate once for all mentions since the last time. Returns whether there were any.

    One transaction deletes the pending mentions and recalculates: those of a killed worker stay for the next one.
    """
    async with database.session() as session:
        if not await voices.has_pending(session):
            return False
    async with database.transaction() as uow:
        return await apply_pending(uow)


async def recalculate_all(database: Database) -> None:
    """Recalculate every topic with a voice, in batches, so that events need not wait long."""
    async with database.session() as session:
        topics = await voices.topics_with_voices(session)
    for begin in range(0, len(topics), MAX_BATCH_TOPICS):
        async with database.transaction() as uow:
            await queries.lock_priorities(uow.session)
            await reprioritise(uow, dict.fromkeys(topics[begin : begin + MAX_BATCH_TOPICS], Cause("time")))
