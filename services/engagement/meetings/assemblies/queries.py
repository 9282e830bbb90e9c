"""Reads of assemblies."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import exists, func, select
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


def select_assemblies(
    status: AssemblyStatus | None, topic_id: UUID | None, *, ends_after: datetime | None = None
) -> SelectOfScalar[Assembly]:
    """Select the assemblies of this status, about this topic and with a later end, where given."""
    statement = select_rows(Assembly)
    if ends_after:
        starts_at = func.timezone("Europe/London", col(Assembly.held_on) + col(Assembly.starts_at))
        duration = func.make_interval(0, 0, 0, 0, 0, col(Assembly.minutes))
        statement = statement.where(starts_at + duration > ends_after)
    if status:
        statement = statement.where(Assembly.status == status)
    return statement.where(Assembly.topic_id == topic_id) if topic_id else statement


async def assembly_exists(session: AsyncSession, assembly_id: UUID) -> bool:
    """Return whether there is an assembly with this id."""
    return bool(await session.scalar(select(exists().where(col(Assembly.id) == assembly_id))))
