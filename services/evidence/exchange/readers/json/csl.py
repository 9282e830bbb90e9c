"""CSL-JSON, and the JSON of Crossref and of search programs that resembles it. Records are parsed one by one."""

import re

from pydantic import JsonValue

from services.evidence.exchange.readers.encodings import sanitize_object
from services.evidence.exchange.readers.fields.identifiers import doi_of_note, numbers_of_note
from services.evidence.exchange.readers.fields.person_names import invert_given_first
from services.evidence.exchange.readers.json.reader import JsonLayout, JsonReader, first_text, member, texts_of
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart

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
_OTHER_TYPES = (
    "article article-journal bill broadcast classic dataset document entry-dictionary event figure graphic "
    "hearing interview legal_case legislation manuscript map motion_picture musical_score pamphlet patent "
    "performance personal_communication post regulation review-book software song treaty book-series book-set "
    "book-part book-track component database grant journal journal-issue journal-volume peer-review proceedings "
    "reference-entry report-series standard-series other"
)
_TYPES = KINDS.keys() | set(_OTHER_TYPES.split())
_CREDITS = ("author", "authors", "editor", "editors")
_DATES = ("issued", "published", "published-print", "published-online", "year", "publicationdateyear")
_CREDITS_OF_OTHERS = ("creators", "authorships", "authorString", "publicationYear", "pubYear", "publication_year")
_OTHER_MEMBERS = (
    "id title subtitle short-title title-short abstract description note keyword subject categories DOI doi URL url "
    "ISBN isbn ISSN issn PMID PMCID volume issue number page article-number publisher publisher-place language custom "
    "container-title collection-title event-title citation-key type"
)
_OF_A_REFERENCE = (
    *("volume", "issue", "number", "page", "article-number", "publisher", "publisher-place", "container-title"),
    *("subtitle", "short-title", "title-short", "abstract", "keyword", "subject", "citation-key", "language"),
)
_MEMBERS = frozenset((*_OTHER_MEMBERS.split(), *_CREDITS, *_DATES))


def _is_record(work: dict[str, JsonValue]) -> bool:
    """Return whether this names its authors or year as CSL-JSON does, or is of its types, or says where it came out.

    Without authors and year, an entry of a to-do list has the same members as a work, and so would become one. `book`
    and `event` are types of many things: besides a title, such a work has what only a reference has.
    """
    if any(work.get(name) for name in (*_CREDITS, *_DATES)):
        return True
    if any(name in work for name in _CREDITS_OF_OTHERS):
        return False
    has_own_members_only = work.keys() <= _MEMBERS
    type = first_text(work.get("type"))
    if type in _TYPES:
        is_reference = _is_own_type(type) or any(work.get(name) for name in _OF_A_REFERENCE)
        return (has_own_members_only and is_reference) or _is_published(work) or _has_url(work)
    return has_own_members_only and (_is_published(work) or ("type" not in work and _has_url(work)))


def _is_own_type(type: str) -> bool:
    """Return whether only CSL and Crossref call something so: `article-journal`, `legal_case`."""
    return "-" in type or "_" in type


def _is_published(work: dict[str, JsonValue]) -> bool:
    """Return whether this has an identifier, names what it came out in, or was exported by a library like this one."""
    names = ("container-title", "collection-title", "event-title")
    return bool(_identifiers(work)) or "impact" in member(work, "custom") or any(work.get(name) for name in names)


def _has_url(work: dict[str, JsonValue]) -> bool:
    return bool(first_text(work.get("URL"), work.get("url")))


def _foreign_type(work: dict[str, JsonValue]) -> str | None:
    """Return the type of an object of which CSL-JSON has neither the type nor all members; else None."""
    type = first_text(work.get("type"))
    return None if type is None or type in _TYPES or work.keys() <= _MEMBERS else type


LAYOUT = JsonLayout(
    list_start=re.compile(rb'"(?:items|docs|records)"\s*:\s*\['),
    single_start=re.compile(rb'"message-type"(?s:.{0,1000}?)"message"\s*:\s*(?=\{)'),
    is_record=_is_record,
    other_kind=(
        "It is JSON, but not CSL-JSON: no author, date, identifier, container or type stands where that has one. "
        "Export the references as CSL-JSON or RIS from the program that they come from."
    ),
)


def foreign_type(content: bytes) -> str | None:
    """Return a type that CSL-JSON has not, of a whole file that holds nothing of CSL-JSON; None for any other file."""
    reader = JsonReader(ReaderStart(content), LAYOUT)
    records = [*reader.feed(content), *reader.finish()]
    if any(record.error != LAYOUT.other_kind for record in records):
        return None
    return next((type for record in records if (type := _foreign_type(record.fields))), None)


def create_reader(start: ReaderStart) -> JsonReader:
    return JsonReader(start, LAYOUT)


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
        "labels": texts_of(get("genre")),
        "extensions": [extension] if extension else [],
    }


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
            case {"lastName": str(family), "firstName": str(forename)} | {
                "last_name": str(family),
                "first_name": str(forename),
            }:
                names.append(", ".join(filter(None, (family, forename))))
            case {"literal": str(name)} | {"name": str(name)} | {"given": str(name)}:
                names.append(name)
            case str(name):
                names.append(invert_given_first(name))
            case _:
                pass
    return names


def _dates(work: dict[str, JsonValue]) -> list[str]:
    return [text for name in _DATES if (text := _date(work.get(name)))]


def _date(value: JsonValue) -> str | None:
    """Return a date in any of CSL's forms as text. Of a range the beginning counts; of a season, its year."""
    match value:
        case {"date-parts": [[*numbers], *_]} | {"date-parts": [*numbers]} if texts_of(numbers[:1]):
            return "-".join(texts_of([number for number in numbers if not isinstance(number, list)]))
        case {"year": int() | str() as year, **rest}:
            return "-".join(texts_of([year, rest.get("month"), rest.get("day")]))
        case dict():
            return first_text(*(value.get(name) for name in ("raw", "literal", "date-time", "edtf")))
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
    if "note" in work:
        notes = texts_of(work["note"])
        identifiers += numbers_of_note(notes)
        if not any(scheme == "doi" for scheme, _ in identifiers) and (doi := doi_of_note(notes)):
            identifiers.append(("doi", doi))
    return identifiers
