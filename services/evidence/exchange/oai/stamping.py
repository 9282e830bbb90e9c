"""Gives every record that changed its new time, so that a harvester who asks from its last answer on misses nothing.

The time is taken, and the batch committed, while nobody else stamps or answers a list. So no record can get a time
that lies before the time of an answer which did not show it, however late its change was committed; and each batch
lies behind the one before, so that a list which is under way meets what comes new at its end.
"""

import asyncio
import contextlib

from services.evidence.exchange.oai import queries
from shared.persistence.database import Database

LOOK_EVERY_SECONDS = 1.0


async def stamp_records(database: Database, stop: asyncio.Event) -> None:
    """The worker's job."""
    while not stop.is_set():
        if await stamp(database) >= queries.MOST_AT_ONCE:
            continue
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LOOK_EVERY_SECONDS):
                await stop.wait()


async def stamp(database: Database) -> int:
    """One batch. Returns how many changes it took in."""
    if not await queries.has_changes(database):
        return 0
    async with database.transaction() as uow:
        return await queries.stamp_changes(uow.session)


async def stamp_all(database: Database) -> None:
    """Until there is nothing left."""
    while await stamp(database):
        pass
