"""Reads around responses. This is the busiest path of the service."""

from uuid import UUID

from sqlalchemy import delete, func, literal, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.surveys.invitations.rules import InvitationUnknown
from services.engagement.surveys.invitations.tables import invitations
from services.engagement.surveys.responses.rules import AlreadyAnswered, Questionnaire
from services.engagement.surveys.responses.statements import InvitedResponse, NewResponse
from services.engagement.surveys.responses.tables import answered
from services.engagement.surveys.surveys.queries import SurveyNotFound
from services.engagement.surveys.surveys.rules import SurveyClosed, admissions_of, check_open, questions_of
from services.engagement.surveys.surveys.tables import Survey
from shared.persistence.database import Database
from shared.persistence.fetch import fetch
from shared.problems import FieldError, Invalid, Problem

MAX_CACHED_QUESTIONNAIRES = 100
_open_questionnaires: dict[UUID, Questionnaire] = {}


async def get_open_questionnaire(database: Database, survey_id: UUID) -> Questionnaire:
    """Return the questions and groups of an open survey, cached: they never change.

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
    questionnaire = _open_questionnaires[survey_id] = Questionnaire(questions_of(survey), admissions_of(survey))
    return questionnaire


async def get_refusal(database: Database, response: NewResponse) -> Problem:
    """Return why a well-formed response was not stored."""
    survey_id = response.survey_id
    async with database.session() as session:
        status = await session.scalar(select(col(Survey.status)).where(col(Survey.id) == survey_id))
        group = await _group_of_unused_invitation(session, response)
    if status == "closed":
        _open_questionnaires.pop(survey_id, None)
        return SurveyClosed()
    if not isinstance(response, InvitedResponse) or group is None:
        return AlreadyAnswered()
    if group not in response.invited_groups.split(","):
        return InvitationUnknown("The survey lets people of your group in another way by now: see its `groups`.")
    if response.claimed_group not in (None, group):
        detail = "This invitation is for people of another group. Leave the group out: the invitation has its own."
        return Invalid(errors=[FieldError(pointer="/group", detail=detail)])
    return AlreadyAnswered()


async def _group_of_unused_invitation(session: AsyncSession, response: NewResponse) -> str | None:
    if not isinstance(response, InvitedResponse):
        return None
    group = select(invitations.c.stakeholder_group).where(invitations.c.token_hash == response.token_hash)
    return await session.scalar(group)


async def forget_respondents(session: AsyncSession, survey_id: UUID) -> int:
    """Delete which known people answered, and return how many: once the survey is closed, nobody needs to know who."""
    forgotten = delete(answered).where(answered.c.survey_id == survey_id).returning(literal(1)).cte("forgotten")
    return await session.scalar(select(func.count()).select_from(forgotten)) or 0


_SHUFFLE = text(
    """
    WITH taken AS (DELETE FROM responses WHERE survey_id = :survey RETURNING *)
    INSERT INTO responses SELECT * FROM taken ORDER BY id
    """
)


async def shuffle_responses(session: AsyncSession, survey_id: UUID) -> None:
    """Store the survey's responses again in the order of their random ids, all in this transaction.

    A row keeps the number of the transaction that stored it, and its place beside the one before it. Both would lead
    from a response to what was stored with it: an idempotency record, or whose invitation was used up.
    """
    await session.execute(_SHUFFLE, {"survey": survey_id})
