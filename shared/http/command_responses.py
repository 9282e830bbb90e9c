"""The response of a command: its ETag, and the Location of what it created."""

from typing import TypeVar

from fastapi import Response

from shared.http.etags import Versioned, set_etag
from shared.persistence.unit_of_work import UnitOfWork

V = TypeVar("V", bound=Versioned)


async def flush_and_tag(uow: UnitOfWork, response: Response, row: V, *, location: str | None = None) -> V:
    """Flush the changes of a command and set the ETag of the row's new version. Returns the row.

    `location` is the path of what the command created. Raises StaleDataError (412 to the caller) where another
    transaction changed the row meanwhile.
    """
    await uow.session.flush()
    set_etag(response, row)
    if location is not None:
        response.headers["Location"] = location
    return row
