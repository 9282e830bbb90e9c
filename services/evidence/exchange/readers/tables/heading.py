"""The heading row of a table: the names of its columns and its delimiter."""

import contextlib
import csv
import re
from collections.abc import Iterator
from typing import cast

from services.evidence.exchange.readers.encodings import decode, strip_bom
from services.evidence.exchange.readers.records import MAX_RECORD_BYTES, MAX_SNIFFED_BYTES
from services.evidence.exchange.readers.tables.columns import KNOWN_COLUMNS
from services.evidence.exchange.readers.tagged.web_of_science import TABLE_COLUMNS

# This limit holds for the whole process. A cell may be as long as a record; a longer one is refused before.
csv.field_size_limit(2 * MAX_RECORD_BYTES)

MIN_KNOWN_COLUMNS = 2
DELIMITERS = (b",", b";", b"\t", b"|")
_QUOTE_OR_LINE_END = re.compile(rb'"|\r\n|\n|\r')
_DECLARED_DELIMITER = re.compile(rb'\s*sep=([^\x00-\x08\x0a-\x1f"\x7f])\r?\n')


class TableHeading:
    """The normalised names of the columns, the delimiter, and how many bytes the heading takes (0: there is none)."""

    def __init__(self, beginning: bytes) -> None:
        self.size = 0
        self.names: list[str] = []
        self.delimiter = b","
        at = len(beginning) - len(strip_bom(beginning))
        declared = _DECLARED_DELIMITER.match(beginning, at)
        at = declared.end() if declared else at
        at += len(beginning[at:]) - len(beginning[at:].lstrip(b"\r\n \t"))
        end = _row_end(beginning, at)
        if end is None:
            return
        row = beginning[at:end]
        bare = re.sub(rb'"[^"]*"', b"", row)
        self.delimiter = declared[1] if declared else max(DELIMITERS, key=bare.count)
        with contextlib.suppress(csv.Error):
            self.names = [normalize_name(cell) for cell in split_cells(row, self.delimiter)]
            self.size = end

    @property
    def is_of_references(self) -> bool:
        """Whether the columns are those of a table of references."""
        count = self.known_columns
        return bool(count and ("title" in self.names or count >= MIN_KNOWN_COLUMNS)) or {*self.names} >= TABLE_COLUMNS

    @property
    def known_columns(self) -> int:
        """How many of the columns have a known name."""
        return len(KNOWN_COLUMNS.intersection(self.names))

    def is_repeated_by(self, cells: list[str]) -> bool:
        """Return whether this row is the heading again, as in concatenated files."""
        same = (normalize_name(cell) == name for cell, name in zip(cells, self.names, strict=False))
        return len(cells) == len(self.names) and all(same)


def _row_end(beginning: bytes, at: int) -> int | None:
    """Return the end of the row; None where it is longer than the beginning of the file.

    A quotation mark opens a cell at the cell's beginning, or where one has just closed it; elsewhere it is text.
    """
    quoted, closed = False, at
    for token in _QUOTE_OR_LINE_END.finditer(beginning, at):
        if token[0] != b'"':
            if not quoted:
                return token.end()
        elif quoted:
            quoted, closed = False, token.end()
        else:
            quoted = token.start() == closed or beginning[token.start() - 1 : token.start()] in DELIMITERS
    return len(beginning) if len(beginning) < MAX_SNIFFED_BYTES else None


def normalize_name(cell: str) -> str:
    """Return `journal book` for `Journal/Book`."""
    return " ".join(re.split(r"[\W_]+", cell.lower())).strip()


def split_cells(row: bytes, delimiter: bytes) -> list[str]:
    """Return the cells of one row. Raises csv.Error or ValueError."""
    rows: Iterator[list[str]] = csv.reader([decode(row).strip("\r\n")], delimiter=decode(delimiter))
    return next(rows, cast("list[str]", []))
