"""Reads the next part of a file, and the part after it while that is being written."""

import asyncio
import logging
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.file_jobs.queries import RejectRow, beginning_of, content_from
from services.evidence.exchange.imports.research_parser import title_of
from services.evidence.exchange.imports.tables import Import, import_chunks
from services.evidence.exchange.imports.work_parser import ParsedWork, parse_work
from services.evidence.exchange.readers.formats import FORMATS, SourceFormat
from services.evidence.exchange.readers.records import MAX_SNIFFED_BYTES, ParsedFields, ReaderStart, SourceRecord
from shared.messaging.dispatcher import describe
from shared.persistence.database import Database

logger = logging.getLogger(__name__)

MAX_PART_RECORDS = 1000
MAX_PART_BYTES = 4 * 1024 * 1024
UNFORESEEN = "It could not be read. If it looks right to you, send us the record, so that we can correct this."


@dataclass(frozen=True, slots=True)
class PartPosition:
    """Where in a file a part begins: its byte, its line, and how many records were read before it."""

    import_id: UUID
    format: str
    total: int
    offset: int
    line: int
    read: int

    @classmethod
    def of(cls, job: Import) -> "PartPosition":
        """Return where the next part of this import begins."""
        return cls(job.id, job.format, job.total, job.bytes_read, job.next_line, job.read)


@dataclass
class ImportPart:
    """The next records of a file, parsed or rejected, and where the record after them begins."""

    position: PartPosition
    works: list[ParsedWork] = field(default_factory=list[ParsedWork])
    work_places: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """For each work, the number of its record in the file, and the line where that begins."""
    rejects: list[RejectRow] = field(default_factory=list[RejectRow])
    reject_ranges: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """For each reject, its first byte in the file and the byte after it."""
    end: int = 0
    next_line: int = 1
    unparsed_lines: int = 0
    is_last: bool = False

    @property
    def size(self) -> int:
        """How many records it holds."""
        return len(self.works) + len(self.rejects)

    @property
    def next_position(self) -> PartPosition:
        """Where the part after this one begins."""
        begin = self.position
        return PartPosition(
            begin.import_id, begin.format, begin.total, self.end, self.next_line, begin.read + self.size
        )

    def add(self, record: SourceRecord, format: SourceFormat) -> None:
        """Add the work of this record, or the reason why it is rejected."""
        fields, work = self._parse(record, format)
        number = self.position.read + self.size + 1
        if isinstance(work, ParsedWork):
            self.works.append(work)
            self.work_places.append((number, record.line))
        else:
            self.rejects.append(
                {
                    "job_id": self.position.import_id,
                    "number": number,
                    "line": record.line,
                    "reason": work,
                    "title": title_of(fields),
                }
            )
            self.reject_ranges.append((record.begin, record.end))
        self.end, self.next_line, self.unparsed_lines = record.end, record.next_line, record.unparsed_lines

    def _parse(self, record: SourceRecord, format: SourceFormat) -> tuple[ParsedFields, ParsedWork | str]:
        """Return the fields, and the work or why it is rejected. An unexpected error rejects this record only."""
        fields: ParsedFields = {}
        try:
            fields = format.parse_fields(record.fields) if record.fields is not None else {}
            return fields, parse_work(record, fields)
        except Exception as error:  # noqa: BLE001  whatever it is, the other records can be read
            logger.warning("a record of the import %s stopped its reader: %s", self.position.import_id, describe(error))
            return fields, UNFORESEEN


async def read_part(session: AsyncSession, position: PartPosition) -> ImportPart:
    """Read from this position as much as one transaction should write."""
    beginning = await beginning_of(session, import_chunks, position.import_id, MAX_SNIFFED_BYTES)
    format = FORMATS[position.format]
    reader = format.create_reader(ReaderStart(beginning, position.offset, position.line))
    part = ImportPart(position)
    part_bytes = 0
    async for content in content_from(session, import_chunks, position.import_id, position.offset):
        part_bytes += len(content)
        for record in reader.feed(content):
            part.add(record, format)
            if part.size == MAX_PART_RECORDS:
                return part
        if part_bytes >= MAX_PART_BYTES and part.size:
            return part
        if part_bytes >= MAX_PART_BYTES and not reader.within_record:
            part.end, part.next_line, part.unparsed_lines = reader.offset, reader.line, reader.unparsed_lines
            return part
    for record in reader.finish():
        part.add(record, format)
    part.end, part.next_line, part.unparsed_lines = position.total, reader.line, reader.unparsed_lines
    part.is_last = True
    return part


class ReadAhead:
    """Reads at most one part beyond the one that is being written."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._position: PartPosition | None = None
        self._task: asyncio.Task[ImportPart] | None = None

    async def read_part(self, session: AsyncSession, position: PartPosition) -> ImportPart:
        """Return the part that begins here, which may have been read ahead, and begin to read the next one."""
        if self._task is None or self._position != position:
            part = await read_part(session, position)
        else:
            task, self._task = self._task, None
            part = await task
        if not part.is_last:
            await self._begin(part.next_position)
        return part

    async def stop(self) -> None:
        """Drop the part that is read ahead."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _begin(self, position: PartPosition) -> None:
        await self.stop()
        self._position = position
        self._task = asyncio.create_task(self._read(position), name="read the next part")

    async def _read(self, position: PartPosition) -> ImportPart:
        async with self._database.session() as session:
            return await read_part(session, position)
