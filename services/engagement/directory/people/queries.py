"""What is asked of the people that are kept."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.directory.people.tables import Person


async def person(session: AsyncSession, person_id: UUID) -> Person | None:
    return await session.get(Person, person_id)


async def lock_person(session: AsyncSession, person_id: UUID) -> Person | None:
    return await session.scalar(select(Person).where(col(Person.id) == person_id).with_for_update())
