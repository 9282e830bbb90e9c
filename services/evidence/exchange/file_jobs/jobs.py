"""Processes files part by part.

Each part is one transaction: its rows, what became of them, and the byte where the next part begins. A worker that is
killed loses nothing but the part that it was processing, and any worker goes on from there. A part that fails is tried
again later, and meanwhile other files are read. An outage of the database does not count as a failure, nor does an item
that somebody is changing at this moment.
"""

import logging
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Generic
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.file_jobs import commands, queries
from services.evidence.exchange.file_jobs.tables import FileTables, JobT
from shared import clock
from shared.callers import Caller
from shared.messaging.dispatcher import describe, is_locked, is_outage
from shared.persistence.database import Database
from shared.persistence.unit_of_work import UnitOfWork

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class PartAttempt:
    """A job as it was before its next part."""

    job_id: UUID
    version: int
    submitter: Caller


class FileJobProcessor(ABC, Generic[JobT]):
    """Processes the files of one kind of job."""

    files: FileTables[JobT]
    name: ClassVar[str]
    """What the log calls such a job."""

    @abstractmethod
    async def process_part(self, uow: UnitOfWork, job: JobT) -> None:
        """Process the next part of this job, which is locked, and `advance` or `finish` it."""

    @abstractmethod
    def abandonment(self, job: JobT) -> str:
        """Return the problem of a job that is given up: what was read, and what to do."""

    async def lock_next_due(self, session: AsyncSession) -> JobT | None:
        """Return the job whose next part is to be processed now."""
        return await queries.lock_next_due(session, self.files, clock.now())

    async def finish(self, uow: UnitOfWork, job: JobT, problem: str | None) -> None:
        """End the job: failed where there is a problem."""
        await commands.finish(uow, self.files, job, problem)

    async def process_next_part(self, database: Database) -> bool:
        """Process the next part that is due. Returns whether there was one. Raises on an outage, changing nothing."""
        attempt: PartAttempt | None = None
        try:
            async with database.transaction() as uow:
                job = await self.lock_next_due(uow.session)
                if job is None:
                    return False
                attempt = PartAttempt(job.id, job.version, job.submitter)
                uow.caller = attempt.submitter
                await self.process_part(uow, job)
        except Exception as error:
            if attempt is None or is_outage(error):
                raise
            if is_locked(error):
                async with database.transaction(attempt.submitter) as uow:
                    await commands.put_off(uow, self.files, attempt.job_id, attempt.version)
                return True
            logger.warning("a part of the %s %s failed: %s", self.name, attempt.job_id, describe(error))
            await self._record_failure(database, attempt)
        return True

    async def _record_failure(self, database: Database, attempt: PartAttempt) -> None:
        async with database.transaction(attempt.submitter) as uow:
            job = await commands.record_failure(uow, self.files, attempt.job_id, attempt.version)
            if job is not None:
                await self.finish(uow, job, self.abandonment(job))
