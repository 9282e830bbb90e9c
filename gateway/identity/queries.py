"""Reads of people, links and sessions."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.credentials.cache import VerifiedCredential
from gateway.identity.rules import NoSuchLink, check_link, may_sign_in
from gateway.identity.tables import OneTimeLink, Person, Session
from shared import clock
from shared.callers import Caller, Role


async def caller_of_session(session: AsyncSession, digest: bytes, *, personas: bool) -> VerifiedCredential | None:
    """Return the person of a valid session, or None. Without `personas` the session of a persona is not valid."""
    now = clock.now()
    statement = (
        select(Person, Session)
        .join(Session, col(Session.person_id) == col(Person.id))
        .where(col(Session.digest) == digest, col(Session.ended_at).is_(None), col(Session.expires_at) > now)
    )
    row = (await session.execute(statement)).first()
    if row is None:
        return None
    person, signed_in = row
    if not may_sign_in(person, personas=personas):
        return None
    caller = Caller(person.id, "person", frozenset({Role.CONTRIBUTOR, *(Role(role) for role in person.roles)}))
    return VerifiedCredential(caller, signed_in.id, (signed_in.expires_at - now).total_seconds())


async def find_person(session: AsyncSession, id: UUID) -> Person | None:
    """Return the person, or None."""
    return await session.get(Person, id)


async def check_link_works(session: AsyncSession, digest: bytes) -> None:
    """Raise NoSuchLink, LinkUsed or LinkExpired unless this link signs someone in."""
    link = await session.scalar(select(OneTimeLink).where(col(OneTimeLink.digest) == digest))
    if link is None:
        raise NoSuchLink
    check_link(link, clock.now())
