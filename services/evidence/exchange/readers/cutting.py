"""Cuts records out of a stream by the few tokens that matter: the base for BibTeX, JSON, tables and XML."""

import re
from collections.abc import Iterator
from typing import Any

from services.evidence.exchange.readers.records import LONGEST_RECORD, Record, Start

WIDEST_TOKEN = 64


def line_ends(held: bytes, begin: int, end: int) -> int:
    """In this part of it, however lines end. One of two bytes that lies across its end is of what comes after."""
    ends = held.count(b"\n", begin, end)
    if (lone := held.count(b"\r", begin, end)) == 0:
        return ends
    return ends + lone - held.count(b"\r\n", begin, end + 1)


class Cutter:
    """See `records.Reader`. A subclass says in `_step` where a record opens and closes, and in `_parsed` what it holds.

    What is held of a record that is too long is let go of while its end is looked for.
    """

    def __init__(self, start: Start, token: re.Pattern[bytes], longest: int = LONGEST_RECORD) -> None:
        """`longest`: the bytes that a record may have."""
        self.strays = 0
        self.line = start.line
        self._token = token
        self._longest = longest
        self._held: bytes = b""
        self._base = start.offset
        """Of the first byte held."""
        self._at = 0
        """In `_held`: what is looked at next."""
        self._counted = 0
        """In `_held`: up to here lines are counted."""
        self._begin: int | None = None
        """In `_held`, or before it where the record's beginning has been let go of."""
        self._begin_line = 0
        self._done = False

    @property
    def offset(self) -> int:
        return self._base + (self._at if self._begin is None else self._begin)

    @property
    def within_record(self) -> bool:
        return self._begin is not None

    def feed(self, chunk: bytes) -> Iterator[Record]:
        self._held += chunk
        yield from self._scan(len(self._held) - WIDEST_TOKEN)

    def finish(self) -> Iterator[Record]:
        yield from self._scan(len(self._held))
        if self._begin is not None:
            yield from self._close(len(self._held))
        self._count_lines(len(self._held))

    def _step(self, found: re.Match[bytes]) -> Iterator[Record]:
        raise NotImplementedError

    def _parsed(self, record: Record, content: bytes) -> Record | None:
        """With its fields, or with why it is broken; None for what is no record."""
        raise NotImplementedError

    def _scan(self, until: int) -> Iterator[Record]:
        while not self._done:
            found = self._token.search(self._held, self._at)
            if found is None or found.start() >= until:
                break
            self._at = found.end()
            yield from self._step(found)
        self._at = len(self._held) if self._done else max(self._at, until, 0)
        self._let_go()

    def _open(self, at: int) -> None:
        self._count_lines(at)
        self._begin, self._begin_line = at, self.line

    def _close(self, end: int) -> Iterator[Record]:
        begin, self._begin = self._begin, None
        if begin is None:
            return
        self._count_lines(end)
        record = Record(self._begin_line, limit=self._longest, next_line=self.line)
        record.begin, record.end = self._base + begin, self._base + end
        if end - begin > self._longest:
            record.too_long = True
            yield record
        elif parsed := self._parsed(record, self._held[begin:end]):
            yield parsed

    def _count_lines(self, to: int) -> None:
        if to > self._counted:
            self.line += line_ends(self._held, self._counted, to)
            self._counted = to

    def _let_go(self) -> None:
        """Of what is not needed any more; a few bytes are kept for what a token must stand behind."""
        keep = self._at
        if self._begin is not None and self._at - self._begin <= self._longest:
            keep = self._begin
        drop = max(0, keep - WIDEST_TOKEN)
        if drop:
            self._count_lines(drop)
            self._held = self._held[drop:]
            self._base += drop
            self._at -= drop
            self._counted -= drop
            if self._begin is not None:
                self._begin -= drop


def texts(value: Any) -> list[str]:
    """The texts of a value that may be one, many or none."""
    match value:
        case str():
            return [value]
        case bool() | None:
            return []
        case int() | float():
            return [str(value)]
        case list():
            return [text for one in value for text in texts(one)]  # pyright: ignore[reportUnknownVariableType]  any JSON
        case _:
            return []


def first(*values: Any) -> str | None:
    """The first text among these."""
    return next((text for value in values for text in texts(value) if text.strip()), None)
