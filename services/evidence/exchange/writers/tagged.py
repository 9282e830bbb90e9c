"""Formats with one field on each line: RIS, MEDLINE (nbib) and EndNote's tagged format."""

from collections.abc import Iterable, Iterator

from services.evidence.exchange.writers.exported_item import (
    WAY_LABELS,
    ExportedItem,
    date_parts,
    single_line,
)
from services.evidence.exchange.writers.extension import line_with_abstract

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


def write_ris(item: ExportedItem) -> bytes:
    return _write_lines(_ris_fields(item), "{}  - {}", b"ER  - \r\n\r\n")


def write_medline(item: ExportedItem) -> bytes:
    return _write_lines(_medline_fields(item), "{:<4}- {}", b"\r\n")


def write_endnote(item: ExportedItem) -> bytes:
    """Return one record. An empty line ends it, for which some programs take the second half of CR and LF."""
    return _write_lines(_endnote_fields(item), "%{} {}", b"\n", newline="\n")


def _write_lines(fields: Fields, layout: str, end: bytes, *, newline: str = "\r\n") -> bytes:
    lines = [layout.format(tag, line) + newline for tag, value in fields if (line := single_line(value))]
    return "".join(lines).encode() + end


def _ris_fields(item: ExportedItem) -> Iterator[tuple[str, str | None]]:
    details, date = item.details, date_parts(item.published_on)
    yield "TY", RIS_TYPES.get(item.kind, "GEN")
    yield "TI", item.title
    yield from (("AU", _inverted_name(item, name)) for name in item.creators)
    yield from (("A2", _inverted_name(item, name)) for name in details.get("editors", ()))
    yield "T2", details.get("published_in")
    if date:
        yield "PY", f"{date[0]:04}"
        yield "DA", "/".join(f"{number:02}" for number in date) + "/" * (3 - len(date))
    yield "VL", details.get("volume")
    yield "IS", details.get("issue")
    first, last = item.pages or (details.get("pages"), None)
    yield "SP", first
    yield "EP", last
    yield "PB", item.publisher
    yield "AB", item.abstract
    yield from (("KW", keyword) for keyword in details.get("keywords", ()))
    yield "M3", WAY_LABELS.get(item.way_of_knowing)
    yield "DO", item.identifier("doi")
    yield "AN", item.identifier("pmid")
    yield "C2", item.identifier("pmcid")
    yield "UT", item.identifier("wos")
    yield from (("SN", number) for scheme in ("isbn", "issn") for number in item.identifiers(scheme))
    yield "LA", item.language
    yield "UR", item.link
    yield "N1", item.retraction_note
    yield "N1", f"Terms: {item.terms}"
    yield "U5", line_with_abstract(item)


def _medline_fields(item: ExportedItem) -> Iterator[tuple[str, str | None]]:
    details, date = item.details, date_parts(item.published_on)
    yield "PMID", item.identifier("pmid")
    yield "OWN", "IMPACT"
    yield from (("IS", number) for number in item.identifiers("issn"))
    yield from (("ISBN", number) for number in item.identifiers("isbn"))
    yield "VI", details.get("volume")
    yield "IP", details.get("issue")
    yield "DP", " ".join([*map(str, date[:1]), *(MONTHS[month - 1] for month in date[1:2]), *map(str, date[2:])])
    yield "TI", item.title
    yield "PG", details.get("pages")
    yield from (("LID", f"{doi} [doi]") for doi in item.identifiers("doi"))
    yield "AB", item.abstract
    for name in item.creators:
        yield "CN" if item.creator_kind == "organisation" else "FAU", _medline_name(item, name)
        yield "AU", _with_initials(item, name)
    yield from (("FED", _medline_name(item, name)) for name in details.get("editors", ()))
    yield "LA", MEDLINE_LANGUAGES.get(item.language, item.language)
    yield "PT", WAY_LABELS.get(item.way_of_knowing) or PUBMED_TYPES.get(item.kind)
    if item.retraction and item.retraction["nature"] == "retraction":
        yield "PT", "Retracted Publication"
    yield "PB", item.publisher
    yield "CI", item.terms
    yield "JT", details.get("published_in")
    yield from (("OT", keyword) for keyword in details.get("keywords", ()))
    yield "PMC", item.identifier("pmcid")
    yield "URL", item.link
    yield "GN", item.retraction_note
    yield "GN", line_with_abstract(item)


def _endnote_fields(item: ExportedItem) -> Iterator[tuple[str, str | None]]:
    details, date = item.details, date_parts(item.published_on)
    yield "0", ENDNOTE_TYPES.get(item.kind, "Generic")
    yield from (("A", _endnote_name(item, name)) for name in item.creators)
    yield from (("E", _endnote_name(item, name)) for name in details.get("editors", ()))
    yield "T", item.title
    yield "J" if item.kind == "journal_article" else "B", details.get("published_in")
    if date:
        yield "D", f"{date[0]:04}"
        yield "8", " ".join([*(MONTHS[month - 1] for month in date[1:2]), *map(str, date[2:])])
    yield "V", details.get("volume")
    yield "N", details.get("issue")
    yield "P", details.get("pages")
    yield "I", item.publisher
    yield "X", item.abstract
    yield from (("K", keyword) for keyword in details.get("keywords", ()))
    yield "9", WAY_LABELS.get(item.way_of_knowing)
    yield "R", item.identifier("doi")
    yield "M", item.identifier("pmid")
    yield "2", item.identifier("pmcid")
    yield from (("@", number) for scheme in ("isbn", "issn") for number in item.identifiers(scheme))
    yield "G", item.language
    yield "U", item.link
    yield "Z", item.retraction_note
    yield "Z", f"Terms: {item.terms}"
    yield "Z", line_with_abstract(item)


def _medline_name(item: ExportedItem, name: str) -> str:
    """Return `Okoro, Ada B. Jr.`: MEDLINE has no comma before a suffix."""
    parts = item.split_name(name)
    return f"{parts.family}, {parts.given_names} {parts.suffix}" if parts else name


def _with_initials(item: ExportedItem, name: str) -> str | None:
    """Return `Okoro AB Jr.` for `Okoro, Ada B., Jr.`, as MEDLINE shortens it."""
    parts = item.split_name(name)
    if parts is None:
        return None
    initials = "".join(part[0] for part in parts.given_names.replace("-", " ").replace(".", " ").split())
    return f"{parts.family} {initials.upper()} {parts.suffix}"


def _inverted_name(item: ExportedItem, name: str) -> str:
    """Return `Okoro, Ada B., Jr.`, as RIS and EndNote write it: family name, given names, suffix.

    The first comma of a name in one piece is doubled, as EndNote asks for organisations: it has no given names.
    """
    parts = item.split_name(name)
    return parts.inverted if parts else single_line(name).replace(",", ",,", 1)


def _endnote_name(item: ExportedItem, name: str) -> str:
    """Return the name with a comma, without which EndNote takes the last word of a name for the family name."""
    inverted = _inverted_name(item, name)
    return inverted if "," in inverted or " " not in inverted else f"{inverted},"
