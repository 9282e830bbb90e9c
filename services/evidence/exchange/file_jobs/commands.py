"""Store the file of a file job, advance the job part by part, and end it."""

from collections.abc import AsyncIterator
from datetime import datetime
from uuid import UUID

from services.evidence.exchange.file_jobs import queries, rules
from services.evidence.exchange.file_jobs.tables import FileJob, FileTables, JobT
from shared import clock
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import Problem


async def store_file(
    uow: UnitOfWork,
    files: FileTables[JobT],
    job: JobT,
    chunks: AsyncIterator[bytes],
    *,
    max_bytes: int,
    too_large: type[Problem],
) -> None:
    """Store the file of a new job, chunk by chunk. Raises `too_large`."""
    uow.save(job)
    total = 0
    async for chunk in chunks:
        await queries.insert_chunk(uow.session, files.chunks, job.id, total, chunk)
        total += len(chunk)
        if total > max_bytes:
            raise too_large
    job.total = total


def advance(job: FileJob, *, bytes_read: int, next_line: int) -> None:
    """Note that a part was processed, and where the next one begins."""
    job.bytes_read, job.next_line = bytes_read, next_line
    job.status, job.attempts, job.try_at = "running", 0, None


async def finish(uow: UnitOfWork, files: FileTables[JobT], job: JobT, problem: str | None) -> datetime:
    """End the job: failed where there is a problem. Deletes its file, and returns when it ended."""
    job.status = "failed" if problem else "done"
    job.problem = problem
    job.finished_at = clock.now()
    await queries.delete_content(uow.session, files.chunks, job.id)
    return job.finished_at


async def record_failure(uow: UnitOfWork, files: FileTables[JobT], job_id: UUID, version: int) -> JobT | None:
    """Count a failure of the part that began at this version, and put it off.

    Returns the job if it is to be given up; None if it is tried again, or if another worker has gone on with it.
    """
    job = await queries.lock_version(uow.session, files, job_id, version)
    if job is None:
        return None
    job.status = "running"
    job.attempts += 1
    job.try_at = rules.PART_ATTEMPTS.next_try(job.attempts, clock.now())
    return job if rules.PART_ATTEMPTS.exhausted(job.attempts) else None


async def put_off(uow: UnitOfWork, files: FileTables[JobT], job_id: UUID, version: int) -> None:
    """Put off a part that began at this version and met somebody who changes one of its items. It has not failed."""
    job = await queries.lock_version(uow.session, files, job_id, version)
    if job is not None:
        job.status, job.try_at = "running", clock.now() + rules.BUSY_DELAY
