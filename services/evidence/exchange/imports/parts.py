"""Reads the next part of a file, and the one after it while that is being written."""

import asyncio
import logging
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.imports import queries, rules
from services.evidence.exchange.imports.formats import FORMATS, Format
from services.evidence.exchange.imports.kept import Understood, understand
from services.evidence.exchange.imports.tables import Import
from services.evidence.exchange.readers.records import LOOKED_AT, Record, Says, Start
from shared.messaging.dispatcher import describe
from shared.persistence.database import Database

logger = logging.getLogger(__name__)

RECORDS_IN_PART = 1000
BYTES_IN_PART = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a file a part begins: its byte, its line, and how many records came before."""

    import_id: UUID
    format: str
    total: int
    offset: int
    line: int
    read: int

    @classmethod
    def of(cls, job: Import) -> "Place":
        return cls(job.id, job.format, job.total, job.done, job.next_line, job.read)


@dataclass
class Part:
    """The next records of a file: what can be taken and what cannot, and where the one after them begins."""

    place: Place
    works: list[Understood] = field(default_factory=list[Understood])
    rejects: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    places: list[tuple[int, int]] = field(default_factory=list[tuple[int, int]])
    """Of each reject: where in the file it begins and ends."""
    end: int = 0
    next_line: int = 1
    strays: int = 0
    last: bool = False

    @property
    def size(self) -> int:
        return len(self.works) + len(self.rejects)

    @property
    def following(self) -> Place:
        """Where the part after this one begins."""
        begin = self.place
        return Place(begin.import_id, begin.format, begin.total, self.end, self.next_line, begin.read + self.size)

    def add(self, record: Record, format: Format) -> None:
        says, work = self._read(record, format)
        if isinstance(work, Understood):
            self.works.append(work)
        else:
            number, title = self.place.read + self.size + 1, rules.title_of(says)
            self.rejects.append(
                {
                    "import_id": self.place.import_id,
                    "number": number,
                    "line": record.line,
                    "reason": work,
                    "title": title,
                }
            )
            self.places.append((record.begin, record.end))
        self.end, self.next_line, self.strays = record.end, record.next_line, record.strays

    def _read(self, record: Record, format: Format) -> tuple[Says, Understood | str]:
        """What it says, and what is made of that; or why nothing is. No record costs others their place."""
        says: Says = {}
        try:
            says = format.describe(record.fields) if record.fields is not None else {}
            return says, understand(record, says)
        except Exception as error:  # noqa: BLE001  whatever a reader did not foresee is this record's alone
            logger.warning("a record of the import %s stopped its reader: %s", self.place.import_id, describe(error))
            return says, rules.NOT_FORESEEN


async def read_part(session: AsyncSession, place: Place) -> Part:
    """From this place on, as much as one transaction should write."""
    beginning = await queries.beginning_of(session, place.import_id, LOOKED_AT)
    format = FORMATS[place.format]
    reader = format.reader(Start(beginning, place.offset, place.line))
    part = Part(place)
    taken = 0
    async for content in queries.content_from(session, place.import_id, place.offset):
        taken += len(content)
        for record in reader.feed(content):
            part.add(record, format)
            if part.size == RECORDS_IN_PART:
                return part
        if taken >= BYTES_IN_PART and part.size:
            return part
        if taken >= BYTES_IN_PART and not reader.within_record:
            part.end, part.next_line, part.strays = reader.offset, reader.line, reader.strays
            return part
    for record in reader.finish():
        part.add(record, format)
    part.end, part.next_line, part.strays, part.last = place.total, reader.line, reader.strays, True
    return part


class Ahead:
    """At most one part beyond the one in hand. What turns out not to be wanted is let go of."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._place: Place | None = None
        self._reading: asyncio.Task[Part] | None = None

    async def begin(self, place: Place) -> None:
        await self.stop()
        self._place = place
        self._reading = asyncio.create_task(self._read(place), name="read the next part")

    async def part(self, session: AsyncSession, place: Place) -> Part:
        """The part that begins here, which may have been read already."""
        if self._reading is None or self._place != place:
            return await read_part(session, place)
        reading, self._reading = self._reading, None
        return await reading

    async def stop(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _read(self, place: Place) -> Part:
        async with self._database.session() as session:
            return await read_part(session, place)
