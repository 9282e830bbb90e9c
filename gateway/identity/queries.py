"""Who is who, asked of the gateway's own database."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.credentials.cache import Found
from gateway.identity.personas import PERSONAS
from gateway.identity.tables import OneTimeLink, Person, Session
from shared import clock
from shared.callers import Caller, Role
from shared.persistence.tables import new_id


async def caller_of_session(session: AsyncSession, digest: bytes, *, personas: bool) -> Found | None:
    """The person of a session that lasts. Personas of a demo are nobody where there is no demo."""
    now = clock.now()
    query = (
        select(Person, Session)
        .join(Session, col(Session.person_id) == col(Person.id))
        .where(col(Session.digest) == digest, col(Session.ended_at).is_(None), col(Session.expires_at) > now)
    )
    found = (await session.execute(query)).first()
    if found is None or (found.Person.persona is not None and not personas):
        return None
    person: Person = found.Person
    caller = Caller(person.id, "person", frozenset({Role.CONTRIBUTOR, *(Role(role) for role in person.roles)}))
    return Found(caller, found.Session.id, (found.Session.expires_at - now).total_seconds())


async def person_of_subject(session: AsyncSession, issuer: str, subject: str, roles: Iterable[Role]) -> UUID:
    """The person that an identity provider's subject is here: the same id each time, made at the first.

    Their roles are kept as the provider says them, for what is decided while they are away: what their keys may do.
    """
    said = sorted(roles)
    query = select(col(Person.id), col(Person.roles)).where(
        col(Person.issuer) == issuer, col(Person.subject) == subject
    )
    found = (await session.execute(query)).first()
    if found is None:
        row: dict[str, Any] = {"id": new_id(), "issuer": issuer, "subject": subject, "roles": said}
        await session.execute(insert(Person).values(row).on_conflict_do_nothing(index_elements=["issuer", "subject"]))
        found = (await session.execute(query)).one()
    if found.roles != said:
        await session.execute(update(Person).where(col(Person.id) == found.id).values(roles=said))
    return found.id


async def make_personas(session: AsyncSession) -> None:
    """As `personas.py` says they are, whether they exist or not; two at once wait for each other."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('gateway personas'))"))
    for persona in PERSONAS:
        said = {"name": persona.name, "roles": sorted(persona.roles), "persona": persona.key}
        made = insert(Person).values(id=persona.id, **said)
        await session.execute(made.on_conflict_do_update(index_elements=["id"], set_=said))


async def person(session: AsyncSession, id: UUID) -> Person | None:
    return await session.get(Person, id)


async def link(session: AsyncSession, digest: bytes) -> OneTimeLink | None:
    return await session.scalar(select(OneTimeLink).where(col(OneTimeLink.digest) == digest))


async def use_link(session: AsyncSession, digest: bytes, now: datetime) -> UUID | None:
    """The person, for the first who asks and for nobody after: the row decides between two at once."""
    query = (
        update(OneTimeLink)
        .where(col(OneTimeLink.digest) == digest, col(OneTimeLink.used_at).is_(None), col(OneTimeLink.expires_at) > now)
        .values(used_at=now)
        .returning(col(OneTimeLink.person_id))
    )
    return await session.scalar(query)


async def end_session(session: AsyncSession, id: UUID, now: datetime) -> None:
    await session.execute(
        update(Session).where(col(Session.id) == id, col(Session.ended_at).is_(None)).values(ended_at=now)
    )
