"""Ovid's tagged format (`VN  - Ovid Technologies`): of Social Policy and Practice, and its other databases."""

import re
from functools import partial

from services.evidence.exchange.readers.encodings import strip_bom
from services.evidence.exchange.readers.fields import identifiers as free_text
from services.evidence.exchange.readers.fields.dates import MONTHS
from services.evidence.exchange.readers.fields.page_ranges import expand_page_range
from services.evidence.exchange.readers.fields.publication_types import design_of, kind_of
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart
from services.evidence.exchange.readers.tagged import lines
from services.evidence.exchange.readers.tagged.lines import Fields, TaggedReader, TagLayout

NUMBER_TAG = "<>"
"""Stands for the line `<12. >` that begins a record."""
_TAG = re.compile(rb"([A-Z][A-Z0-9]{1,2}) {0,3}-(?: +(.*))?$", re.DOTALL)
_NUMBER = re.compile(rb"\s*<\s*\d+\s*\.?\s*>\s*$")
_FIRST_NUMBER = re.compile(rb"\s*<\s*\d+\s*\.?\s*>")
_AUTHOR_NOTE = re.compile(r"\s*(?:\[[^\]]*\]|(?<=\s)[\d,+*\s]+$|(?:,?\s(?:Ph\.?D|M\.?D|FACSM|RN|MSc|MPH)\.?)+(?=$|,))")
_TITLE_NOTE = re.compile(r"\s*\[(?:Article|Report|Miscellaneous|References|Review|Editorial|Letter)\]\s*\Z")
_VOLUME = re.compile(r"(?i)\b(?:vol(?:ume)?\.?\s*(\d+)|(\d+)\s*\((?:[^()]*)\)|\d{4}\s*;\s*(\d+)\b)")
_ISSUE = re.compile(r"(?i)\b(?:no\.?|issue|number)\s*(\d+(?:[/-]\d+)?)|\d+\s*\(([^()]{1,20})\)")
_PAGES = re.compile(r"(?i)(?:\bpp?\.?\s*|:\s*)([A-Z]?\d+(?:-[A-Z]?\d+)?)\b")
_MONTHS = "|".join(MONTHS)
_DATE = re.compile(rf"(?i)(?:\b(?:{_MONTHS})[a-z]*\.?(?:[/-][a-z]+)?\s+)?(?<!\d)(?:1[4-9]|20)\d\d(?!\d)")
_SOURCE_END = re.compile(
    r"(?i)\s*(?:[,;:.(]\s*)?(?:\bvol(?:ume)?\b|\bno\.?\s*\d|\b\d+\s*\(|\b\d+\s*,|\bpp?\.)|\s*[,;:.(]*\s*"
    + _DATE.pattern[4:]
)


def _split(line: bytes) -> tuple[str | None, bytes]:
    if match := _TAG.match(line):
        return match[1].decode(), match[2] or b""
    return (NUMBER_TAG, b"") if _NUMBER.match(line) else (None, line)


LAYOUT = TagLayout(_split, first_tags=frozenset({NUMBER_TAG}))
LAYOUT_WITHOUT_NUMBERS = TagLayout(_split, first_tags=frozenset({"VN"}))


def create_reader(start: ReaderStart) -> TaggedReader:
    return TaggedReader(LAYOUT if is_numbered(strip_bom(start.beginning)) else LAYOUT_WITHOUT_NUMBERS, start)


def is_numbered(beginning: bytes) -> bool:
    """Return whether a file begins with the number of a record, as Ovid's exports do."""
    return bool(_FIRST_NUMBER.match(beginning))


def parse_fields(fields: Fields) -> ParsedFields:
    """Return the fields of a record. What has no field of its own is in its source, as `Care, vol 2, no 1, pp.3-9`."""
    first_value = partial(lines.first_value, fields)
    all_values = partial(lines.all_values, fields)
    types = all_values("PT", "DT")
    source = first_value("SO") or ""
    title = first_value("TI")
    journal = first_value("JT", "JN") or _journal(source) or first_value("TA", "JA")
    pages = first_value("PG") or _first_group(_PAGES, source)
    is_book = any("book" in type.lower() for type in types)
    return {
        "title": _TITLE_NOTE.sub("", title) if title else None,
        "summary": "\n".join(all_values("AB")),
        "kind": _book_kind(types) if is_book else kind_of(types, in_journal=bool(journal)),
        "design": design_of(types),
        "authors": _names(all_values("FA") or all_values("AU")),
        "editors": _names(all_values("FED") or all_values("ED")),
        "published_in": first_value("BT") if is_book else journal,
        "dates": [*all_values("YR", "DP", "DG"), *_DATE.findall(source)],
        "volume": first_value("VI", "VO") or _first_group(_VOLUME, source),
        "issue": first_value("IP") or _first_group(_ISSUE, source),
        "pages": expand_page_range(pages),
        "publisher": first_value("PB", "PU"),
        "keywords": [
            word for value in all_values("KW", "MH", "SH", "DE", "ID") for word in re.split(r"[;]| , ", value)
        ],
        "language": (first_value("LG", "LA") or "").rstrip("."),
        "identifiers": _identifiers(fields),
        "links": [value for value in all_values("UR", "XL", "JL") if "ovid" not in value.lower()],
        "extensions": [],
    }


def _book_kind(types: list[str]) -> str:
    return "chapter" if any("chapter" in type.lower() for type in types) else "book"


def _journal(source: str) -> str | None:
    end = _SOURCE_END.search(source)
    return (source[: end.start()] if end else source).strip(" ,;:.") or None


def _first_group(pattern: re.Pattern[str], text: str) -> str | None:
    match = pattern.search(text)
    return next((group for group in match.groups() if group), None) if match else None


def _names(values: list[str]) -> list[str]:
    names = [
        _AUTHOR_NOTE.sub("", name).strip().rstrip(".,") if " " in name.strip() else name.strip()
        for value in values
        for name in re.split(r";|\s+and\s+", value)
    ]
    return [_capitalized(name) for name in names if name]


def _capitalized(name: str) -> str:
    """Return `Okoro, Ada` for `OKORO, Ada`."""
    surname, comma, rest = name.partition(",")
    return f"{surname.title()}{comma}{rest}" if comma and surname.isupper() and len(surname) > 2 else name


def _identifiers(fields: Fields) -> list[tuple[str, str]]:
    identifiers = [("doi", value) for tag in ("DI", "DO") for value in fields.get(tag, ()) if "10." in value]
    if not identifiers and (doi := free_text.doi_of_link([*fields.get("UR", ()), *fields.get("XL", ())])):
        identifiers = [("doi", doi)]
    is_medline = any("medline" in value.lower() for value in fields.get("DB", ()))
    if is_medline:
        identifiers += [("pmid", value) for value in fields.get("UI", ()) if value.strip().isdigit()]
    identifiers += [("pmid", value) for value in fields.get("PM", ()) if value.strip().isdigit()]
    return identifiers + [("serial", value) for tag in ("IS", "IB", "ISBN") for value in fields.get(tag, ())]
