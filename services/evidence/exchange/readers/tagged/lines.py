"""The reader of formats that have a tag at the beginning of each line: RIS, MEDLINE, EndNote, Web of Science.

It copes with any chunking, missing ends, loose tags, mixed encodings, and junk between records. It never raises: what
cannot be parsed becomes a record with an error, and the reader goes on with the next one. A reader can start at the
byte where another stopped, so an interrupted import resumes after its last record.
"""

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from services.evidence.exchange.readers.encodings import decode, strip_bom
from services.evidence.exchange.readers.records import MAX_RECORD_BYTES, ReaderStart, SourceRecord

Fields = dict[str, list[str]]
_BLANK_LINES = re.compile(rb"(?:[ \t]*\r?\n)*")


@dataclass(frozen=True, slots=True)
class TagLayout:
    """How a tagged format is laid out."""

    split: Callable[[bytes], tuple[str | None, bytes]]
    """Splits a line into its tag and value; the tag is None for a line that continues the one before."""
    first_tags: frozenset[str] = frozenset()
    """Tags that begin a record; without any, every tag does where no record is open."""
    single_tags: frozenset[str] = frozenset()
    """Tags that occur once in a record: the second one begins the next record."""
    opening_tag: str | None = None
    """The tag that begins each record of a file in which it begins one: in such a file no blank line ends a record."""
    end_tag: str | None = None
    """The tag that ends a record; without it, a blank line before a tag does."""
    file_tags: frozenset[str] = frozenset()
    """Tags of the file, which belong to no record."""
    one_value_per_line: frozenset[str] = frozenset()
    """Tags that some programs write once, with one value on each of the lines that follow."""
    parse_standard: Callable[[bytes], Fields | None] | None = None
    """A fast parser of a record that is exactly as the standard says; returns None for any other."""
    standard_first: bytes = b""
    standard_last: bytes = b""
    """How the first line of such a record begins; and its last line, with the line end before it."""


def splitter(pattern: re.Pattern[bytes]) -> Callable[[bytes], tuple[str | None, bytes]]:
    """Return what splits a line where this pattern, of the tag and the value, matches it as a whole."""

    def split(line: bytes) -> tuple[str | None, bytes]:
        if match := pattern.match(line):
            return match[1].decode(), match[2] or b""
        return None, line

    return split


def first_value(fields: Fields, *tags: str) -> str | None:
    """Return the first value of these tags, the best first, on one line; None without one."""
    return next((" ".join(value.split()) for tag in tags for value in fields.get(tag, ()) if value), None)


def all_values(fields: Fields, *tags: str) -> list[str]:
    """Return the values of these tags, each on one line."""
    return [" ".join(value.split()) for tag in tags for value in fields.get(tag, ())]


class TaggedReader:
    """A `RecordReader` of one of the tagged formats."""

    def __init__(self, layout: TagLayout, start: ReaderStart) -> None:
        self.offset = start.offset
        self.line = start.line
        self.unparsed_lines = 0
        self._layout = layout
        self._pending = b""
        self._skipping_line = False
        self._record: SourceRecord | None = None
        self._fields: Fields = {}
        self._size = 0
        self._tag: str | None = None
        self._continuation: list[str] = []
        """Lines that continue the last value of the current tag."""
        self._after_blank_line = False
        self._next_last_line = 0
        """Position in the chunk of `feed` of the next line that ends a record; far beyond it where there is none."""

    @property
    def within_record(self) -> bool:
        return self._record is not None

    def feed(self, chunk: bytes) -> Iterator[SourceRecord]:
        buffer, self._pending = self._pending + chunk, b""
        at, self._next_last_line = 0, -1
        while self._layout.parse_standard is not None:
            while (block_range := self._standard_block(buffer, at)) is not None:
                begin, end = block_range
                self._skip(buffer, at, begin)
                block, at = buffer[begin:end], end
                fields = self._layout.parse_standard(block)
                if fields is not None:
                    yield self._standard_record(block, fields)
                else:
                    for line in block.splitlines(keepends=True):
                        yield from self._read_line(line)
            if self._may_be_incomplete(buffer, at):
                begin = _begin_after_blank_lines(buffer, at)
                self._skip(buffer, at, begin)
                at = begin
                self._pending = buffer[at:]
                return
            next_first = buffer.find(b"\n" + self._layout.standard_first, at) + 1
            if next_first == 0:
                break
            yield from self._read_lines(buffer[at:next_first])
            if self._record is not None:
                yield self._close(self.offset, self.line)
            at = next_first
        yield from self._read_lines(buffer[at:])

    def finish(self) -> Iterator[SourceRecord]:
        """Yield what is left at the end of the file: a last line or record without its end."""
        last_line, self._pending = self._pending, b""
        for line in last_line.splitlines(keepends=True):
            yield from self._read_line(line)
        if self._record is not None:
            yield self._close(self.offset, self.line)

    def _standard_block(self, buffer: bytes, at: int) -> tuple[int, int] | None:
        """Return where the next record begins and ends, if it is in the standard's own form."""
        if self._record is not None or self._skipping_line:
            return None
        begin = _begin_after_blank_lines(buffer, at)
        if not buffer.startswith(self._layout.standard_first, begin):
            return None
        last = self._find_last_line(buffer, begin)
        end = buffer.find(b"\n", last + 1) if last < len(buffer) else -1
        return (begin, end + 1) if 0 <= end < begin + MAX_RECORD_BYTES else None

    def _skip(self, buffer: bytes, at: int, to: int) -> None:
        if to > at:
            self.offset += to - at
            self.line += buffer.count(b"\n", at, to)

    def _standard_record(self, block: bytes, fields: Fields) -> SourceRecord:
        record = SourceRecord(self.line, fields, begin=self.offset, unparsed_lines=self.unparsed_lines)
        record.end = self.offset = self.offset + len(block)
        record.next_line = self.line = self.line + block.count(b"\n")
        return record

    def _may_be_incomplete(self, buffer: bytes, at: int) -> bool:
        """Return whether a record begins here whose end may be in the next chunk."""
        if self._record is not None or self._skipping_line or len(buffer) - at > MAX_RECORD_BYTES:
            return False
        begin = _begin_after_blank_lines(buffer, at)
        return buffer.startswith(self._layout.standard_first, begin) and self._find_last_line(buffer, begin) >= len(
            buffer
        )

    def _find_last_line(self, buffer: bytes, begin: int) -> int:
        """Return where the next line begins that ends a record. Searched once for all records before it."""
        if self._next_last_line < begin:
            at = buffer.find(self._layout.standard_last, begin)
            self._next_last_line = at if at >= 0 else sys.maxsize
        return self._next_last_line

    def _read_lines(self, buffer: bytes) -> Iterator[SourceRecord]:
        lines = buffer.splitlines(keepends=True)
        # A lone \r at the end may be half of \r\n: the next chunk will show.
        self._pending = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            yield from self._read_line(line)
        if len(self._pending) > MAX_RECORD_BYTES:
            self._drop_long_line()

    def _read_line(self, line: bytes) -> Iterator[SourceRecord]:
        start, number = self.offset, self.line
        self.offset += len(line)
        self.line += 1
        if self._skipping_line:
            self._skipping_line = False
            return
        text = strip_bom(line.rstrip(b"\r\n"))
        tag, value = self._layout.split(text)
        if tag is not None and self._starts_record(tag):
            if self._record is not None:
                yield self._close(start, number)
            self._record = SourceRecord(number, begin=start)
        if tag is not None or text.strip():
            self._after_blank_line = False
        elif not text.strip():
            self._after_blank_line = True
        if self._record is None:
            self.unparsed_lines += (
                bool(text.strip()) and tag != self._layout.end_tag and tag not in self._layout.file_tags
            )
        elif tag is not None and tag == self._layout.end_tag:
            yield self._close(self.offset, self.line)
        else:
            self._add(tag, value if tag else text)

    def _starts_record(self, tag: str) -> bool:
        if self._layout.first_tags:
            return tag in self._layout.first_tags
        if tag in self._layout.file_tags or tag == self._layout.end_tag:
            return False
        if self._record is None or (
            self._after_blank_line and self._layout.end_tag is None and self._layout.opening_tag not in self._fields
        ):
            return True
        return tag in self._layout.single_tags and tag in self._fields

    def _close(self, end: int, next_line: int) -> SourceRecord:
        record, self._record = self._record, None
        assert record is not None  # noqa: S101  every caller has checked it
        self._join_continuation()
        self._tag = None
        record.fields, self._fields = self._fields, {}
        record.end, record.next_line, record.unparsed_lines = end, next_line, self.unparsed_lines
        self._size = 0
        return record

    def _add(self, tag: str | None, value: bytes) -> None:
        record = self._record
        assert record is not None  # noqa: S101  the caller has checked it
        self._size += len(value)
        if self._size > MAX_RECORD_BYTES:
            record.too_long = True
            return
        text = decode(value).strip()
        if tag is not None:
            self._join_continuation()
            self._tag = tag
            self._fields.setdefault(tag, []).append(text)
        elif text and self._tag is not None:
            values = self._fields[self._tag]
            if self._tag in self._layout.one_value_per_line or not values[-1]:
                values.append(text)
            else:
                self._continuation.append(text)

    def _join_continuation(self) -> None:
        if self._continuation and self._tag is not None:
            values = self._fields[self._tag]
            values[-1] = "\n".join((values[-1], *self._continuation))
            self._continuation = []

    def _drop_long_line(self) -> None:
        """Drop a line without an end, and everything up to its end."""
        self.offset += len(self._pending)
        self._pending = b""
        if not self._skipping_line and self._record is None:
            self.unparsed_lines += 1
        self._skipping_line = True
        if self._record is not None:
            self._record.too_long = True


def _begin_after_blank_lines(buffer: bytes, at: int) -> int:
    blank = _BLANK_LINES.match(buffer, at)
    return blank.end() if blank else at
