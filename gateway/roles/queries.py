"""Reads of people's roles."""

from uuid import UUID

from sqlalchemy import and_, false, func, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from gateway.identity.tables import Person
from gateway.roles.callers import ADMINISTRATOR
from gateway.roles.rules import PersonNotFound, SignInWays
from shared.callers import Role
from shared.http.pagination import Page, PageRequest, paginate
from shared.persistence.fetch import fetch


async def list_role_holders(
    session: AsyncSession, paging: PageRequest, role: Role | None, *, personas: bool
) -> Page[Person]:
    """Return a page of the people who have a role, or this role. Without `personas` those of a demo are left out."""
    statement = select(Person).where(col(Person.roles) != [])
    if role is not None:
        statement = statement.where(col(Person.roles).contains([role]))
    if not personas:
        statement = statement.where(col(Person.persona).is_(None))
    return await paginate(session, statement, paging, key=(col(Person.id),), view=_unchanged)


def _unchanged(person: Person) -> Person:
    return person


async def get_person(session: AsyncSession, id: UUID, *, personas: bool, lock: bool = False) -> Person:
    """Return the person. Raises PersonNotFound, for a persona where there are none too."""
    person = await fetch(session, Person, id, missing=PersonNotFound, lock=lock, key_share=lock)
    if person.persona is not None and not personas:
        raise PersonNotFound
    return person


async def lock_roles(session: AsyncSession) -> None:
    """Let nobody else give or take roles until the transaction ends: two might take each other's."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('gateway roles'))"))


async def is_administrator(session: AsyncSession, id: UUID) -> bool:
    """Return whether this person is an administrator at this moment."""
    statement = select(col(Person.id)).where(col(Person.id) == id, col(Person.roles).contains([ADMINISTRATOR]))
    return await session.scalar(statement) is not None


async def count_other_administrators(session: AsyncSession, person: Person, ways: SignInWays) -> int:
    """Return how many people besides this one are administrators and can sign in."""
    can_sign_in = or_(
        col(Person.persona).is_not(None) if ways.personas else false(),
        col(Person.address_digest).is_not(None) if ways.links else false(),
        and_(col(Person.issuer).is_not(None), col(Person.issuer) == ways.issuer),
    )
    statement = select(func.count()).where(
        col(Person.roles).contains([ADMINISTRATOR]), col(Person.id) != person.id, can_sign_in
    )
    return await session.scalar(statement) or 0
