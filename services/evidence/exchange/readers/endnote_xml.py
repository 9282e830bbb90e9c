"""EndNote's XML export."""

import re

from services.evidence.exchange.readers.endnote import KINDS
from services.evidence.exchange.readers.records import Says, Start
from services.evidence.exchange.readers.xml import Element, Reader, all_at, at, before, said, text, tokens

_TOKENS = tokens("record")


def reader(start: Start) -> Reader:
    return Reader(start, _TOKENS)


def head(beginning: bytes) -> bytes:
    return before(beginning, _TOKENS)


def describe(record: Element) -> Says:
    kind = at(record, "ref-type")
    dates = at(record, "dates")
    year = said(dates, "year")
    links = [text(one) for one in all_at(record, "urls/related-urls/url") + all_at(record, "urls/web-urls/url")]
    number = said(record, "accession-num") or ""
    custom = [said(record, f"custom{n}") or "" for n in range(1, 8)]
    return {
        "title": said(record, "titles/title"),
        "summary": said(record, "abstract"),
        "kind": KINDS.get((kind.get("name") or "").lower() if kind is not None else "", "other"),
        "authors": [text(one) for one in all_at(record, "contributors/authors/author")],
        "editors": [text(one) for one in all_at(record, "contributors/secondary-authors/author")],
        "published_in": said(record, "periodical/full-title", "titles/secondary-title", "periodical/abbr-1"),
        "dates": [*([year] if year else []), *(f"{text(one)} {year}" for one in all_at(dates, "pub-dates/date"))],
        "volume": said(record, "volume"),
        "issue": said(record, "number"),
        "pages": said(record, "pages"),
        "publisher": said(record, "publisher"),
        "keywords": [text(one) for one in all_at(record, "keywords/keyword")],
        "language": said(record, "language"),
        "identifiers": [
            *(("doi", text(one)) for one in all_at(record, "electronic-resource-num")),
            *([("wos", number)] if number.upper().startswith("WOS:") else []),
            *([("pmid", number)] if number.isdigit() and "pubmed" in " ".join(links).lower() else []),
            *(("serial", one) for one in re.split(r"[;,\s]+", said(record, "isbn") or "") if one),
        ],
        "links": links,
        "kept": [value for value in (*custom, said(record, "notes") or "") if value.startswith("impact:")],
    }
