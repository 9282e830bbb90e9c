"""MEDLINE, PubMed's tagged format (`.nbib`), and ERIC's format that looks the same."""

import re
from functools import partial

from services.evidence.exchange.readers.fields.page_ranges import article_number, expand_page_range
from services.evidence.exchange.readers.fields.person_names import separate_initials_last
from services.evidence.exchange.readers.fields.publication_types import design_of, kind_of
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart
from services.evidence.exchange.readers.tagged import lines
from services.evidence.exchange.readers.tagged.lines import Fields, TaggedReader, TagLayout

_TAG = re.compile(rb"([A-Z]{2,4})[ \t]{0,4}-(?:[ \t]+(.*))?$", re.DOTALL)


def _split(line: bytes) -> tuple[str | None, bytes]:
    if line[:4].strip() and (match := _TAG.match(line)) and line[4:5] in (b"-", b" ", b""):
        return match[1].decode(), match[2] or b""
    return None, line


LAYOUT = TagLayout(_split, single_tags=frozenset({"PMID", "OWN"}))


def create_reader(start: ReaderStart) -> TaggedReader:
    return TaggedReader(LAYOUT, start)


def parse_fields(fields: Fields) -> ParsedFields:
    """Return the fields of a record by the tags that may hold them, the best first."""
    first_value = partial(lines.first_value, fields)
    all_values = partial(lines.all_values, fields)
    types = all_values("PT")
    is_whole_book = "BTI" in fields and "TI" not in fields
    is_chapter = "BTI" in fields and not is_whole_book
    kind = "book" if is_whole_book else kind_of(types, in_journal="JT" in fields or "TA" in fields)
    abbreviated_names = [separate_initials_last(name) for name in all_values("AU")]
    return {
        "title": first_value("TI", "BTI", "CTI", "TT"),
        "summary": first_value("AB", "OAB"),
        "kind": "chapter" if is_chapter else kind,
        "design": design_of(types),
        "authors": [*(all_values("FAU") or abbreviated_names), *all_values("CN")],
        "editors": all_values("FED") or all_values("ED"),
        "published_in": first_value("CTI") if is_whole_book else first_value("JT", "TA", "BTI"),
        "dates": all_values("DP", "DEP"),
        "volume": first_value("VI"),
        "issue": first_value("IP"),
        "pages": expand_page_range(first_value("PG")) or article_number(*_article_numbers(fields)),
        "publisher": first_value("PB"),
        "keywords": [keyword.lstrip("*") for keyword in all_values("MH", "OT")],
        "language": first_value("LA"),
        "identifiers": _identifiers(fields),
        "links": [*all_values("URL", "UR"), *(value for value in all_values("LID", "AID") if "doi.org" not in value)],
        "labels": types,
        "extensions": [value.strip() for value in all_values("GN") if value.strip().startswith("impact:")],
    }


def _article_numbers(fields: Fields) -> list[str]:
    return [value.removesuffix("[pii]") for value in fields.get("LID", ()) if value.endswith("[pii]")]


def _identifiers(fields: Fields) -> list[tuple[str, str]]:
    identifiers: list[tuple[str, str]] = []
    for tag in ("LID", "AID", "DO", "SO"):
        for value in fields.get(tag, ()):
            if "[doi]" in value or "doi.org/" in value or tag == "DO":
                identifiers.append(("doi", value))
            elif tag == "SO" and not identifiers and (doi := re.search(r"doi: (\S+)", value)):
                identifiers.append(("doi", doi[1]))
    identifiers += [("pmid", value) for value in fields.get("PMID", ())]
    identifiers += [("pmcid", value) for tag in ("PMC", "PMCR") for value in fields.get(tag, ()) if "PMC" in value]
    return identifiers + [("serial", value) for tag in ("IS", "ISBN", "ISSN") for value in fields.get(tag, ())]
