"""Resumption tokens, by which a list goes on (OAI-PMH 2.0, section 3.5).

A token holds the whole request and the position of the last record, and nothing that could expire or be lost: it is
valid after a restart, a new key or a year.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from shared.events.contracts.evidence import WayOfKnowing

WAYS_OF_KNOWING: Final[Mapping[str, WayOfKnowing]] = {
    "research": "research",
    "lived_experience": "lived_experience",
    "practice_knowledge": "practice_knowledge",
}


@dataclass(frozen=True, slots=True)
class ListPosition:
    """The last record of a page. `read` records were sent so far, of `size` if they were counted."""

    stamped_at: datetime
    item_id: UUID
    read: int
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The records of a list: with datestamps from `since` until before `before`."""

    prefix: str
    since: datetime | None = None
    before: datetime | None = None
    way: WayOfKnowing | None = None
    topic: UUID | None = None
    after: ListPosition | None = None


@dataclass(frozen=True, slots=True)
class SetPosition:
    """The last topic of a page of sets. `read` sets were sent so far."""

    topic_id: UUID
    read: int


def write_list_token(verb: str, selection: Selection, position: ListPosition) -> str:
    """Return the token of a list, of characters that need no escaping in a URL: some harvesters do not escape."""
    fields = (
        verb,
        selection.prefix,
        _write_moment(selection.since),
        _write_moment(selection.before),
        selection.way or (f"{selection.topic}" if selection.topic else ""),
        _write_moment(position.stamped_at),
        str(position.item_id),
        str(position.read),
        "" if position.size is None else str(position.size),
    )
    return "~".join(fields)


def write_set_token(position: SetPosition) -> str:
    return f"ListSets~{position.topic_id}~{position.read}"


def read_list_token(verb: str, token: str) -> Selection:
    """Return the selection that goes on after the token's position. Raises ValueError."""
    token_verb, prefix, since, before, oai_set, stamped_at, item_id, read, size = token.split("~")
    if token_verb != verb:
        raise ValueError(token_verb)
    way = WAYS_OF_KNOWING.get(oai_set)
    return Selection(
        prefix,
        _read_moment(since) if since else None,
        _read_moment(before) if before else None,
        way,
        UUID(oai_set) if oai_set and way is None else None,
        ListPosition(_read_moment(stamped_at), UUID(item_id), _read_number(read), _read_number(size) if size else None),
    )


def read_set_token(token: str) -> SetPosition:
    """Return the position in the list of sets. Raises ValueError."""
    verb, topic_id, read = token.split("~")
    if verb != "ListSets":
        raise ValueError(verb)
    return SetPosition(UUID(topic_id), _read_number(read))


def _write_moment(moment: datetime | None) -> str:
    if moment is None:
        return ""
    # `%Y` leaves out the leading zeros of a year before 1000.
    utc = moment.astimezone(UTC)
    return f"{utc.year:04}{utc:%m%dT%H%M%S.%fZ}"


def _read_moment(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def _read_number(value: str) -> int:
    if not value.isascii() or not value.isdecimal() or len(value) > 9:
        raise ValueError(value)
    return int(value)
