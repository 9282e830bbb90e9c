"""What a record says, as an item; or why it cannot be taken."""

import re
from collections.abc import Iterable, Sequence
from datetime import timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

from pydantic import TypeAdapter, ValidationError

from services.evidence.exchange.readers.fields import plain_text
from services.evidence.exchange.readers.fields.dates import published_on
from services.evidence.exchange.readers.records import Record, Says, sound
from services.evidence.library.items.descriptions import Identifier, Research
from services.evidence.library.items.identifiers import normalised
from shared.problems import Invalid, NotFound, Problem


class ImportNotFound(NotFound):
    detail = "No import with this id was found. The list is at /v1/imports."


class EmptyFile(Invalid):
    pointer = "/file"
    title = "This file is empty"
    detail = "There is nothing in it to import. Export it again from where it comes from, and send it once more."


class FileTooLarge(Problem):
    status = 413
    title = "This file is larger than can be taken at once"
    detail = "Send it in parts of at most 500 MB. Records that come twice are only matched."


class NothingKept(NotFound):
    detail = (
        "No record that this import refused is kept as it came: none was refused, they are longer than 1 MB, or they "
        "came more than 30 days ago. The reasons are at /v1/imports/{import_id}/rejects; send the file again for more."
    )


ORIGINALS_KEPT = timedelta(days=30)
MOST_ORIGINALS = 10_000
"""Of one import: of a file that is wrong throughout, its sender has the rest."""
LARGEST_FILE = 500 * 1024 * 1024
LONGEST_NAME = 200
LONGEST_TITLE = 300
"""Of a record that was refused: as much as finds it again."""
LONGEST_ADDRESS = 2_000
MOST_IDENTIFIERS = 50
LONGEST_IDENTIFIER = 500
MOST_KEYWORDS = 1_000
MOST_TOPICS = 20
"""Of an item, as `items.descriptions` says."""
NO_RECORD = (
    "No record was found in it. Export the references once more from the program or database that they come from, as "
    "RIS where you can choose, and import that file."
)
NOT_FORESEEN = "It is written in a way that could not be read. Tell us, with the record, if it looks right to you."
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
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})?")
_ADDRESS = re.compile(r"https?://[^\s;<>\"]+")
_OWN_ADDRESS = re.compile(
    r"(?:urn:uuid:|/v1/evidence/)([0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})(?:$|[\s/?#])",
    re.IGNORECASE,
)
_BETWEEN_SERIALS = re.compile(r"[;,()]|\s(?=\d{4}-\d{3}[\dXx])")
_LINES = ("published_in", "volume", "issue", "pages", "publisher")
_research = TypeAdapter(Research)


def understand(record: Record, says: Says) -> Research | str:
    """The work, or the reason in plain words why it cannot be taken."""
    if reason := unreadable(record):
        return reason
    title = plain_text.words(says.get("title") or "")
    if not title:
        return "It has no title."
    try:
        return _research.validate_python(described(says, title))
    except ValidationError as wrong:
        return "; ".join(f"{_place(error['loc'])}: {error['msg']}" for error in wrong.errors()[:3])


def unreadable(record: Record) -> str | None:
    """Why nothing can be made of this record."""
    if record.too_long:
        return f"The record is longer than {record.limit // 1024} KB, or holds a line that never ends."
    return record.broken


def described(says: Says, title: str) -> dict[str, Any]:
    """What it says, clean, as a description of research."""
    told: dict[str, Any] = {
        "way_of_knowing": "research",
        "title": title,
        "summary": plain_text.prose(says.get("summary") or ""),
        "kind": says.get("kind") or "other",
        "authors": lines(says.get("authors")),
        "editors": lines(says.get("editors")),
        "published_on": published_on(says.get("dates") or ()),
        "keywords": lines(says.get("keywords"))[:MOST_KEYWORDS],
        "language": language(says.get("language")),
        "identifiers": identifiers(says.get("identifiers") or ()),
        "url": address(says.get("links") or ()),
    }
    for name in _LINES:
        told[name] = (plain_text.line(says[name]) or None) if says.get(name) else None
    return told


def lines(values: Iterable[str] | None) -> list[str]:
    """Each once, in their order."""
    return list(dict.fromkeys(filter(None, map(plain_text.line, values)))) if values else []


def language(said: str | None) -> str:
    """English where nothing is said that is a language's name or code."""
    if not said:
        return "en"
    told = said.strip()
    known = LANGUAGES.get(told.lower())
    if known is None and _LANGUAGE.fullmatch(told):
        return told
    return known or LANGUAGES.get(re.split(r"[;,/ ]", told.lower())[0], "en")


def address(links: Iterable[str]) -> str | None:
    """The first one in the web that is not an item of a library like this one; a page rather than a PDF."""
    found = [
        plain_text.unescaped(url) if "&" in url else url
        for link in links
        for url in _ADDRESS.findall(link)
        if len(url) <= LONGEST_ADDRESS and not _OWN_ADDRESS.search(url)
    ]
    return next((url for url in found if not url.lower().endswith(".pdf")), found[0] if found else None)


def own_id(links: Iterable[str]) -> UUID | None:
    """The item that an address or URN of this library, or of one like it, stands for."""
    for link in links:
        if ("/v1/evidence/" in link or "urn:" in link) and (found := _OWN_ADDRESS.search(link)):
            return UUID(found[1])
    return None


def identifiers(stated: Sequence[tuple[str, str]]) -> list[Any]:
    """Every identifier that the record states, each once. A `serial` is of a book or else of a journal."""
    found: dict[Any, Any] = {}
    for scheme, text in stated:
        if scheme == "serial":
            found.update((one, one) for one in _serials(text[:1_000]))
        elif value := normalised(scheme, plain_text.unescaped(text) if "&" in text else text):
            found[scheme, value] = _identifier(scheme, value)
    return list(found.values())[:MOST_IDENTIFIERS]


def _identifier(scheme: str, value: str) -> Any:
    """One that is normalised is not looked at again; too long a one is told with the other faults of its record."""
    if len(value) > LONGEST_IDENTIFIER:
        return {"scheme": scheme, "value": value}
    return Identifier.model_construct(scheme=scheme, value=value)  # pyright: ignore[reportArgumentType]  a scheme that was normalised is one


@lru_cache(maxsize=10_000)
def _serials(text: str) -> tuple[Identifier, ...]:
    """Asked again and again: a few journals hold most of a field's works."""
    found: list[Identifier] = []
    for part in _BETWEEN_SERIALS.split(text):
        for scheme in ("isbn", "issn"):
            if value := normalised(scheme, part):
                found.append(Identifier.model_validate({"scheme": scheme, "value": value}))
                break
    return tuple(found)


def title_of(says: Says) -> str | None:
    """As far as there is one: to find a refused record again."""
    return sound(plain_text.words(says.get("title") or "")[:LONGEST_TITLE]) or None


def _place(path: tuple[int | str, ...]) -> str:
    return str(path[0]) if path else "record"


def problems(problem: str | None, strays: int) -> list[str]:
    """What a person should know of an import beyond its counts."""
    told = [problem] if problem else []
    if strays and not problem:
        told.append(
            "1 line that belonged to no record was passed over."
            if strays == 1
            else f"{strays} lines that belonged to no record were passed over."
        )
    return told
