"""RIS, as the standard has it and as it comes."""

import re
from typing import Any

from services.evidence.exchange.readers.fields.person_names import surname_first
from services.evidence.exchange.readers.records import CONTROLS, Says, Start
from services.evidence.exchange.readers.tagged import Fields, Layout
from services.evidence.exchange.readers.tagged import Reader as TaggedReader

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
    if found := _STANDARD.match(line):
        return found[1].decode(), found[2] or b""
    if (found := _LOOSE.match(line)) and found[1].decode() in TAGS:
        return found[1].decode(), found[2] or found[3] or b""
    return ("ER", b"") if line.strip() == b"ER" else (None, b"")


def _whole(block: bytes) -> Fields | None:
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
        if tag not in TAGS or tag == "TY" or line[2:6] not in _MARKS:
            return None
        if tag in fields:
            fields[tag].append(line[6:].strip())
        else:
            fields[tag] = [line[6:].strip()]
    return fields


_MARKS = ("  - ", "  -")
LAYOUT = Layout(
    _split,
    begins=frozenset({"TY"}),
    ends="ER",
    listed_by_line=frozenset({"KW", "K1"}),
    whole=_whole,
    first=b"TY  - ",
    last=b"\nER  -",
)


def reader(start: Start) -> TaggedReader:
    return TaggedReader(LAYOUT, start)


def _one(fields: Fields, *tags: str) -> str | None:
    for tag in tags:
        for value in fields.get(tag, ()):
            if value:
                return value
    return None


def _all(fields: Fields, *tags: str) -> list[str]:
    found: list[str] = []
    for tag in tags:
        if tag in fields:
            found += fields[tag]
    return found


def describe(fields: Fields) -> Says:
    """Asked by the tags that may hold one thing, the best first."""
    return {
        "title": _one(fields, "TI", "T1", "CT", "BT", "ST", "TT"),
        "summary": _one(fields, "AB", "N2"),
        "kind": KINDS.get((_one(fields, "TY") or "").upper(), "other"),
        "authors": [surname_first(name) for name in _all(fields, "AU", "A1")],
        "editors": [surname_first(name) for name in _all(fields, "ED", "A2")],
        "published_in": _one(fields, "T2", "JF", "JO", "JA", "J2"),
        "dates": _all(fields, "PY", "Y1", "YR", "DA"),
        "volume": _one(fields, "VL"),
        "issue": _one(fields, "IS"),
        "pages": _pages(_one(fields, "SP"), _one(fields, "EP")),
        "publisher": _one(fields, "PB"),
        "keywords": _all(fields, "KW", "K1"),
        "language": _one(fields, "LA"),
        "identifiers": _identifiers(fields),
        "links": _all(fields, "UR", "L2", "L1", "LK"),
        "kept": _all(fields, "U5"),
    }


def _pages(start: str | None, end: str | None) -> str | None:
    return f"{start}-{end}" if start and end and "-" not in start else start


def _identifiers(fields: Fields) -> list[tuple[str, Any]]:
    found = [("doi", value) for value in fields.get("DO") or fields.get("DI", ())]
    links = _all(fields, "UR", "L2", "L1", "LK")
    if not found:
        found = [("doi", link) for link in links if "doi.org/" in link]
    found += [("pmid", link.rstrip("/").rpartition("/")[2]) for link in links if _PUBMED.search(link)]
    found += [("pmid", value) for value in fields.get("PMID", ())]
    numbers = fields.get("AN", ())
    if numbers and _INDEXED.search(" ".join(_all(fields, "DB", "DP"))):
        found += [("pmid", number) for number in numbers if number.isdigit()]
    for number in (*fields.get("UT", ()), *numbers):
        if number[:4].upper() == "WOS:":
            found.append(("wos", number))
    return found + [("serial", serial) for serial in fields.get("SN", ())]
