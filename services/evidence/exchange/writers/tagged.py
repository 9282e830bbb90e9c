"""Formats of one field a line: RIS, PubMed's nbib and EndNote's own."""

from collections.abc import Iterable, Iterator

from services.evidence.exchange.writers.exported_item import (
    KINDS_OF_KNOWING,
    Exported,
    as_read,
    carried,
    date_parts,
    line,
    marked,
)

RIS_TYPES = {
    "journal_article": "JOUR",
    "book": "BOOK",
    "chapter": "CHAP",
    "report": "RPRT",
    "thesis": "THES",
    "conference_paper": "CPAPER",
    "web_page": "ELEC",
    "dataset": "DATA",
}
ENDNOTE_TYPES = {
    "journal_article": "Journal Article",
    "book": "Book",
    "chapter": "Book Section",
    "report": "Report",
    "thesis": "Thesis",
    "conference_paper": "Conference Paper",
    "web_page": "Web Page",
    "dataset": "Dataset",
}
PUBMED_TYPES = {
    "journal_article": "Journal Article",
    "book": "Book",
    "chapter": "Book Chapter",
    "report": "Technical Report",
    "thesis": "Academic Dissertation",
    "conference_paper": "Congress",
    "web_page": "Webcast",
    "dataset": "Dataset",
}
MEDLINE_LANGUAGES = {
    "en": "eng",
    "cy": "wel",
    "de": "ger",
    "fr": "fre",
    "es": "spa",
    "it": "ita",
    "nl": "dut",
    "pt": "por",
    "ga": "gle",
    "gd": "gla",
    "pl": "pol",
    "zh": "chi",
    "ja": "jpn",
}
"""ISO 639-2/B, as MEDLINE writes them."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")

Fields = Iterable[tuple[str, str | None]]


def ris(item: Exported) -> bytes:
    return _written(_ris(item), "{}  - {}", b"ER  - \r\n\r\n")


def nbib(item: Exported) -> bytes:
    return _written(_nbib(item), "{:<4}- {}", b"\r\n")


def endnote(item: Exported) -> bytes:
    return _written(_endnote(item), "%{} {}", b"\r\n")


def _written(fields: Fields, form: str, end: bytes) -> bytes:
    lines = [form.format(tag, kept) + "\r\n" for tag, value in fields if (kept := line(value))]
    return "".join(lines).encode() + end


def _ris(item: Exported) -> Iterator[tuple[str, str | None]]:
    own, parts = item.own, date_parts(item.published_on)
    yield "TY", RIS_TYPES.get(item.kind, "GEN")
    yield "TI", item.title
    yield from (("AU", name) for name in item.creators)
    yield from (("A2", name) for name in own.get("editors", ()))
    yield "T2", own.get("published_in")
    if parts:
        yield "PY", f"{parts[0]:04}"
        yield "DA", "/".join(f"{part:02}" for part in parts) + "/" * (3 - len(parts))
    yield "VL", own.get("volume")
    yield "IS", own.get("issue")
    first, last = item.pages or (own.get("pages"), None)
    yield "SP", first
    yield "EP", last
    yield "PB", item.publisher
    yield "AB", item.abstract
    yield from (("KW", word) for word in own.get("keywords", ()))
    yield "M3", KINDS_OF_KNOWING.get(item.way_of_knowing)
    yield "DO", item.identifier("doi")
    yield "AN", item.identifier("pmid")
    yield "C2", item.identifier("pmcid")
    yield "UT", item.identifier("wos")
    yield from (("SN", number) for scheme in ("isbn", "issn") for number in item.identifiers(scheme))
    yield "LA", item.language
    yield "UR", item.link
    yield "N1", item.retraction_note
    yield "U5", marked(carried(item, as_read(line(item.title)), as_read(line(item.abstract))))


def _nbib(item: Exported) -> Iterator[tuple[str, str | None]]:
    own, parts = item.own, date_parts(item.published_on)
    yield "PMID", item.identifier("pmid")
    yield "OWN", "IMPACT"
    yield from (("IS", number) for number in item.identifiers("issn"))
    yield from (("ISBN", number) for number in item.identifiers("isbn"))
    yield "VI", own.get("volume")
    yield "IP", own.get("issue")
    yield "DP", " ".join([*map(str, parts[:1]), *(MONTHS[month - 1] for month in parts[1:2]), *map(str, parts[2:])])
    yield "TI", item.title
    yield "PG", own.get("pages")
    yield from (("LID", f"{doi} [doi]") for doi in item.identifiers("doi"))
    yield "AB", item.abstract
    for name in item.creators:
        yield "FAU", name
        yield "AU", _initialled(item, name)
    yield from (("FED", name) for name in own.get("editors", ()))
    yield "LA", MEDLINE_LANGUAGES.get(item.language, item.language)
    yield "PT", KINDS_OF_KNOWING.get(item.way_of_knowing) or PUBMED_TYPES.get(item.kind)
    if item.retraction and item.retraction["nature"] == "retraction":
        yield "PT", "Retracted Publication"
    yield "PB", item.publisher
    yield "JT", own.get("published_in")
    yield from (("OT", word) for word in own.get("keywords", ()))
    yield "PMC", item.identifier("pmcid")
    yield "URL", item.link
    yield "GN", item.retraction_note
    yield "GN", marked(carried(item, as_read(line(item.title)), as_read(line(item.abstract))))


def _endnote(item: Exported) -> Iterator[tuple[str, str | None]]:
    own, parts = item.own, date_parts(item.published_on)
    yield "0", ENDNOTE_TYPES.get(item.kind, "Generic")
    yield from (("A", name) for name in item.creators)
    yield from (("E", name) for name in own.get("editors", ()))
    yield "T", item.title
    yield "J" if item.kind == "journal_article" else "B", own.get("published_in")
    if parts:
        yield "D", f"{parts[0]:04}"
        yield "8", item.published_on
    yield "V", own.get("volume")
    yield "N", own.get("issue")
    yield "P", own.get("pages")
    yield "I", item.publisher
    yield "X", item.abstract
    yield from (("K", word) for word in own.get("keywords", ()))
    yield "9", KINDS_OF_KNOWING.get(item.way_of_knowing)
    yield "R", item.identifier("doi")
    yield "M", item.identifier("pmid")
    yield "2", item.identifier("pmcid")
    yield from (("@", number) for scheme in ("isbn", "issn") for number in item.identifiers(scheme))
    yield "G", item.language
    yield "U", item.link
    yield "Z", item.retraction_note
    yield "Z", marked(carried(item, as_read(line(item.title)), as_read(line(item.abstract))))


def _initialled(item: Exported, name: str) -> str | None:
    """`Okoro, Ada B.` as MEDLINE shortens it: `Okoro AB`."""
    parts = item.family_and_given(name)
    if parts is None:
        return None
    initials = "".join(word[0] for word in parts[1].replace("-", " ").replace(".", " ").split())
    return f"{parts[0]} {initials.upper()}"
