"""RIS, as its standard defines it and as programs write it."""

import re

from services.evidence.exchange.readers.encodings import CONTROLS
from services.evidence.exchange.readers.fields.person_names import invert_initials_first
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart
from services.evidence.exchange.readers.tagged.lines import Fields, TaggedReader, TagLayout

TAGS = frozenset(
    tag
    for tags in (
        "A1 A2 A3 A4 A5 A6 AB AD AN AU AV BT C1 C2 C3 C4 C5 C6 C7 C8 CA CN CP CT CY DA DB DI DO DP DS ED EP ER ET FD",
        "H1 H2 ID IS J1 J2 JA JF JO K1 KW L1 L2 L3 L4 LA LB LK LL M1 M2 M3 N1 N2 NO NV OL OP PA PB PM PP PY RD RI RN",
        "RP SE SF SL SN SP SR ST T1 T2 T3 TA TI TT TY U1 U2 U3 U4 U5 UR UT VL VO WP WT WV Y1 Y2 YR PMID",
    )
    for tag in tags.split()
)
"""Known tags may be written loosely (`TI - `, `A1<tab>- `); an unknown one counts only in the standard's own form."""
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
_LOOSE = re.compile(rb"([A-Z][A-Z0-9]|PMID)(?:[ \t]{1,4}-[ \t](.*)|[ \t]{1,4}-|  -(\S.*))$", re.DOTALL)
_PUBMED = re.compile(r"ncbi\.nlm\.nih\.gov/(?:pubmed/)?\d+/?$")
_INDEXED = re.compile(r"\b(pubmed|medline|nlm)\b", re.IGNORECASE)


def _split(line: bytes) -> tuple[str | None, bytes]:
    if match := _STANDARD.match(line):
        return match[1].decode(), match[2] or b""
    if (match := _LOOSE.match(line)) and match[1].decode() in TAGS:
        return match[1].decode(), match[2] or match[3] or b""
    return ("ER", b"") if line.strip() == b"ER" else (None, b"")


def _parse_standard(block: bytes) -> Fields | None:
    """Parse a whole record of known tags in UTF-8; None where it is anything else."""
    if b"\r" in block:
        block = block.replace(b"\r\n", b"\n")
    if len(block.translate(None, CONTROLS)) != len(block) or b"\r" in block:
        return None
    try:
        lines = block.decode().split("\n")
    except UnicodeDecodeError:
        return None
    fields: Fields = {"TY": [lines[0][6:].strip()]}
    for line in lines[1:-2]:
        tag = line[:2]
        if tag not in TAGS or tag == "TY" or line[2:6] not in _SEPARATORS:
            return None
        if tag in fields:
            fields[tag].append(line[6:].strip())
        else:
            fields[tag] = [line[6:].strip()]
    return fields


_SEPARATORS = ("  - ", "  -")
LAYOUT = TagLayout(
    _split,
    first_tags=frozenset({"TY"}),
    end_tag="ER",
    one_value_per_line=frozenset({"KW", "K1"}),
    parse_standard=_parse_standard,
    standard_first=b"TY  - ",
    standard_last=b"\nER  -",
)


def create_reader(start: ReaderStart) -> TaggedReader:
    return TaggedReader(LAYOUT, start)


def _first_value(fields: Fields, *tags: str) -> str | None:
    for tag in tags:
        for value in fields.get(tag, ()):
            if value:
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
    return {
        "title": _first_value(fields, "TI", "T1", "CT", "BT", "ST", "TT"),
        "summary": _first_value(fields, "AB", "N2"),
        "kind": KINDS.get((_first_value(fields, "TY") or "").upper(), "other"),
        "authors": [invert_initials_first(name) for name in _all_values(fields, "AU", "A1")],
        "editors": [invert_initials_first(name) for name in _all_values(fields, "ED", "A2")],
        "published_in": _first_value(fields, "T2", "JF", "JO", "JA", "J2"),
        "dates": _all_values(fields, "PY", "Y1", "YR", "DA"),
        "volume": _first_value(fields, "VL"),
        "issue": _first_value(fields, "IS"),
        "pages": _pages(_first_value(fields, "SP"), _first_value(fields, "EP")),
        "publisher": _first_value(fields, "PB"),
        "keywords": _all_values(fields, "KW", "K1"),
        "language": _first_value(fields, "LA"),
        "identifiers": _identifiers(fields),
        "links": _all_values(fields, "UR", "L2", "L1", "LK"),
        "extensions": _all_values(fields, "U5"),
    }


def _pages(start: str | None, end: str | None) -> str | None:
    return f"{start}-{end}" if start and end and "-" not in start else start


def _identifiers(fields: Fields) -> list[tuple[str, str]]:
    identifiers = [("doi", value) for value in fields.get("DO") or fields.get("DI", ())]
    links = _all_values(fields, "UR", "L2", "L1", "LK")
    if not identifiers:
        identifiers = [("doi", link) for link in links if "doi.org/" in link]
    identifiers += [("pmid", link.rstrip("/").rpartition("/")[2]) for link in links if _PUBMED.search(link)]
    identifiers += [("pmid", value) for value in fields.get("PMID", ())]
    numbers = fields.get("AN", ())
    if numbers and _INDEXED.search(" ".join(_all_values(fields, "DB", "DP"))):
        identifiers += [("pmid", number) for number in numbers if number.isdigit()]
    for number in (*fields.get("UT", ()), *numbers):
        if number[:4].upper() == "WOS:":
            identifiers.append(("wos", number))
    return identifiers + [("serial", serial) for serial in fields.get("SN", ())]
