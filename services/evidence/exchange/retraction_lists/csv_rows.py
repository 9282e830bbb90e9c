"""Splits CSV into rows while it arrives, each with the byte at which it ends.

A row ends at the first line feed outside quotation marks. If a mark is never closed, only its line is rejected, and the
next line is a row again, so that a slip costs one row and not the rest of the file.
"""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass

MAX_ROW_BYTES = 100_000
UNCLOSED = "A quotation mark in this row is never closed."
TOO_LONG = f"The row is longer than {MAX_ROW_BYTES // 1000} KB."


@dataclass(frozen=True, slots=True)
class CsvRow:
    """One row as it is in the file."""

    content: bytes
    line: int
    """The line at which it begins, counted from 1."""
    end: int
    """The byte at which the next row begins."""
    next_line: int
    """The line at which the next row begins."""
    broken: str | None = None
    """Why it cannot be read."""


async def with_line_feeds(chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the chunks with line feeds for every kind of line end: some programs write carriage returns alone."""
    pending = b""
    async for chunk in chunks:
        content = pending + chunk
        pending = b"\r" if content.endswith(b"\r") else b""
        if converted := content.removesuffix(b"\r").replace(b"\r\n", b"\n").replace(b"\r", b"\n"):
            yield converted
    if pending:
        yield b"\n"


class CsvRowSplitter:
    """Takes the bytes of a file in chunks of any size. `offset` and `line`: where they begin, which is with a row."""

    def __init__(self, offset: int = 0, line: int = 1) -> None:
        self.offset, self.line = offset, line
        self._buffer = b""
        self._scanned = 0
        """How many bytes of the buffer were scanned."""
        self._quoted = False
        """Whether the end of what was scanned lies between quotation marks."""

    def feed(self, content: bytes) -> Iterator[CsvRow]:
        """Yield the rows that end in what came so far."""
        self._buffer += content
        while (row := self._next()) is not None:
            yield row

    def finish(self) -> Iterator[CsvRow]:
        """Yield the rows that the end of the file closes."""
        while self._buffer:
            if (row := self._next()) is not None:
                yield row
            elif self._quoted and b"\n" in self._buffer:
                yield self._cut(self._buffer.index(b"\n") + 1, UNCLOSED)
            else:
                yield self._cut(len(self._buffer), UNCLOSED if self._quoted else None)

    def _next(self) -> CsvRow | None:
        while (end := self._buffer.find(b"\n", self._scanned)) >= 0 and end < MAX_ROW_BYTES:
            self._quoted ^= self._buffer.count(b'"', self._scanned, end) % 2 == 1
            self._scanned = end + 1
            if not self._quoted:
                return self._cut(end + 1, None)
        if len(self._buffer) < MAX_ROW_BYTES:
            return None
        first = self._buffer.find(b"\n")
        if 0 <= first < MAX_ROW_BYTES:
            return self._cut(first + 1, UNCLOSED)
        return self._cut(first + 1, TOO_LONG) if first >= 0 else self._drop()

    def _drop(self) -> None:
        """Drop the beginning of a line without end; only its length is counted."""
        dropped = len(self._buffer) - MAX_ROW_BYTES
        self.offset += dropped
        self._buffer = self._buffer[dropped:]
        self._scanned = 0

    def _cut(self, end: int, broken: str | None) -> CsvRow:
        content, self._buffer = self._buffer[:end], self._buffer[end:]
        line = self.line
        self.offset += end
        self.line += content.count(b"\n")
        self._scanned, self._quoted = 0, False
        return CsvRow(content if broken is None else b"", line, self.offset, self.line, broken)
