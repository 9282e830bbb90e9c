"""What a service's worker does beside events: seals the audit trail, and forgets what need not be known for ever."""

import asyncio
import contextlib

from prometheus_client import Counter
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.messaging import inbox
from shared.persistence import audit, idempotency
from shared.persistence.unit_of_work import Database

sealed = Counter("impact_audit_sealed", "Audit entries sealed into the chain", ["service"])

SEAL_EVERY = 1.0
PURGE_EVERY = 600.0


async def run_maintenance(database: Database, stop: asyncio.Event) -> None:
    """Seal every second, purge every ten minutes, in one worker of the service at a time."""
    purge_at = 0.0
    while not stop.is_set():
        while await seal(database) == audit.MOST and not stop.is_set():
            pass
        if asyncio.get_running_loop().time() >= purge_at:
            await purge(database)
            purge_at = asyncio.get_running_loop().time() + PURGE_EVERY
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(SEAL_EVERY):
                await stop.wait()


async def seal(database: Database) -> int:
    """Seal the entries that are ready, `audit.MOST` at most; none while another process does."""
    async with database.engine.begin() as connection:
        locked = await connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('impact audit seals'))"))
        count = await audit.seal(connection) if locked else 0
    sealed.labels(database.service).inc(count)
    return count


async def purge(database: Database) -> None:
    """Answers older than a day, and inbox entries older than what any topic can deliver again."""
    async with database.engine.begin() as connection:
        await idempotency.purge(connection)
    while True:
        async with database.engine.begin() as connection, AsyncSession(connection) as session:
            if not await inbox.purge(session, clock.now() - inbox.RETENTION_TIME):
                return
