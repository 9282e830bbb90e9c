"""Processes retraction lists, and checks items that are added later against the notices that were listed.

Only one worker at a time does either, so that an item that is added while a list is read is flagged by one of the two.
"""

import asyncio
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.file_jobs.jobs import FileJobProcessor
from services.evidence.exchange.retraction_lists import commands, queries, rules
from services.evidence.exchange.retraction_lists.tables import RETRACTION_LIST_FILES, RetractionList
from shared import clock
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork
from shared.waiting import repeat_until

POLL_INTERVAL_SECONDS = 1.0


class RetractionListProcessor(FileJobProcessor[RetractionList]):
    """Processes retraction lists part by part."""

    files = RETRACTION_LIST_FILES
    name: ClassVar[str] = "retraction list"

    async def process_part(self, uow: UnitOfWork, job: RetractionList) -> None:
        await commands.process_part(uow, job)

    def abandonment(self, job: RetractionList) -> str:
        return rules.ABANDONED.format(attempts=job.attempts, rows=job.rows)

    async def lock_next_due(self, session: AsyncSession) -> RetractionList | None:
        return await queries.lock_next_due(session, clock.now())


async def process_retraction_lists(database: Database, stop: asyncio.Event) -> None:
    """Process lists in the order in which they came, and check new items, until stopped. The worker's job."""

    async def work() -> bool:
        return await process_next_part(database) or await check_next_items(database)

    await repeat_until(stop, work, interval=POLL_INTERVAL_SECONDS)


async def process_next_part(database: Database) -> bool:
    """Process the next part that is due. Returns whether there was one. Raises on an outage, changing nothing."""
    return await RetractionListProcessor().process_next_part(database)


async def check_next_items(database: Database) -> bool:
    """Check the items that were added or changed last. Returns whether there were any."""
    async with database.transaction() as uow:
        return await commands.check_items(uow)
