"""EndNote's XML export."""

import re

from services.evidence.exchange.readers.fields.keywords import split_keywords
from services.evidence.exchange.readers.fields.page_ranges import article_number
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart
from services.evidence.exchange.readers.tagged.endnote import KINDS
from services.evidence.exchange.readers.xml.elements import (
    Element,
    XmlReader,
    find,
    find_text,
    find_texts,
    prolog,
    record_tokens,
)

_TOKENS = record_tokens("record")


def create_reader(start: ReaderStart) -> XmlReader:
    return XmlReader(start, _TOKENS)


def file_header(beginning: bytes) -> bytes:
    """Return what comes before the first record."""
    return prolog(beginning, _TOKENS)


def parse_fields(record: Element) -> ParsedFields:
    """Return the fields of one `<record>`."""
    kind = find(record, "ref-type")
    dates = find(record, "dates")
    year = find_text(dates, "year")
    links = find_texts(record, "urls/related-urls/url") + find_texts(record, "urls/web-urls/url")
    number = find_text(record, "accession-num") or ""
    custom = [find_text(record, f"custom{n}") or "" for n in range(1, 8)]
    return {
        "title": find_text(record, "titles/title"),
        "summary": find_text(record, "abstract"),
        "kind": KINDS.get((kind.get("name") or "").lower() if kind is not None else "", "other"),
        "authors": find_texts(record, "contributors/authors/author"),
        "editors": find_texts(record, "contributors/secondary-authors/author"),
        "published_in": find_text(record, "periodical/full-title", "titles/secondary-title", "periodical/abbr-1"),
        "dates": [*([year] if year else []), *(f"{date} {year}" for date in find_texts(dates, "pub-dates/date"))],
        "volume": find_text(record, "volume"),
        "issue": find_text(record, "number"),
        "pages": find_text(record, "pages") or article_number(find_text(record, "custom7")),
        "publisher": find_text(record, "publisher"),
        "keywords": split_keywords(find_texts(record, "keywords/keyword")),
        "language": find_text(record, "language"),
        "identifiers": [
            *(("doi", doi) for doi in find_texts(record, "electronic-resource-num")),
            *([("wos", number)] if number.upper().startswith("WOS:") else []),
            *([("pmid", number)] if number.isdigit() and "pubmed" in " ".join(links).lower() else []),
            *(("serial", serial) for serial in re.split(r"[;,\s]+", find_text(record, "isbn") or "") if serial),
        ],
        "links": links,
        "labels": find_texts(record, "work-type"),
        "extensions": [text for text in (*custom, find_text(record, "notes") or "") if text.startswith("impact:")],
    }
