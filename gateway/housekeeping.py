"""What the gateway tidies in its own database: the audit trail is sealed, and what has run out is forgotten."""

import asyncio
import contextlib
import time
from datetime import timedelta
from typing import Final

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlmodel import col

from gateway.identity.tables import OneTimeLink, Session
from shared import clock
from shared.persistence import audit, idempotency
from shared.persistence.unit_of_work import Database
from shared.service.background import Job

SEAL_SECONDS: Final = 5.0
FORGET_SECONDS: Final = 600.0
KEPT: Final = timedelta(days=30)
"""How long a link or a session that has run out is kept, so that one can say that it was used or is too old."""


def keep_house(database: Database, *, seconds: float = SEAL_SECONDS, forget_seconds: float = FORGET_SECONDS) -> Job:
    """A background job, every so many seconds; of several processes one at a time does it."""

    async def job(stop: asyncio.Event) -> None:
        forget_at = time.monotonic()
        while not stop.is_set():
            async with database.engine.begin() as connection:
                if await connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('gateway house'))")):
                    await audit.seal(connection)
                    await idempotency.purge(connection)
                    if time.monotonic() >= forget_at:
                        await _forget(connection)
                        forget_at = time.monotonic() + forget_seconds
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(seconds):
                    await stop.wait()

    return job


async def _forget(connection: AsyncConnection) -> None:
    ended = clock.now() - KEPT
    await connection.execute(delete(OneTimeLink).where(col(OneTimeLink.expires_at) < ended))
    await connection.execute(delete(Session).where(col(Session.expires_at) < ended))
