"""Counts over a survey's responses, made by PostgreSQL, so that memory does not grow with the responses."""

from collections.abc import Sequence
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.surveys.responses.tables import responses
from services.engagement.surveys.results import rules
from services.engagement.surveys.results.rules import TOTAL, Tally
from services.engagement.surveys.results.tables import Result
from services.engagement.surveys.surveys.rules import Question
from shared.persistence.fetch import fetch

QuestionTables = dict[tuple[str, str | None], dict[str, Tally]]
"""By question and option (see `rules.Tables`), then stakeholder group."""

R = TypeVar("R")


class ScoreRow(NamedTuple):
    """A score's count and sum in one group; `option` is empty where the question has no options."""

    group: str
    question: str
    option: str
    answered: int
    total: int


class ChoiceRow(NamedTuple):
    """How many of one group chose an option."""

    group: str
    question: str
    option: str
    answered: int


class TextRow(NamedTuple):
    """How many of one group wrote something."""

    group: str
    question: str
    answered: int


class BallotRow(NamedTuple):
    """How many of one group ranked options, and twice the points that an option left out gets, over all ballots."""

    group: str
    question: str
    answered: int
    shares: int


class GainRow(NamedTuple):
    """Twice the Borda points that one group's ballots give to an option beyond that share."""

    group: str
    question: str
    option: str
    gained: int


SCORES = text("""
SELECT r.stakeholder_group, q.id AS question, o.key AS option,
  count(*) AS answered, sum(o.value::bigint)::bigint AS total
FROM responses r CROSS JOIN LATERAL unnest(CAST(:questions AS text[])) q(id)
CROSS JOIN LATERAL (SELECT r.answers -> q.id AS answer) a
CROSS JOIN LATERAL jsonb_each_text(
  CASE jsonb_typeof(a.answer) WHEN 'object' THEN a.answer ELSE jsonb_build_object('', a.answer) END) o
WHERE r.survey_id = :survey AND a.answer IS NOT NULL
GROUP BY 1, 2, 3
""")
CHOICES = text("""
SELECT r.stakeholder_group, q.id AS question, a.answer #>> '{}' AS option, count(*) AS answered
FROM responses r CROSS JOIN LATERAL unnest(CAST(:questions AS text[])) q(id)
CROSS JOIN LATERAL (SELECT r.answers -> q.id AS answer) a
WHERE r.survey_id = :survey AND a.answer IS NOT NULL
GROUP BY 1, 2, 3
""")
TEXTS = text("""
SELECT r.stakeholder_group, q.id AS question, count(*) AS answered
FROM responses r CROSS JOIN LATERAL unnest(CAST(:questions AS text[])) q(id)
WHERE r.survey_id = :survey AND jsonb_exists(r.answers, q.id)
GROUP BY 1, 2
""")
BALLOTS = text("""
SELECT r.stakeholder_group, q.id AS question, count(*) AS answered,
  sum(q.options - jsonb_array_length(a.answer) - 1)::bigint AS shares
FROM responses r CROSS JOIN LATERAL unnest(CAST(:questions AS text[]), CAST(:options AS int[])) q(id, options)
CROSS JOIN LATERAL (SELECT r.answers -> q.id AS answer) a
WHERE r.survey_id = :survey AND a.answer IS NOT NULL
GROUP BY 1, 2
""")
GAINS = text("""
SELECT r.stakeholder_group, q.id AS question, o.option,
  sum(2 * (q.options - o.position) - (q.options - jsonb_array_length(a.answer) - 1))::bigint AS gained
FROM responses r CROSS JOIN LATERAL unnest(CAST(:questions AS text[]), CAST(:options AS int[])) q(id, options)
CROSS JOIN LATERAL (SELECT r.answers -> q.id AS answer) a
CROSS JOIN LATERAL jsonb_array_elements_text(a.answer) WITH ORDINALITY o(option, position)
WHERE r.survey_id = :survey AND a.answer IS NOT NULL
GROUP BY 1, 2, 3
""")


async def get_published_result(session: AsyncSession, survey_id: UUID) -> Result:
    """Return the results of a closed survey. Raises ResultsNotPublished."""
    return await fetch(session, Result, survey_id, missing=rules.ResultsNotPublished)


async def count_respondents(session: AsyncSession, survey_id: UUID) -> dict[str, Tally]:
    """Return how many of each stakeholder group responded."""
    group = responses.c.stakeholder_group
    statement = select(group, func.count()).where(responses.c.survey_id == survey_id).group_by(group)
    return {name: Tally(count) for name, count in (await session.execute(statement)).all()}


async def get_tables(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> QuestionTables:
    """Return the tables of every question, by stakeholder group."""
    return {
        **await _scores(session, survey_id, [question for question in questions if question.kind == "score"]),
        **await _ranks(session, survey_id, [question for question in questions if question.kind == "rank"]),
        **await _choices(session, survey_id, [question for question in questions if question.kind == "single_choice"]),
        **await _texts(session, survey_id, [question for question in questions if question.kind == "free_text"]),
    }


async def _rows(
    session: AsyncSession, statement: TextClause, row_type: type[R], survey_id: UUID, questions: Sequence[Question]
) -> Sequence[R]:
    """Return the statement's rows, whose columns are the fields of `row_type` in order."""
    if not questions:
        return []
    parameters: dict[str, Any] = {"survey": survey_id, "questions": [question.id for question in questions]}
    if "options" in statement.compile().params:
        parameters["options"] = [len(question.options) for question in questions]
    return [row_type(*row) for row in await session.execute(statement, parameters)]


async def _scores(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> QuestionTables:
    tables: QuestionTables = {}
    for row in await _rows(session, SCORES, ScoreRow, survey_id, questions):
        table = tables.setdefault((row.question, row.option or None), {})
        table[row.group] = Tally(row.answered, {TOTAL: row.total})
    return tables


async def _ranks(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> QuestionTables:
    options = {question.id: [option.id for option in question.options] for question in questions}
    gains: dict[tuple[str, str], dict[str, int]] = {}
    for row in await _rows(session, GAINS, GainRow, survey_id, questions):
        gains.setdefault((row.question, row.group), {})[row.option] = row.gained
    tables: QuestionTables = {}
    for row in await _rows(session, BALLOTS, BallotRow, survey_id, questions):
        gained = gains.get((row.question, row.group), {})
        tally = rules.borda_tally(options[row.question], row.answered, row.shares, gained)
        tables.setdefault((row.question, None), {})[row.group] = tally
    return tables


async def _choices(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> QuestionTables:
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in await _rows(session, CHOICES, ChoiceRow, survey_id, questions):
        counts.setdefault((row.question, row.group), {})[row.option] = row.answered
    tables: QuestionTables = {}
    for (question, group), by_option in counts.items():
        tables.setdefault((question, None), {})[group] = Tally(sum(by_option.values()), by_option)
    return tables


async def _texts(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> QuestionTables:
    tables: QuestionTables = {}
    for row in await _rows(session, TEXTS, TextRow, survey_id, questions):
        tables.setdefault((row.question, None), {})[row.group] = Tally(row.answered)
    return tables
