"""What an export of a library like this one keeps of an item beside its format's own fields.

JSON: id, way_of_knowing, own, country, setting, language, topics (by name), and title and summary where the format's
own fields cannot hold them as they are; in formats of free text after a mark. Whatever it says is checked like what
somebody sends to the API.
"""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from pydantic import ValidationError

from services.evidence.exchange.imports import rules
from services.evidence.exchange.readers.encodings import sanitize_json
from services.evidence.exchange.readers.records import ParsedFields, SourceRecord
from services.evidence.library.items.descriptions import LivedExperience, PracticeKnowledge, Research
from services.evidence.library.items.descriptions import described as description

MARK = "impact:1:"
NOT_READABLE = "What the library that it comes from kept of it cannot be read; was the file changed by hand?"


@dataclass(frozen=True, slots=True)
class Understood:
    """A work, and the names of the topics that it stood under where it comes from."""

    description: Research | LivedExperience | PracticeKnowledge
    item_id: UUID | None = None
    """The item of this library, or of the one that it comes from."""
    topics: tuple[str, ...] = ()
    from_a_library: bool = False


def understand(record: SourceRecord, says: ParsedFields) -> Understood | str:
    """What a record says, or the reason in plain words why it cannot be taken."""
    if reason := rules.unreadable(record):
        return reason
    stated = next((one for one in says.get("extensions") or () if not isinstance(one, str) or _marked(one)), None)
    if stated is None:
        work = rules.understand(record, says)
        return work if isinstance(work, str) else Understood(work, rules.own_id(says.get("links") or ()))
    match _loaded(stated):
        case {"way_of_knowing": str(), "own": dict()} as kept:
            return _restored(says, kept)
        case _:
            return NOT_READABLE


def _marked(text: str) -> bool:
    return text.lstrip().startswith((MARK, "{"))


def _loaded(stated: Any) -> Any:
    if not isinstance(stated, str):
        return stated
    try:
        return sanitize_json(orjson.loads(stated.strip().removeprefix(MARK)))
    except (orjson.JSONDecodeError, RecursionError):
        return None


def _restored(says: ParsedFields, kept: dict[str, Any]) -> Understood | str:
    title = kept["title"] if isinstance(kept.get("title"), str) else " ".join((says.get("title") or "").split())
    if not title.strip():
        return "It has no title."
    payload = {
        **kept["own"],
        "way_of_knowing": kept["way_of_knowing"],
        "title": title,
        "summary": kept.get("summary", says.get("summary")) or "",
        **{name: kept[name] for name in ("country", "setting", "language") if kept.get(name)},
    }
    match kept.get("topics"):
        case [*listed]:
            names = [name for name in listed if isinstance(name, str)][: rules.MOST_TOPICS]  # pyright: ignore[reportUnknownVariableType]  any JSON
        case _:
            names = []
    try:
        work = description.validate_python(payload)
    except ValidationError as wrong:
        return "; ".join(
            f"{error['loc'][-1] if error['loc'] else 'record'}: {error['msg']}" for error in wrong.errors()[:3]
        )
    return Understood(work, _id(kept.get("id")) or rules.own_id(says.get("links") or ()), tuple(names), True)


def _id(stated: Any) -> UUID | None:
    """Of an item: UUIDs of other versions are not this kind of library's."""
    try:
        found = UUID(str(stated))
    except ValueError:
        return None
    return found if found.version == 7 else None
