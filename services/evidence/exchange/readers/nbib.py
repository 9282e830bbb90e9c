"""PubMed's own tags (MEDLINE, `.nbib`), and ERIC's that look the same."""

import re

from services.evidence.exchange.readers.records import Says, Start
from services.evidence.exchange.readers.tagged import Fields, Layout, Reader

_TAG = re.compile(rb"([A-Z]{2,4})[ \t]{0,4}-(?:[ \t]+(.*))?$", re.DOTALL)
KINDS = (
    ("book chapter", "chapter"),
    ("book", "book"),
    ("thesis", "thesis"),
    ("dissertation", "thesis"),
    ("dataset", "dataset"),
    ("journal article", "journal_article"),
    ("review", "journal_article"),
    ("journal", "journal_article"),
    ("report", "report"),
)


def _split(line: bytes) -> tuple[str | None, bytes]:
    if line[:4].strip() and (found := _TAG.match(line)) and line[4:5] in (b"-", b" ", b""):
        return found[1].decode(), found[2] or b""
    return None, line


LAYOUT = Layout(_split, once=frozenset({"PMID", "OWN"}))


def reader(start: Start) -> Reader:
    return Reader(LAYOUT, start)


def describe(fields: Fields) -> Says:
    def said(*tags: str) -> str | None:
        return next((flat(value) for tag in tags for value in fields.get(tag, ()) if value), None)

    def all_of(*tags: str) -> list[str]:
        return [flat(value) for tag in tags for value in fields.get(tag, ())]

    types = " ".join(all_of("PT")).lower()
    return {
        "title": said("TI", "BTI", "CTI", "TT"),
        "summary": said("AB", "OAB"),
        "kind": next((kind for word, kind in KINDS if word in types), "other"),
        "authors": [*(all_of("FAU") or all_of("AU")), *all_of("CN")],
        "editors": all_of("FED") or all_of("ED"),
        "published_in": said("JT", "TA", "BTI"),
        "dates": all_of("DP", "DEP"),
        "volume": said("VI"),
        "issue": said("IP"),
        "pages": whole_pages(said("PG")),
        "publisher": said("PB"),
        "keywords": [word.lstrip("*") for word in all_of("MH", "OT")],
        "language": said("LA"),
        "identifiers": _identifiers(fields),
        "links": [*all_of("URL", "UR"), *(value for value in all_of("LID", "AID") if "doi.org" not in value)],
        "kept": [value.strip() for value in all_of("GN") if value.strip().startswith("impact:")],
    }


def flat(value: str) -> str:
    return " ".join(value.split())


def whole_pages(pages: str | None) -> str | None:
    """`334-47` is 334-347: PubMed leaves out the digits that stay the same."""
    found = re.fullmatch(r"(\d+)-(\d+)", pages or "")
    if found is None or len(found[2]) >= len(found[1]):
        return pages
    return f"{found[1]}-{found[1][: len(found[1]) - len(found[2])]}{found[2]}"


def _identifiers(fields: Fields) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for tag in ("LID", "AID", "DO", "SO"):
        for value in fields.get(tag, ()):
            if "[doi]" in value or "doi.org/" in value or tag == "DO":
                found.append(("doi", value))
            elif tag == "SO" and not found and (doi := re.search(r"doi: (\S+)", value)):
                found.append(("doi", doi[1]))
    found += [("pmid", value) for value in fields.get("PMID", ())]
    found += [("pmcid", value) for tag in ("PMC", "PMCR") for value in fields.get(tag, ()) if "PMC" in value]
    return found + [("serial", value) for tag in ("IS", "ISBN", "ISSN") for value in fields.get(tag, ())]
