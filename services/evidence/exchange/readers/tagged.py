"""Reads what has a tag at the beginning of each line: RIS, PubMed, EndNote, Web of Science.

Any chunking, missing ends, loose tags, mixed encodings, junk between records. Nothing here fails: what cannot be
understood becomes a record that says so, and the reader goes on with the next one. A reader can begin at the byte where
another stopped, so an import that was cut off goes on from its last record.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.evidence.exchange.readers.records import LONGEST_RECORD, Record, Start, decoded, unmarked

Fields = dict[str, list[str]]
_BLANK_LINES = re.compile(rb"(?:[ \t]*\r?\n)*")


@dataclass(frozen=True, slots=True)
class Layout:
    """How a format of tags is laid out."""

    split: Callable[[bytes], tuple[str | None, bytes]]
    """The tag of a line and what follows it; no tag for a line that continues the one before."""
    begins: frozenset[str] = frozenset()
    """Tags that begin a record; without any, every tag does where none has begun."""
    once: frozenset[str] = frozenset()
    """Tags that a record has once: the second one begins the next."""
    opens: str | None = None
    """The tag that begins each record of a file in which it begins one: there a blank line ends none."""
    ends: str | None = None
    """The tag that ends one; without it, a blank line before a tag does."""
    passed_over: frozenset[str] = frozenset()
    """Tags that are no record's."""
    listed_by_line: frozenset[str] = frozenset()
    """Some programs write the tag once and then one value on each line."""
    whole: Callable[[bytes], Fields | None] | None = None
    """A quick way for a record that is just as the standard says; None for any other."""
    first: bytes = b""
    last: bytes = b""
    """How such a record's first line begins; and, with the line end before it, its last line."""


class Reader:
    """See `records.Reader`."""

    def __init__(self, layout: Layout, start: Start) -> None:
        self.offset = start.offset
        self.line = start.line
        self.strays = 0
        self._layout = layout
        self._rest = b""
        self._cutting = False
        self._record: Record | None = None
        self._fields: Fields = {}
        self._size = 0
        self._tag: str | None = None
        self._more: list[str] = []
        """Lines that go on with the last value of the present tag."""
        self._blank = False
        self._last_at = 0
        """In what `feed` has in hand: the next line that ends a record, or far behind it where there is none."""

    @property
    def within_record(self) -> bool:
        return self._record is not None

    def feed(self, chunk: bytes) -> Iterator[Record]:
        held, self._rest = self._rest + chunk, b""
        at, self._last_at = 0, -1
        while self._layout.whole is not None:
            while (end := self._quick_end(held, at)) is not None:
                begin = at + self._past_blank_lines(held, at)
                yield from self._quickly(held[begin:end])
                at = end
            if self._may_come_whole(held, at):
                at += self._past_blank_lines(held, at)
                self._rest = held[at:]
                return
            again = held.find(b"\n" + self._layout.first, at) + 1
            if again == 0:
                break
            yield from self._lines(held[at:again])
            if self._record is not None:
                yield self._closed(self.offset, self.line)
            at = again
        yield from self._lines(held[at:])

    def finish(self) -> Iterator[Record]:
        """What is left when the file has ended: a last line without an end, a last record without its end."""
        rest, self._rest = self._rest, b""
        for line in rest.splitlines(keepends=True):
            yield from self._take(line)
        if self._record is not None:
            yield self._closed(self.offset, self.line)

    def _quick_end(self, held: bytes, at: int) -> int | None:
        """Where the record that begins here ends, as far as the standard's own form can tell."""
        if self._record is not None or self._cutting:
            return None
        blank = _BLANK_LINES.match(held, at)
        begin = blank.end() if blank else at
        if not held.startswith(self._layout.first, begin):
            return None
        last = self._next_last(held, begin)
        end = held.find(b"\n", last + 1) if last < len(held) else -1
        return end + 1 if 0 <= end < begin + LONGEST_RECORD else None

    def _past_blank_lines(self, held: bytes, at: int) -> int:
        blank = _BLANK_LINES.match(held, at)
        size = blank.end() - at if blank else 0
        if size:
            self.offset += size
            self.line += held.count(b"\n", at, at + size)
        return size

    def _quickly(self, block: bytes) -> Iterator[Record]:
        fields = self._layout.whole(block) if self._layout.whole else None
        if fields is None:
            for line in block.splitlines(keepends=True):
                yield from self._take(line)
            return
        record = Record(self.line, fields, begin=self.offset, strays=self.strays)
        record.end = self.offset = self.offset + len(block)
        record.next_line = self.line = self.line + block.count(b"\n")
        yield record

    def _may_come_whole(self, held: bytes, at: int) -> bool:
        """Whether the beginning of a record is here, and its end may be in the next chunk."""
        if self._record is not None or self._cutting or len(held) - at > LONGEST_RECORD:
            return False
        blank = _BLANK_LINES.match(held, at)
        begin = blank.end() if blank else at
        return held.startswith(self._layout.first, begin) and self._next_last(held, begin) >= len(held)

    def _next_last(self, held: bytes, begin: int) -> int:
        """Looked for once for all the records before it: in some files none has its end."""
        if self._last_at < begin:
            found = held.find(self._layout.last, begin)
            self._last_at = found if found >= 0 else sys.maxsize
        return self._last_at

    def _lines(self, held: bytes) -> Iterator[Record]:
        lines = held.splitlines(keepends=True)
        # A lone \r at the end may be half of \r\n: the next chunk tells.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            yield from self._take(line)
        if len(self._rest) > LONGEST_RECORD:
            self._cut()

    def _take(self, line: bytes) -> Iterator[Record]:
        start, number = self.offset, self.line
        self.offset += len(line)
        self.line += 1
        if self._cutting:
            self._cutting = False
            return
        text = unmarked(line.rstrip(b"\r\n"))
        tag, value = self._layout.split(text)
        if tag is not None and self._begins(tag):
            if self._record is not None:
                yield self._closed(start, number)
            self._record = Record(number, begin=start)
        if tag is not None or text.strip():
            self._blank = False
        elif not text.strip():
            self._blank = True
        if self._record is None:
            self.strays += bool(text.strip()) and tag != self._layout.ends and tag not in self._layout.passed_over
        elif tag is not None and tag == self._layout.ends:
            yield self._closed(self.offset, self.line)
        else:
            self._add(tag, value if tag else text)

    def _begins(self, tag: str) -> bool:
        if self._layout.begins:
            return tag in self._layout.begins
        if tag in self._layout.passed_over or tag == self._layout.ends:
            return False
        if self._record is None or (
            self._blank and self._layout.ends is None and self._layout.opens not in self._fields
        ):
            return True
        return tag in self._layout.once and tag in self._fields

    def _closed(self, end: int, next_line: int) -> Record:
        record, self._record = self._record, None
        assert record is not None  # noqa: S101  every caller has just looked
        self._join()
        self._tag = None
        record.fields, self._fields = self._fields, {}
        record.end, record.next_line, record.strays = end, next_line, self.strays
        self._size = 0
        return record

    def _add(self, tag: str | None, value: bytes) -> None:
        record = self._record
        assert record is not None  # noqa: S101  the caller has just looked
        self._size += len(value)
        if self._size > LONGEST_RECORD:
            record.too_long = True
            return
        text = decoded(value).strip()
        if tag is not None:
            self._join()
            self._tag = tag
            self._fields.setdefault(tag, []).append(text)
        elif text and self._tag is not None:
            values = self._fields[self._tag]
            if self._tag in self._layout.listed_by_line or not values[-1]:
                values.append(text)
            else:
                self._more.append(text)

    def _join(self) -> None:
        if self._more and self._tag is not None:
            values = self._fields[self._tag]
            values[-1] = "\n".join((values[-1], *self._more))
            self._more = []

    def _cut(self) -> None:
        """A line without end: let go of it, and of everything up to its end."""
        self.offset += len(self._rest)
        self._rest = b""
        if not self._cutting and self._record is None:
            self.strays += 1
        self._cutting = True
        if self._record is not None:
            self._record.too_long = True
