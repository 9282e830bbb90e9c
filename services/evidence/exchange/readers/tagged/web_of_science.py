"""Web of Science's tagged plain text; its table has the same tags as names of columns."""

import re
from collections.abc import Mapping
from functools import partial

from services.evidence.exchange.readers.fields.page_ranges import join_pages
from services.evidence.exchange.readers.fields.plain_text import unescape
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart
from services.evidence.exchange.readers.tagged import lines
from services.evidence.exchange.readers.tagged.lines import Fields, TaggedReader, TagLayout, splitter

_TAG = re.compile(rb"([A-Z][A-Z0-9])(?: (.*))?$", re.DOTALL)
KINDS = {"j": "journal_article", "b": "book", "s": "book", "c": "conference_paper"}


LAYOUT = TagLayout(
    splitter(_TAG),
    first_tags=frozenset({"PT"}),
    end_tag="ER",
    file_tags=frozenset({"FN", "VR", "EF"}),
    one_value_per_line=frozenset({"AU", "AF", "BE", "ED", "CR"}),
)


TABLE_COLUMNS = frozenset({"pt", "au", "ti", "so"})
"""By these, a table is one of Web of Science."""
_NAMES = ("AU", "AF", "BE", "ED", "CA")


def create_reader(start: ReaderStart) -> TaggedReader:
    return TaggedReader(LAYOUT, start)


def parse_fields(fields: Fields) -> ParsedFields:
    """Return the fields of a record by the tags that may hold them, the best first."""
    first_value = partial(lines.first_value, fields)
    kind = KINDS.get((first_value("PT") or "").lower(), "other")
    return {
        "title": first_value("TI"),
        "summary": first_value("AB"),
        "kind": "chapter" if "chapter" in (first_value("DT") or "").lower() else kind,
        "authors": [*(fields.get("AF") or fields.get("AU", [])), *fields.get("CA", [])],
        "editors": fields.get("BE") or fields.get("ED", []),
        "published_in": first_value("SO", "JI"),
        "dates": [
            value
            for value in (first_value("PY"), _date_of(first_value("PD"), first_value("PY")), first_value("EA"))
            if value
        ],
        "volume": first_value("VL"),
        "issue": first_value("IS"),
        "pages": join_pages(first_value("BP"), first_value("EP")) or first_value("AR"),
        "publisher": first_value("PU"),
        "keywords": [keyword for tag in ("DE", "ID") for value in fields.get(tag, ()) for keyword in value.split(";")],
        "language": first_value("LA"),
        "identifiers": [
            *(("doi", value) for value in fields.get("DI", ())),
            *(("pmid", value) for value in fields.get("PM", ())),
            *(("wos", value) for value in fields.get("UT", ())),
            *(("serial", value) for tag in ("SN", "EI", "BN") for value in fields.get(tag, ())),
        ],
        "links": [],
        "extensions": [],
    }


def fields_of_row(row: Mapping[str, str]) -> Fields:
    """Return the fields of a row of the table by tag, in which semicolons separate names."""
    fields: Fields = {}
    for column, cell in row.items():
        tag = column.upper()
        values = unescape(cell).split(";") if tag in _NAMES else [cell]
        fields[tag] = [value.strip() for value in values if value.strip()]
    return fields


def _date_of(day: str | None, year: str | None) -> str | None:
    return f"{day} {year}" if day and year and not re.search(r"[A-Z]{3}-[A-Z]{3}", day) else None
