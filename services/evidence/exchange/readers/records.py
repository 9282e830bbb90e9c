"""What all readers share: a record with its place, and text from bytes of whatever encoding."""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol, cast

LONGEST_RECORD = 1_048_576
"""Bytes. A longer record is read to its end and refused; the memory that it takes is bounded by this."""
LOOKED_AT = 65_536
"""Bytes of a file's beginning by which its format, its columns and its encoding are told."""

BOM = codecs.BOM_UTF8
CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_CONTROL = dict.fromkeys(CONTROLS)
_STRANGE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Says = dict[str, Any]
"""What a record says in the words of `descriptions.Research`, not yet cleaned or checked. Beside those: `identifiers`
as pairs of scheme and text, `dates` with the best first, `links` (every address), `kept` (what an export of a library
like this one keeps of an item that the format cannot say)."""


@dataclass(slots=True)
class Record:
    """One record: what was found in it, in its format's own form, and where it stood."""

    line: int
    """Where it begins, counted from 1."""
    fields: Any = None
    too_long: bool = False
    limit: int = LONGEST_RECORD
    """Bytes that it may have had."""
    broken: str | None = None
    """Why nothing could be read of it."""
    begin: int = 0
    """Its first byte in the file."""
    end: int = 0
    """The byte after it: where a reader goes on."""
    next_line: int = 0
    strays: int = 0
    """How many stray lines came before its end."""


class Reader(Protocol):
    """Feed it bytes in chunks of any size; it yields each record once its end is known. It never fails."""

    @property
    def offset(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def strays(self) -> int:
        """Lines with text that belong to no record."""
        ...

    @property
    def within_record(self) -> bool: ...
    def feed(self, chunk: bytes) -> Iterator[Record]: ...
    def finish(self) -> Iterator[Record]: ...


@dataclass(frozen=True, slots=True)
class Start:
    """Where a reader begins: at a byte and its line, in a file that begins like this."""

    beginning: bytes = b""
    offset: int = 0
    line: int = 1


def decoded(value: bytes, encoding: str = "cp1252") -> str:
    """UTF-8, or else the other encoding; without control characters. Line by line one file may mix them."""
    if len(value.translate(None, CONTROLS)) != len(value):
        value = value.translate(None, CONTROLS)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode(encoding, "replace").translate(_CONTROL)


def unmarked(content: bytes) -> bytes:
    """Without the byte order marks before it: a program that adds one may meet a file that has one."""
    at = 0
    while content.startswith(BOM, at):
        at += len(BOM)
    return content[at:]


def sound(text: str) -> str:
    """Without what PostgreSQL cannot keep and nobody can see."""
    return _STRANGE.sub("", text) if _STRANGE.search(text) else text


def all_sound(value: Any) -> Any:
    """The same of every text in what JSON says."""
    match value:
        case str():
            return sound(value)
        case list():
            return [all_sound(one) for one in cast("list[Any]", value)]
        case dict():
            return {sound(str(name)): all_sound(one) for name, one in cast("dict[Any, Any]", value).items()}
        case _:
            return value


class ToUtf8:
    """Makes UTF-16 and UTF-32 into UTF-8 chunk by chunk; leaves every other encoding as it is."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        self._begun = False

    def feed(self, chunk: bytes, *, last: bool = False) -> bytes:
        if not self._begun and chunk:
            self._begun = True
            if wide := _wide_encoding(chunk):
                self._decoder = codecs.getincrementaldecoder(wide)("replace")
        if self._decoder is None:
            return chunk
        return self._decoder.decode(chunk, last).encode(errors="replace")


def _wide_encoding(start: bytes) -> str | None:
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = start[:200]
    if len(sample) >= 4 and sample[1::2].count(0) > len(sample) // 4 and 0 not in sample[0::2]:
        return "utf-16-le"
    if len(sample) >= 4 and sample[0::2].count(0) > len(sample) // 4 and 0 not in sample[1::2]:
        return "utf-16-be"
    return None
