"""Cuts a stream into records by the tokens that delimit them: base of the readers of BibTeX, JSON, tables and XML."""

import re
from collections.abc import Iterator

from services.evidence.exchange.readers.records import MAX_RECORD_BYTES, ReaderStart, SourceRecord

MAX_TOKEN_BYTES = 64


def count_line_ends(buffer: bytes, begin: int, end: int) -> int:
    """Count the line ends in this range, whichever kind. A CRLF across its end belongs to what comes after."""
    ends = buffer.count(b"\n", begin, end)
    if (carriage_returns := buffer.count(b"\r", begin, end)) == 0:
        return ends
    return ends + carriage_returns - buffer.count(b"\r\n", begin, end + 1)


class RecordCutter:
    """A `RecordReader`. A subclass opens and closes records in `_step`, and parses a record's content in `_parse`.

    Nothing is buffered of a record that is too long, while its end is searched for.
    """

    def __init__(self, start: ReaderStart, token: re.Pattern[bytes], max_bytes: int = MAX_RECORD_BYTES) -> None:
        """Start where `start` says. `max_bytes`: the longest record that is parsed."""
        self.unparsed_lines = 0
        self.line = start.line
        self._token = token
        self._max_bytes = max_bytes
        self._buffer: bytes = b""
        self._base = start.offset
        """Offset in the file of the first byte of the buffer."""
        self._at = 0
        """Position in the buffer from which the next token is searched."""
        self._counted = 0
        """Position in the buffer up to which lines are counted."""
        self._begin: int | None = None
        """Where the open record begins in the buffer, or before it where its beginning was dropped."""
        self._begin_line = 0
        self._done = False

    @property
    def offset(self) -> int:
        return self._base + (self._at if self._begin is None else self._begin)

    @property
    def within_record(self) -> bool:
        return self._begin is not None

    def feed(self, chunk: bytes) -> Iterator[SourceRecord]:
        self._buffer += chunk
        yield from self._scan(len(self._buffer) - MAX_TOKEN_BYTES)

    def finish(self) -> Iterator[SourceRecord]:
        yield from self._scan(len(self._buffer))
        if self._begin is not None:
            yield from self._close(len(self._buffer))
        self._count_lines(len(self._buffer))

    def _step(self, token: re.Match[bytes]) -> Iterator[SourceRecord]:
        raise NotImplementedError

    def _parse(self, record: SourceRecord, content: bytes) -> SourceRecord | None:
        """Return the record with its fields or its error; None if it is not a record."""
        raise NotImplementedError

    def _scan(self, until: int) -> Iterator[SourceRecord]:
        while not self._done:
            token = self._token.search(self._buffer, self._at)
            if token is None or token.start() >= until:
                break
            self._at = token.end()
            yield from self._step(token)
        self._at = len(self._buffer) if self._done else max(self._at, until, 0)
        self._shrink()

    def _open(self, at: int) -> None:
        self._count_lines(at)
        self._begin, self._begin_line = at, self.line

    def _close(self, end: int) -> Iterator[SourceRecord]:
        begin, self._begin = self._begin, None
        if begin is None:
            return
        self._count_lines(end)
        record = SourceRecord(self._begin_line, max_bytes=self._max_bytes, next_line=self.line)
        record.begin, record.end = self._base + begin, self._base + end
        if end - begin > self._max_bytes:
            record.too_long = True
            yield record
        elif parsed := self._parse(record, self._buffer[begin:end]):
            yield parsed

    def _count_lines(self, to: int) -> None:
        if to > self._counted:
            self.line += count_line_ends(self._buffer, self._counted, to)
            self._counted = to

    def _shrink(self) -> None:
        """Drop what is no longer needed, except a few bytes: a token may depend on what comes before it."""
        keep = self._at
        if self._begin is not None and self._at - self._begin <= self._max_bytes:
            keep = self._begin
        drop = max(0, keep - MAX_TOKEN_BYTES)
        if drop:
            self._count_lines(drop)
            self._buffer = self._buffer[drop:]
            self._base += drop
            self._at -= drop
            self._counted -= drop
            if self._begin is not None:
                self._begin -= drop
