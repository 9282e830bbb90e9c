"""Signing in and out, and the people of the identity provider and of the demo."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession
from sqlmodel import col

from gateway.credentials.revocations import announce_revocation
from gateway.credentials.tokens import LINK_PREFIX, SESSION_PREFIX, create_token, hash_token
from gateway.identity.personas import PERSONAS
from gateway.identity.queries import check_link_works, find_person
from gateway.identity.rules import LINK_LIFETIME, SESSION_LIFETIME, NoSuchLink, may_sign_in
from gateway.identity.tables import OneTimeLink, Person, Session
from shared import clock
from shared.callers import Role
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import UnitOfWork


async def sign_in_by_link(uow: UnitOfWork, digest: bytes, *, personas: bool) -> str:
    """Use the link up and return the token of a new session. Raises NoSuchLink, LinkUsed, LinkExpired."""
    person_id = await _use_link(uow.session, digest, clock.now())
    if person_id is None:
        await check_link_works(uow.session, digest)
        raise NoSuchLink
    person = await find_person(uow.session, person_id)
    if person is None or not may_sign_in(person, personas=personas):
        raise NoSuchLink
    return create_session(uow.session, person.id)


async def _use_link(session: AsyncSession, digest: bytes, now: datetime) -> UUID | None:
    """Use the link up and return its person; None where it does not work. Of two at once the update admits one."""
    statement = (
        update(OneTimeLink)
        .where(col(OneTimeLink.digest) == digest, col(OneTimeLink.used_at).is_(None), col(OneTimeLink.expires_at) > now)
        .values(used_at=now)
        .returning(col(OneTimeLink.person_id))
    )
    return await session.scalar(statement)


def create_session(session: AsyncSession, person_id: UUID, lifetime: timedelta = SESSION_LIFETIME) -> str:
    """Add a session of this person and return its token; the caller commits."""
    token = create_token(SESSION_PREFIX)
    session.add(Session(digest=hash_token(token), person_id=person_id, expires_at=clock.now() + lifetime))
    return token


def create_link(session: AsyncSession, person_id: UUID) -> str:
    """Add a one-time link of this person and return its token; the caller commits."""
    token = create_token(LINK_PREFIX)
    session.add(OneTimeLink(digest=hash_token(token), person_id=person_id, expires_at=clock.now() + LINK_LIFETIME))
    return token


async def end_session(uow: UnitOfWork, session_id: UUID) -> None:
    """End the session wherever it is used. One that has ended stays as it is."""
    statement = update(Session).where(col(Session.id) == session_id, col(Session.ended_at).is_(None))
    await uow.session.execute(statement.values(ended_at=clock.now()))
    await announce_revocation(uow.session, session_id)


async def upsert_person(session: AsyncSession, issuer: str, subject: str, roles: Iterable[Role]) -> UUID:
    """Return the id of the person who is this subject of an identity provider, created when they first sign in.

    The provider's roles are stored for decisions that are made without the person: what their API keys may do.
    """
    sorted_roles = sorted(roles)
    statement = select(col(Person.id), col(Person.roles)).where(
        col(Person.issuer) == issuer, col(Person.subject) == subject
    )
    row = (await session.execute(statement)).first()
    if row is None:
        values: dict[str, Any] = {"id": new_id(), "issuer": issuer, "subject": subject, "roles": sorted_roles}
        insertion = insert(Person).values(values).on_conflict_do_nothing(index_elements=["issuer", "subject"])
        await session.execute(insertion)
        row = (await session.execute(statement)).one()
    person_id, stored_roles = row
    if stored_roles != sorted_roles:
        await session.execute(update(Person).where(col(Person.id) == person_id).values(roles=sorted_roles))
    return person_id


async def upsert_personas(session: AsyncSession) -> None:
    """Create the personas, or make them what `personas.py` says; two processes at once wait for each other."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('gateway personas'))"))
    for persona in PERSONAS:
        values = {"name": persona.name, "roles": sorted(persona.roles), "persona": persona.key}
        insertion = insert(Person).values(id=persona.id, **values)
        await session.execute(insertion.on_conflict_do_update(index_elements=["id"], set_=values))


async def delete_expired(connection: AsyncConnection, before: datetime) -> None:
    """Delete the links and sessions that expired before this time."""
    await connection.execute(delete(OneTimeLink).where(col(OneTimeLink.expires_at) < before))
    await connection.execute(delete(Session).where(col(Session.expires_at) < before))
