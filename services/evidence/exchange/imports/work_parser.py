"""Turns a record into a work: research, or whatever item an export of a library like this one says that it was.

Such an export keeps beside its format's own fields, as JSON: id, way_of_knowing, details, country, setting, language,
topics (by name), and title and summary where the format's own fields cannot hold them as they are; in formats of free
text after a mark. It is validated like what somebody sends to the API.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from services.evidence.exchange.additions.rules import MAX_TOPICS
from services.evidence.exchange.imports.research_parser import (
    MAX_REPORTED_ERRORS,
    NO_TITLE,
    item_id_in,
    parse_research,
    unreadable,
)
from services.evidence.exchange.readers.encodings import sanitize_json
from services.evidence.exchange.readers.records import ParsedFields, SourceRecord
from services.evidence.library.items.descriptions import (
    LivedExperience,
    PracticeKnowledge,
    Research,
    description_adapter,
)

MARK = "impact:1:"
NOT_READABLE = "What the library that it comes from added to it cannot be read; was the file changed by hand?"


@dataclass(frozen=True, slots=True)
class ParsedWork:
    """A work as its record describes it."""

    description: Research | LivedExperience | PracticeKnowledge
    item_id: UUID | None = None
    """The item of this library, or of the library that it comes from."""
    topics: tuple[str, ...] = ()
    """The names of the topics where it comes from."""
    from_a_library: bool = False


def parse_work(record: SourceRecord, fields: ParsedFields) -> ParsedWork | str:
    """Return the work, or why the record is rejected."""
    if reason := unreadable(record):
        return reason
    values = fields.get("extensions") or ()
    extension = next((value for value in values if not isinstance(value, str) or _is_extension(value)), None)
    if extension is None:
        work = parse_research(record, fields)
        return work if isinstance(work, str) else ParsedWork(work, item_id_in(fields.get("links") or ()))
    match _loaded(extension):
        case {"way_of_knowing": str(), "details": dict()} as item:
            return _restore(fields, item)
        case _:
            return NOT_READABLE


def _is_extension(text: str) -> bool:
    return text.lstrip().startswith((MARK, "{"))


def _loaded(extension: Any) -> Any:
    if not isinstance(extension, str):
        return extension
    try:
        return sanitize_json(orjson.loads(extension.strip().removeprefix(MARK)))
    except (orjson.JSONDecodeError, RecursionError):
        return None


def _restore(fields: ParsedFields, item: dict[str, Any]) -> ParsedWork | str:
    title = item["title"] if isinstance(item.get("title"), str) else " ".join((fields.get("title") or "").split())
    if not title.strip():
        return NO_TITLE
    payload = {
        **item["details"],
        "way_of_knowing": item["way_of_knowing"],
        "title": title,
        "summary": item.get("summary", fields.get("summary")) or "",
        **{name: item[name] for name in ("country", "setting", "language") if item.get(name)},
    }
    match item.get("topics"):
        case [*topics]:
            names = [name for name in topics if isinstance(name, str)][:MAX_TOPICS]  # pyright: ignore[reportUnknownVariableType]  any JSON
        case _:
            names = []
    try:
        work = description_adapter.validate_python(payload)
    except ValidationError as error:
        return "; ".join(
            f"{fault['loc'][-1] if fault['loc'] else 'record'}: {fault['msg']}"
            for fault in error.errors()[:MAX_REPORTED_ERRORS]
        )
    item_id = _item_id(item.get("id")) or item_id_in(fields.get("links") or ())
    return ParsedWork(work, item_id, tuple(names), from_a_library=True)


def _item_id(value: Any) -> UUID | None:
    """Return the id of an item. UUIDs of other versions are not from this kind of library."""
    try:
        item_id = UUID(str(value))
    except ValueError:
        return None
    return item_id if item_id.version == 7 else None
