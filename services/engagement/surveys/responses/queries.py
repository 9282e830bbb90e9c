"""Reads around responses. This is the busiest path of the service."""

from uuid import UUID

from sqlalchemy import delete, exists, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.surveys.invitations.tables import invitations
from services.engagement.surveys.responses.rules import AlreadyAnswered, Questionnaire
from services.engagement.surveys.responses.tables import answered
from services.engagement.surveys.surveys.queries import SurveyNotFound
from services.engagement.surveys.surveys.rules import SurveyClosed, check_open, questions_of
from services.engagement.surveys.surveys.tables import Survey
from shared.persistence.database import Database
from shared.persistence.fetch import fetch
from shared.problems import FieldError, Invalid, Problem

MAX_CACHED_QUESTIONNAIRES = 100
_open_questionnaires: dict[UUID, Questionnaire] = {}


async def get_open_questionnaire(database: Database, survey_id: UUID) -> Questionnaire:
    """Return the questions of an open survey, cached: they never change.

    Raises SurveyNotFound, SurveyNotOpen, SurveyClosed. A survey that closed meanwhile may still be cached here: the
    statement that stores a response checks it.
    """
    if (cached := _open_questionnaires.get(survey_id)) is not None:
        return cached
    async with database.session() as session:
        survey = await fetch(session, Survey, survey_id, missing=SurveyNotFound)
    check_open(survey)
    if len(_open_questionnaires) >= MAX_CACHED_QUESTIONNAIRES:
        _open_questionnaires.pop(next(iter(_open_questionnaires)))
    questionnaire = _open_questionnaires[survey_id] = Questionnaire(questions_of(survey))
    return questionnaire


async def get_refusal(database: Database, survey_id: UUID, token_hash: bytes | None) -> Problem:
    """Return why a well-formed response was not stored. `token_hash` is None without an invitation."""
    async with database.session() as session:
        status = await session.scalar(select(col(Survey.status)).where(col(Survey.id) == survey_id))
        unused = select(exists().where(invitations.c.token_hash == token_hash))
        is_unused = token_hash is not None and await session.scalar(unused)
    if status == "closed":
        _open_questionnaires.pop(survey_id, None)
        return SurveyClosed()
    if is_unused:
        detail = "This invitation is for people of another group. Leave the group out: the invitation has its own."
        return Invalid(errors=[FieldError(pointer="/group", detail=detail)])
    return AlreadyAnswered()


async def forget_respondents(session: AsyncSession, survey_id: UUID) -> None:
    """Delete which signed-in people answered: once the survey is closed, nobody needs to know."""
    await session.execute(delete(answered).where(answered.c.survey_id == survey_id))
