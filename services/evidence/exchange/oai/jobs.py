"""The worker's job that assigns datestamps."""

import asyncio

from services.evidence.exchange.oai import commands, datestamps
from shared.persistence.database import Database
from shared.waiting import repeat_until

POLL_INTERVAL_SECONDS = 1.0


async def stamp_records(database: Database, stop: asyncio.Event) -> None:
    """Assign datestamps to changed records until stopped. The worker's job."""

    async def stamp() -> bool:
        return await commands.stamp_batch(database) >= datestamps.MAX_BATCH_CHANGES

    await repeat_until(stop, stamp, interval=POLL_INTERVAL_SECONDS)
