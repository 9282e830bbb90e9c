"""Reads of the rows that store access needs."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.directory.access_needs.cipher import AccessNeedsCipher
from services.engagement.directory.people.tables import Person


async def find_person(session: AsyncSession, person_id: UUID) -> Person | None:
    """Return the person's row, or None where they have not told us anything."""
    return await session.get(Person, person_id)


async def lock_person(session: AsyncSession, person_id: UUID) -> Person | None:
    """Return the person's row, locked until the transaction ends, or None."""
    return await session.get(Person, person_id, with_for_update=True, populate_existing=True)


async def access_needs_of(session: AsyncSession, person_id: UUID, cipher: AccessNeedsCipher) -> list[str]:
    """Return the person's access needs, none where they have not told us any."""
    person = await find_person(session, person_id)
    return cipher.decrypt(person.access_needs, person.id) if person else []
