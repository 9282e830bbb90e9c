"""Queries of file jobs and their files. A file is stored in chunks, so that no more than one is in memory."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import NotRequired, TypedDict
from uuid import UUID

from sqlalchemy import Integer, Table, cast, delete, func, insert, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows

from services.evidence.exchange.file_jobs.tables import FileTables, JobT

UNFINISHED = ("queued", "running")


class RejectRow(TypedDict):
    """A row of a table of rejects."""

    job_id: UUID
    number: int
    line: int
    reason: str
    title: NotRequired[str | None]
    """Only of an import."""


async def lock_next_due(session: AsyncSession, files: FileTables[JobT], now: datetime) -> JobT | None:
    """Return the oldest unfinished job that no other worker reads and that does not wait after a failure."""
    jobs = files.jobs
    due = or_(col(jobs.try_at).is_(None), col(jobs.try_at) <= now)
    statement = select_rows(jobs).where(col(jobs.status).in_(UNFINISHED), due)
    rows = await session.execute(statement.order_by(col(jobs.id)).limit(1).with_for_update(skip_locked=True))
    return rows.scalars().first()


async def lock_version(session: AsyncSession, files: FileTables[JobT], job_id: UUID, version: int) -> JobT | None:
    """Return the job as it was at this version; None where another worker has gone on from there, or does so now."""
    jobs = files.jobs
    statement = select_rows(jobs).where(
        col(jobs.id) == job_id, col(jobs.version) == version, col(jobs.status).in_(UNFINISHED)
    )
    return (await session.execute(statement.with_for_update(skip_locked=True))).scalars().first()


async def insert_chunk(session: AsyncSession, chunks: Table, job_id: UUID, begin: int, content: bytes) -> None:
    """Store a chunk that begins at this byte of the file."""
    await session.execute(insert(chunks), {"job_id": job_id, "begin": begin, "content": content})


async def content_from(session: AsyncSession, chunks: Table, job_id: UUID, offset: int) -> AsyncIterator[bytes]:
    """Yield the file from this byte on, chunk by chunk."""
    chunk = chunks.c
    while True:
        rest = func.substr(chunk.content, cast(offset - chunk.begin + 1, Integer))
        statement = select(rest).where(chunk.job_id == job_id, chunk.begin <= offset)
        content: bytes | None = await session.scalar(statement.order_by(chunk.begin.desc()).limit(1))
        if not content:
            return
        yield content
        offset += len(content)


async def beginning_of(session: AsyncSession, chunks: Table, job_id: UUID, size: int) -> bytes:
    """Return the first `size` bytes of the file, or as many as there are."""
    chunk = chunks.c
    beginning = b""
    while len(beginning) < size:
        rest = select(func.substr(chunk.content, 1, size - len(beginning)))
        statement = rest.where(chunk.job_id == job_id, chunk.begin == len(beginning))
        content: bytes | None = await session.scalar(statement)
        if not content:
            break
        beginning += content
    return beginning


async def ranges_of(
    session: AsyncSession, chunks: Table, job_id: UUID, ranges: Sequence[tuple[int, int]]
) -> list[bytes]:
    """Return the bytes of each range, from its first byte to before its second. The ranges are in order."""
    contents: list[bytes] = []
    buffer, buffer_begin = b"", 0
    for begin, end in ranges:
        buffer = buffer[begin - buffer_begin :] if begin < buffer_begin + len(buffer) else b""
        buffer_begin = begin
        if len(buffer) < end - begin:
            async for content in content_from(session, chunks, job_id, begin + len(buffer)):
                buffer += content
                if len(buffer) >= end - begin:
                    break
        contents.append(buffer[: end - begin])
    return contents


async def delete_content(session: AsyncSession, chunks: Table, job_id: UUID) -> None:
    """Delete the file. The job stays."""
    await session.execute(delete(chunks).where(chunks.c.job_id == job_id))


async def insert_rejects(session: AsyncSession, rejects: Table, rows: Sequence[RejectRow]) -> None:
    """Store what was rejected of a part."""
    if rows:
        await session.execute(insert(rejects), list(rows))
