"""RIS, as its standard defines it and as programs write it."""

import re

from services.evidence.exchange.readers.encodings import CONTROLS
from services.evidence.exchange.readers.fields import identifiers as free_text
from services.evidence.exchange.readers.fields.keywords import split_keywords
from services.evidence.exchange.readers.fields.list_literals import join_letters, parse_list_literal
from services.evidence.exchange.readers.fields.page_ranges import article_number, join_pages
from services.evidence.exchange.readers.fields.person_names import invert_initials_first
from services.evidence.exchange.readers.fields.placeholders import PLACEHOLDERS
from services.evidence.exchange.readers.fields.plain_text import unescape
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart
from services.evidence.exchange.readers.tagged.lines import Fields, TaggedReader, TagLayout

TAGS = {
    tag: "AU" if tag == "A1" else tag
    for tags in (
        "A1 A2 A3 A4 A5 A6 AB AD AI AN AR AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DI DO DP DS EA ED EP",
        "ER ET FD H1 H2 ID IS J1 J2 JA JF JO K1 KW L1 L2 L3 L4 LA LB LK LL M1 M2 M3 N1 N2 NL NO NV OL OP PA PB PM",
        "PP PY RD RI RN RP SE SF SL SN SP SR ST T1 T2 T3 TA TI TT TY U1 U2 U3 U4 U5 UR UT VL VO WP WT WV Y1 Y2 YR PMID",
    )
    for tag in tags.split()
}
"""Known tags may be written loosely (`TI - `, `A1<tab>- `); an unknown one counts only in the standard's own form.

A1 and AU are one field, so that a record with both keeps their order.
"""
KINDS = {
    **dict.fromkeys(("JOUR", "JFULL", "EJOUR", "MGZN", "NEWS", "INPR", "ABST"), "journal_article"),
    **dict.fromkeys(("BOOK", "EBOOK", "EDBOOK"), "book"),
    **dict.fromkeys(("CHAP", "ECHAP"), "chapter"),
    **dict.fromkeys(("RPRT", "GOVDOC", "STAND", "UNPB", "GRNT"), "report"),
    "THES": "thesis",
    **dict.fromkeys(("CONF", "CPAPER"), "conference_paper"),
    **dict.fromkeys(("ELEC", "WEB", "BLOG"), "web_page"),
    **dict.fromkeys(("DATA", "DBASE", "AGGR"), "dataset"),
}

_STANDARD = re.compile(rb"([A-Z][A-Z0-9])  -(?: (.*))?$", re.DOTALL)
_LINES = re.compile(r"^([A-Z][A-Z0-9])  -(?: (.*))?\n", re.MULTILINE)
_LOOSE = re.compile(rb"([A-Z][A-Z0-9]|PMID)(?:[ \t]{1,4}-[ \t](.*)|[ \t]{1,4}-|  -(\S.*))$", re.DOTALL)
_INDEXED = re.compile(r"\b(pubmed|medline|nlm)\b", re.IGNORECASE)
_EMBASE_NUMBER = re.compile(r"L\d{6,}")
_DATED = re.compile(r"(?:Epub\s*)?\d{4}(?!\d)")
_TYPE = re.compile(rb"(?:\A|[\r\n])(?:\xef\xbb\xbf)*TY[ \t]{0,4}-")
_TITLE = re.compile(rb"(?:\A|[\r\n])(?:\xef\xbb\xbf)*T[I1][ \t]{1,2}- \S")
_OTHER_FIELD = re.compile(rb"(?:\A|[\r\n])(?:\xef\xbb\xbf)*(?:A[UB1]|[PY][Y1]|J[OF]|ER|DO)[ \t]{1,2}-")
_OF_PUBMED = re.compile(rb"[\r\n](?:FAU |DP  |OWN )- ")


def _split(line: bytes) -> tuple[str | None, bytes]:
    if match := _STANDARD.match(line):
        tag = match[1].decode()
        return TAGS.get(tag, tag), match[2] or b""
    if (match := _LOOSE.match(line)) and (tag := TAGS.get(match[1].decode())):
        return tag, match[2] or match[3] or b""
    return ("ER", b"") if line.strip() == b"ER" else (None, b"")


def _parse_standard(block: bytes) -> Fields | None:
    """Parse a whole record of known tags in UTF-8; None where it is anything else."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    if len(block.translate(None, CONTROLS)) != len(block) or b"\r" in block:
        return None
    try:
        text = block.decode()
    except UnicodeDecodeError:
        return None
    lines: list[tuple[str, str]] = _LINES.findall(text)
    if len(lines) != text.count("\n"):
        return None
    fields: Fields = {"TY": [lines[0][1].strip()]}
    for line_tag, value in lines[1:-1]:
        tag = TAGS.get(line_tag, "TY")
        if tag == "TY":
            return None
        if tag in fields:
            fields[tag].append(value.strip())
        else:
            fields[tag] = [value.strip()]
    return fields


LAYOUT = TagLayout(
    _split,
    first_tags=frozenset({"TY"}),
    end_tag="ER",
    one_value_per_line=frozenset({"KW", "K1"}),
    parse_standard=_parse_standard,
    standard_first=b"TY  - ",
    standard_last=b"\nER  -",
)


LAYOUT_WITHOUT_TYPE = TagLayout(_split, end_tag="ER", one_value_per_line=frozenset({"KW", "K1"}))
LAYOUT_WITHOUT_TYPE_AND_END = TagLayout(_split, one_value_per_line=frozenset({"KW", "K1"}))


def create_reader(start: ReaderStart) -> TaggedReader:
    if not is_without_type(start.beginning):
        return TaggedReader(LAYOUT, start)
    has_end = re.search(rb"[\r\n]ER[ \t]{1,2}-", start.beginning)
    return TaggedReader(LAYOUT_WITHOUT_TYPE if has_end else LAYOUT_WITHOUT_TYPE_AND_END, start)


def is_without_type(beginning: bytes) -> bool:
    """Return whether a file begins with records that have no TY, as some programs write them."""
    if _TYPE.search(beginning) or _OF_PUBMED.search(beginning):
        return False
    return bool(_TITLE.search(beginning) and _OTHER_FIELD.search(beginning))


def _first_value(fields: Fields, *tags: str) -> str | None:
    for tag in tags:
        for value in fields.get(tag, ()):
            if value and value not in PLACEHOLDERS:
                return value
    return None


def _all_values(fields: Fields, *tags: str) -> list[str]:
    values: list[str] = []
    for tag in tags:
        if tag in fields:
            values += fields[tag]
    return values


def parse_fields(fields: Fields) -> ParsedFields:
    """Return the fields of a record by the tags that may hold them, the best first."""
    kind = _kind(fields)
    title = _title(fields)
    links = _all_values(fields, "UR", "L2", "L1", "LK")
    return {
        "title": title,
        "summary": _summary(fields),
        "kind": kind,
        "authors": _names(fields.get("AU")),
        "editors": _names(_all_values(fields, "ED", "A2")),
        "published_in": _published_in(fields, kind, title),
        "dates": _all_values(fields, "PY", "Y1", "YR", "DA") or _early_access(fields),
        "volume": _first_value(fields, "VL"),
        "issue": _first_value(fields, "IS"),
        "pages": join_pages(_first_value(fields, "SP"), _first_value(fields, "EP"))
        or article_number(_first_value(fields, "C7"), _first_value(fields, "AR")),
        "publisher": _first_value(fields, "PB"),
        "keywords": split_keywords(_keywords(fields)),
        "language": _first_value(fields, "LA"),
        "identifiers": _identifiers(fields, links),
        "links": links,
        "labels": fields.get("M3", ()),
        "extensions": fields.get("U5", ()),
    }


_TITLE_TAGS = ("TI", "T1", "CT", "BT", "ST", "TT")
_CONTAINER_TAGS = {"chapter": ("T2", "BT"), "conference_paper": ("T2", "C3", "BT")}


def _kind(fields: Fields) -> str:
    types = fields.get("TY")
    if not types:
        return "journal_article" if _first_value(fields, "JO", "JF", "JA") else "other"
    return KINDS.get(types[0].upper(), "other")


def _title(fields: Fields) -> str | None:
    for tag in _TITLE_TAGS:
        for value in fields.get(tag, ()):
            if value:
                return value
    return None


def _summary(fields: Fields) -> str | None:
    """Return the abstract, of which some programs write each section into a field of its own."""
    values = fields.get("AB") or fields.get("N2", ())
    if len(values) > 1:
        return "\n".join(dict.fromkeys(values))
    return values[0] if values and values[0] else _first_value(fields, "N2")


def _published_in(fields: Fields, kind: str, title: str | None) -> str | None:
    """Return the journal, or the book whose title is not that of the record itself."""
    container = _first_value(fields, *_CONTAINER_TAGS.get(kind, ("T2",)))
    if container and container != title:
        return container
    return _first_value(fields, "JF", "JO", "JA", "J2")


def _early_access(fields: Fields) -> list[str]:
    """Return when a work without a date of publication could be read first."""
    return [date for date in _all_values(fields, "EA", "ET") if _DATED.search(date)]


def _names(values: list[str] | None) -> list[str]:
    """Return the names, of which some programs write all into one field."""
    if not values:
        return []
    if values[0][:1] == "[":
        values = [name for value in join_letters(values) for name in parse_list_literal(value) or [value]]
    names: list[str] = []
    for value in values:
        if ";" in value:
            names += map(invert_initials_first, (unescape(value) if "&" in value else value).split(";"))
        else:
            names.append(value if "," in value else invert_initials_first(value))
    return names


def _keywords(fields: Fields) -> list[str]:
    values = _all_values(fields, "KW", "K1")
    if len(values) == 1 and values[0][:1] == "[":
        return parse_list_literal(values[0]) or values
    return values


def _identifiers(fields: Fields, links: list[str]) -> list[tuple[str, str]]:
    identifiers = [("doi", value) for value in fields.get("DO") or fields.get("DI", ()) if "10." in value]
    if not identifiers and (doi := _doi_elsewhere(fields, links)):
        identifiers = [("doi", doi)]
    if links:
        identifiers += [("pmid", number) for number in free_text.pmids_of_links(links)]
    if "PMID" in fields:
        identifiers += [("pmid", value) for value in fields["PMID"]]
    if "N1" in fields or "C2" in fields:
        identifiers += free_text.numbers_of_note(_all_values(fields, "N1", "C2"))
    numbers = fields.get("AN", ())
    if numbers and _INDEXED.search(" ".join(_all_values(fields, "DB", "DP"))):
        identifiers += [("pmid", number) for number in numbers if number.isdigit()]
    if "C5" in fields and any(map(_EMBASE_NUMBER.fullmatch, fields.get("U2", ()))):
        identifiers += [("pmid", number) for number in fields["C5"] if number.isdigit()]
    for number in (*fields.get("UT", ()), *numbers):
        if number[:4].upper() == "WOS:":
            identifiers.append(("wos", number))
    return identifiers + [("serial", serial) for serial in fields.get("SN", ())]


def _doi_elsewhere(fields: Fields, links: list[str]) -> str | None:
    return (
        free_text.doi_of_field(_all_values(fields, "M3", "L3", "ID", "AN", "C5"))
        or free_text.doi_of_link([*links, *fields.get("L3", ())])
        or free_text.doi_of_note(fields.get("N1", ()))
    )
