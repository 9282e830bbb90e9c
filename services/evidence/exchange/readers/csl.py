"""CSL-JSON, and the JSON of Crossref and of search programs that resembles it. Records are parsed one by one."""

import json
import re
from collections.abc import Iterator

import orjson
from pydantic import JsonValue

from services.evidence.exchange.readers.cutter import RecordCutter
from services.evidence.exchange.readers.encodings import decode, sanitize_object, strip_bom
from services.evidence.exchange.readers.fields.person_names import invert_given_first
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart, SourceRecord

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
MAX_DEPTH = 64
"""How deeply lists and objects may be nested."""
NEVER_CLOSED = (
    "It is never closed, so nothing after it could be separated from it. Correct it and send the file again: the "
    "records before it are not added twice."
)
_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'\\.|"', re.DOTALL)
_LIST = re.compile(rb'"(?:items|docs|records)"\s*:\s*\[')
_WORK = re.compile(rb'"message"\s*:\s*(?=\{)')


class CslReader(RecordCutter):
    """A `RecordReader` of a JSON array, one object, JSON Lines, or the list in a response of Crossref or Solr."""

    def __init__(self, start: ReaderStart) -> None:
        super().__init__(start, _OUTSIDE)
        self._depth = self._deepest = 0
        skip = _preamble_size(start.beginning)
        self._within_response = skip > 0
        if start.offset == 0:
            self._at = skip

    def _step(self, token: re.Match[bytes]) -> Iterator[SourceRecord]:
        character = token[0]
        if self._token is _INSIDE:
            if character == b'"':
                self._token = _OUTSIDE
        elif character == b'"':
            self._token = _INSIDE
        elif character == b"{" and self._depth == 0:
            self._open(token.start())
            self._depth = self._deepest = 1
        elif character in b"{[" and self._depth:
            self._depth += 1
            self._deepest = max(self._deepest, self._depth)
        elif character in b"}]" and self._depth:
            self._depth -= 1
            if self._depth == 0:
                yield from self._close(token.end())
        elif character in b"}]" and self._within_response:
            self._done = True

    def _parse(self, record: SourceRecord, content: bytes) -> SourceRecord:
        if self._deepest > MAX_DEPTH:
            record.error = "It is nested more deeply than the description of a work can be."
            return record
        try:
            try:
                record.fields = orjson.loads(content)
            except orjson.JSONDecodeError:
                record.fields = json.loads(decode(content), strict=False)
        except ValueError:
            record.error = NEVER_CLOSED if self._depth or content.endswith(b"]") else "It is not valid JSON."
        return record


def _preamble_size(beginning: bytes) -> int:
    """Return how many bytes come before the list, or before the one work, that a response holds."""
    if strip_bom(beginning).lstrip()[:1] != b"{":
        return 0
    if match := _LIST.search(beginning):
        return match.end()
    if b'"message-type"' in beginning[:1_000] and (match := _WORK.search(beginning)):
        return match.end()
    return 0


def create_reader(start: ReaderStart) -> CslReader:
    return CslReader(start)


def parse_fields(fields: dict[str, JsonValue]) -> ParsedFields:
    """Return the fields of one JSON object."""
    work = sanitize_object(fields)
    get = work.get
    custom = get("custom")
    extension = custom.get("impact") if isinstance(custom, dict) else None
    kind = KINDS.get(first_text(get("type")) or "", "other")
    return {
        "title": _title(work),
        "summary": first_text(get("abstract"), get("description")),
        "kind": kind,
        "authors": _names(get("author") or get("authors")),
        "editors": _names(get("editor") or get("editors")),
        "published_in": first_text(
            get("container-title"), get("source") if "article_url" in work else None, get("event-title")
        ),
        "dates": _dates(work),
        "volume": first_text(get("volume") or None),
        "issue": first_text(get("issue") or None, None if kind == "report" else get("number")),
        "pages": first_text(get("page"), get("article-number")),
        "publisher": first_text(get("publisher")),
        "keywords": _keywords(get("keyword") or get("subject") or get("categories")),
        "language": first_text(get("language")),
        "identifiers": _identifiers(work),
        "links": [*texts_of(get("URL")), *texts_of(get("url")), *texts_of(get("article_url")), *texts_of(get("id"))],
        "extensions": [extension] if extension else [],
    }


def texts_of(value: JsonValue) -> list[str]:
    """Return the texts of a value, which may be a text or number, a list of them, or something else without any."""
    match value:
        case str():
            return [value]
        case bool() | None:
            return []
        case int() | float():
            return [str(value)]
        case list():
            return [text for item in value for text in texts_of(item)]
        case _:
            return []


def first_text(*values: JsonValue) -> str | None:
    """Return the first text among these values that is not blank."""
    return next((text for value in values for text in texts_of(value) if text.strip()), None)


def _title(work: dict[str, JsonValue]) -> str | None:
    title = first_text(work.get("title"))
    subtitle = first_text(work.get("subtitle")) if isinstance(work.get("title"), list) else None
    return f"{title}: {subtitle}" if title and subtitle and subtitle.casefold() not in title.casefold() else title


def _names(value: JsonValue) -> list[str]:
    names: list[str] = []
    for person in value if isinstance(value, list) else [value]:
        match person:
            case {"family": str(family), **rest}:
                particle = first_text(rest.get("non-dropping-particle"))
                surname = f"{particle} {family}" if particle else family
                given_names = " ".join(
                    filter(None, (first_text(rest.get("given")), first_text(rest.get("dropping-particle"))))
                )
                names.append(", ".join(filter(None, (surname, given_names, first_text(rest.get("suffix"))))))
            case {"literal": str(name)} | {"name": str(name)} | {"given": str(name)}:
                names.append(name)
            case str(name):
                names.append(invert_given_first(name))
            case _:
                pass
    return names


def _dates(work: dict[str, JsonValue]) -> list[str]:
    names = ("issued", "published", "published-print", "published-online", "year", "publicationdateyear")
    return [text for name in names if (text := _date(work.get(name)))]


def _date(value: JsonValue) -> str | None:
    match value:
        case {"date-parts": [[*numbers], *_]} if numbers and numbers[0] is not None:
            return "-".join(str(number) for number in numbers if number is not None)
        case {"raw": str(text)} | {"literal": str(text)} | {"date-time": str(text)}:
            return text
        case _:
            return first_text(value)


def _keywords(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return re.split(r"[;\n]" if ";" in value else r"[,\n]", value)
    return texts_of(value)


def _identifiers(work: dict[str, JsonValue]) -> list[tuple[str, str]]:
    schemes = {"DOI": "doi", "doi": "doi", "PMID": "pmid", "PMCID": "pmcid", "ISBN": "serial", "ISSN": "serial"}
    schemes |= {"issn": "serial", "isbn": "serial"}
    identifiers = [
        (scheme, value)
        for name, scheme in schemes.items()
        for text in texts_of(work.get(name))
        for value in (re.split(r"[,;\s]+", text) if scheme == "serial" and len(text) > 20 else [text])
    ]
    if wos := re.search(r"WOS:[0-9A-Z]{15}", f"{work.get('note', '')} {work.get('id', '')}"):
        identifiers.append(("wos", wos[0]))
    return identifiers
