"""Reads of the rows that store access needs."""

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.directory.access_needs.cipher import AccessNeedsCipher
from services.engagement.directory.people.tables import Person


async def lock_access_needs(session: AsyncSession, person_id: UUID) -> None:
    """Hold the person's access needs until the transaction ends, also where none are saved yet.

    A registration that takes the saved needs and a change of them come one after the other. Take it before other locks.
    """
    await session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(str(person_id), 0))))


async def find_person(session: AsyncSession, person_id: UUID, *, lock: bool = False) -> Person | None:
    """Return the person's row, or None if they have saved no access needs. `lock` holds it until the transaction ends.

    Not `fetch`, since it is no problem that there is none.
    """
    return await session.get(Person, person_id, with_for_update=lock, populate_existing=lock)


async def list_access_needs(session: AsyncSession, person_id: UUID, cipher: AccessNeedsCipher) -> list[str]:
    """Return the person's access needs, none if they have saved none."""
    person = await find_person(session, person_id)
    return cipher.decrypt(person.access_needs, person.id) if person else []
