"""What all readers share: a record with its position in the file, and the interface of a reader."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

MAX_RECORD_BYTES = 1_048_576
"""A longer record is read to its end and refused; the memory that it takes is bounded by this."""
MAX_SNIFFED_BYTES = 65_536
"""Bytes of a file's beginning from which its format, its columns and its encoding are detected."""

ParsedFields = dict[str, Any]
"""The fields of a record by the names of `descriptions.Research`, not yet cleaned or validated. Beside those:
`identifiers` as pairs of scheme and text, `dates` with the best first, `links` (every URL), `extensions` (what the
format cannot express and an export of a library like this one adds)."""


@dataclass(slots=True)
class SourceRecord:
    """One record: its raw fields in its format's own form, and its position in the file."""

    line: int
    """Where it begins, counted from 1."""
    fields: Any = None
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
    """Is fed bytes in chunks of any size, and yields each record once its end is known. It never fails."""

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


@dataclass(frozen=True, slots=True)
class ReaderStart:
    """Where a reader starts: at a byte and its line, in a file with this beginning."""

    beginning: bytes = b""
    offset: int = 0
    line: int = 1
