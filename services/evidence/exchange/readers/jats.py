"""JATS: one article, or many in a set. What stands before the text of the article is what describes it."""

import re

from services.evidence.exchange.readers.records import LONGEST_RECORD, Says, Start
from services.evidence.exchange.readers.xml import (
    Element,
    Reader,
    all_at,
    at,
    before,
    name,
    paragraphs,
    said,
    text,
    tokens,
)

_HEADING = re.compile(r"(?i)\Aabstract\n")
LONGEST_ARTICLE = 8 * LONGEST_RECORD
"""It comes with its whole text."""
_TOKENS = tokens("article")
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
KINDS = {
    "book-chapter": "chapter",
    "thesis": "thesis",
    "dissertation": "thesis",
    "dataset": "dataset",
    "data-paper": "dataset",
    "working-paper": "report",
    "preprint": "report",
    "report": "report",
    "conference-paper": "conference_paper",
}


def reader(start: Start) -> Reader:
    return Reader(start, _TOKENS, LONGEST_ARTICLE)


def head(beginning: bytes) -> bytes:
    return before(beginning, _TOKENS)


def describe(article: Element) -> Says:
    meta = at(article, "front/article-meta", "front-stub")
    journal = at(article, "front/journal-meta")
    kept = [
        text(at(one, "meta-value"))
        for one in all_at(meta, "custom-meta-group/custom-meta")
        if said(one, "meta-name") in ("impact", "x-impact")
    ]
    first, last = said(meta, "fpage"), said(meta, "lpage")
    addresses = (one.get("{http://www.w3.org/1999/xlink}href") for one in all_at(meta, "self-uri"))
    return {
        "title": _title(at(meta, "title-group")),
        "summary": _HEADING.sub("", paragraphs(_abstract(meta))),
        "kind": KINDS.get(article.get("article-type") or "", "journal_article"),
        "authors": _names(meta, ("author", None)),
        "editors": _names(meta, ("editor",)),
        "published_in": said(journal, "journal-title-group/journal-title", "journal-title", "journal-id"),
        "dates": _dates(meta),
        "volume": said(meta, "volume"),
        "issue": said(meta, "issue"),
        "pages": f"{first}-{last}" if first and last and first != last else first or said(meta, "elocation-id"),
        "publisher": said(journal, "publisher/publisher-name"),
        "keywords": [text(one) for one in all_at(meta, "kwd-group/kwd")],
        "language": article.get(_LANGUAGE),
        "identifiers": _identifiers(journal, meta),
        "links": [address for address in addresses if address],
        "kept": kept,
    }


def _title(group: Element | None) -> str | None:
    title, more = said(group, "article-title"), said(group, "subtitle")
    return f"{title}: {more}" if title and more else title


def _abstract(meta: Element | None) -> Element | None:
    found = all_at(meta, "abstract")
    return next((one for one in found if not one.get("abstract-type")), found[0] if found else None)


def _names(meta: Element | None, roles: tuple[str | None, ...]) -> list[str]:
    found: list[str] = []
    for one in all_at(meta, "contrib-group/contrib"):
        if one.get("contrib-type") not in roles:
            continue
        person = at(one, "name", "name-alternatives/name")
        if person is not None:
            parts = (said(person, "surname"), said(person, "given-names"), said(person, "suffix"))
            found.append(", ".join(filter(None, parts)))
        elif words := said(one, "string-name", "collab", "anonymous"):
            found.append(words)
    return [each for each in found if each]


def _dates(meta: Element | None) -> list[str]:
    """The earliest publication first: years differ between a work's appearance online and in an issue."""
    dates: list[str] = []
    for one in all_at(meta, "pub-date"):
        year, month, day = said(one, "year"), said(one, "month"), said(one, "day")
        if year and (month is None or month.isdigit()):
            dates.append("-".join(filter(None, (year, month, day))))
        elif year:
            dates.append(f"{day or ''} {month} {year}")
        elif stated := one.get("iso-8601-date") or text(one):
            dates.append(stated)
    return dates


def _identifiers(journal: Element | None, meta: Element | None) -> list[tuple[str, str]]:
    schemes = {"doi": "doi", "pmid": "pmid", "pmc": "pmcid", "pmcid": "pmcid", "publisher-id": None}
    found: list[tuple[str, str]] = []
    for one in all_at(meta, "article-id"):
        kind, value = one.get("pub-id-type") or "", text(one)
        scheme = "wos" if value.upper().startswith("WOS:") else schemes.get(kind)
        if scheme == "pmcid" and value.isdigit():
            value = f"PMC{value}"
        if scheme:
            found.append((scheme, value))
    found += [("serial", text(one)) for holder in (journal, meta) if holder is not None for one in holder
              if name(one) in ("issn", "isbn")]  # fmt: skip
    return found
