"""SQL of rejected records: why each was rejected, what became of it since, and how it came."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import Select, exists, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.exchange.imports.tables import Import, import_originals, import_rejects
from services.evidence.library.provenance.tables import import_records
from shared.persistence.columns import select_columns
from shared.problems import NotFound


class RejectNotFound(NotFound):
    title = "There is no such rejected record"
    detail = "Check the number. The list is at /v1/imports/{import_id}/rejects."


class OriginalsNotFound(NotFound):
    title = "There are no rejected records to download"
    detail = (
        "None was rejected, each was sent again or is longer than 1 MB, or the import ended more than 30 days ago. The "
        "reasons are at /v1/imports/{import_id}/rejects. To get the records, send the file again."
    )


class RejectedRecord(NamedTuple):
    """A record that could not be read; from `import_id` on, the import as which somebody sent it again, if any did."""

    number: int
    line: int
    reason: str
    title: str | None
    original_available: bool
    import_id: UUID | None
    sent_at: datetime | None
    status: str | None
    read: int | None
    created: int | None
    matched: int | None
    rejected: int | None
    withdrawn_at: datetime | None
    item_id: UUID | None
    """The item that its first record became, or that it matched."""


class OriginalRecord(NamedTuple):
    """A rejected record as it came."""

    number: int
    content: bytes


def rejects_of(import_id: UUID) -> Select[Any]:
    """Select the RejectedRecords of an import, to be paged by number."""
    original, reject, record = import_originals.c, import_rejects.c, import_records.c
    available = exists().where(original.job_id == reject.job_id, original.number == reject.number)
    return (
        select_columns(
            reject.number,
            reject.line,
            reject.reason,
            reject.title,
            available.label("original_available"),
            reject.sent_again_as,
            col(Import.created_at),
            col(Import.status),
            col(Import.read),
            col(Import.created),
            col(Import.matched),
            col(Import.rejected),
            col(Import.withdrawn_at),
            record.item_id,
        )
        .select_from(import_rejects)
        .outerjoin(Import, col(Import.id) == reject.sent_again_as)
        .outerjoin(import_records, (record.job_id == reject.sent_again_as) & (record.number == 1))
        .where(reject.job_id == import_id)
    )


async def get_reject(session: AsyncSession, import_id: UUID, number: int) -> RejectedRecord:
    """Return a rejected record. Raises RejectNotFound."""
    row = (await session.execute(rejects_of(import_id).where(import_rejects.c.number == number))).first()
    if row is None:
        raise RejectNotFound(import_id=import_id)
    return RejectedRecord(*row)


async def rejects_after(session: AsyncSession, import_id: UUID, number: int, limit: int) -> Sequence[RejectedRecord]:
    """Return the next rejected records after this number."""
    reject = import_rejects.c
    statement = rejects_of(import_id).where(reject.number > number).order_by(reject.number).limit(limit)
    return [RejectedRecord(*row) for row in await session.execute(statement)]


async def save_sent_again(session: AsyncSession, import_id: UUID, number: int, correction_id: UUID) -> None:
    """Note the import as which a rejected record was sent again."""
    reject = import_rejects.c
    statement = update(import_rejects).where(reject.job_id == import_id, reject.number == number)
    await session.execute(statement.values(sent_again_as=correction_id))


async def original_of(session: AsyncSession, import_id: UUID, number: int) -> bytes | None:
    """Return a rejected record as it came, or the head of the file (`HEAD_NUMBER`); None where it is not stored."""
    original = import_originals.c
    statement = select(original.content).where(original.job_id == import_id, original.number == number)
    content: bytes | None = await session.scalar(statement)
    return content


async def originals_from(session: AsyncSession, import_id: UUID, number: int, limit: int) -> list[OriginalRecord]:
    """Return the next rejected records as they came, from this number on, except those that were sent again."""
    original, reject = import_originals.c, import_rejects.c
    statement = (
        select(original.number, original.content)
        .join(import_rejects, (reject.job_id == original.job_id) & (reject.number == original.number))
        .where(original.job_id == import_id, original.number >= number, reject.sent_again_as.is_(None))
        .order_by(original.number)
    )
    return [OriginalRecord(*row) for row in await session.execute(statement.limit(limit))]
