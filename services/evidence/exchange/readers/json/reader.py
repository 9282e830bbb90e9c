"""Cuts JSON into its records: of an array, of one object, of JSON Lines, or of the list in a response."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import orjson
from pydantic import JsonValue

from services.evidence.exchange.readers.cutter import RecordCutter
from services.evidence.exchange.readers.encodings import decode, strip_bom
from services.evidence.exchange.readers.records import ReaderStart, SourceRecord

MAX_DEPTH = 64
"""How deeply lists and objects may be nested."""
NEVER_CLOSED = (
    "It is never closed, so nothing after it could be separated from it. Correct it and send the file again: the "
    "records before it are not added twice."
)
_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'\\.|"', re.DOTALL)


@dataclass(frozen=True, slots=True)
class JsonLayout:
    """Where a response of this format holds its records, and which objects are records of it."""

    list_start: re.Pattern[bytes]
    """What stands before the first record of a list."""
    single_start: re.Pattern[bytes]
    """What stands before the only record of a response."""
    is_record: Callable[[dict[str, JsonValue]], bool]
    other_kind: str
    """Why an object is rejected that is no record, as a sentence."""


class JsonReader(RecordCutter):
    """A `RecordReader` of objects."""

    def __init__(self, start: ReaderStart, layout: JsonLayout) -> None:
        super().__init__(start, _OUTSIDE)
        self._layout = layout
        self._depth = self._deepest = 0
        skip = _preamble_size(start.beginning, layout)
        self._within_response = skip > 0
        if start.offset == 0:
            self._at = skip

    def _step(self, token: re.Match[bytes]) -> Iterator[SourceRecord]:
        character = token[0]
        if self._token is _INSIDE:
            if character == b'"':
                self._token = _OUTSIDE
        elif character == b'"':
            self._token = _INSIDE
        elif character == b"{" and self._depth == 0:
            self._open(token.start())
            self._depth = self._deepest = 1
        elif character in b"{[" and self._depth:
            self._depth += 1
            self._deepest = max(self._deepest, self._depth)
        elif character in b"}]" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                yield from self._close(token.end())
        elif character in b"}]" and self._within_response:
            self._done = True

    def _parse(self, record: SourceRecord, content: bytes) -> SourceRecord:
        if self._deepest > MAX_DEPTH:
            record.error = "It is nested more deeply than the description of a work can be."
            return record
        try:
            try:
                record.fields = orjson.loads(content)
            except orjson.JSONDecodeError:
                record.fields = json.loads(decode(content), strict=False)
        except ValueError:
            record.error = NEVER_CLOSED if self._depth or content.endswith(b"]") else "It is not valid JSON."
            return record
        if not self._layout.is_record(record.fields):
            record.error = self._layout.other_kind
        return record


def _preamble_size(beginning: bytes, layout: JsonLayout) -> int:
    """Return how many bytes come before the list, or before the one work, that a response holds."""
    if strip_bom(beginning).lstrip()[:1] != b"{":
        return 0
    if match := layout.list_start.search(beginning):
        return match.end()
    match = layout.single_start.search(beginning)
    return match.end() if match else 0


def texts_of(value: JsonValue) -> list[str]:
    """Return the texts of a value, which may be a text or number, a list of them, or something else without any."""
    match value:
        case str():
            return [value]
        case bool() | None:
            return []
        case int() | float():
            return [str(value)]
        case list():
            return [text for item in value for text in texts_of(item)]
        case _:
            return []


def first_text(*values: JsonValue) -> str | None:
    """Return the first text among these values that is not blank."""
    return next((text for value in values for text in texts_of(value) if text.strip()), None)


def member(value: dict[str, JsonValue], name: str) -> dict[str, JsonValue]:
    """Return the object of this name; an empty one where there is none."""
    inner = value.get(name)
    return inner if isinstance(inner, dict) else {}


def objects_of(value: JsonValue) -> list[dict[str, JsonValue]]:
    """Return the objects of a list; none of anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []
