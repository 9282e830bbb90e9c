"""Reads of surveys."""

from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.engagement.surveys.surveys.tables import Survey, SurveyStatus
from shared.persistence.fetch import fetch
from shared.problems import NotFound

NEWEST = (col(Survey.created_at), col(Survey.id))


class SurveyNotFound(NotFound):
    title = "There is no such survey"
    detail = "Check the id, or look in the list of surveys."


def select_surveys(status: SurveyStatus | None, *, include_drafts: bool) -> SelectOfScalar[Survey]:
    """Select the surveys of this status, where given."""
    statement = select_rows(Survey)
    if status:
        statement = statement.where(Survey.status == status)
    return statement if include_drafts else statement.where(Survey.status != "draft")


async def get_survey(session: AsyncSession, survey_id: UUID, *, include_drafts: bool) -> Survey:
    """Return the survey. Raises SurveyNotFound, also for a draft that the caller may not see."""
    row = await fetch(session, Survey, survey_id, missing=SurveyNotFound)
    if row.status == "draft" and not include_drafts:
        raise SurveyNotFound
    return row


async def share_survey(session: AsyncSession, survey_id: UUID) -> Survey:
    """Return the survey, whose status cannot change until this transaction ends (FOR SHARE). Raises SurveyNotFound."""
    row = await session.scalar(select(Survey).where(col(Survey.id) == survey_id).with_for_update(read=True))
    if row is None:
        raise SurveyNotFound
    return row


async def lock_overdue_survey(session: AsyncSession, today: date) -> Survey | None:
    """Return an open survey whose last day is over, locked until the transaction ends, or None.

    It waits for those who answer it at this moment. With SKIP LOCKED, a survey that is answered all the time would not
    close for long.
    """
    overdue = select(Survey).where(col(Survey.status) == "open", col(Survey.closes_on) < today)
    return await session.scalar(overdue.order_by(col(Survey.id)).limit(1).with_for_update(key_share=True))
