"""Processes the files of imports, part by part, in the order in which they came."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.file_jobs.jobs import FileJobProcessor
from services.evidence.exchange.imports import commands, rules
from services.evidence.exchange.imports.part_reader import ImportPart, PartPosition, ReadAhead, read_part
from services.evidence.exchange.imports.tables import IMPORT_FILES, Import
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork
from shared.waiting import repeat_until

POLL_INTERVAL_SECONDS = 0.5


class ImportProcessor(FileJobProcessor[Import]):
    """Processes imports. `read` reads a part: only when it is needed, or ahead."""

    files = IMPORT_FILES
    name: ClassVar[str] = "import"

    def __init__(self, read: Callable[[AsyncSession, PartPosition], Awaitable[ImportPart]] = read_part) -> None:
        self._read = read

    async def process_part(self, uow: UnitOfWork, job: Import) -> None:
        part = await self._read(uow.session, PartPosition.of(job))
        await commands.store_part(uow, job, part)

    async def finish(self, uow: UnitOfWork, job: Import, problem: str | None) -> None:
        await commands.finish(uow, job, problem)

    def abandonment(self, job: Import) -> str:
        return rules.ABANDONED.format(attempts=job.attempts, read=job.read)


async def process_imports(database: Database, stop: asyncio.Event) -> None:
    """Process files until stopped. The worker's job."""
    read_ahead = ReadAhead(database)
    processor = ImportProcessor(read_ahead.read_part)
    try:
        await repeat_until(stop, lambda: processor.process_next_part(database), interval=POLL_INTERVAL_SECONDS)
    finally:
        await read_ahead.stop()


async def process_next_part(database: Database) -> bool:
    """Process the next part that is due. Returns whether there was one. Raises on an outage, changing nothing."""
    return await ImportProcessor().process_next_part(database)
