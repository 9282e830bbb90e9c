"""CSL-JSON, and the JSON of Crossref and of search programs that is like it. Records are read one by one."""

import json
import re
from collections.abc import Iterator
from typing import Any, cast

import orjson

from services.evidence.exchange.readers.cutting import Cutter, first, texts
from services.evidence.exchange.readers.fields.person_names import of_given_first
from services.evidence.exchange.readers.records import Record, Says, Start, all_sound, decoded, unmarked

KINDS = {
    **dict.fromkeys(("article-journal", "journal-article", "article-magazine", "article-newspaper"), "journal_article"),
    **dict.fromkeys(("review", "periodical"), "journal_article"),
    **dict.fromkeys(("book", "monograph", "edited-book", "reference-book", "collection"), "book"),
    **dict.fromkeys(("chapter", "book-chapter", "entry", "entry-encyclopedia", "book-section"), "chapter"),
    **dict.fromkeys(("report", "standard", "posted-content", "report-component"), "report"),
    **dict.fromkeys(("thesis", "dissertation"), "thesis"),
    **dict.fromkeys(("paper-conference", "proceedings-article", "speech"), "conference_paper"),
    **dict.fromkeys(("webpage", "post", "post-weblog"), "web_page"),
    "dataset": "dataset",
}
DEEPEST = 64
"""Lists and objects within each other."""
NEVER_CLOSED = (
    "It is never closed, so nothing behind it could be told apart from it. Correct it and send the file again: what "
    "was read before is only matched."
)
_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'\\.|"', re.DOTALL)
_LIST = re.compile(rb'"(?:items|docs|records)"\s*:\s*\[')
_WORK = re.compile(rb'"message"\s*:\s*(?=\{)')


class Reader(Cutter):
    """An array of objects, one object, one on each line, or a list within an answer of Crossref or Solr."""

    def __init__(self, start: Start) -> None:
        super().__init__(start, _OUTSIDE)
        self._depth = self._deepest = 0
        skip = _preamble(start.beginning)
        self._within_answer = skip > 0
        if start.offset == 0:
            self._at = skip

    def _step(self, found: re.Match[bytes]) -> Iterator[Record]:
        token = found[0]
        if self._token is _INSIDE:
            if token == b'"':
                self._token = _OUTSIDE
        elif token == b'"':
            self._token = _INSIDE
        elif token == b"{" and self._depth == 0:
            self._open(found.start())
            self._depth = self._deepest = 1
        elif token in b"{[" and self._depth:
            self._depth += 1
            self._deepest = max(self._deepest, self._depth)
        elif token in b"}]" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                yield from self._close(found.end())
        elif token in b"}]" and self._within_answer:
            self._done = True

    def _parsed(self, record: Record, content: bytes) -> Record:
        if self._deepest > DEEPEST:
            record.broken = "It is nested more deeply than the description of a work can be."
            return record
        try:
            try:
                record.fields = orjson.loads(content)
            except orjson.JSONDecodeError:
                record.fields = json.loads(decoded(content), strict=False)
        except ValueError:
            record.broken = NEVER_CLOSED if self._depth or content.endswith(b"]") else "It is not valid JSON."
        return record


def _preamble(beginning: bytes) -> int:
    """How much of the file comes before the list, or before the one work, that an answer holds."""
    if unmarked(beginning).lstrip()[:1] != b"{":
        return 0
    if found := _LIST.search(beginning):
        return found.end()
    if b'"message-type"' in beginning[:1_000] and (found := _WORK.search(beginning)):
        return found.end()
    return 0


def reader(start: Start) -> Reader:
    return Reader(start)


def describe(fields: dict[str, Any]) -> Says:
    told: dict[str, Any] = all_sound(fields)
    get = told.get
    custom: Any = get("custom")
    kept: Any = cast("dict[str, Any]", custom).get("impact") if isinstance(custom, dict) else None
    return {
        "title": _title(told),
        "summary": first(get("abstract"), get("description")),
        "kind": KINDS.get(first(get("type")) or "", "other"),
        "authors": _names(get("author") or get("authors")),
        "editors": _names(get("editor") or get("editors")),
        "published_in": first(
            get("container-title"), get("source") if "article_url" in told else None, get("event-title")
        ),
        "dates": _dates(told),
        "volume": first(get("volume") or None),
        "issue": first(
            get("issue") or None, None if KINDS.get(first(get("type")) or "") == "report" else get("number")
        ),
        "pages": first(get("page"), get("article-number")),
        "publisher": first(get("publisher")),
        "keywords": _keywords(get("keyword") or get("subject") or get("categories")),
        "language": first(get("language")),
        "identifiers": _identifiers(told),
        "links": [*texts(get("URL")), *texts(get("url")), *texts(get("article_url")), *texts(get("id"))],
        "kept": [kept] if kept else [],
    }


def _title(told: dict[str, Any]) -> str | None:
    title = first(told.get("title"))
    more = first(told.get("subtitle")) if isinstance(told.get("title"), list) else None
    return f"{title}: {more}" if title and more and more.casefold() not in title.casefold() else title


def _names(value: Any) -> list[str]:
    found: list[str] = []
    for one in cast("list[Any]", value) if isinstance(value, list) else [value]:
        match one:
            case {"family": str(family), **rest}:
                particle = first(rest.get("non-dropping-particle"))
                last = f"{particle} {family}" if particle else family
                given = " ".join(filter(None, (first(rest.get("given")), first(rest.get("dropping-particle")))))
                suffix = first(rest.get("suffix"))
                found.append(", ".join(filter(None, (last, given, suffix))))
            case {"literal": str(name)} | {"name": str(name)} | {"given": str(name)}:
                found.append(name)
            case str(name):
                found.append(of_given_first(name))
            case _:
                pass
    return found


def _dates(told: dict[str, Any]) -> list[str]:
    names = ("issued", "published", "published-print", "published-online", "year", "publicationdateyear")
    return [text for name in names if (text := _date(told.get(name)))]


def _date(value: Any) -> str | None:
    match value:
        case {"date-parts": [[*parts], *_]} if parts and parts[0] is not None:  # pyright: ignore[reportUnknownVariableType]  any JSON
            return "-".join(str(part) for part in parts if part is not None)
        case {"raw": str(text)} | {"literal": str(text)} | {"date-time": str(text)}:
            return text
        case _:
            return first(value)


def _keywords(value: Any) -> list[str]:
    if isinstance(value, str):
        return re.split(r"[;\n]" if ";" in value else r"[,\n]", value)
    return texts(value)


def _identifiers(told: dict[str, Any]) -> list[tuple[str, str]]:
    schemes = {"DOI": "doi", "doi": "doi", "PMID": "pmid", "PMCID": "pmcid", "ISBN": "serial", "ISSN": "serial"}
    schemes |= {"issn": "serial", "isbn": "serial"}
    found = [
        (scheme, one)
        for name, scheme in schemes.items()
        for text in texts(told.get(name))
        for one in (re.split(r"[,;\s]+", text) if scheme == "serial" and len(text) > 20 else [text])
    ]
    if wos := re.search(r"WOS:[0-9A-Z]{15}", f"{told.get('note', '')} {told.get('id', '')}"):
        found.append(("wos", wos[0]))
    return found
