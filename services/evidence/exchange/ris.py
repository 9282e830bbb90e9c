"""Reads RIS as it comes: any chunking, missing ER, loose tags, mixed encodings, junk between records.

Nothing here fails: what cannot be understood becomes a record that says so, and the reader goes on with the next one.
A reader can begin at the byte where another stopped, so an import that was cut off goes on from its last record.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

LONGEST_RECORD = 1_048_576
"""Bytes. A longer record is read to its end and refused; the memory that it takes is bounded by this."""

TAGS = frozenset(
    tag
    for tags in (
        "A1 A2 A3 A4 A5 A6 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DI DO DP DS ED EP ER ET FD",
        "H1 H2 ID IS J1 J2 JA JF JO K1 KW L1 L2 L3 L4 LA LB LK LL M1 M2 M3 N1 N2 NO NV OL OP PA PB PM PP PY RD RI RN",
        "RP SE SF SL SN SP SR ST T1 T2 T3 TA TI TT TY U1 U2 U3 U4 U5 UR UT VL VO WP WT WV Y1 Y2 YR",
    )
    for tag in tags.split()
)
"""Known tags may be written loosely (`TI - `, `A1<tab>- `); an unknown one counts only in the standard's own form."""

LISTED_BY_LINE = frozenset({"KW", "K1"})
"""Some programs write the tag once and then one keyword on each line."""

_STANDARD = re.compile(rb"([A-Z][A-Z0-9])  -(?: (.*))?$", re.DOTALL)
_LOOSE = re.compile(rb"([A-Z][A-Z0-9])(?:[ \t]{1,4}-[ \t](.*)|[ \t]{1,4}-|  -(\S.*))$", re.DOTALL)
_CONTROL = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 127))
_BOM = codecs.BOM_UTF8


@dataclass(slots=True)
class Record:
    """One record: its fields by tag in the order of the file, and where it stood."""

    line: int
    """The line of its TY, counted from 1."""
    fields: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    too_long: bool = False
    end: int = 0
    """The byte after it: where a reader goes on."""
    next_line: int = 0
    strays: int = 0
    """How many stray lines came before its end."""
    size: int = 0

    @property
    def title(self) -> str | None:
        """As far as there is one: to find the record again."""
        return next((value[:300] for tag in ("TI", "T1") for value in self.fields.get(tag, ()) if value), None)


class Reader:
    """Feed it bytes in chunks of any size; it yields each record once its end is known."""

    def __init__(self, offset: int = 0, line: int = 1) -> None:
        self.offset = offset
        self.line = line
        self.strays = 0
        """Lines with text that belong to no record."""
        self._rest = b""
        self._cutting = False
        self._record: Record | None = None
        self._tag: str | None = None

    @property
    def within_record(self) -> bool:
        return self._record is not None

    def feed(self, chunk: bytes) -> Iterator[Record]:
        lines = (self._rest + chunk).splitlines(keepends=True)
        # A lone \r at the end may be half of \r\n: the next chunk tells.
        self._rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            yield from self._take(line)
        if len(self._rest) > LONGEST_RECORD:
            self._cut()

    def finish(self) -> Iterator[Record]:
        """What is left when the file has ended: a last line without an end, a last record without ER."""
        last, self._rest = self._rest, b""
        if last:
            yield from self._take(last)
        if self._record is not None:
            yield self._closed(self.offset, self.line)

    def _take(self, line: bytes) -> Iterator[Record]:
        start, number = self.offset, self.line
        self.offset += len(line)
        self.line += 1
        if self._cutting:
            self._cutting = False
            return
        text = line.rstrip(b"\r\n").removeprefix(_BOM)
        tag, value = _split(text)
        if tag == "TY":
            if self._record is not None:
                yield self._closed(start, number)
            self._record = Record(number)
        if self._record is None:
            self.strays += bool(text.strip()) and tag != "ER"
        elif tag == "ER":
            yield self._closed(self.offset, self.line)
        else:
            self._add(tag, value if tag else text)

    def _closed(self, end: int, next_line: int) -> Record:
        record, self._record, self._tag = self._record, None, None
        assert record is not None  # noqa: S101  both callers have just looked
        record.end, record.next_line, record.strays = end, next_line, self.strays
        return record

    def _add(self, tag: str | None, value: bytes) -> None:
        record = self._record
        assert record is not None  # noqa: S101  the caller has just looked
        record.size += len(value)
        if record.size > LONGEST_RECORD:
            record.too_long = True
            return
        text = decoded(value).strip()
        if tag is not None:
            self._tag = tag
            record.fields.setdefault(tag, []).append(text)
        elif text and self._tag is not None:
            values = record.fields[self._tag]
            if self._tag in LISTED_BY_LINE or not values[-1]:
                values.append(text)
            else:
                values[-1] += f"\n{text}"

    def _cut(self) -> None:
        """A line without end: let go of it, and of everything up to its end."""
        self.offset += len(self._rest)
        self._rest = b""
        if not self._cutting and self._record is None:
            self.strays += 1
        self._cutting = True
        if self._record is not None:
            self._record.too_long = True


def _split(line: bytes) -> tuple[str | None, bytes]:
    """The tag and what follows it; no tag for a line that continues the one before."""
    if found := _STANDARD.match(line):
        return found[1].decode(), found[2] or b""
    if (found := _LOOSE.match(line)) and found[1].decode() in TAGS:
        return found[1].decode(), found[2] or found[3] or b""
    return ("ER", b"") if line.strip() == b"ER" else (None, b"")


def decoded(value: bytes) -> str:
    """UTF-8, or else Windows-1252, line by line, since one file may mix them; without control characters."""
    try:
        text = value.decode()
    except UnicodeDecodeError:
        text = value.decode("cp1252", "replace")
    return text.translate(_CONTROL)


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
        return self._decoder.decode(chunk, last).encode()


def _wide_encoding(start: bytes) -> str | None:
    if start.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return "utf-32"
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    sample = start[:200]
    if len(sample) >= 4 and sample[1::2].count(0) > len(sample) // 4 and not any(sample[0::2].count(b) for b in (0,)):
        return "utf-16-le"
    if len(sample) >= 4 and sample[0::2].count(0) > len(sample) // 4 and not any(sample[1::2].count(b) for b in (0,)):
        return "utf-16-be"
    return None
