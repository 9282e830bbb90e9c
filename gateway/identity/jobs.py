"""Background work on identities: the demo's personas, and the deletion of expired links and sessions."""

import asyncio
from typing import Final

from sqlalchemy import text

from gateway.identity.commands import delete_expired, upsert_personas
from gateway.identity.rules import EXPIRED_RETENTION
from shared import clock
from shared.persistence.database import Database
from shared.service.background import BackgroundJob
from shared.waiting import repeat_until

DELETION_INTERVAL_SECONDS: Final = 600.0


def create_personas(database: Database, *, demo: bool) -> BackgroundJob:
    """Return a job that creates the personas once, in a demo only."""

    async def create(_stop: asyncio.Event) -> None:
        if demo:
            async with database.session() as session, session.begin():
                await upsert_personas(session)

    return create


def delete_expired_credentials(database: Database, *, interval: float = DELETION_INTERVAL_SECONDS) -> BackgroundJob:
    """Return a job that deletes links and sessions 30 days after they expired, in one process at a time."""

    async def delete_once() -> None:
        async with database.engine.begin() as connection:
            if await connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('gateway expired'))")):
                await delete_expired(connection, clock.now() - EXPIRED_RETENTION)

    async def delete_regularly(stop: asyncio.Event) -> None:
        await repeat_until(stop, delete_once, interval=interval)

    return delete_regularly
