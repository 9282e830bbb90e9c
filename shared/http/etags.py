"""Entity tags of rows, and the `If-Match` of commands (RFC 9110)."""

from dataclasses import dataclass
from typing import Annotated, Protocol, TypeVar

from fastapi import Depends, Header, Response

from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import PreconditionFailed, PreconditionRequired


class Versioned(Protocol):
    """A row with a version that counts its changes."""

    @property
    def version(self) -> int: ...


@dataclass(frozen=True, slots=True)
class CombinedVersion:
    """The version of a resource that is made of several rows: it grows with each change of any of them."""

    rows: tuple[Versioned, ...]

    @property
    def version(self) -> int:
        return sum(row.version for row in self.rows)


def combined(*rows: Versioned) -> CombinedVersion:
    """Return what a resource made of these rows has as its version. Without rows: version 0."""
    return CombinedVersion(rows)


def etag(row: Versioned) -> str:
    """Return the strong entity tag of this version of the row."""
    return f'"{row.version}"'


def set_etag(response: Response, row: Versioned) -> None:
    """Set the ETag of the answer. In a command, only after the changes were flushed."""
    response.headers["ETag"] = etag(row)


def parse_etags(header: str) -> set[str]:
    """Return the entity tags of `If-Match` or `If-None-Match`, without the mark of weak ones."""
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


class Match:
    """The If-Match of a request: `match.check(claim)` before changing it."""

    def __init__(self, header: str | None) -> None:
        self.header = header

    def check(self, row: Versioned) -> None:
        """Raise PreconditionRequired without the header, PreconditionFailed when the row has changed since."""
        if self.header is None:
            raise PreconditionRequired
        if self.header.strip() != "*" and etag(row) not in parse_etags(self.header):
            raise PreconditionFailed


async def _match(
    if_match: Annotated[str | None, Header(description="The ETag of what you change, as you last read it.")] = None,
) -> Match:
    return Match(if_match)


IfMatch = Annotated[Match, Depends(_match)]


Row = TypeVar("Row", bound=Versioned)


async def flush_and_tag(uow: UnitOfWork, response: Response, row: Row, *, location: str | None = None) -> Row:
    """Write the changes of a command, and set the ETag of the version that they made; returns the row.

    `location`: the path of what the command created.
    """
    await uow.session.flush()
    set_etag(response, row)
    if location is not None:
        response.headers["Location"] = location
    return row
