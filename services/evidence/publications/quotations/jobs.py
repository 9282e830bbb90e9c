"""Looks through the library after each withdrawal for what repeats the words that were taken back.

A withdrawal asks for it in its own transaction (`quotation_scans`). Each batch is one transaction too, with how far the
library was read: a worker that is killed repeats its batch, and any worker goes on from there.
"""

import asyncio

from services.evidence.publications.quotations import commands
from shared.persistence.database import Database
from shared.waiting import repeat_until

POLL_INTERVAL_SECONDS = 1.0


async def scan_quotations(database: Database, stop: asyncio.Event) -> None:
    """Hold back what repeats words that were taken back until stopped. The worker's job."""
    await repeat_until(stop, lambda: scan_batch(database), interval=POLL_INTERVAL_SECONDS)


async def scan_batch(database: Database) -> bool:
    """Read the next batch. Returns whether there was one; False while another process reads."""
    async with database.transaction() as uow:
        return await commands.scan_next(uow)
