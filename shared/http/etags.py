"""Entity tags of rows, and the `If-Match` of commands (RFC 9110). Without a database, so rules may use it."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Protocol

from fastapi import Depends, Header, Response

from shared.problems import PreconditionFailed, PreconditionRequired


class Versioned(Protocol):
    """A row with a version that counts its changes."""

    @property
    def version(self) -> int: ...


@dataclass(frozen=True, slots=True)
class CombinedVersion:
    """The version of a resource that is made of several rows: it increases with each change of any of them."""

    rows: tuple[Versioned, ...]

    @property
    def version(self) -> int:
        return sum(row.version for row in self.rows)


def combined(*rows: Versioned) -> CombinedVersion:
    """Return the version of a resource made of these rows; 0 without rows."""
    return CombinedVersion(rows)


def digest_of(state: str) -> int:
    """Return a version that is the same for the same state, and counts nothing.

    For what everybody reads of rows that change with people whose number is not public: their versions would tell it.
    """
    return int.from_bytes(hashlib.blake2b(state.encode(), digest_size=8).digest())


def etag(row: Versioned) -> str:
    """Return the strong entity tag of this version of the row."""
    return f'"{row.version}"'


def set_etag(response: Response, row: Versioned) -> None:
    """Set the ETag of the response. In a command, only after its changes were flushed."""
    response.headers["ETag"] = etag(row)


def parse_etags(header: str) -> set[str]:
    """Return the entity tags of `If-Match` or `If-None-Match`, without the prefix of weak ones."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


class Match:
    """The If-Match header of a request: call `match.check(claim)` before changing the claim."""

    def __init__(self, header: str | None) -> None:
        self.header = header

    def check(self, row: Versioned) -> None:
        """Raise PreconditionRequired without the header, PreconditionFailed where the row has changed since."""
        if self.header is None:
            raise PreconditionRequired
        self.check_if_sent(row)

    def check_if_sent(self, row: Versioned) -> None:
        """Raise PreconditionFailed where the row has changed since. Without the header nothing is asked of it."""
        if self.header is None:
            return
        if self.header.strip() != "*" and etag(row) not in parse_etags(self.header):
            raise PreconditionFailed


async def _match(
    if_match: Annotated[str | None, Header(description="The ETag of what you change, as you last read it.")] = None,
) -> Match:
    return Match(if_match)


IfMatch = Annotated[Match, Depends(_match)]

ANY_STATE = (
    "`*` stands for any state, as several tags do, and nobody decides here on what they have not read. Fetch the "
    "resource first, then send its ETag, alone, in the If-Match header with your change."
)


async def _match_version(match: IfMatch) -> Match:
    if match.header is not None and (match.header.strip() == "*" or len(parse_etags(match.header)) > 1):
        raise PreconditionRequired(ANY_STATE)
    return match


IfMatchVersion = Annotated[Match, Depends(_match_version)]
"""For what nobody may do unseen: `*`, which is any state, and several tags, which are guesses, count as no header."""
