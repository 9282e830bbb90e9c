"""Turns the fields of a record into a description of research, or says why the record is rejected."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.evidence.exchange.readers.encodings import sanitize
from services.evidence.exchange.readers.fields import person_names, plain_text
from services.evidence.exchange.readers.fields.dates import published_on
from services.evidence.exchange.readers.fields.page_ranges import is_placeholder_range
from services.evidence.exchange.readers.fields.placeholders import PLACEHOLDERS, is_placeholder_text
from services.evidence.exchange.readers.records import ParsedFields, SourceRecord
from services.evidence.library.items.attribution import NO_CONSENT
from services.evidence.library.items.descriptions import Identifier, Research
from services.evidence.library.items.identifiers.rules import normalised

NO_TITLE = "It has no title."
PLACEHOLDER_TITLE = "It has no title: what stands there is a placeholder, such as Untitled or Test."
MAX_TITLE_CHARACTERS = 300
"""Of a rejected record's title: enough to find the record again."""
MAX_URL_CHARACTERS = 2_000
MAX_IDENTIFIERS, MAX_IDENTIFIER_CHARACTERS = 50, 500
MAX_SERIALS_CHARACTERS = 1_000
MAX_KEYWORDS = 1_000
WAYS: Final = {"lived experience": "lived_experience", "practice knowledge": "practice_knowledge"}
"""As exports and OAI-PMH of a library like this one name the ways of knowing, in lower case."""
MAX_REPORTED_ERRORS = 3
LANGUAGES = {
    **dict.fromkeys(("en", "eng", "english"), "en"),
    **dict.fromkeys(("cy", "cym", "wel", "welsh"), "cy"),
    **dict.fromkeys(("de", "ger", "deu", "german"), "de"),
    **dict.fromkeys(("fr", "fre", "fra", "french"), "fr"),
    **dict.fromkeys(("es", "spa", "spanish"), "es"),
    **dict.fromkeys(("it", "ita", "italian"), "it"),
    **dict.fromkeys(("nl", "dut", "nld", "dutch"), "nl"),
    **dict.fromkeys(("pt", "por", "portuguese"), "pt"),
    **dict.fromkeys(("pl", "pol", "polish"), "pl"),
}
_LANGUAGE_CODE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_URL = re.compile(r"https?://[^\s;<>\"]+")
_ITEM_URL = re.compile(
    r"(?:urn:uuid:|/v1/evidence/)([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})(?:$|[\s/?#])",
    re.IGNORECASE,
)
_BETWEEN_SERIALS = re.compile(r"[;,()]|\s(?=\d{4}-\d{3}[\dXx])")
_SINGLE_LINES: Final = ("published_in", "volume", "issue", "pages", "publisher")
_research = TypeAdapter(Research)

UncheckedIdentifier = Identifier | dict[str, str]
"""An identifier, or the scheme and value of one that validation will refuse."""


def parse_research(record: SourceRecord, fields: ParsedFields) -> Research | str:
    """Return the work, or why the record is rejected."""
    if reason := unreadable(record):
        return reason
    title = plain_text.single_line(fields.get("title") or "")
    if reason := title_problem(title):
        return reason
    try:
        return _research.validate_python(research_payload(fields, title))
    except ValidationError as error:
        return "; ".join(f"{_field(fault['loc'])}: {fault['msg']}" for fault in error.errors()[:MAX_REPORTED_ERRORS])


def title_problem(title: str) -> str | None:
    """Return what is wrong with a title; None where it is one."""
    if not title:
        return NO_TITLE
    return PLACEHOLDER_TITLE if is_placeholder_text(title) else None


def unreadable(record: SourceRecord) -> str | None:
    """Return why nothing of this record can be read; None if it can."""
    if record.too_long:
        return f"The record is longer than {record.max_bytes // 1024} KB, or has a line without an end."
    return record.error


def research_payload(fields: ParsedFields, title: str) -> dict[str, Any]:
    """Return the cleaned fields, to be validated as `Research`."""
    summary = plain_text.paragraphs(fields.get("summary") or "")
    payload: dict[str, Any] = {
        "way_of_knowing": "research",
        "title": title,
        "summary": "" if is_placeholder_text(summary) else summary,
        "kind": fields.get("kind") or "other",
        "authors": people(fields.get("authors")),
        "editors": people(fields.get("editors")),
        "published_on": published_on(fields.get("dates") or ()),
        "keywords": unique_lines(fields.get("keywords"))[:MAX_KEYWORDS],
        "language": language_code(fields.get("language")),
        "identifiers": parse_identifiers(fields.get("identifiers") or ()),
        "url": first_url(fields.get("links") or ()),
        # The default, which Pydantic would copy for each record.
        "topics": [],
    }
    for name in _SINGLE_LINES:
        value = fields.get(name)
        payload[name] = _line(value) if value else None
    if (pages := payload["pages"]) and is_placeholder_range(pages):
        payload["pages"] = None
    if design := fields.get("design"):
        payload["design"] = design
    return payload


def payload_by_way(payload: dict[str, Any], labels: Iterable[str]) -> dict[str, Any]:
    """Return the payload of what the labels call it: an account, of which nobody has consented here, or practice.

    Without such a label it stays research.
    """
    way = next((WAYS[name] for name in (" ".join(label.lower().split()) for label in labels) if name in WAYS), None)
    if way is None:
        return payload
    common = {name: payload.get(name) for name in ("title", "summary", "language", "country", "setting")}
    text = payload["summary"] or payload["title"]
    if way == "lived_experience":
        return {**common, "way_of_knowing": way, "account": text, "speaks_as": "someone_else", "consent": NO_CONSENT}
    setting = common["setting"] or "not said"
    return {**common, "way_of_knowing": way, "role": "not said", "setting": setting, "what_was_done": text}


_short_line = lru_cache(maxsize=20_000)(plain_text.short_line)
"""Cached: a field has its own keywords, and its authors recur."""


@lru_cache(maxsize=20_000)
def _line(text: str) -> str | None:
    """Return the text on one line; None for a placeholder. Cached: few journals, volumes and issues recur."""
    line = plain_text.short_line(text)
    return line if line and line not in PLACEHOLDERS else None


def people(names: Iterable[str] | None) -> list[str]:
    """Return the names, each as it is written for people: surname, given names and suffix. Without repeats."""
    lines = unique_lines(names)
    if person_names.are_normal(lines):
        return lines
    return list(dict.fromkeys(map(person_names.normalize, lines)))


def unique_lines(values: Iterable[str] | None) -> list[str]:
    """Return each of these as one line of plain text, in order, without repeats and placeholders."""
    if not values:
        return []
    lines: list[str] = list(dict.fromkeys(filter(None, map(_short_line, values))))
    return lines if PLACEHOLDERS.isdisjoint(lines) else [line for line in lines if line not in PLACEHOLDERS]


def language_code(language: str | None) -> str:
    """Return the code of a language, from its name or code; of English if it is neither."""
    if not language:
        return "en"
    stripped = language.strip()
    code = LANGUAGES.get(stripped.lower())
    if code is None and _LANGUAGE_CODE.fullmatch(stripped):
        return stripped
    return code or LANGUAGES.get(re.split(r"[;,/ ]", stripped.lower())[0], "en")


def first_url(links: Iterable[str]) -> str | None:
    """Return the first URL that is not of an item in a library like this one. A page is preferred to a PDF."""
    urls = [
        plain_text.unescape(url) if "&" in url else url
        for link in links
        for url in _URL.findall(link)
        if len(url) <= MAX_URL_CHARACTERS and not _ITEM_URL.search(url)
    ]
    return next((url for url in urls if not url.lower().endswith(".pdf")), urls[0] if urls else None)


def item_id_in(links: Iterable[str]) -> UUID | None:
    """Return the id of the item, in this library or one like it, that one of these URLs or URNs names; else None."""
    for link in links:
        if ("/v1/evidence/" in link or "urn:" in link) and (match := _ITEM_URL.search(link)):
            return UUID(match[1])
    return None


def parse_identifiers(stated: Sequence[tuple[str, str]]) -> list[UncheckedIdentifier]:
    """Return every identifier of these pairs of scheme and text, without repeats. A `serial` is an ISBN or an ISSN."""
    identifiers: dict[tuple[str, str] | Identifier, UncheckedIdentifier] = {}
    for scheme, text in stated:
        if scheme == "serial":
            identifiers.update((serial, serial) for serial in _serials(text[:MAX_SERIALS_CHARACTERS]))
        elif value := normalised(scheme, plain_text.unescape(text) if "&" in text else text):
            identifiers[scheme, value] = _identifier(scheme, value)
    return list(identifiers.values())[:MAX_IDENTIFIERS]


def title_of(fields: ParsedFields) -> str | None:
    """Return the beginning of the title, by which a rejected record is found again; None without a title."""
    return sanitize(plain_text.single_line(fields.get("title") or "")[:MAX_TITLE_CHARACTERS]) or None


def _identifier(scheme: str, value: str) -> UncheckedIdentifier:
    """Return the identifier, not validated since its value is normalised. One that is too long is refused later."""
    if len(value) > MAX_IDENTIFIER_CHARACTERS:
        return {"scheme": scheme, "value": value}
    return Identifier.model_construct(scheme=scheme, value=value)


@lru_cache(maxsize=10_000)
def _serials(text: str) -> tuple[Identifier, ...]:
    """Return the ISBNs and ISSNs in the text. Cached, since a few journals publish most works of a field."""
    serials: list[Identifier] = []
    for piece in _BETWEEN_SERIALS.split(text):
        for scheme in ("isbn", "issn"):
            if value := normalised(scheme, piece):
                serials.append(Identifier.model_validate({"scheme": scheme, "value": value}))
                break
    return tuple(serials)


def _field(location: tuple[int | str, ...]) -> str:
    return str(location[0]) if location else "record"
