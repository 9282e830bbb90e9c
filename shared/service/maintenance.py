"""Maintenance by the worker: sealing the audit trail, and purging records whose retention time has passed."""

import asyncio

from prometheus_client import Counter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.messaging import inbox
from shared.persistence import audit, idempotency
from shared.persistence.database import Database
from shared.waiting import repeat_until

SEAL_INTERVAL_SECONDS = 1.0
PURGE_INTERVAL_SECONDS = 600.0

sealed_counter = Counter("impact_audit_sealed", "Audit entries sealed into the chain of hashes", ["service"])


async def run_maintenance(database: Database, stop: asyncio.Event) -> None:
    """Seal every second and purge every ten minutes, until `stop` is set.

    Only one process of the service seals at a time.
    """

    async def seal_batch() -> bool:
        return await seal(database) == audit.MAX_BATCH_ENTRIES

    async def purge_expired() -> None:
        await purge(database)

    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(repeat_until(stop, seal_batch, interval=SEAL_INTERVAL_SECONDS))
        tasks.create_task(repeat_until(stop, purge_expired, interval=PURGE_INTERVAL_SECONDS))


async def seal(database: Database) -> int:
    """Seal the entries that are ready, `audit.MAX_BATCH_ENTRIES` at most. Returns how many; 0 while another process
    seals."""
    async with database.engine.begin() as connection:
        locked = await connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('impact audit seals'))"))
        count = await audit.seal(connection) if locked else 0
    sealed_counter.labels(database.service).inc(count)
    return count


async def purge(database: Database) -> None:
    """Delete idempotency records older than a day, and inbox rows older than any event that can still be delivered."""
    async with database.engine.begin() as connection:
        await idempotency.purge(connection)
    while True:
        async with database.engine.begin() as connection, AsyncSession(connection) as session:
            if not await inbox.purge(session, clock.now() - inbox.RETENTION_TIME):
                return
