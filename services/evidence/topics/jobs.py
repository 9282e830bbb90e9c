"""What moves priorities without an event: voices of more than a year ago no longer count."""

import asyncio
import contextlib

from services.evidence.topics import queries
from services.evidence.topics.weighing import reconsider
from shared.database import Database

EVERY_SECONDS = 6 * 3600.0
AT_ONCE = 200


async def keep_priorities_of_today(database: Database, stop: asyncio.Event) -> None:
    """At the start and four times a day: several workers do no harm, since what stays is not told."""
    while not stop.is_set():
        await reconsider_all(database)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(EVERY_SECONDS):
                await stop.wait()


async def reconsider_all(database: Database) -> None:
    """Every topic that was ever heard of, a few at a time, so that events need not wait long."""
    async with database.session() as session:
        topics = await queries.topics_heard(session)
    for begin in range(0, len(topics), AT_ONCE):
        async with database.transaction() as uow:
            await queries.hold_priorities(uow.session)
            await reconsider(uow, topics[begin : begin + AT_ONCE], by="time")
