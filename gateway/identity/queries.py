"""Reads of people, links and sessions."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import Select, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.credentials.cache import VerifiedCredential
from gateway.identity.rules import LAST_USE_PRECISION, NoSuchLink, SessionNotFound, check_link, may_sign_in
from gateway.identity.tables import OneTimeLink, Person, Session
from shared import clock
from shared.callers import Caller, Role
from shared.http.pagination import Page, PageRequest, paginate

MAX_SHOWN_SESSIONS = 100


async def caller_of_session(session: AsyncSession, digest: bytes, *, personas: bool) -> VerifiedCredential | None:
    """Return the person of a valid session, or None. Without `personas` the session of a persona is not valid.

    That it was used is written down, once in some minutes.
    """
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
    if now - signed_in.last_used_at >= LAST_USE_PRECISION:
        used = update(Session).where(col(Session.id) == signed_in.id).values(last_used_at=now)
        await session.execute(used.execution_options(synchronize_session=False))
    caller = Caller(person.id, "person", roles_of(person))
    return VerifiedCredential(caller, signed_in.id, (signed_in.expires_at - now).total_seconds())


def stored_roles(roles: Iterable[str]) -> list[str]:
    """Return these roles in order, without that of contributor, which everyone has."""
    return sorted(set(roles) - {Role.CONTRIBUTOR})


def roles_of(person: Person) -> frozenset[Role]:
    """Return the person's roles, with that of contributor, which everyone has."""
    return frozenset({Role.CONTRIBUTOR, *(Role(role) for role in person.roles)})


async def list_sessions(session: AsyncSession, person_id: UUID, paging: PageRequest) -> Page[Session]:
    """Return a page of the sessions in which this person is signed in, the newest first."""
    statement = _open_sessions(person_id, clock.now())
    return await paginate(session, statement, paging, key=(col(Session.id),), view=_unchanged, descending=True)


async def all_sessions(session: AsyncSession, person_id: UUID) -> list[Session]:
    """Return the newest sessions in which this person is signed in, as many as a page shows."""
    statement = _open_sessions(person_id, clock.now()).order_by(col(Session.id).desc()).limit(MAX_SHOWN_SESSIONS)
    return list(await session.scalars(statement))


async def get_session(session: AsyncSession, id: UUID, person_id: UUID, *, lock: bool = False) -> Session:
    """Return a session in which this person is signed in. Raises SessionNotFound, for someone else's too."""
    statement = _open_sessions(person_id, clock.now()).where(col(Session.id) == id)
    row = await session.scalar(statement.with_for_update() if lock else statement)
    if row is None:
        raise SessionNotFound
    return row


async def check_own_session(session: AsyncSession, id: UUID, person_id: UUID) -> None:
    """Raise SessionNotFound unless this is a session of this person, which may have ended."""
    statement = select(col(Session.id)).where(col(Session.id) == id, col(Session.person_id) == person_id)
    if await session.scalar(statement) is None:
        raise SessionNotFound


def _open_sessions(person_id: UUID, now: datetime) -> Select[Session]:
    return select(Session).where(
        col(Session.person_id) == person_id, col(Session.ended_at).is_(None), col(Session.expires_at) > now
    )


def _unchanged(row: Session) -> Session:
    return row


async def find_person(session: AsyncSession, id: UUID) -> Person | None:
    """Return the person, or None."""
    return await session.get(Person, id)


async def check_link_works(session: AsyncSession, digest: bytes) -> None:
    """Raise NoSuchLink, LinkUsed or LinkExpired unless this link signs someone in."""
    link = await session.scalar(select(OneTimeLink).where(col(OneTimeLink.digest) == digest))
    if link is None:
        raise NoSuchLink
    check_link(link, clock.now())
