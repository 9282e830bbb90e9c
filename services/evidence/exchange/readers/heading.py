"""The first row of a table: what its columns are called, and what stands between cells."""

import contextlib
import csv
import re
from collections.abc import Iterator
from typing import cast

from services.evidence.exchange.readers.columns import KNOWN
from services.evidence.exchange.readers.records import LONGEST_RECORD, LOOKED_AT, decoded, unmarked

# A cell may be as long as a record; what is longer is refused before it comes here.
csv.field_size_limit(2 * LONGEST_RECORD)

DELIMITERS = (b",", b";", b"\t", b"|")
_STATED = re.compile(rb'\s*sep=([^\x00-\x08\x0a-\x1f"\x7f])\r?\n')


class Heading:
    """The names of the columns, and what stands between cells."""

    def __init__(self, beginning: bytes) -> None:
        self.size = 0
        self.names: list[str] = []
        self.delimiter = b","
        at = len(beginning) - len(unmarked(beginning))
        stated = _STATED.match(beginning, at)
        at = stated.end() if stated else at
        at += len(beginning[at:]) - len(beginning[at:].lstrip(b"\r\n \t"))
        end = _row_end(beginning, at)
        if end is None:
            return
        row = beginning[at:end]
        bare = re.sub(rb'"[^"]*"', b"", row)
        self.delimiter = stated[1] if stated else max(DELIMITERS, key=bare.count)
        with contextlib.suppress(csv.Error):
            self.names = [name_of(cell) for cell in cells_of(row, self.delimiter)]
            self.size = end

    @property
    def known(self) -> int:
        """How many of the columns are ones that are understood."""
        return len(KNOWN.intersection(self.names))

    def is_again(self, cells: list[str]) -> bool:
        """Whether these are the names once more, as where one file was put behind another."""
        same = (name_of(cell) == name for cell, name in zip(cells, self.names, strict=False))
        return len(cells) == len(self.names) and all(same)


def _row_end(beginning: bytes, at: int) -> int | None:
    """A mark opens a cell where one begins, or again where it has just closed it: elsewhere it is a cell's text."""
    quoted, closed = False, at
    for found in re.compile(rb'"|\r\n|\n|\r').finditer(beginning, at):
        if found[0] != b'"':
            if not quoted:
                return found.end()
        elif quoted:
            quoted, closed = False, found.end()
        else:
            quoted = found.start() == closed or beginning[found.start() - 1 : found.start()] in DELIMITERS
    return len(beginning) if len(beginning) < LOOKED_AT else None


def name_of(cell: str) -> str:
    return " ".join(re.split(r"[\W_]+", cell.lower())).strip()


def cells_of(row: bytes, delimiter: bytes) -> list[str]:
    rows: Iterator[list[str]] = csv.reader([decoded(row).strip("\r\n")], delimiter=decoded(delimiter))
    return next(rows, cast("list[str]", []))
