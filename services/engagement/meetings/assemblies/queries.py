"""Reads of assemblies."""

from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.engagement.meetings.assemblies.tables import Assembly, AssemblyStatus
from shared.problems import NotFound

BY_DAY = (col(Assembly.held_on), col(Assembly.id))


class AssemblyNotFound(NotFound):
    title = "There is no such assembly"
    detail = "Check the id, or look in the list of assemblies (/v1/assemblies)."


def select_assemblies(status: AssemblyStatus | None, topic_id: UUID | None) -> SelectOfScalar[Assembly]:
    """Select the assemblies of this status and about this topic, where given."""
    statement = select_rows(Assembly)
    if status:
        statement = statement.where(Assembly.status == status)
    return statement.where(Assembly.topic_id == topic_id) if topic_id else statement


async def assembly_exists(session: AsyncSession, assembly_id: UUID) -> bool:
    """Return whether there is an assembly with this id."""
    return bool(await session.scalar(select(exists().where(col(Assembly.id) == assembly_id))))
