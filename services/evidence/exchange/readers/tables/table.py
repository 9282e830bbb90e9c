"""The reader of CSV, TSV and tables with semicolons, with the column names of the usual exports."""

import csv
import re
from collections.abc import Iterator

from services.evidence.exchange.readers.cutter import MAX_TOKEN_BYTES, RecordCutter
from services.evidence.exchange.readers.fields import person_names
from services.evidence.exchange.readers.fields.list_literals import parse_list_literal
from services.evidence.exchange.readers.fields.page_ranges import expand_page_range, join_pages
from services.evidence.exchange.readers.records import (
    MAX_RECORD_BYTES,
    MAX_SNIFFED_BYTES,
    ParsedFields,
    ReaderStart,
    SourceRecord,
)
from services.evidence.exchange.readers.tables.columns import COLUMNS, IDENTIFIERS, KINDS, LIBRARY_KINDS
from services.evidence.exchange.readers.tables.heading import TableHeading, normalize_name, split_cells
from services.evidence.exchange.readers.tagged import web_of_science
from services.evidence.exchange.readers.tagged.ris import KINDS as RIS_KINDS

MIN_COLUMNS = 2
"""A row is recognised by at least this many columns: a line of one cell looks like any text."""
_OUTSIDE = re.compile(rb'"|\r\n|\n|\r(?!\Z)|\r')
_INSIDE = re.compile(rb'""|"')
_LINE_END = re.compile(rb"\r\n|\n|\r")
MAX_RESCANNED_BYTES = 4 * MAX_RECORD_BYTES
"""The most that one reader scans a second time because of quotation marks that are never closed."""
MAX_SAMPLED_ROWS = 20

Fields = dict[str, str]


class TableReader(RecordCutter):
    """A `RecordReader` of rows. A quotation mark that is never closed costs its own row, not those that follow it."""

    def __init__(self, start: ReaderStart) -> None:
        super().__init__(start, _OUTSIDE)
        self._heading = TableHeading(start.beginning)
        self._delimiters = (self._heading.delimiter, b"\n", b"\r", b"")
        if start.offset == 0:
            self._at = self._heading.size
        self._at_row_start = True
        """Whether a row begins at the current position."""
        self._unclosed = False
        """Whether the row that is being closed has a quotation mark that is never closed."""
        self._long_cell_offset: int | None = None
        """Offset in the file of a row with a cell that is too long for a record and holds no rows."""
        self._rescanned_bytes = 0

    def feed(self, chunk: bytes) -> Iterator[SourceRecord]:
        self._buffer += chunk
        if self._at_row_start and self._begin is None and self._at < len(self._buffer):
            self._open(self._at)
            self._at_row_start = False
        yield from self._scan(len(self._buffer) - MAX_TOKEN_BYTES)

    def _step(self, token: re.Match[bytes]) -> Iterator[SourceRecord]:
        at = token.start()
        if self._token is _INSIDE:
            if token[0] == b'"' and self._may_open_cell(at) and (end := self._end_of_unclosed_row(at)):
                yield from self._close_unclosed_row(end)
            elif token[0] == b'"':
                self._token = _OUTSIDE
        elif token[0] == b'"':
            if at == self._begin or self._buffer[at - 1 : at] in self._delimiters:
                self._token = _INSIDE
        else:
            yield from self._close(token.end())
            self._open(token.end())

    def _scan(self, until: int) -> Iterator[SourceRecord]:
        yield from super()._scan(until)
        while self._cell_is_too_long():
            if end := self._end_of_unclosed_row(self._at):
                yield from self._close_unclosed_row(end)
            else:
                self._long_cell_offset = self.offset
            yield from super()._scan(until)

    def _shrink(self) -> None:
        if not self._cell_is_too_long():
            super()._shrink()

    def _cell_is_too_long(self) -> bool:
        if self._token is not _INSIDE or self._begin is None or self._long_cell_offset == self.offset:
            return False
        return self._at - self._begin > self._max_bytes

    def _may_open_cell(self, at: int) -> bool:
        """Return whether this quotation mark stands where one opens a cell, and not where one closes it."""
        if self._begin is None or self._long_cell_offset == self.offset:
            return False
        if at - self._begin > self._max_bytes:
            return True
        return self._buffer[at - 1 : at] in self._delimiters and self._buffer[at + 1 : at + 2] not in self._delimiters

    def _end_of_unclosed_row(self, to: int) -> int | None:
        """Return the end of the row's first line if what follows looks like rows rather than the rest of a cell."""
        begin, columns = self._begin or 0, len(self._heading.names)
        to = min(to, begin + self._max_bytes)
        line_end = _LINE_END.search(self._buffer, begin, to)
        if line_end is None or columns < MIN_COLUMNS or self._rescanned_bytes > MAX_RESCANNED_BYTES:
            return None
        if self._buffer.count(self._heading.delimiter, begin, line_end.start()) < columns - 1:
            return None
        # The last line may end beyond what is sampled.
        lines = self._buffer[line_end.end() : min(to, line_end.end() + MAX_SNIFFED_BYTES)].splitlines(keepends=True)[
            :MAX_SAMPLED_ROWS
        ]
        complete = [line for line in lines if line.endswith((b"\n", b"\r")) or to == len(self._buffer)]
        if not complete and to - line_end.end() > MAX_SNIFFED_BYTES:
            return None
        rows = sum(len(split_cells(line, self._heading.delimiter)) == columns for line in complete)
        return line_end.end() if 2 * rows >= len(complete) else None

    def _close_unclosed_row(self, end: int) -> Iterator[SourceRecord]:
        self._rescanned_bytes += self._at - end
        self._unclosed, self._token = True, _OUTSIDE
        yield from self._close(end)
        self._unclosed = False
        self._at = end
        self._open(end)

    def finish(self) -> Iterator[SourceRecord]:
        yield from self._scan(len(self._buffer))
        while (
            self._token is _INSIDE and self._begin is not None and (end := self._end_of_unclosed_row(len(self._buffer)))
        ):
            yield from self._close_unclosed_row(end)
            yield from self._scan(len(self._buffer))
        if self._begin is not None and self._begin < len(self._buffer):
            yield from self._close(len(self._buffer))
        self._begin = None
        self._count_lines(len(self._buffer))

    @property
    def within_record(self) -> bool:
        return self._begin is not None and self._at > self._begin

    def _parse(self, record: SourceRecord, content: bytes) -> SourceRecord | None:
        if self._unclosed:
            record.error = "It has a quotation mark that is never closed."
            content = content.replace(b'"', b"")
        try:
            cells = split_cells(content, self._heading.delimiter)
        except (csv.Error, ValueError):
            record.error = "Its cells could not be separated."
            return record
        if not any(cell.strip() for cell in cells) or self._heading.is_repeated_by(cells):
            return None
        if any(cell.strip() for cell in cells[len(self._heading.names) :]):
            record.error = f"It has {len(cells)} cells, but the first row names {len(self._heading.names)} columns."
            return record
        fields: Fields = {}
        for name, cell in zip(self._heading.names, cells, strict=False):
            if cell and name and not fields.get(name):
                fields[name] = cell.strip()
        record.fields = fields
        return record


def create_reader(start: ReaderStart) -> TableReader:
    return TableReader(start)


def file_header(beginning: bytes) -> bytes:
    """Return the heading row."""
    return beginning[: TableHeading(beginning).size]


def parse_fields(fields: Fields) -> ParsedFields:
    """Return the fields of a row by the columns that may hold them, the best first."""
    if "pt" in fields and "ti" in fields:
        return web_of_science.parse_fields(web_of_science.fields_of_row(fields))

    def first_value(name: str) -> str | None:
        return next((fields[column] for column in COLUMNS[name] if fields.get(column)), None)

    start, end = first_value("pages"), first_value("end")
    kind = first_value("kind") or ""
    extension = first_value("impact")
    way, words = fields.get("way of knowing"), fields.get("account") or fields.get("what was done")
    authors = first_value("authors") or ""
    volume, issue, cited_pages = _parse_citation(fields.get("citation", ""))
    return {
        "title": first_value("title"),
        "summary": (words if way and not extension else None) or first_value("summary"),
        "kind": _kind(kind),
        "authors": person_names.split_run_together(authors) if "item title" in fields else split_names(authors),
        "editors": split_names(first_value("editors") or ""),
        "published_in": first_value("published_in"),
        "dates": [fields[column] for column in COLUMNS["dates"] if fields.get(column)],
        "volume": first_value("volume") or volume,
        "issue": first_value("issue") or issue,
        "pages": join_pages(start, end) or first_value("article_number") or cited_pages,
        "publisher": first_value("publisher"),
        "keywords": _split_keywords(first_value("keywords") or ""),
        "language": first_value("language"),
        "identifiers": [
            (scheme, value)
            for scheme, columns in IDENTIFIERS.items()
            for column in columns
            if fields.get(column)
            for value in (re.split(r"[;,\s]+", fields[column]) if scheme == "serial" else [fields[column]])
            if scheme != "wos" or "WOS:" in value.upper()
        ],
        "links": [fields[column] for column in COLUMNS["links"] if fields.get(column)],
        "labels": [way.replace("_", " ")] if way else [],
        "extensions": [extension] if extension else [],
    }


def _parse_citation(citation: str) -> tuple[str | None, str | None, str | None]:
    """Return volume, issue and pages of `Nature. 2021 Dec 21;1(2):10-11. doi: ...`."""
    match = re.search(r";\s*(\w+)?(?:\(([^()]+)\))?:\s*([\w-]+)", citation)
    return (match[1], match[2], expand_page_range(match[3])) if match else (None, None, None)


def _kind(text: str) -> str:
    if text in LIBRARY_KINDS:
        return text
    return RIS_KINDS.get(text.upper()) or KINDS.get(normalize_name(text), "other")


def split_names(cell: str) -> list[str]:
    """Split the names of people.

    They are written `Marx, Karl; Lindgren, Astrid`, `Smith A, Walter B.`, `Joseph Rottman, Erran Carmel` or
    `['Marx, Karl']`.
    """
    literal = parse_list_literal(cell)
    if literal is not None:
        return literal
    if re.search(r"[;|\n]", cell):
        return [name for name in re.split(r"[;|\n]", cell) if name.strip()]
    if " and " in cell:
        return [name for name in re.split(r"\s+and\s+", cell) if name.strip()]
    names = [name.strip() for name in cell.split(",") if name.strip()]
    # One person's name has its comma between surname and given names: then neither part is a whole name.
    if len(names) < 2 or not all(" " in name for name in names):
        return names if len(names) > 2 and any(" " in name for name in names) else [cell] if cell.strip() else []
    if any(re.fullmatch(r".+ [A-Z]{1,4}\.?", name) for name in names):
        return [person_names.separate_initials_last(name) for name in names]
    return [person_names.invert_given_first(name) for name in names]


def _split_keywords(cell: str) -> list[str]:
    literal = parse_list_literal(cell)
    if literal is not None:
        return literal
    return [keyword for keyword in re.split(r"[;|\n]" if re.search(r"[;|\n]", cell) else ",", cell) if keyword.strip()]
