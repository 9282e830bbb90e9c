"""EndNote's tagged export: each line begins with a percent sign and a letter."""

import re
from functools import partial

from services.evidence.exchange.readers.fields.keywords import split_keywords
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart
from services.evidence.exchange.readers.tagged import lines
from services.evidence.exchange.readers.tagged.lines import Fields, TaggedReader, TagLayout, splitter

_TAG = re.compile(rb"%([0-9A-Za-z!@#$&*()+^<>\[\]=~?])(?:[ \t]+(.*))?$", re.DOTALL)
KINDS = {
    "journal article": "journal_article",
    "magazine article": "journal_article",
    "newspaper article": "journal_article",
    "electronic article": "journal_article",
    "book": "book",
    "edited book": "book",
    "book section": "chapter",
    "report": "report",
    "government document": "report",
    "unpublished work": "report",
    "thesis": "thesis",
    "conference paper": "conference_paper",
    "conference proceedings": "conference_paper",
    "web page": "web_page",
    "blog": "web_page",
    "dataset": "dataset",
}


LAYOUT = TagLayout(
    splitter(_TAG), single_tags=frozenset({"0", "T"}), opening_tag="0", one_value_per_line=frozenset({"K"})
)


def create_reader(start: ReaderStart) -> TaggedReader:
    return TaggedReader(LAYOUT, start)


def parse_fields(fields: Fields) -> ParsedFields:
    """Return the fields of a record by the tags that may hold them, the best first."""
    first_value = partial(lines.first_value, fields)
    extensions = [
        value for tag in ("Z", "1", "2", "3", "4") for value in fields.get(tag, ()) if value.startswith("impact:")
    ]
    return {
        "title": first_value("T", "!"),
        "summary": "\n".join(dict.fromkeys(fields.get("X", ()))),
        "kind": KINDS.get((first_value("0") or "").lower(), "other"),
        "authors": fields.get("A", []),
        "editors": fields.get("E", []),
        "published_in": first_value("J", "B", "S"),
        "dates": [*fields.get("D", ()), *fields.get("8", ())],
        "volume": first_value("V"),
        "issue": first_value("N"),
        "pages": first_value("P"),
        "publisher": first_value("I"),
        "keywords": split_keywords(fields.get("K", [])),
        "language": first_value("G"),
        "identifiers": _identifiers(fields),
        "links": [*fields.get("U", ()), *fields.get(">", ())],
        "labels": fields.get("9", ()),
        "extensions": extensions,
    }


def _identifiers(fields: Fields) -> list[tuple[str, str]]:
    identifiers = [("doi", value) for value in fields.get("R", ()) if "10." in value]
    if not identifiers:
        identifiers = [("doi", link) for link in fields.get("U", ()) if "doi.org/" in link]
    for number in fields.get("M", ()):
        scheme = "wos" if number.upper().startswith("WOS:") else "pmid" if number.isdigit() else None
        if scheme == "wos" or (scheme and any("pubmed" in link.lower() for link in fields.get("U", ()))):
            identifiers.append((scheme, number))
    return identifiers + [("serial", serial) for serial in fields.get("@", ())]
