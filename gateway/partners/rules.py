"""What a partner's key may be, and when an old one ends."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from gateway.partners.tables import ApiClient, ApiKey
from shared.callers import Role
from shared.problems import Conflict, FieldError, Invalid, NotAllowed, NotFound

MOST_CLIENTS: Final = 20
MOST_KEYS: Final = 5
LONGEST_OVERLAP: Final = timedelta(days=30)

PUBLIC_READING: Final = ("evidence:read", "surveys:read", "assemblies:read", "projects:read")
"""What a partner may give its own keys: nothing that the public may not read."""
GRANTED: Final = (
    "evidence:write", "surveys:write", "assemblies:write", "projects:write", "funding:read", "funding:write",
)  # fmt: skip
"""What services take in place of a role: only an administrator gives it, and answers for the client."""
SCOPES: Final = (*PUBLIC_READING, *GRANTED)


class ClientNotFound(NotFound):
    title = "There is no such API client"
    detail = "It may be someone else's. List yours at /v1/api-clients."


class ScopeNotYours(NotAllowed):
    title = "An administrator gives these scopes"
    detail = f"You may give {', '.join(PUBLIC_READING)}. For more, ask the centre, which makes such clients."


class ClientRevoked(Conflict):
    title = "This API client has been revoked"
    detail = "Its keys stopped working and it takes no new ones. Make a new client instead."


class TooManyClients(Conflict):
    title = "You have as many API clients as one may have"
    detail = "Revoke one that is no longer used, or use one of them for this too."


class TooManyKeys(Conflict):
    title = "This client has several keys that still work"
    detail = "Revoke the keys that are no longer used, then rotate again."


def may_give(roles: Iterable[str]) -> frozenset[str]:
    """The scopes that someone with these roles may give to a client of theirs."""
    held = set(roles)
    if Role.ADMINISTRATOR in held:
        return frozenset(SCOPES)
    return frozenset(PUBLIC_READING if Role.PARTNER in held else ())


def check_scopes(mode: str, scopes: list[str], roles: Iterable[Role]) -> None:
    """Raises Invalid, or ScopeNotYours for what these roles may not give.

    A test key only reads, until there is a sandbox in which it could change something.
    """
    error = [
        FieldError(pointer=f"/scopes/{at}", detail=f"There is no scope {scope}.")
        for at, scope in enumerate(scopes)
        if scope not in SCOPES
    ]
    if mode == "test":
        error += [
            FieldError(pointer=f"/scopes/{at}", detail="A test key can only read. Ask for a live key to change things.")
            for at, scope in enumerate(scopes)
            if not scope.endswith(":read")
        ]
    if error:
        raise Invalid(errors=error)
    mine = may_give(roles)
    beyond = [
        FieldError(pointer=f"/scopes/{at}", detail=f"You may not give {scope}.")
        for at, scope in enumerate(scopes)
        if scope not in mine
    ]
    if beyond:
        raise ScopeNotYours(errors=beyond)


def works(key: ApiKey, now: datetime) -> bool:
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def rotate(client: ApiClient, keys: list[ApiKey], overlap: timedelta, now: datetime) -> None:
    """The older keys work until the overlap is over, never longer than they would have."""
    if client.revoked_at is not None:
        raise ClientRevoked
    working = [key for key in keys if works(key, now)]
    if len(working) >= MOST_KEYS:
        raise TooManyKeys
    end = now + overlap
    for key in working:
        key.expires_at = min(key.expires_at or end, end)


def revoke(client: ApiClient, keys: list[ApiKey], now: datetime) -> None:
    """All of it, at once. Doing it twice changes nothing."""
    if client.revoked_at is None:
        client.revoked_at = now
    for key in keys:
        revoke_key(key, now)


def revoke_key(key: ApiKey, now: datetime) -> None:
    if key.revoked_at is None:
        key.revoked_at = now
