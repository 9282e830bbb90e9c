"""What is asked of the surveys that are kept."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_row
from sqlmodel.sql.expression import SelectOfScalar

from services.engagement.surveys.surveys.tables import Survey
from shared.problems import NotFound

NEWEST = (col(Survey.created_at), col(Survey.id))


class SurveyNotFound(NotFound):
    title = "There is no such survey"
    detail = "Check the id, or look in the list of surveys."


def surveys_seen(status: str | None, *, drafts: bool) -> SelectOfScalar[Survey]:
    """The surveys that a caller sees: drafts only where `drafts` says so."""
    statement = select_row(Survey)
    if status:
        statement = statement.where(Survey.status == status)
    return statement if drafts else statement.where(Survey.status != "draft")


async def survey(session: AsyncSession, survey_id: UUID) -> Survey:
    """Raises SurveyNotFound."""
    found = await session.get(Survey, survey_id)
    if found is None:
        raise SurveyNotFound
    return found


async def lock_survey(session: AsyncSession, survey_id: UUID) -> Survey:
    """The survey, which nobody else changes until this transaction ends. Raises SurveyNotFound."""
    statement = select(Survey).where(col(Survey.id) == survey_id).with_for_update(key_share=True)
    found = await session.scalar(statement)
    if found is None:
        raise SurveyNotFound
    return found


async def hold_survey(session: AsyncSession, survey_id: UUID) -> Survey:
    """The survey, which keeps its status until this transaction ends; others may hold it too. Raises SurveyNotFound."""
    found = await session.scalar(select(Survey).where(col(Survey.id) == survey_id).with_for_update(read=True))
    if found is None:
        raise SurveyNotFound
    return found


async def lock_survey_due(session: AsyncSession, today: date) -> Survey | None:
    """An open survey whose last day is over, locked as by `lock_survey`.

    Whoever answers holds it too: passed over while held, a survey that is much answered would not close for long.
    """
    due = select(Survey).where(col(Survey.status) == "open", col(Survey.closes_on) < today)
    return await session.scalar(due.order_by(col(Survey.id)).limit(1).with_for_update(key_share=True))
