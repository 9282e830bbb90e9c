"""Which scopes a client may have, how many clients and keys there may be, and when a key stops working."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from gateway.partners.callers import PUBLIC_SCOPES, SCOPES, grantable_scopes
from gateway.partners.tables import ApiClient, ApiKey
from shared.callers import Role
from shared.problems import Conflict, FieldError, Invalid, NotAllowed

MAX_CLIENTS: Final = 20
"""Of one owner that are not revoked."""
MAX_KEYS: Final = 5
"""Of one client that work at the same time."""
MAX_OVERLAP_HOURS: Final = 30 * 24


class ScopeNotYours(NotAllowed):
    title = "Only an administrator can give these scopes"
    detail = f"You can give {', '.join(PUBLIC_SCOPES)}. For other scopes, ask the centre to create the client."


class ClientRevoked(Conflict):
    title = "This API client has been revoked"
    detail = "Its keys no longer work, and it cannot be given new ones. Create a new client instead."


class TooManyClients(Conflict):
    title = "You have reached the limit of API clients"
    detail = f"You can have {MAX_CLIENTS}. Revoke one that you no longer use, or use an existing one for this too."


class TooManyKeys(Conflict):
    title = "This client has reached the limit of keys"
    detail = f"A client can have {MAX_KEYS} keys that work. Revoke those that are no longer used, then rotate again."


def check_scopes(mode: str, scopes: list[str], roles: Iterable[Role]) -> None:
    """Raise Invalid for unknown scopes, ScopeNotYours for those that these roles may not give.

    A test key only reads, until there is a sandbox in which it could change something.
    """
    errors = [
        FieldError(pointer=f"/scopes/{index}", detail=f"There is no scope {scope}. There are {', '.join(SCOPES)}.")
        for index, scope in enumerate(scopes)
        if scope not in SCOPES
    ]
    if mode == "test":
        errors += [
            FieldError(
                pointer=f"/scopes/{index}", detail="A test key can only read. Create a live client to change things."
            )
            for index, scope in enumerate(scopes)
            if not scope.endswith(":read")
        ]
    if errors:
        raise Invalid(errors=errors)
    grantable = grantable_scopes(roles)
    forbidden = [
        FieldError(pointer=f"/scopes/{index}", detail=f"You cannot give {scope}.")
        for index, scope in enumerate(scopes)
        if scope not in grantable
    ]
    if forbidden:
        raise ScopeNotYours(errors=forbidden)


def check_client_count(count: int) -> None:
    """Raise TooManyClients for an owner who already has this many."""
    if count >= MAX_CLIENTS:
        raise TooManyClients


def is_active(key: ApiKey, now: datetime) -> bool:
    """Return whether the key works."""
    return key.revoked_at is None and (key.expires_at is None or key.expires_at > now)


def rotate(client: ApiClient, keys: list[ApiKey], overlap: timedelta, now: datetime) -> None:
    """Let the existing keys expire after the overlap, unless they expire sooner. Raises ClientRevoked, TooManyKeys."""
    if client.revoked_at is not None:
        raise ClientRevoked
    active = [key for key in keys if is_active(key, now)]
    if len(active) >= MAX_KEYS:
        raise TooManyKeys
    expiry = now + overlap
    for key in active:
        key.expires_at = min(key.expires_at or expiry, expiry)


def revoke(client: ApiClient, keys: list[ApiKey], now: datetime) -> None:
    """Revoke the client and all of its keys. Revoking again changes nothing."""
    if client.revoked_at is None:
        client.revoked_at = now
    for key in keys:
        revoke_key(key, now)


def revoke_key(key: ApiKey, now: datetime) -> None:
    """Revoke one key. Revoking again changes nothing."""
    if key.revoked_at is None:
        key.revoked_at = now
