"""Cuts BibTeX into its entries."""

import re
from collections.abc import Iterator

from services.evidence.exchange.readers.bibtex.context import (
    BEGIN,
    NON_RECORDS,
    collect_context,
    collect_macros,
    inherit,
    parse_context,
)
from services.evidence.exchange.readers.bibtex.entries import parse_entry
from services.evidence.exchange.readers.bibtex.fields import KINDS
from services.evidence.exchange.readers.cutter import RecordCutter
from services.evidence.exchange.readers.encodings import decode
from services.evidence.exchange.readers.records import ReaderStart, SourceRecord

_IN_PARENTHESES = NON_RECORDS | KINDS.keys() | {"misc"}
"""Entry types that may be delimited by parentheses; any other word before one is part of a text (`@smith (2019)`)."""


class BibtexReader(RecordCutter):
    """A `RecordReader` of entries, with the abbreviations (`@string`) and the entries that others refer to."""

    def __init__(self, start: ReaderStart) -> None:
        super().__init__(start, BEGIN)
        self._context = parse_context(start.context or collect_context(start.beginning))

    def _step(self, token: re.Match[bytes]) -> Iterator[SourceRecord]:
        kind = token[1].decode().lower()
        if token[0].endswith(b"(") and kind not in _IN_PARENTHESES:
            return
        yield from self._close(token.start())
        if kind not in NON_RECORDS:
            self._open(token.start())

    def _parse(self, record: SourceRecord, content: bytes) -> SourceRecord:
        text = decode(content).strip().lstrip("\ufeff")
        record.fields = inherit(parse_entry(text, self._context.macros), self._context)
        if not record.fields:
            record.error = "It has no fields that could be read."
        return record


def create_reader(start: ReaderStart) -> BibtexReader:
    return BibtexReader(start)


def file_header(beginning: bytes) -> bytes:
    """Return the abbreviations of the file."""
    macros = parse_context(collect_macros(beginning)).macros
    return "".join(f"@string{{{name} = {{{value}}}}}\n" for name, value in macros.items()).encode()
