"""Compares each work that was added or changed with those that share a blocking key with it.

A trigger notes each change in the transaction that makes it, and the note is deleted in the transaction that compared
the work: a worker that is killed repeats its batch, and no change is missed. One worker compares at a time, so that two
works that are added together cannot miss each other.
"""

import asyncio

from services.evidence.library.works.duplicates import commands, queries
from shared.persistence.unit_of_work import Database
from shared.waiting import repeat_until

MAX_BATCH_CHANGES = 500
POLL_INTERVAL_SECONDS = 1.0


async def compare_works(database: Database, stop: asyncio.Event) -> None:
    """Compare works until `stop` is set: a job of the worker."""

    async def compare_batch() -> bool:
        return await compare_next(database)

    await repeat_until(stop, compare_batch, interval=POLL_INTERVAL_SECONDS)


async def compare_next(database: Database) -> bool:
    """Compare the oldest pending changes. Returns whether there were any; False while another process compares."""
    async with database.transaction() as uow:
        if not await queries.try_lock_comparison(uow.session):
            return False
        batch = await queries.pending_batch(uow.session, MAX_BATCH_CHANGES)
        if batch.ids:
            await commands.compare_changed(uow, batch.items)
            await queries.delete_pending(uow.session, batch.ids)
        return bool(batch.ids)
