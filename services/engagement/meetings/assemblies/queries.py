"""What is asked of the assemblies that are kept."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_row
from sqlmodel.sql.expression import SelectOfScalar

from services.engagement.meetings.assemblies.tables import Assembly
from shared.problems import NotFound

BY_DAY = (col(Assembly.held_on), col(Assembly.id))


class AssemblyNotFound(NotFound):
    title = "There is no such assembly"
    detail = "Check the id, or look in the list of assemblies."


def assemblies_with(status: str | None, topic_id: UUID | None) -> SelectOfScalar[Assembly]:
    statement = select_row(Assembly)
    if status:
        statement = statement.where(Assembly.status == status)
    return statement.where(Assembly.topic_id == topic_id) if topic_id else statement


async def assembly(session: AsyncSession, assembly_id: UUID) -> Assembly:
    """Raises AssemblyNotFound."""
    found = await session.get(Assembly, assembly_id)
    if found is None:
        raise AssemblyNotFound
    return found


async def lock_assembly(session: AsyncSession, assembly_id: UUID) -> Assembly:
    """The assembly, which nobody else changes until this transaction ends. Raises AssemblyNotFound."""
    statement = select(Assembly).where(col(Assembly.id) == assembly_id).with_for_update(key_share=True)
    found = await session.scalar(statement)
    if found is None:
        raise AssemblyNotFound
    return found


async def known_assemblies(session: AsyncSession, ids: Collection[UUID]) -> set[UUID]:
    """Which of these there are."""
    return set(await session.scalars(select(col(Assembly.id)).where(col(Assembly.id).in_(ids))))
