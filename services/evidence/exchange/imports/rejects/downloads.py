"""Rejected records as files: a table of the reasons, and the records as they came, to correct and send again."""

import csv
import io
import re
from collections.abc import AsyncIterator, Iterable
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.imports.rejects import queries
from services.evidence.exchange.imports.tables import HEAD_NUMBER, Import
from services.evidence.exchange.readers.encodings import decode
from services.evidence.exchange.readers.formats import FORMATS, SourceFormat
from services.evidence.exchange.writers.spreadsheets import defuse_formula
from shared.persistence.database import Database

COLUMNS = ("number", "line", "reason", "title", "sent_again_as")
MAX_ROWS_AT_ONCE = 1_000
MAX_ORIGINALS_AT_ONCE = 20
"""Each is up to 1 MB."""
_XML_TAG = re.compile(rb"<(/?)([A-Za-z_][\w.:-]*)[^<>]*(?<!/)>")


async def csv_table(database: Database, import_id: UUID) -> AsyncIterator[bytes]:
    """Yield all rejected records with their reasons, as CSV in which no cell is a formula."""
    yield "\ufeff".encode() + _csv([COLUMNS])
    after = 0
    while True:
        async with database.session() as session:
            rejects = await queries.rejects_after(session, import_id, after, MAX_ROWS_AT_ONCE)
        yield _csv(
            (
                reject.number,
                reject.line,
                defuse_formula(reject.reason),
                defuse_formula(reject.title or ""),
                reject.import_id or "",
            )
            for reject in rejects
        )
        if len(rejects) < MAX_ROWS_AT_ONCE:
            return
        after = rejects[-1].number


async def original_records(database: Database, session: AsyncSession, job: Import) -> AsyncIterator[bytes]:
    """Return a file in the format that was sent, with the rejected records only. Raises OriginalsNotFound."""
    head = await queries.original_of(session, job.id, HEAD_NUMBER)
    if head is None or not await queries.originals_from(session, job.id, HEAD_NUMBER, 1):
        raise queries.OriginalsNotFound(import_id=job.id)
    return _originals(database, job.id, FORMATS[job.format], head)


async def original_record(session: AsyncSession, job: Import, number: int) -> str | None:
    """Return the text of a file in the format that was sent, with this record only; None where it is not stored."""
    format = FORMATS[job.format]
    head = await queries.original_of(session, job.id, HEAD_NUMBER)
    record = await queries.original_of(session, job.id, number)
    if head is None or record is None:
        return None
    before, after = _around(format, head)
    return decode(before + record + after)


async def _originals(database: Database, import_id: UUID, format: SourceFormat, head: bytes) -> AsyncIterator[bytes]:
    before, after = _around(format, head)
    between = b",\n" if format.extension == "json" else b"\n"
    yield before
    number, previous = HEAD_NUMBER, b"\n"
    while True:
        async with database.session() as session:
            records = await queries.originals_from(session, import_id, number, MAX_ORIGINALS_AT_ONCE)
        for record in records:
            yield record.content if previous.endswith(b"\n") else between + record.content
            number, previous = record.number + 1, record.content
        if len(records) < MAX_ORIGINALS_AT_ONCE:
            break
    yield after


def _around(format: SourceFormat, head: bytes) -> tuple[bytes, bytes]:
    """Return what stands before and after the records of a file with this head."""
    if format.extension == "json":
        return b"[", b"]\n"
    return head, _closing_tags(head) if format.extension == "xml" else b""


def _closing_tags(head: bytes) -> bytes:
    """Return the closing tags of the elements that are open at the end of the head."""
    open_elements: list[bytes] = []
    for slash, name in _XML_TAG.findall(head):
        if not slash:
            open_elements.append(name)
        elif open_elements:
            open_elements.pop()
    return b"".join(b"</%s>" % name for name in reversed(open_elements))


def _csv(rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()
