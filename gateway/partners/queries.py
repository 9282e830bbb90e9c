"""Partners' clients and keys, asked of the gateway's own database."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.credentials.cache import Found
from gateway.identity.tables import Person
from gateway.partners.rules import ClientNotFound, may_give
from gateway.partners.tables import ApiClient, ApiKey
from shared import clock
from shared.callers import Caller


async def caller_of_key(session: AsyncSession, digest: bytes, *, personas: bool) -> Found | None:
    """The client of a key that works, with those of its scopes that its owner may still give."""
    now = clock.now()
    query = (
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
    found = (await session.execute(query)).first()
    if found is None or (found.Person.persona is not None and not personas):
        return None
    client: ApiClient = found.ApiClient
    scopes = may_give(found.Person.roles).intersection(client.scopes)
    expires = found.ApiKey.expires_at
    seconds = (expires - now).total_seconds() if expires else float("inf")
    return Found(Caller(client.id, "client", scopes=scopes), found.ApiKey.id, seconds)


async def client(session: AsyncSession, id: UUID, owner: Caller) -> ApiClient:
    """Raises ClientNotFound, for someone else's too."""
    found = await session.get(ApiClient, id)
    if found is None or found.owner_id != owner.id:
        raise ClientNotFound
    return found


async def lock_client(session: AsyncSession, id: UUID, owner: Caller) -> ApiClient:
    """As `client`; two changes of one client wait for each other."""
    query = select(ApiClient).where(col(ApiClient.id) == id, col(ApiClient.owner_id) == owner.id).with_for_update()
    found = await session.scalar(query)
    if found is None:
        raise ClientNotFound
    return found


async def hold_clients(session: AsyncSession, owner: Caller) -> None:
    """Until this transaction ends, nobody else counts or makes clients of this owner."""
    await session.execute(select(col(Person.id)).where(col(Person.id) == owner.id).with_for_update(key_share=True))


async def working_clients(session: AsyncSession, owner: Caller) -> int:
    query = select(func.count()).where(col(ApiClient.owner_id) == owner.id, col(ApiClient.revoked_at).is_(None))
    return await session.scalar(query) or 0


async def keys_of(session: AsyncSession, *clients: UUID) -> Sequence[ApiKey]:
    """The keys of these clients, the oldest first."""
    query = select(ApiKey).where(col(ApiKey.client_id).in_(clients)).order_by(col(ApiKey.id))
    return (await session.scalars(query)).all()
