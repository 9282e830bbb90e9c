"""DataCite's JSON: a response of its API, or the metadata of DOIs as they are."""

import re

from pydantic import JsonValue

from services.evidence.exchange.readers.encodings import sanitize_object
from services.evidence.exchange.readers.fields.page_ranges import join_pages
from services.evidence.exchange.readers.json.reader import (
    JsonLayout,
    JsonReader,
    first_text,
    member,
    objects_of,
    texts_of,
)
from services.evidence.exchange.readers.records import ParsedFields, ReaderStart

KINDS = {
    **dict.fromkeys(("journalarticle", "datapaper", "peerreview"), "journal_article"),
    **dict.fromkeys(("report", "preprint", "standard", "outputmanagementplan"), "report"),
    "article-journal": "journal_article",
    "book": "book",
    **dict.fromkeys(("bookchapter", "chapter"), "chapter"),
    **dict.fromkeys(("dissertation", "thesis"), "thesis"),
    **dict.fromkeys(("conferencepaper", "paper-conference"), "conference_paper"),
    "dataset": "dataset",
}
SIGN = re.compile(
    rb'"type"\s*:\s*"dois"|"schemaVersion"\s*:\s*"https?://datacite\.org/|"titles"\s*:\s*\[\s*\{\s*"(?:title|lang|titleType)"'
)
LAYOUT = JsonLayout(
    list_start=re.compile(rb'\A(?:\xef\xbb\xbf)*\s*\{\s*"data"\s*:\s*\['),
    single_start=re.compile(rb'\A(?:\xef\xbb\xbf)*\s*\{\s*"data"\s*:\s*(?=\{)'),
    is_record=lambda record: "titles" in _attributes(record),
    other_kind="It is no record of DataCite: it has no titles.",
)


def create_reader(start: ReaderStart) -> JsonReader:
    return JsonReader(start, LAYOUT)


def _attributes(record: dict[str, JsonValue]) -> dict[str, JsonValue]:
    return member(record, "attributes") or record


def parse_fields(fields: dict[str, JsonValue]) -> ParsedFields:
    """Return the fields of one record."""
    work = sanitize_object(_attributes(fields))
    container = member(work, "container")
    types = member(work, "types")
    kinds = (KINDS.get(text.lower()) for text in texts_of([types.get("resourceTypeGeneral"), types.get("citeproc")]))
    publisher = work.get("publisher")
    descriptions = objects_of(work.get("descriptions"))
    issued = [date for date in objects_of(work.get("dates")) if date.get("dateType") == "Issued"]
    return {
        "title": _title(objects_of(work.get("titles"))),
        "summary": next(
            (first_text(text.get("description")) for text in descriptions if text.get("descriptionType") == "Abstract"),
            None,
        ),
        "kind": next((kind for kind in kinds if kind), "other"),
        "authors": _names(work.get("creators")),
        "editors": _names([person for person in objects_of(work.get("contributors")) if _is_editor(person)]),
        "published_in": first_text(container.get("title")),
        "dates": texts_of([work.get("publicationYear"), work.get("published"), [date.get("date") for date in issued]]),
        "volume": first_text(container.get("volume")),
        "issue": first_text(container.get("issue")),
        "pages": join_pages(first_text(container.get("firstPage")), first_text(container.get("lastPage"))),
        "publisher": first_text(publisher.get("name") if isinstance(publisher, dict) else publisher),
        "keywords": [text for subject in objects_of(work.get("subjects")) for text in texts_of(subject.get("subject"))],
        "language": first_text(work.get("language")),
        "identifiers": [
            *(("doi", text) for text in texts_of(work.get("doi"))),
            *(
                ("serial", text)
                for text in texts_of(container.get("identifier"))
                if container.get("identifierType") in ("ISSN", "ISBN")
            ),
        ],
        "links": texts_of(work.get("url")),
    }


def _is_editor(person: dict[str, JsonValue]) -> bool:
    return person.get("contributorType") == "Editor"


def _title(titles: list[dict[str, JsonValue]]) -> str | None:
    proper = first_text(*(title.get("title") for title in titles if not title.get("titleType")))
    subtitle = first_text(*(title.get("title") for title in titles if title.get("titleType") == "Subtitle"))
    if proper and subtitle:
        return f"{proper}: {subtitle}"
    return proper or first_text(*(title.get("title") for title in titles))


def _names(people: JsonValue) -> list[str]:
    """Return the names, the surname first where DataCite knows it."""
    names: list[str] = []
    for person in objects_of(people):
        family, forename = first_text(person.get("familyName")), first_text(person.get("givenName"))
        name = f"{family}, {forename}" if family and forename else first_text(person.get("name"), family)
        names += [name] if name else []
    return names
