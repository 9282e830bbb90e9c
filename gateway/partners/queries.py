"""Reads of API clients and their keys."""

from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.credentials.cache import VerifiedCredential
from gateway.identity.rules import may_sign_in
from gateway.identity.tables import Person
from gateway.partners.callers import grantable_scopes
from gateway.partners.tables import ApiClient, ApiKey
from shared import clock
from shared.callers import Caller
from shared.http.pagination import Page, PageRequest, paginate
from shared.persistence.fetch import fetch
from shared.problems import NotFound


class ClientNotFound(NotFound):
    title = "There is no such API client"
    detail = "It may belong to someone else. List your own at /v1/api-clients."


class KeyNotFound(NotFound):
    title = "There is no such key"
    detail = "Get the client to see the ids of its keys."


class ClientWithKeys(NamedTuple):
    """An API client and its keys, the oldest first."""

    client: ApiClient
    keys: list[ApiKey]


async def caller_of_key(session: AsyncSession, digest: bytes, *, personas: bool) -> VerifiedCredential | None:
    """Return the client of a key that works, with those of its scopes that its owner may still give; None otherwise.

    Without `personas` the key of a persona does not work.
    """
    now = clock.now()
    statement = (
        select(ApiClient, ApiKey, Person)
        .join(ApiKey, col(ApiKey.client_id) == col(ApiClient.id))
        .join(Person, col(Person.id) == col(ApiClient.owner_id))
        .where(
            col(ApiKey.digest) == digest,
            col(ApiKey.revoked_at).is_(None),
            col(ApiClient.revoked_at).is_(None),
            or_(col(ApiKey.expires_at).is_(None), col(ApiKey.expires_at) > now),
        )
    )
    row = (await session.execute(statement)).first()
    if row is None:
        return None
    client, key, owner = row
    if not may_sign_in(owner, personas=personas):
        return None
    scopes = grantable_scopes(owner.roles).intersection(client.scopes)
    seconds_left = (key.expires_at - now).total_seconds() if key.expires_at else float("inf")
    return VerifiedCredential(Caller(client.id, "client", scopes=scopes), key.id, seconds_left)


async def list_clients(session: AsyncSession, owner: Caller, paging: PageRequest) -> Page[ClientWithKeys]:
    """Return a page of the owner's clients, the newest first."""
    statement = select(ApiClient).where(col(ApiClient.owner_id) == owner.id)
    page = await paginate(session, statement, paging, key=(col(ApiClient.id),), view=_without_keys, descending=True)
    by_id = {item.client.id: item for item in page.items}
    for key in await _keys_of(session, *by_id):
        by_id[key.client_id].keys.append(key)
    return page


def _without_keys(client: ApiClient) -> ClientWithKeys:
    return ClientWithKeys(client, [])


async def get_client(session: AsyncSession, id: UUID, owner: Caller, *, lock: bool = False) -> ClientWithKeys:
    """Return one of the owner's clients. Raises ClientNotFound, for someone else's too.

    With `lock`, two changes of one client wait for each other.
    """
    client = await fetch(session, ApiClient, id, missing=ClientNotFound, lock=lock)
    if client.owner_id != owner.id:
        raise ClientNotFound
    return ClientWithKeys(client, await _keys_of(session, client.id))


async def lock_owner(session: AsyncSession, owner: Caller) -> None:
    """Let nobody else count or add clients of this owner until the transaction ends."""
    await session.execute(select(col(Person.id)).where(col(Person.id) == owner.id).with_for_update(key_share=True))


async def count_active_clients(session: AsyncSession, owner: Caller) -> int:
    """Return how many clients of this owner are not revoked."""
    statement = select(func.count()).where(col(ApiClient.owner_id) == owner.id, col(ApiClient.revoked_at).is_(None))
    return await session.scalar(statement) or 0


async def _keys_of(session: AsyncSession, *client_ids: UUID) -> list[ApiKey]:
    """Return the keys of these clients, the oldest first."""
    statement = select(ApiKey).where(col(ApiKey.client_id).in_(client_ids)).order_by(col(ApiKey.id))
    return list(await session.scalars(statement))
