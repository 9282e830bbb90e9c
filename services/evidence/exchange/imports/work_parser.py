"""Turns a record into a work: research, or the item that it was, in an export of a library like this one.

Besides its format's own fields, such an export holds as JSON: id, way_of_knowing, details, country, setting, language,
topics (by name), and title and summary if the format's own fields cannot hold them exactly. In fields of free text, it
comes after a mark. Earlier exports say `own` for details. It is validated like a request to the API. Where a program
dropped it, the label of the way of knowing in the format's own fields still says that it is an account, or practice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson
from pydantic import JsonValue, ValidationError

from services.evidence.exchange.additions.rules import MAX_TOPICS
from services.evidence.exchange.imports.research_parser import (
    MAX_REPORTED_ERRORS,
    NO_TITLE,
    item_id_in,
    parse_research,
    payload_by_way,
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
NOT_READABLE = (
    "It comes from a library like this one, and what that library added to it cannot be read. If the file was "
    "changed by hand, export it again."
)


@dataclass(frozen=True, slots=True)
class ParsedWork:
    """A work as its record describes it."""

    description: Research | LivedExperience | PracticeKnowledge
    item_id: UUID | None = None
    """Its id in this library, or in the library that it comes from."""
    topics: tuple[str, ...] = ()
    """The names of its topics in the library that it comes from."""
    from_a_library: bool = False


def parse_work(record: SourceRecord, fields: ParsedFields) -> ParsedWork | str:
    """Return the work, or why the record is rejected."""
    if reason := unreadable(record):
        return reason
    values = fields.get("extensions") or ()
    extensions = [value for value in values if not isinstance(value, str) or _is_extension(value)]
    if not extensions:
        work = parse_research(record, fields)
        if isinstance(work, str):
            return work
        return ParsedWork(_by_way(work, fields.get("labels") or ()), item_id_in(fields.get("links") or ()))
    match _loaded(extensions[0]):
        case (
            {"way_of_knowing": str(way), "details": dict(details)} | {"way_of_knowing": str(way), "own": dict(details)}
        ) as item:
            return _restore(fields, item, {**details, "way_of_knowing": way})
        case _:
            return NOT_READABLE


def _by_way(work: Research, labels: Sequence[str]) -> Research | LivedExperience | PracticeKnowledge:
    """Return what the labels call it. A reference with an identifier or a journal is research, whatever its section."""
    if not labels or work.identifiers or work.published_in:
        return work
    payload = payload_by_way(work.model_dump(), labels)
    return work if payload["way_of_knowing"] == "research" else description_adapter.validate_python(payload)


def _is_extension(text: str) -> bool:
    return text.lstrip().startswith((MARK, "{"))


def _loaded(extension: JsonValue) -> JsonValue:
    if not isinstance(extension, str):
        return extension
    try:
        return sanitize_json(orjson.loads(extension.strip().removeprefix(MARK)))
    except (orjson.JSONDecodeError, RecursionError):
        return None


def _restore(fields: ParsedFields, item: dict[str, JsonValue], details: dict[str, JsonValue]) -> ParsedWork | str:
    title, topics = item.get("title"), item.get("topics")
    if not isinstance(title, str):
        title = " ".join((fields.get("title") or "").split())
    if not title.strip():
        return NO_TITLE
    payload = {
        **details,
        "title": title,
        "summary": item.get("summary", fields.get("summary")) or "",
        **{name: item[name] for name in ("country", "setting", "language") if item.get(name)},
    }
    names = [name for name in topics if isinstance(name, str)][:MAX_TOPICS] if isinstance(topics, list) else []
    try:
        work = description_adapter.validate_python(payload)
    except ValidationError as error:
        return "; ".join(
            f"{fault['loc'][-1] if fault['loc'] else 'record'}: {fault['msg']}"
            for fault in error.errors()[:MAX_REPORTED_ERRORS]
        )
    item_id = _item_id(item.get("id")) or item_id_in(fields.get("links") or ())
    return ParsedWork(work, item_id, tuple(names), from_a_library=True)


def _item_id(value: JsonValue) -> UUID | None:
    """Return the id of an item; None for a UUID of another version, which no library of this kind makes."""
    try:
        item_id = UUID(str(value))
    except ValueError:
        return None
    return item_id if item_id.version == 7 else None
