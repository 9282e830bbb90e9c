"""What is asked of the projects that are kept."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_row
from sqlmodel.sql.expression import SelectOfScalar

from services.engagement.practice.projects.tables import Outcome, Project
from shared.problems import NotFound

NEWEST = (col(Project.created_at), col(Project.id))
OLDEST_OUTCOME = (col(Outcome.id),)


class OutcomeNotFound(NotFound):
    title = "There is no such outcome"
    detail = "Check the id, or look in the list of the project's outcomes."


class ProjectNotFound(NotFound):
    title = "There is no such project"
    detail = "Check the id, or look in the list of projects."


def projects_with(topic_id: UUID | None, assembly_id: UUID | None) -> SelectOfScalar[Project]:
    statement = select_row(Project)
    if topic_id:
        statement = statement.where(Project.topic_id == topic_id)
    return statement.where(Project.assembly_id == assembly_id) if assembly_id else statement


def outcomes_of(project_id: UUID) -> SelectOfScalar[Outcome]:
    return select_row(Outcome).where(Outcome.project_id == project_id)


async def outcome(session: AsyncSession, project_id: UUID, outcome_id: UUID) -> Outcome:
    """An outcome of this project. Raises OutcomeNotFound."""
    found = await session.scalar(outcomes_of(project_id).where(col(Outcome.id) == outcome_id))
    if found is None:
        raise OutcomeNotFound
    return found


async def project(session: AsyncSession, project_id: UUID) -> Project:
    """Raises ProjectNotFound."""
    found = await session.get(Project, project_id)
    if found is None:
        raise ProjectNotFound
    return found


async def lock_project(session: AsyncSession, project_id: UUID) -> Project:
    """The project, which nobody else changes until this transaction ends. Raises ProjectNotFound."""
    statement = select(Project).where(col(Project.id) == project_id).with_for_update(key_share=True)
    found = await session.scalar(statement)
    if found is None:
        raise ProjectNotFound
    return found
