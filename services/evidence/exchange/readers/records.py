"""What all readers share: a record with its position in the file, its parsed fields, and the interface of a reader."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypedDict

from pydantic import JsonValue

MAX_RECORD_BYTES = 1_048_576
"""A longer record is read to its end and refused. This bounds the memory that it takes."""
MAX_SNIFFED_BYTES = 65_536
"""Bytes of a file's beginning from which its format, its columns and its encoding are detected."""


class ParsedFields(TypedDict, total=False):
    """The fields of a record, by the names of `descriptions.Research`, not yet cleaned or validated."""

    title: str | None
    summary: str | None
    kind: str
    design: str | None
    authors: list[str]
    editors: list[str]
    published_in: str | None
    dates: list[str]
    """Dates of publication, the best first."""
    volume: str | None
    issue: str | None
    pages: str | None
    publisher: str | None
    keywords: list[str]
    language: str | None
    identifiers: list[tuple[str, str]]
    """Pairs of scheme and text. The scheme `serial` stands for an ISBN or an ISSN."""
    links: list[str]
    """Every URL."""
    labels: Sequence[str]
    """What kind of work it is in words, where an export of a library like this one names the way of knowing."""
    extensions: Sequence[JsonValue]
    """What the format cannot express, as an export of a library like this one adds it."""


@dataclass(slots=True)
class SourceRecord:
    """One record: its raw fields in its format's own form, and its position in the file."""

    line: int
    """Where it begins, counted from 1."""
    fields: Any = None
    """In the format's own form, which its reader makes and its `parse_fields` takes. None if nothing could be read."""
    too_long: bool = False
    max_bytes: int = MAX_RECORD_BYTES
    error: str | None = None
    """Why nothing of it could be read, as a sentence."""
    begin: int = 0
    """Offset of its first byte in the file."""
    end: int = 0
    """Offset of the byte after it: where a reader resumes."""
    next_line: int = 0
    unparsed_lines: int = 0
    """How many lines before its end belonged to no record."""


class RecordReader(Protocol):
    """Takes bytes in chunks of any size, and yields each record once its end is known. Never raises."""

    @property
    def offset(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def unparsed_lines(self) -> int:
        """Lines with text that belong to no record."""
        ...

    @property
    def within_record(self) -> bool: ...
    def feed(self, chunk: bytes) -> Iterator[SourceRecord]: ...
    def finish(self) -> Iterator[SourceRecord]: ...


class ContextCollector(Protocol):
    """Collects from a whole file, chunk by chunk, what its records refer to elsewhere in it."""

    def feed(self, chunk: bytes) -> None: ...
    def finish(self) -> bytes: ...


@dataclass(frozen=True, slots=True)
class ReaderStart:
    """Where a reader starts: at a byte and its line, in a file with this beginning."""

    beginning: bytes = b""
    offset: int = 0
    line: int = 1
    context: bytes = b""
    """What records refer to elsewhere in the file, from the format's `ContextCollector`."""
