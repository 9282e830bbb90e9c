"""The deletion of answers whose day is over."""

import asyncio
from typing import Final

from sqlalchemy import delete, text
from sqlmodel import col

from gateway.web.saved_answers.tables import SavedAnswers
from shared import clock
from shared.persistence.database import Database
from shared.service.background import BackgroundJob
from shared.waiting import repeat_until

DELETION_INTERVAL_SECONDS: Final = 600.0


def delete_expired_answers(database: Database, *, interval: float = DELETION_INTERVAL_SECONDS) -> BackgroundJob:
    """Return a job that deletes answers once they have expired, in one process at a time."""

    async def delete_once() -> None:
        async with database.engine.begin() as connection:
            if await connection.scalar(text("SELECT pg_try_advisory_xact_lock(hashtext('gateway answers'))")):
                await connection.execute(delete(SavedAnswers).where(col(SavedAnswers.expires_at) < clock.now()))

    async def delete_regularly(stop: asyncio.Event) -> None:
        await repeat_until(stop, delete_once, interval=interval)

    return delete_regularly
