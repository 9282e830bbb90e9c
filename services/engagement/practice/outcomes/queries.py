"""Reads of outcomes."""

from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from services.engagement.practice.outcomes.tables import Outcome
from shared.problems import NotFound

OLDEST = (col(Outcome.id),)


class OutcomeNotFound(NotFound):
    title = "There is no such outcome"
    detail = "Check the id, or look in the list of the project's outcomes."


def select_outcomes(project_id: UUID) -> SelectOfScalar[Outcome]:
    """Select the outcomes of a project."""
    return select(Outcome).where(Outcome.project_id == project_id)


async def get_outcome(session: AsyncSession, project_id: UUID, outcome_id: UUID) -> Outcome:
    """Return an outcome of this project. Raises OutcomeNotFound."""
    row = await session.scalar(select_outcomes(project_id).where(col(Outcome.id) == outcome_id))
    if row is None:
        raise OutcomeNotFound
    return row
