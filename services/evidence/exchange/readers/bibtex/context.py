"""What entries refer to elsewhere in a file: abbreviations (`@string`), and the entries from which they inherit."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from services.evidence.exchange.readers.bibtex.entries import Fields, parse_entry, parse_macros
from services.evidence.exchange.readers.cutter import RecordCutter
from services.evidence.exchange.readers.encodings import decode
from services.evidence.exchange.readers.records import ReaderStart, SourceRecord

BEGIN = re.compile(
    rb"(?:\A|(?<=[\n\r}])|(?<=}[,;]))[ \t]{0,17}(?:\xef\xbb\xbf){0,2}@[ \t]{0,4}([A-Za-z]{2,30})[ \t]{0,4}[{(]"
)
NON_RECORDS = frozenset({"comment", "preamble", "string", "xdata"})
MAX_CONTEXT_BYTES = 4 * 1024 * 1024
MAX_GENERATIONS = 3
_PARENT_TYPES = (
    "book booklet collection conference manual mvbook mvcollection mvproceedings mvreference periodical "
    "proceedings reference report suppcollection techreport xdata"
)
_PARENTS = frozenset(_PARENT_TYPES.split())
_CHAPTER_TYPES = "conference inbook incollection inproceedings inreference suppbook suppcollection"
_CHAPTERS = frozenset(_CHAPTER_TYPES.split())
_REFERENCE = re.compile(rb"(?i)[,\s](?:crossref|xdata)\s*=\s*[{\"]\s*([^{}\"]{1,500})")
_HEAD = re.compile(rb"(?:\xef\xbb\xbf)*\s*@\s*(\w+)\s*[{(]\s*([^\s,={}\"]*)")
_INHERITED_FIELDS = (
    "year date month publisher editor address location series volume isbn issn language langid organization "
    "institution booktitle booksubtitle journal journaltitle number issue"
)
INHERITED = tuple(_INHERITED_FIELDS.split())
"""Not what belongs to the whole alone: its DOI, abstract, pages or authors."""


@dataclass(frozen=True, slots=True)
class BibtexContext:
    """Abbreviations and entries that others refer to, by name and key in lower case."""

    macros: dict[str, str] = field(default_factory=dict[str, str])
    parents: dict[str, Fields] = field(default_factory=dict[str, Fields])


class _BlockCutter(RecordCutter):
    """Yields every block as it is, abbreviations among them."""

    def _step(self, token: re.Match[bytes]) -> Iterator[SourceRecord]:
        yield from self._close(token.start())
        self._open(token.start())

    def _parse(self, record: SourceRecord, content: bytes) -> SourceRecord:
        record.fields = content
        return record


class BibtexContextCollector:
    """A `ContextCollector`: keeps the blocks that `parse_context` needs."""

    def __init__(self) -> None:
        self._cutter = _BlockCutter(ReaderStart(), BEGIN)
        self._macros: list[bytes] = []
        self._parents: dict[str, bytes] = {}
        self._referenced: set[str] = set()
        self._size = 0

    def feed(self, chunk: bytes) -> None:
        for block in self._cutter.feed(chunk):
            self._take(block)

    def finish(self) -> bytes:
        """Return the abbreviations, and the entries to which another refers."""
        for block in self._cutter.finish():
            self._take(block)
        return self.macros + b"".join(
            content + b"\n" for key, content in self._parents.items() if key in self._referenced
        )

    @property
    def macros(self) -> bytes:
        return b"".join(macro + b"\n" for macro in self._macros)

    def _take(self, block: SourceRecord) -> None:
        head = None if block.too_long else _HEAD.match(block.fields)
        if head is None:
            return
        content: bytes = block.fields.strip()
        kind, key = head[1].decode().lower(), decode(head[2]).lower()
        for keys in _REFERENCE.findall(content):
            self._referenced.update(decode(key).strip().lower() for key in keys.split(b","))
        if self._size > MAX_CONTEXT_BYTES:
            return
        if kind == "string":
            self._macros.append(content)
            self._size += len(content)
        elif kind in _PARENTS and self._parents.setdefault(key, content) is content:
            self._size += len(content)


def collect_context(content: bytes) -> bytes:
    """Return the context of a whole file."""
    collector = BibtexContextCollector()
    collector.feed(content)
    return collector.finish()


def collect_macros(content: bytes) -> bytes:
    """Return the abbreviations of this part of a file."""
    collector = BibtexContextCollector()
    collector.feed(content)
    collector.finish()
    return collector.macros


@lru_cache(maxsize=2)
def parse_context(content: bytes) -> BibtexContext:
    """Parse what a collector returned. Cached: each part of a file has the same."""
    blocks: list[SourceRecord] = []
    cutter = _BlockCutter(ReaderStart(), BEGIN)
    blocks += cutter.feed(content)
    blocks += cutter.finish()
    texts = [decode(block.fields).strip().lstrip("\ufeff") for block in blocks if not block.too_long]
    macros = parse_macros("\n".join(text for text in texts if text[:7].lower() == "@string"))
    entries = (parse_entry(text, macros) for text in texts if text[:7].lower() != "@string")
    return BibtexContext(macros, {entry["key"].lower(): entry for entry in entries if entry.get("key")})


def inherit(fields: Fields, context: BibtexContext, generation: int = 0) -> Fields:
    """Return the entry with what it inherits: the title of the whole becomes the title of the book or journal."""
    if not context.parents or generation > MAX_GENERATIONS or not ("crossref" in fields or "xdata" in fields):
        return fields
    inherited = dict(fields)
    for key in fields.get("xdata", "").split(","):
        data = inherit(context.parents.get(key.strip().lower(), {}), context, generation + 1)
        for name, value in data.items():
            inherited.setdefault(name, value)
    parent = context.parents.get(fields.get("crossref", "").strip().lower())
    if parent is None or parent.get("key") == fields.get("key"):
        return inherited
    parent = inherit(parent, context, generation + 1)
    whole = "booktitle" if fields.get("entry") in _CHAPTERS else "journaltitle"
    for name in INHERITED:
        if name in parent and not (name == "booktitle" and whole == "journaltitle"):
            inherited.setdefault(name, parent[name])
    if "title" in parent and "journal" not in inherited:
        inherited.setdefault(whole, parent["title"])
        if "subtitle" in parent and inherited[whole] == parent["title"]:
            inherited.setdefault(whole.replace("title", "subtitle"), parent["subtitle"])
    return inherited
