"""Changes of API clients and their keys."""

from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from gateway.credentials.revocations import announce_revocation
from gateway.credentials.tokens import LIVE_KEY_PREFIX, TEST_KEY_PREFIX, create_token, hash_token
from gateway.partners import queries, rules
from gateway.partners.queries import ClientWithKeys
from gateway.partners.tables import ApiClient, ApiKey
from gateway.partners.views import NewApiClient
from shared import clock
from shared.callers import Caller
from shared.persistence.unit_of_work import UnitOfWork

HINT_LENGTH = len(LIVE_KEY_PREFIX) + 4


class IssuedKey(NamedTuple):
    """A client, its keys, and the key that was just created for it: it is stored nowhere."""

    client: ApiClient
    keys: list[ApiKey]
    key: str


async def create_client(uow: UnitOfWork, body: NewApiClient, owner: Caller) -> IssuedKey:
    """Create a client with its first key. Raises Invalid, ScopeNotYours, TooManyClients."""
    scopes = list(dict.fromkeys(body.scopes))
    rules.check_scopes(body.mode, scopes, owner.roles)
    await queries.lock_owner(uow.session, owner)
    rules.check_client_count(await queries.count_active_clients(uow.session, owner))
    client = ApiClient(owner_id=owner.id, name=body.name, mode=body.mode, scopes=scopes)
    uow.save(client)
    await uow.session.flush()  # the key refers to it
    row, key = _create_key(client)
    uow.save(row)
    return IssuedKey(client, [row], key)


async def rotate_key(uow: UnitOfWork, client_id: UUID, owner: Caller, overlap: timedelta) -> IssuedKey:
    """Create a new key, and let the existing ones expire after the overlap.

    Raises ClientNotFound, ClientRevoked, TooManyKeys.
    """
    client, keys = await queries.get_client(uow.session, client_id, owner, lock=True)
    rules.rotate(client, keys, overlap, clock.now())
    row, key = _create_key(client)
    uow.save(row)
    for existing in keys:
        await announce_revocation(uow.session, existing.id)  # its expiry changed
    return IssuedKey(client, [*keys, row], key)


async def revoke_client(uow: UnitOfWork, client_id: UUID, owner: Caller) -> ClientWithKeys:
    """Revoke a client and all of its keys. Raises ClientNotFound."""
    client, keys = await queries.get_client(uow.session, client_id, owner, lock=True)
    rules.revoke(client, keys, clock.now())
    await announce_revocation(uow.session, client.id)
    return ClientWithKeys(client, keys)


async def revoke_key(uow: UnitOfWork, client_id: UUID, key_id: UUID, owner: Caller) -> ClientWithKeys:
    """Revoke one key of a client. Raises ClientNotFound, KeyNotFound."""
    client, keys = await queries.get_client(uow.session, client_id, owner, lock=True)
    key = next((key for key in keys if key.id == key_id), None)
    if key is None:
        raise queries.KeyNotFound
    rules.revoke_key(key, clock.now())
    await announce_revocation(uow.session, key.id)
    return ClientWithKeys(client, keys)


def _create_key(client: ApiClient) -> tuple[ApiKey, str]:
    """Return a new key's row, and the key itself."""
    key = create_token(LIVE_KEY_PREFIX if client.mode == "live" else TEST_KEY_PREFIX)
    return ApiKey(client_id=client.id, digest=hash_token(key), hint=key[:HINT_LENGTH]), key
