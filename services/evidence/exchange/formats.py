"""The formats that are read, by name, and how a file tells which one it is."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Protocol

from services.evidence.exchange import ris
from services.evidence.exchange.ris import Record


class Reader(Protocol):
    """Feed it bytes in chunks of any size; it yields each record once its end is known. It never fails."""

    @property
    def offset(self) -> int: ...
    @property
    def line(self) -> int: ...
    @property
    def strays(self) -> int: ...
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


@dataclass(frozen=True, slots=True)
class Format:
    name: str
    reader: Callable[[Start], Reader]


def _ris(start: Start) -> Reader:
    return ris.Reader(start.offset, start.line)


FORMATS: Mapping[str, Format] = {each.name: each for each in (Format("ris", _ris),)}
