"""Reads the next part of a file, and the part after it while that is being written."""

import asyncio
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.file_jobs.queries import RejectRow, beginning_of, content_from
from services.evidence.exchange.imports.research_parser import title_of
from services.evidence.exchange.imports.tables import Import, import_chunks
from services.evidence.exchange.imports.work_parser import ParsedWork, parse_work
from services.evidence.exchange.readers.fields import name_order
from services.evidence.exchange.readers.fields.name_order import NameSigns
from services.evidence.exchange.readers.formats import FORMATS, SourceFormat
from services.evidence.exchange.readers.records import MAX_SNIFFED_BYTES, ParsedFields, ReaderStart, SourceRecord
from services.evidence.library.items.descriptions import Research
from shared.messaging.dispatcher import describe
from shared.persistence.database import Database

logger = logging.getLogger(__name__)

MAX_PART_RECORDS = 1000
MAX_PART_BYTES = 4 * 1024 * 1024
NO_SIGNS = NameSigns()
UNFORESEEN = "It could not be read. If it looks right to you, send us the record, so that we can correct this."


@dataclass(frozen=True, slots=True)
class PartPosition:
    """Where in a file a part begins: its byte and line, and how many records and signs of names were before it."""

    import_id: UUID
    format: str
    total: int
    offset: int
    line: int
    read: int
    signs: NameSigns = NO_SIGNS

    @classmethod
    def of(cls, job: Import) -> "PartPosition":
        """Return where the next part of this import begins."""
        signs = NameSigns(job.surnames_first, job.given_names_first, job.names_without_comma)
        return cls(job.id, job.format, job.total, job.bytes_read, job.next_line, job.read, signs)


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
    context: bytes = b""
    """What its records refer to elsewhere in the file."""
    signs: NameSigns = NO_SIGNS
    """What the names of the file show of their order, this part's among them."""
    unclear_names: int = 0
    """How many names without a comma stay as they are, since the file does not show where their surname is."""
    _undecided: list[tuple[int, list[str]]] = field(default_factory=list[tuple[int, list[str]]])
    """Positions of works, and their names that are undecided by themselves."""

    @property
    def size(self) -> int:
        """How many records it holds."""
        return len(self.works) + len(self.rejects)

    @property
    def next_position(self) -> PartPosition:
        """Where the part after this one begins."""
        begin = self.position
        return PartPosition(
            begin.import_id, begin.format, begin.total, self.end, self.next_line, begin.read + self.size, self.signs
        )

    def add(self, record: SourceRecord, format: SourceFormat) -> None:
        """Add the work of this record, or the reason why it is rejected."""
        fields, work = self._parse(record, format)
        number = self.position.read + self.size + 1
        if isinstance(work, ParsedWork):
            if format.has_free_names and type(work.description) is Research and not work.from_a_library:
                names = name_order.undecided(work.description.authors, work.description.editors)
                self._undecided += [(len(self.works), names)] if names else []
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

    def complete(self) -> "ImportPart":
        """Write the surname first in names without a comma, if the file shows by now where it is. Returns the part."""
        self.signs = self.position.signs + name_order.signs_of(name for _, names in self._undecided for name in names)
        surname_comes_first = self.signs.surname_comes_first
        for index, names in self._undecided:
            if surname_comes_first is None:
                self.unclear_names += len(names)
            else:
                new_names = {name: name_order.ordered(name, surname_comes_first=surname_comes_first) for name in names}
                self.works[index] = _renamed(self.works[index], new_names)
        return self

    def _parse(self, record: SourceRecord, format: SourceFormat) -> tuple[ParsedFields, ParsedWork | str]:
        """Return the fields, and the work or why it is rejected. An unexpected error rejects this record only."""
        fields: ParsedFields = {}
        try:
            fields = format.parse_fields(record.fields) if record.fields is not None else {}
            return fields, parse_work(record, fields)
        except Exception as error:  # noqa: BLE001  whatever it is, the other records can be read
            logger.warning("a record of the import %s stopped its reader: %s", self.position.import_id, describe(error))
            return fields, UNFORESEEN


def _renamed(work: ParsedWork, new_names: Mapping[str, str]) -> ParsedWork:
    description = work.description
    if not isinstance(description, Research):
        return work
    people = {
        "authors": [new_names.get(name, name) for name in description.authors],
        "editors": [new_names.get(name, name) for name in description.editors],
    }
    return replace(work, description=description.model_copy(update=people))


async def read_context(session: AsyncSession, position: PartPosition, beginning: bytes) -> bytes:
    """Return what records of the file refer to elsewhere in it; nothing if its beginning is all of it."""
    collector_type = FORMATS[position.format].create_context_collector
    if collector_type is None or position.total <= len(beginning):
        return b""
    collector = collector_type()
    async for content in content_from(session, import_chunks, position.import_id, 0):
        collector.feed(content)
    return collector.finish()


async def read_part(session: AsyncSession, position: PartPosition, context: bytes | None = None) -> ImportPart:
    """Read from this position as much as one transaction should write. The context is read if it is not given."""
    part = await _read_part(session, position, context)
    return part.complete()


async def _read_part(session: AsyncSession, position: PartPosition, context: bytes | None) -> ImportPart:
    beginning = await beginning_of(session, import_chunks, position.import_id, MAX_SNIFFED_BYTES)
    format = FORMATS[position.format]
    if context is None:
        context = await read_context(session, position, beginning)
    reader = format.create_reader(ReaderStart(beginning, position.offset, position.line, context))
    part = ImportPart(position, context=context)
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
        self._context = b""
        self._task: asyncio.Task[ImportPart] | None = None

    async def read_part(self, session: AsyncSession, position: PartPosition) -> ImportPart:
        """Return the part that begins here, which may have been read ahead, and begin to read the next one."""
        if self._task is None or self._position != position:
            context = self._context if self._position and self._position.import_id == position.import_id else None
            part = await read_part(session, position, context)
        else:
            task, self._task = self._task, None
            part = await task
        if not part.is_last:
            await self._begin(part)
        return part

    async def stop(self) -> None:
        """Drop the part that is read ahead."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    async def _begin(self, part: ImportPart) -> None:
        await self.stop()
        self._position, self._context = part.next_position, part.context
        self._task = asyncio.create_task(self._read(self._position, part.context), name="read the next part")

    async def _read(self, position: PartPosition, context: bytes) -> ImportPart:
        async with self._database.session() as session:
            return await read_part(session, position, context)
