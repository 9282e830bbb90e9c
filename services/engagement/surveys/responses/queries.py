"""What is asked of the responses that are kept. This is the hottest path of the service."""

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import date
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.engagement.directory.people.rules import StakeholderGroup
from services.engagement.surveys.invitations.tables import invitations
from services.engagement.surveys.responses.rules import AlreadyAnswered, Questionnaire
from services.engagement.surveys.responses.tables import answered
from services.engagement.surveys.surveys.queries import survey
from services.engagement.surveys.surveys.rules import SurveyClosed, check_open, questions_of
from services.engagement.surveys.surveys.tables import Survey
from shared.events.event import Event
from shared.persistence.unit_of_work import Database, UnitOfWork
from shared.problems import FieldError, Invalid, Problem

Asking = Callable[[], AbstractAsyncContextManager[AsyncSession]]
"""Where a question goes: a session of its own, or that of the unit of work, which must not wait for a second one."""

MOST_REMEMBERED = 100
_open: dict[UUID, Questionnaire] = {}


async def questionnaire(asking: Asking, survey_id: UUID) -> Questionnaire:
    """The questions of an open survey, which never change and so are remembered.

    Raises SurveyNotFound, SurveyNotOpen, SurveyClosed. A survey that closed meanwhile may still be remembered here: the
    statement that keeps an answer checks it.
    """
    if (known := _open.get(survey_id)) is not None:
        return known
    async with asking() as session:
        found = await survey(session, survey_id)
    check_open(found)
    if len(_open) >= MOST_REMEMBERED:
        _open.pop(next(iter(_open)))
    made = _open[survey_id] = Questionnaire(questions_of(found))
    return made


async def why_not_kept(asking: Asking, survey_id: UUID, token_hash: bytes | None) -> Problem:
    """What stood in the way of an answer that was well formed."""
    async with asking() as session:
        status = await session.scalar(select(col(Survey.status)).where(col(Survey.id) == survey_id))
        mine = select(invitations.c.token_hash).where(invitations.c.token_hash == token_hash)
        still_good = token_hash is not None and await session.scalar(mine) is not None
    if status == "closed":
        _open.pop(survey_id, None)
        return SurveyClosed()
    if still_good:
        detail = "This invitation is for people of another group. Leave the group out: the invitation knows it."
        return Invalid(errors=[FieldError(pointer="/group", detail=detail)])
    return AlreadyAnswered()


class Invited(NamedTuple):
    """An answer by invitation. `claimed` is a group that was told, and must be that of the invitation."""

    survey_id: UUID
    token_hash: bytes
    claimed: StakeholderGroup | None
    id: UUID
    answered_on: date
    answers: str
    """JSON."""


class SignedIn(NamedTuple):
    """A signed-in person's answer, of the group that they say they belong to."""

    survey_id: UUID
    person_hash: bytes
    group: StakeholderGroup
    id: UUID
    answered_on: date
    answers: str
    """JSON."""


Keeping = Invited | SignedIn

# Closing a survey removes what is left of its invitations before it counts: so an answer is either counted or refused.
USE_INVITATION = """
used AS (
  DELETE FROM invitations
  WHERE survey_id = $1 AND token_hash = $2 AND ($3::text IS NULL OR stakeholder_group = $3)
  RETURNING stakeholder_group
), kept AS (
  INSERT INTO responses (survey_id, id, stakeholder_group, answered_on, answers)
  SELECT $1, $4, stakeholder_group, $5, $6 FROM used RETURNING id
)"""

# The same for many answers at once. Invitations that another transaction holds are left out rather than waited for: two
# such statements, or one and a closing, would else wait for each other. Whoever is left out tries again alone.
USE_INVITATIONS = """
given AS (
  SELECT * FROM unnest($1::uuid[], $2::bytea[], $3::text[], $4::uuid[], $5::date[], $6::jsonb[]) WITH ORDINALITY
    AS g (survey_id, token_hash, claimed, id, answered_on, answers, place)
), free AS (
  SELECT i.token_hash, i.stakeholder_group, g.survey_id, g.id, g.answered_on, g.answers, g.place
  FROM given g JOIN invitations i ON i.token_hash = g.token_hash AND i.survey_id = g.survey_id
  WHERE g.claimed IS NULL OR i.stakeholder_group = g.claimed
  FOR UPDATE OF i SKIP LOCKED
), used AS (
  DELETE FROM invitations WHERE token_hash IN (SELECT token_hash FROM free)
), answered AS (
  INSERT INTO responses (survey_id, id, stakeholder_group, answered_on, answers)
  SELECT survey_id, id, stakeholder_group, answered_on, answers FROM free
), kept AS (SELECT place FROM free)"""

# Closing a survey waits for whoever holds it open here, and is seen by whoever comes after.
ANSWER_ONCE = """
still_open AS (
  SELECT id FROM surveys WHERE id = $1 AND status = 'open' FOR SHARE
), first AS (
  INSERT INTO answered (survey_id, person_hash) SELECT id, $2 FROM still_open ON CONFLICT DO NOTHING RETURNING survey_id
), kept AS (
  INSERT INTO responses (survey_id, id, stakeholder_group, answered_on, answers)
  SELECT survey_id, $4, $3, $5, $6 FROM first RETURNING id
)"""


def _statement(answer: Keeping) -> str:
    """CTEs of which the last, `kept`, returns its row if the answer could be kept."""
    return USE_INVITATION if isinstance(answer, Invited) else ANSWER_ONCE


async def keep_within(uow: UnitOfWork, answer: Keeping) -> bool:
    """As part of a unit of work. Returns whether the answer was kept."""
    connection = await uow.session.connection()
    statement = f"WITH {_statement(answer)} SELECT id FROM kept"  # noqa: S608  our own text, the values are parameters
    return (await connection.exec_driver_sql(statement, tuple(answer))).first() is not None


async def keep_alone(database: Database, answer: Keeping, event: Event) -> bool:
    """The same with its event in one statement. Waits for whoever holds the invitation at this moment."""
    return await database.statements.write(_statement(answer), answer, event=event)


async def keep_together(
    database: Database, answers: Sequence[Invited], events: Sequence[Event], traceparents: Sequence[str | None]
) -> set[int]:
    """Keep many answers by invitation, each with its event, and return the places (from 1) of those that were kept.

    What is not kept is either refused or held by another transaction: asked alone, it is told which.
    """
    columns = list(zip(*answers, strict=True))
    return await database.statements.execute_batch(USE_INVITATIONS, columns, events=events, traceparents=traceparents)


async def forget_who_answered(session: AsyncSession, survey_id: UUID) -> None:
    """Once a survey has closed nobody needs to know any more."""
    await session.execute(delete(answered).where(answered.c.survey_id == survey_id))
