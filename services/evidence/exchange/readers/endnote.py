"""EndNote's tagged export: a percent sign and a letter on each line."""

import re

from services.evidence.exchange.readers.records import Says, Start
from services.evidence.exchange.readers.tagged import Fields, Layout, Reader

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


def _split(line: bytes) -> tuple[str | None, bytes]:
    if found := _TAG.match(line):
        return found[1].decode(), found[2] or b""
    return None, line


LAYOUT = Layout(_split, once=frozenset({"0", "T"}), opens="0", listed_by_line=frozenset({"K"}))


def reader(start: Start) -> Reader:
    return Reader(LAYOUT, start)


def describe(fields: Fields) -> Says:
    def said(*tags: str) -> str | None:
        return next((value for tag in tags for value in fields.get(tag, ()) if value), None)

    kept = [value for tag in ("Z", "1", "2", "3", "4") for value in fields.get(tag, ()) if value.startswith("impact:")]
    return {
        "title": said("T", "!"),
        "summary": said("X"),
        "kind": KINDS.get((said("0") or "").lower(), "other"),
        "authors": fields.get("A", []),
        "editors": fields.get("E", []),
        "published_in": said("J", "B", "S"),
        "dates": [*fields.get("D", ()), *fields.get("8", ())],
        "volume": said("V"),
        "issue": said("N"),
        "pages": said("P"),
        "publisher": said("I"),
        "keywords": [word for value in fields.get("K", ()) for word in re.split(r"[;\n]", value)],
        "language": said("G"),
        "identifiers": _identifiers(fields),
        "links": [*fields.get("U", ()), *fields.get(">", ())],
        "kept": kept,
    }


def _identifiers(fields: Fields) -> list[tuple[str, str]]:
    found = [("doi", value) for value in fields.get("R", ()) if "10." in value]
    if not found:
        found = [("doi", link) for link in fields.get("U", ()) if "doi.org/" in link]
    for number in fields.get("M", ()):
        scheme = "wos" if number.upper().startswith("WOS:") else "pmid" if number.isdigit() else None
        if scheme == "wos" or (scheme and any("pubmed" in link.lower() for link in fields.get("U", ()))):
            found.append((scheme, number))
    return found + [("serial", serial) for serial in fields.get("@", ())]
