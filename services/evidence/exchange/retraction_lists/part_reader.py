"""Reads the next part of a retraction list."""

from dataclasses import dataclass

from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.exchange.file_jobs.queries import content_from
from services.evidence.exchange.retraction_lists.csv_rows import CsvRow, CsvRowSplitter
from services.evidence.exchange.retraction_lists.tables import RetractionList, retraction_chunks

MAX_PART_ROWS = 500
MAX_PART_BYTES = 4 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class RetractionListPart:
    """The next rows of a file, and where the row after them begins."""

    rows: list[CsvRow]
    end: int
    next_line: int
    is_last: bool


async def read_part(session: AsyncSession, retraction_list: RetractionList) -> RetractionListPart:
    """Read as much as one transaction should write."""
    splitter = CsvRowSplitter(retraction_list.bytes_read, retraction_list.next_line)
    rows: list[CsvRow] = []
    part_bytes = 0
    async for content in content_from(session, retraction_chunks, retraction_list.id, retraction_list.bytes_read):
        rows.extend(splitter.feed(content))
        part_bytes += len(content)
        if rows and (len(rows) >= MAX_PART_ROWS or part_bytes >= MAX_PART_BYTES):
            return _part_within(rows)
    rows.extend(splitter.finish())
    if len(rows) > MAX_PART_ROWS:
        return _part_within(rows)
    return RetractionListPart(rows, retraction_list.total, splitter.line, is_last=True)


def _part_within(rows: list[CsvRow]) -> RetractionListPart:
    rows = rows[:MAX_PART_ROWS]
    return RetractionListPart(rows, rows[-1].end, rows[-1].next_line, is_last=False)
