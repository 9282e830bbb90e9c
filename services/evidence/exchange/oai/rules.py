"""What a harvester may request (OAI-PMH 2.0), and the errors of the protocol."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Literal, NamedTuple
from urllib.parse import parse_qsl
from uuid import UUID

from services.evidence.exchange.oai.resumption_tokens import (
    WAYS_OF_KNOWING,
    Selection,
    SetPosition,
    read_list_token,
    read_set_token,
)
from services.evidence.exchange.oai.tables import ANY_TOPIC
from shared.events.contracts.evidence import WayOfKnowing

Verb = Literal["Identify", "ListMetadataFormats", "ListSets", "ListIdentifiers", "ListRecords", "GetRecord"]
ErrorCode = Literal[
    "badArgument",
    "badResumptionToken",
    "badVerb",
    "cannotDisseminateFormat",
    "idDoesNotExist",
    "noRecordsMatch",
    "noMetadataFormats",
]

MAX_ARGUMENTS = 20
PREFIXES: Final = ("oai_dc", "oai_datacite")
REQUIRED_ARGUMENTS: Final[dict[Verb, frozenset[str]]] = {
    "Identify": frozenset(),
    "ListMetadataFormats": frozenset(),
    "ListSets": frozenset(),
    "ListIdentifiers": frozenset({"metadataPrefix"}),
    "ListRecords": frozenset({"metadataPrefix"}),
    "GetRecord": frozenset({"identifier", "metadataPrefix"}),
}
OPTIONAL_ARGUMENTS: Final[dict[Verb, frozenset[str]]] = {
    "Identify": frozenset(),
    "ListMetadataFormats": frozenset({"identifier"}),
    "ListSets": frozenset({"resumptionToken"}),
    "ListIdentifiers": frozenset({"from", "until", "set", "resumptionToken"}),
    "ListRecords": frozenset({"from", "until", "set", "resumptionToken"}),
    "GetRecord": frozenset(),
}
SECOND_FORMAT: Final = "%Y-%m-%dT%H:%M:%SZ"
DAY_FORMAT: Final = "%Y-%m-%d"
PREFIX: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()]+")
IDENTIFIER: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~:/?#@!$&'()*+,;=]+")
SET_SPEC: Final = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*")


class ProtocolError(Exception):
    """An error of the protocol: the code is for the harvester's program, the message for a person."""

    def __init__(self, code: ErrorCode, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class OaiRequest:
    """A valid request. The verb is among its arguments too."""

    verb: Verb
    arguments: Mapping[str, str]
    selection: Selection | None = None
    sets_after: SetPosition | None = None
    unknown_set: bool = False


class SetMembers(NamedTuple):
    """The records of a set: of a way of knowing, of a topic, or all."""

    way: WayOfKnowing | None = None
    topic: UUID | None = None


def parse_arguments(query: bytes) -> list[tuple[str, str]]:
    """Return the arguments of a query string or a form. Raises ProtocolError."""
    try:
        return parse_qsl(query.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MAX_ARGUMENTS)
    except ValueError:
        message = "The arguments could not be read. Write name=value, joined by &, and percent-encoded as UTF-8."
        raise ProtocolError("badArgument", message) from None


def parse_request(pairs: Sequence[tuple[str, str]]) -> OaiRequest:
    """Return the request of these arguments. Raises ProtocolError."""
    requested_verbs = [value for name, value in pairs if name == "verb"]
    verb: Verb | None = next((verb for verb in REQUIRED_ARGUMENTS if [verb] == requested_verbs), None)
    if verb is None:
        raise ProtocolError("badVerb", f"Give exactly one of these verbs: {', '.join(REQUIRED_ARGUMENTS)}.")
    arguments: dict[str, str] = {}
    for name, value in pairs:
        if name in arguments:
            raise ProtocolError("badArgument", f"The argument {name} is given more than once.")
        arguments[name] = value
    names = arguments.keys() - {"verb"}
    if unknown := sorted(names - REQUIRED_ARGUMENTS[verb] - OPTIONAL_ARGUMENTS[verb]):
        raise ProtocolError("badArgument", f"{verb} does not take the argument {unknown[0]}.")
    if "resumptionToken" in names:
        if len(names) > 1:
            raise ProtocolError("badArgument", "Give a resumptionToken without other arguments: it holds them.")
        return _resume(verb, arguments)
    if missing := sorted(REQUIRED_ARGUMENTS[verb] - names):
        raise ProtocolError("badArgument", f"{verb} needs the argument {missing[0]}.")
    for name, pattern in (("metadataPrefix", PREFIX), ("identifier", IDENTIFIER)):
        if name in names and not pattern.fullmatch(arguments[name]):
            raise ProtocolError("badArgument", f"The value of the argument {name} is malformed.")
    request = _select(verb, arguments) if verb in ("ListIdentifiers", "ListRecords") else OaiRequest(verb, arguments)
    if "metadataPrefix" in names and arguments["metadataPrefix"] not in PREFIXES:
        raise ProtocolError("cannotDisseminateFormat", f"Request one of these formats: {', '.join(PREFIXES)}.")
    return request


def item_id_of(identifier: str, namespace: str) -> UUID | None:
    """Return the item of `oai:<namespace>:<id>`; None if this is not an identifier of this library."""
    start = f"oai:{namespace}:"
    text = identifier.removeprefix(start)
    if not identifier.startswith(start) or len(text) != 36:
        return None
    try:
        item_id = UUID(text)
    except ValueError:
        return None
    return item_id if str(item_id) == text else None


def _select(verb: Verb, arguments: Mapping[str, str]) -> OaiRequest:
    since, until = arguments.get("from"), arguments.get("until")
    if since is not None and until is not None and len(since) != len(until):
        raise ProtocolError("badArgument", "Write from and until in the same way: both as days, or both with seconds.")
    begin = _parse_moment("from", since) if since is not None else None
    end = _parse_moment("until", until) if until is not None else None
    if begin is not None and end is not None and end < begin:
        raise ProtocolError("badArgument", "The argument until is earlier than from.")
    if end is not None and until is not None:
        end = _add(end, timedelta(days=1) if len(until) == len("2000-01-01") else timedelta(seconds=1))
    spec = arguments.get("set")
    if spec is not None and not SET_SPEC.fullmatch(spec):
        raise ProtocolError("badArgument", "The argument set is not a setSpec. See ListSets for those of this library.")
    members = _members_of(spec) if spec is not None else SetMembers()
    way, topic = members or SetMembers()
    selection = Selection(arguments["metadataPrefix"], begin, end, way, topic)
    return OaiRequest(verb, arguments, selection, unknown_set=members is None)


def _parse_moment(name: str, value: str) -> datetime:
    for moment_format, length in ((DAY_FORMAT, 10), (SECOND_FORMAT, 20)):
        if len(value) == length and value.isascii():
            try:
                return datetime.strptime(value, moment_format).replace(tzinfo=UTC)
            except ValueError:
                break
    raise ProtocolError("badArgument", f"Write {name} as 2026-01-31 or 2026-01-31T09:30:00Z.")


def _add(moment: datetime, step: timedelta) -> datetime | None:
    """Return the later moment; None if it is beyond the end of the calendar."""
    return moment + step if datetime.max.replace(tzinfo=UTC) - moment > step else None


def _members_of(spec: str) -> SetMembers | None:
    """Return what a setSpec selects; None if there is no such set."""
    match spec.split(":"):
        case ["way"]:
            return SetMembers()
        case ["way", way] if way in WAYS_OF_KNOWING:
            return SetMembers(way=WAYS_OF_KNOWING[way])
        case ["topic"]:
            return SetMembers(topic=ANY_TOPIC)
        case ["topic", *path] if len(path[-1]) == 36:
            try:
                return SetMembers(topic=UUID(path[-1]))
            except ValueError:
                return None
        case _:
            return None


def _resume(verb: Verb, arguments: Mapping[str, str]) -> OaiRequest:
    token = arguments["resumptionToken"]
    try:
        if verb == "ListSets":
            return OaiRequest(verb, arguments, sets_after=read_set_token(token))
        selection = read_list_token(verb, token)
        if selection.prefix in PREFIXES:
            return OaiRequest(verb, arguments, selection)
    except ValueError:
        pass
    message = "This is not a token for this verb. Begin the list again without it."
    raise ProtocolError("badResumptionToken", message) from None
