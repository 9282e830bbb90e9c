"""Text from bytes in any encoding, without characters that cannot be stored."""

import codecs
import re
from collections.abc import Mapping

from pydantic import JsonValue

BOM = codecs.BOM_UTF8
CONTROLS = bytes([*range(9), 11, 12, *range(14, 32), 127])
_CONTROL = dict.fromkeys(CONTROLS)
_UNSTORABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def decode(value: bytes, encoding: str = "cp1252") -> str:
    """Decode UTF-8, or else the other encoding, and drop control characters. One file may mix both, line by line."""
    if len(value.translate(None, CONTROLS)) != len(value):
        value = value.translate(None, CONTROLS)
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode(encoding, "replace").translate(_CONTROL)


def strip_bom(content: bytes) -> bytes:
    """Remove the byte order marks: there are two where a program added one to a file that had one."""
    at = 0
    while content.startswith(BOM, at):
        at += len(BOM)
    return content[at:]


def sanitize(text: str) -> str:
    """Remove the control characters and surrogates that PostgreSQL cannot store."""
    return _UNSTORABLE.sub("", text) if _UNSTORABLE.search(text) else text


def sanitize_json(value: JsonValue) -> JsonValue:
    """Sanitize every text of a JSON value, names of members too."""
    match value:
        case str():
            return sanitize(value)
        case list():
            return [sanitize_json(item) for item in value]
        case dict():
            return sanitize_object(value)
        case _:
            return value


def sanitize_object(value: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """Sanitize every text of a JSON object, names of members too."""
    return {sanitize(name): sanitize_json(item) for name, item in value.items()}


class Utf8Transcoder:
    """Transcodes UTF-16 and UTF-32 to UTF-8 chunk by chunk; bytes of every other encoding pass through unchanged."""

    def __init__(self) -> None:
        self._decoder: codecs.IncrementalDecoder | None = None
        self._started = False

    def feed(self, chunk: bytes, *, last: bool = False) -> bytes:
        if not self._started and chunk:
            self._started = True
            if encoding := _detect_wide_encoding(chunk):
                self._decoder = codecs.getincrementaldecoder(encoding)("replace")
        if self._decoder is None:
            return chunk
        return self._decoder.decode(chunk, last).encode(errors="replace")


def _detect_wide_encoding(start: bytes) -> str | None:
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
