"""Cuts CSV into rows while it arrives, and knows the byte at which each one ends.

A row ends at the first line end outside quotation marks. Where a mark is never closed, that one line is given up and
the next line is a row again, so that a slip costs a row and not the rest of the file.
"""

from collections.abc import Iterator
from dataclasses import dataclass

LONGEST_ROW = 100_000


@dataclass(frozen=True, slots=True)
class Row:
    """`line`: where it begins, counted from 1. `end`, `next_line`: where the next one begins."""

    content: bytes
    line: int
    end: int
    next_line: int
    broken: str | None = None
    """Why it cannot be read."""


UNCLOSED = "A quotation mark in this row is never closed."
TOO_LONG = f"The row is longer than {LONGEST_ROW // 1000} KB."


class RowReader:
    """Fed with bytes from `offset` on, where a row begins."""

    def __init__(self, offset: int = 0, line: int = 1) -> None:
        self.offset, self.line = offset, line
        self._rest = b""
        self._seen = 0
        self._within = False
        """Whether the place up to which the rest was looked at lies between quotation marks."""

    def feed(self, content: bytes) -> Iterator[Row]:
        self._rest += content
        while (row := self._next()) is not None:
            yield row

    def finish(self) -> Iterator[Row]:
        """What the end of the file closes."""
        while self._rest:
            if (row := self._next()) is not None:
                yield row
            elif self._within and b"\n" in self._rest:
                yield self._cut(self._rest.index(b"\n") + 1, UNCLOSED)
            else:
                yield self._cut(len(self._rest), UNCLOSED if self._within else None)

    def _next(self) -> Row | None:
        while (end := self._rest.find(b"\n", self._seen)) >= 0 and end < LONGEST_ROW:
            self._within ^= self._rest.count(b'"', self._seen, end) % 2 == 1
            self._seen = end + 1
            if not self._within:
                return self._cut(end + 1, None)
        if len(self._rest) < LONGEST_ROW:
            return None
        first = self._rest.find(b"\n")
        if 0 <= first < LONGEST_ROW:
            return self._cut(first + 1, UNCLOSED)
        return self._cut(first + 1, TOO_LONG) if first >= 0 else self._drop()

    def _drop(self) -> None:
        """A line without end: only its length is kept."""
        kept = len(self._rest) - LONGEST_ROW
        self.offset += kept
        self._rest = self._rest[kept:]
        self._seen = 0

    def _cut(self, end: int, broken: str | None) -> Row:
        content, self._rest = self._rest[:end], self._rest[end:]
        line = self.line
        self.offset += end
        self.line += content.count(b"\n")
        self._seen, self._within = 0, False
        return Row(content if broken is None else b"", line, self.offset, self.line, broken)
