"""What a harvester may ask (OAI-PMH 2.0), and the tokens by which a list goes on.

A token holds the whole request and the place of the last record, and nothing that could run out or be lost: it is as
good after a restart, a new key or a year.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal
from uuid import UUID

from services.evidence.exchange.oai.tables import ANY_TOPIC
from shared.events.contracts.evidence import WayOfKnowing

Verb = Literal["Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords", "GetRecord"]
Code = Literal[
    "badArgument",
    "badResumptionToken",
    "badVerb",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noRecordsMatch",
    "noMetadataFormats",
]

PREFIXES: Final = ("oai_dc", "oai_datacite")
WAYS: Final[dict[str, WayOfKnowing]] = {
    "research": "research",
    "lived_experience": "lived_experience",
    "practice_knowledge": "practice_knowledge",
}
NEEDED: Final[dict[str, frozenset[str]]] = {
    "Identify": frozenset(),
    "ListMetadataFormats": frozenset(),
    "ListSets": frozenset(),
    "ListIdentifiers": frozenset({"metadataPrefix"}),
    "ListRecords": frozenset({"metadataPrefix"}),
    "GetRecord": frozenset({"identifier", "metadataPrefix"}),
}
POSSIBLE: Final[dict[str, frozenset[str]]] = {
    "Identify": frozenset(),
    "ListMetadataFormats": frozenset({"identifier"}),
    "ListSets": frozenset({"resumptionToken"}),
    "ListIdentifiers": frozenset({"from", "until", "set", "resumptionToken"}),
    "ListRecords": frozenset({"from", "until", "set", "resumptionToken"}),
    "GetRecord": frozenset(),
}
SECOND: Final = "%Y-%m-%dT%H:%M:%SZ"
DAY: Final = "%Y-%m-%d"
PREFIX: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]+")
SET_SPEC: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")


class Refused(Exception):
    """An error of the protocol: a harvester's program reads the code, a person the sentence."""

    def __init__(self, code: Code, sentence: str) -> None:
        super().__init__(sentence)
        self.code, self.sentence = code, sentence


@dataclass(frozen=True, slots=True)
class Place:
    """Behind this record a list goes on. `read` records came before, of `size` where that was counted."""

    stamped_at: datetime
    item_id: UUID
    read: int
    size: int | None = None


@dataclass(frozen=True, slots=True)
class Selection:
    """The records that a list shall have: from the beginning of a second to before another."""

    prefix: str
    since: datetime | None = None
    before: datetime | None = None
    way: WayOfKnowing | None = None
    topic: UUID | None = None
    after: Place | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """What was asked, in order."""

    verb: Verb
    arguments: Mapping[str, str]
    selection: Selection | None = None
    sets_after: tuple[UUID, int] | None = None
    unknown_set: bool = False


def read(pairs: Sequence[tuple[str, str]]) -> Request:
    """The request of a query or a form. Raises Refused."""
    given: dict[str, str] = {}
    verbs = [value for name, value in pairs if name == "verb"]
    if len(verbs) != 1 or verbs[0] not in NEEDED:
        raise Refused("badVerb", f"Give one verb of these: {', '.join(NEEDED)}.")
    verb: Verb = verbs[0]  # pyright: ignore[reportAssignmentType]  it is one of the names
    for name, value in pairs:
        if name in given:
            raise Refused("badArgument", f"The argument {name} is given more than once.")
        given[name] = value
    arguments = {name: value for name, value in given.items() if name != "verb"}
    if strange := sorted(arguments.keys() - NEEDED[verb] - POSSIBLE[verb]):
        raise Refused("badArgument", f"{verb} does not take the argument {strange[0]}.")
    if "resumptionToken" in arguments:
        if len(arguments) > 1:
            raise Refused("badArgument", "A resumptionToken stands alone: it holds the other arguments.")
        return _resumed(verb, given)
    if missing := sorted(NEEDED[verb] - arguments.keys()):
        raise Refused("badArgument", f"{verb} needs the argument {missing[0]}.")
    for name, pattern in (("metadataPrefix", PREFIX), ("identifier", IDENTIFIER)):
        if name in arguments and not pattern.fullmatch(arguments[name]):
            raise Refused("badArgument", f"The argument {name} is not written as one.")
    request = _selected(verb, given) if verb in ("ListIdentifiers", "ListRecords") else Request(verb, given)
    if "metadataPrefix" in arguments and arguments["metadataPrefix"] not in PREFIXES:
        raise Refused("cannotDisseminateFormat", f"Ask for one of these: {', '.join(PREFIXES)}.")
    return request


def _selected(verb: Verb, given: Mapping[str, str]) -> Request:
    since, until = given.get("from"), given.get("until")
    if since is not None and until is not None and len(since) != len(until):
        raise Refused("badArgument", "Write from and until alike: both as days, or both with seconds.")
    begin = _moment("from", since) if since is not None else None
    end = _moment("until", until) if until is not None else None
    if begin is not None and end is not None and end < begin:
        raise Refused("badArgument", "The time until lies before the time from.")
    if end is not None and until is not None:
        end = _after(end, timedelta(days=1) if len(until) == len("2000-01-01") else timedelta(seconds=1))
    spec = given.get("set")
    if spec is not None and not SET_SPEC.fullmatch(spec):
        raise Refused("badArgument", "The argument set is not a setSpec: ListSets shows them.")
    known = _set_of(spec) if spec is not None else (None, None)
    way, topic = known or (None, None)
    selection = Selection(given["metadataPrefix"], begin, end, way, topic)
    return Request(verb, given, selection, unknown_set=known is None)


def _moment(name: str, value: str) -> datetime:
    for form, length in ((DAY, 10), (SECOND, 20)):
        if len(value) == length and value.isascii():
            try:
                return datetime.strptime(value, form).replace(tzinfo=UTC)
            except ValueError:
                break
    raise Refused("badArgument", f"Write {name} as 2026-01-31 or 2026-01-31T09:30:00Z.")


def _after(moment: datetime, step: timedelta) -> datetime | None:
    """None beyond the end of the calendar."""
    return moment + step if datetime.max.replace(tzinfo=UTC) - moment > step else None


def _set_of(spec: str) -> tuple[WayOfKnowing | None, UUID | None] | None:
    """The way of knowing or the topic; neither for the set of all ways; None where there is no such set."""
    match spec.split(":"):
        case ["way"]:
            return None, None
        case ["way", way] if way in WAYS:
            return WAYS[way], None
        case ["topic"]:
            return None, ANY_TOPIC
        case ["topic", *path] if len(path[-1]) == 36:
            try:
                return None, UUID(path[-1])
            except ValueError:
                return None
        case _:
            return None


def token(verb: str, selection: Selection, place: Place) -> str:
    """Letters, digits and signs that need no escaping in an address: some harvesters do not escape."""
    parts = (
        verb,
        selection.prefix,
        _written(selection.since),
        _written(selection.before),
        selection.way or (f"{selection.topic}" if selection.topic else ""),
        _written(place.stamped_at),
        str(place.item_id),
        str(place.read),
        "" if place.size is None else str(place.size),
    )
    return "~".join(parts)


def sets_token(last: UUID, read: int) -> str:
    return f"ListSets~{last}~{read}"


def _resumed(verb: Verb, given: Mapping[str, str]) -> Request:
    bad = Refused("badResumptionToken", "This token was not given for this verb. Begin the list again without it.")
    try:
        match given["resumptionToken"].split("~"):
            case ["ListSets", last, read] if verb == "ListSets":
                return Request(verb, given, sets_after=(UUID(last), _number(read)))
            case [named, prefix, since, before, within, stamped_at, item, read, size] if named == verb:
                place = Place(_read(stamped_at), UUID(item), _number(read), _number(size) if size else None)
                way = WAYS.get(within)
                topic = UUID(within) if within and way is None else None
                selection = Selection(
                    prefix, _read(since) if since else None, _read(before) if before else None, way, topic, place
                )
                if prefix in PREFIXES:
                    return Request(verb, given, selection)
            case _:
                pass
    except ValueError:
        raise bad from None
    raise bad


def _written(moment: datetime | None) -> str:
    if moment is None:
        return ""
    # Of a year before 1000, `%Y` leaves out the noughts.
    utc = moment.astimezone(UTC)
    return f"{utc.year:04}{utc:%m%dT%H%M%S.%fZ}"


def _read(value: str) -> datetime:
    return datetime.strptime(value, "%Y%m%dT%H%M%S.%fZ").replace(tzinfo=UTC)


def _number(value: str) -> int:
    if not value.isascii() or not value.isdecimal() or len(value) > 9:
        raise ValueError(value)
    return int(value)


def item_of(identifier: str, namespace: str) -> UUID | None:
    """Of `oai:<namespace>:<id>`; None for what is no identifier of this library."""
    start = f"oai:{namespace}:"
    text = identifier.removeprefix(start)
    if not identifier.startswith(start) or len(text) != 36:
        return None
    try:
        found = UUID(text)
    except ValueError:
        return None
    return found if str(found) == text else None
