"""CSV, TSV and tables with semicolons, with the column names of the usual exports."""

import ast
import csv
import re
from collections.abc import Iterator

from services.evidence.exchange.readers.columns import COLUMNS, IDENTIFIERS, KINDS, OWN_KINDS
from services.evidence.exchange.readers.cutting import Cutter
from services.evidence.exchange.readers.fields import person_names
from services.evidence.exchange.readers.heading import Heading, cells_of, name_of
from services.evidence.exchange.readers.nbib import whole_pages
from services.evidence.exchange.readers.records import LONGEST_RECORD, LOOKED_AT, Record, Says, Start
from services.evidence.exchange.readers.ris import KINDS as RIS_KINDS

FEWEST_TO_TELL = 2
"""Columns: a line of one cell looks like any text."""
_OUTSIDE = re.compile(rb'"|\r\n|\n|\r(?!\Z)|\r')
_INSIDE = re.compile(rb'""|"')
_LINE_END = re.compile(rb"\r\n|\n|\r")
LOOKED_BACK = 4 * LONGEST_RECORD
"""Bytes that one reader goes through a second time, at most, for quotation marks that are never closed."""

Fields = dict[str, str]


class Reader(Cutter):
    """A quotation mark that is never closed costs its own row, not those that follow it."""

    def __init__(self, start: Start) -> None:
        super().__init__(start, _OUTSIDE)
        self._heading = Heading(start.beginning)
        self._quoting = (self._heading.delimiter, b"\n", b"\r", b"")
        if start.offset == 0:
            self._at = self._heading.size
        self._fresh = True
        """Whether a row begins at what is looked at next."""
        self._unclosed = False
        """Whether the row that is being closed is one in which a quotation mark is never closed."""
        self._long_from: int | None = None
        """Byte of the file where a cell begins that is longer than a record may be, and holds no rows."""
        self._looked_back = 0

    def feed(self, chunk: bytes) -> Iterator[Record]:
        self._held += chunk
        if self._fresh and self._begin is None and self._at < len(self._held):
            self._open(self._at)
            self._fresh = False
        yield from self._scan(len(self._held) - 64)

    def _step(self, found: re.Match[bytes]) -> Iterator[Record]:
        at = found.start()
        if self._token is _INSIDE:
            if found[0] == b'"' and self._opens_again(at) and (end := self._swallowed(at)):
                yield from self._cut_short(end)
            elif found[0] == b'"':
                self._token = _OUTSIDE
        elif found[0] == b'"':
            if at == self._begin or self._held[at - 1 : at] in self._quoting:
                self._token = _INSIDE
        else:
            yield from self._close(found.end())
            self._open(found.end())

    def _scan(self, until: int) -> Iterator[Record]:
        yield from super()._scan(until)
        while self._inside_too_long():
            if end := self._swallowed(self._at):
                yield from self._cut_short(end)
            else:
                self._long_from = self.offset
            yield from super()._scan(until)

    def _let_go(self) -> None:
        if not self._inside_too_long():
            super()._let_go()

    def _inside_too_long(self) -> bool:
        if self._token is not _INSIDE or self._begin is None or self._long_from == self.offset:
            return False
        return self._at - self._begin > self._longest

    def _opens_again(self, at: int) -> bool:
        """Whether this mark stands where one opens a cell, and not where one closes it."""
        if self._begin is None or self._long_from == self.offset:
            return False
        if at - self._begin > self._longest:
            return True
        return self._held[at - 1 : at] in self._quoting and self._held[at + 1 : at + 2] not in self._quoting

    def _swallowed(self, to: int) -> int | None:
        """The end of the present line, where what follows it looks like rows rather than like the rest of a cell."""
        begin, columns = self._begin or 0, len(self._heading.names)
        to = min(to, begin + self._longest)
        found = _LINE_END.search(self._held, begin, to)
        if found is None or columns < FEWEST_TO_TELL or self._looked_back > LOOKED_BACK:
            return None
        if self._held.count(self._heading.delimiter, begin, found.start()) < columns - 1:
            return None
        # The last one may end beyond what is looked at.
        lines = self._held[found.end() : min(to, found.end() + LOOKED_AT)].splitlines(keepends=True)[:20]
        whole = [line for line in lines if line.endswith((b"\n", b"\r")) or to == len(self._held)]
        if not whole and to - found.end() > LOOKED_AT:
            return None
        rows = sum(len(cells_of(line, self._heading.delimiter)) == columns for line in whole)
        return found.end() if 2 * rows >= len(whole) else None

    def _cut_short(self, end: int) -> Iterator[Record]:
        self._looked_back += self._at - end
        self._unclosed, self._token = True, _OUTSIDE
        yield from self._close(end)
        self._unclosed = False
        self._at = end
        self._open(end)

    def finish(self) -> Iterator[Record]:
        yield from self._scan(len(self._held))
        while self._token is _INSIDE and self._begin is not None and (end := self._swallowed(len(self._held))):
            yield from self._cut_short(end)
            yield from self._scan(len(self._held))
        if self._begin is not None and self._begin < len(self._held):
            yield from self._close(len(self._held))
        self._begin = None
        self._count_lines(len(self._held))

    @property
    def within_record(self) -> bool:
        return self._begin is not None and self._at > self._begin

    def _parsed(self, record: Record, content: bytes) -> Record | None:
        if self._unclosed:
            record.broken = "It has a quotation mark that is never closed."
            content = content.replace(b'"', b"")
        try:
            cells = cells_of(content, self._heading.delimiter)
        except (csv.Error, ValueError):
            record.broken = "Its cells could not be told apart."
            return record
        if not any(cell.strip() for cell in cells) or self._heading.is_again(cells):
            return None
        if any(cell.strip() for cell in cells[len(self._heading.names) :]):
            record.broken = f"It has {len(cells)} cells, but the first row names {len(self._heading.names)} columns."
            return record
        fields: Fields = {}
        for name, cell in zip(self._heading.names, cells, strict=False):
            if cell and name and not fields.get(name):
                fields[name] = cell.strip()
        record.fields = fields
        return record


def reader(start: Start) -> Reader:
    return Reader(start)


def head(beginning: bytes) -> bytes:
    return beginning[: Heading(beginning).size]


def describe(fields: Fields) -> Says:
    def said(name: str) -> str | None:
        return next((fields[column] for column in COLUMNS[name] if fields.get(column)), None)

    start, end = said("pages"), said("end")
    kind = said("kind") or ""
    kept = said("impact")
    authors = said("authors") or ""
    volume, issue, cited = _cited(fields.get("citation", ""))
    return {
        "title": said("title"),
        "summary": said("summary"),
        "kind": _kind(kind),
        "authors": person_names.apart(authors) if "item title" in fields else names(authors),
        "editors": names(said("editors") or ""),
        "published_in": said("published_in"),
        "dates": [fields[column] for column in COLUMNS["dates"] if fields.get(column)],
        "volume": said("volume") or volume,
        "issue": said("issue") or issue,
        "pages": f"{start}-{end}" if start and end and "-" not in start else start or cited,
        "publisher": said("publisher"),
        "keywords": _many(said("keywords") or ""),
        "language": said("language"),
        "identifiers": [
            (scheme, one)
            for scheme, columns in IDENTIFIERS.items()
            for column in columns
            if fields.get(column)
            for one in (re.split(r"[;,\s]+", fields[column]) if scheme == "serial" else [fields[column]])
            if scheme != "wos" or "WOS:" in one.upper()
        ],
        "links": [fields[column] for column in COLUMNS["links"] if fields.get(column)],
        "kept": [kept] if kept else [],
    }


def _cited(citation: str) -> tuple[str | None, str | None, str | None]:
    """Volume, issue and pages of `Nature. 2021 Dec 21;1(2):10-11. doi: ...`."""
    found = re.search(r";\s*(\w+)?(?:\(([^()]+)\))?:\s*([\w-]+)", citation)
    return (found[1], found[2], whole_pages(found[3])) if found else (None, None, None)


def _kind(said: str) -> str:
    if said in OWN_KINDS:
        return said
    return RIS_KINDS.get(said.upper()) or KINDS.get(name_of(said), "other")


def names(cell: str) -> list[str]:
    """`Marx, Karl; Lindgren, Astrid`, `Smith A, Walter B.`, `Joseph Rottman, Erran Carmel`, `['Marx, Karl']`."""
    listed = _listed(cell)
    if listed is not None:
        return listed
    if re.search(r"[;|\n]", cell):
        return [name for name in re.split(r"[;|\n]", cell) if name.strip()]
    if " and " in cell:
        return [name for name in re.split(r"\s+and\s+", cell) if name.strip()]
    parts = [part.strip() for part in cell.split(",") if part.strip()]
    # One person's name has its comma between surname and given names: then neither part is a whole name.
    if len(parts) < 2 or not all(" " in part for part in parts):
        return parts if len(parts) > 2 and any(" " in part for part in parts) else [cell] if cell.strip() else []
    if any(re.fullmatch(r".+ [A-Z]{1,4}\.?", part) for part in parts):
        return [person_names.of_initials_last(part) for part in parts]
    return [person_names.of_given_first(part) for part in parts]


def _many(cell: str) -> list[str]:
    listed = _listed(cell)
    if listed is not None:
        return listed
    return [word for word in re.split(r"[;|\n]" if re.search(r"[;|\n]", cell) else ",", cell) if word.strip()]


def _listed(cell: str) -> list[str] | None:
    """A list as Python writes it, in the exports of review programs."""
    if not (cell.startswith("[") and cell.endswith("]")) or len(cell) > 100_000:
        return None
    try:
        found = ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None
    return [str(one) for one in found] if isinstance(found, list) else None  # pyright: ignore[reportUnknownArgumentType, reportUnknownVariableType]  any literals
