"""What a survey's responses add up to: counted by PostgreSQL, so that memory does not grow with the answers."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Row, TextClause, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.engagement.surveys.responses.tables import responses
from services.engagement.surveys.results import rules
from services.engagement.surveys.results.rules import TOTAL, Tally
from services.engagement.surveys.results.tables import Result
from services.engagement.surveys.surveys.rules import Question

Counted = dict[tuple[str, str | None], dict[str, Tally]]

SCORES = text("""
SELECT r.stakeholder_group, q.id AS question, o.key AS option,
  count(*) AS answered, sum(o.value::bigint)::bigint AS total
FROM responses r CROSS JOIN LATERAL unnest(CAST(:questions AS text[])) q(id)
CROSS JOIN LATERAL (SELECT r.answers -> q.id AS given) a
CROSS JOIN LATERAL jsonb_each_text(
  CASE jsonb_typeof(a.given) WHEN 'object' THEN a.given ELSE jsonb_build_object('', a.given) END) o
WHERE r.survey_id = :survey AND a.given IS NOT NULL
GROUP BY 1, 2, 3
""")
CHOICES = text("""
SELECT r.stakeholder_group, q.id AS question, a.given #>> '{}' AS option, count(*) AS answered
FROM responses r CROSS JOIN LATERAL unnest(CAST(:questions AS text[])) q(id)
CROSS JOIN LATERAL (SELECT r.answers -> q.id AS given) a
WHERE r.survey_id = :survey AND a.given IS NOT NULL
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
  sum(q.options - jsonb_array_length(a.given) - 1)::bigint AS shares
FROM responses r CROSS JOIN LATERAL unnest(CAST(:questions AS text[]), CAST(:options AS int[])) q(id, options)
CROSS JOIN LATERAL (SELECT r.answers -> q.id AS given) a
WHERE r.survey_id = :survey AND a.given IS NOT NULL
GROUP BY 1, 2
""")
GAINS = text("""
SELECT r.stakeholder_group, q.id AS question, o.option,
  sum(2 * (q.options - o.place) - (q.options - jsonb_array_length(a.given) - 1))::bigint AS gained
FROM responses r CROSS JOIN LATERAL unnest(CAST(:questions AS text[]), CAST(:options AS int[])) q(id, options)
CROSS JOIN LATERAL (SELECT r.answers -> q.id AS given) a
CROSS JOIN LATERAL jsonb_array_elements_text(a.given) WITH ORDINALITY o(option, place)
WHERE r.survey_id = :survey AND a.given IS NOT NULL
GROUP BY 1, 2, 3
""")


async def published_result(session: AsyncSession, survey_id: UUID) -> Result:
    """Raises ResultsNotPublished."""
    found = await session.get(Result, survey_id)
    if found is None:
        raise rules.ResultsNotPublished
    return found


async def respondents(session: AsyncSession, survey_id: UUID) -> dict[str, Tally]:
    """How many of each stakeholder group answered."""
    group = responses.c.stakeholder_group
    statement = select(group, func.count()).where(responses.c.survey_id == survey_id).group_by(group)
    return {name: Tally(answered) for name, answered in (await session.execute(statement)).all()}


async def counted(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> Counted:
    """The tables of every question, by stakeholder group."""
    return {
        **await _scores(session, survey_id, [q for q in questions if q.kind == "score"]),
        **await _ranks(session, survey_id, [q for q in questions if q.kind == "rank"]),
        **await _choices(session, survey_id, [q for q in questions if q.kind == "single_choice"]),
        **await _texts(session, survey_id, [q for q in questions if q.kind == "free_text"]),
    }


async def _rows(
    session: AsyncSession, statement: TextClause, survey_id: UUID, questions: Sequence[Question], **more: Any
) -> Sequence[Row[Any]]:
    given = {"survey": survey_id, "questions": [question.id for question in questions], **more}
    return (await session.execute(statement, given)).all() if questions else []


async def _scores(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> Counted:
    tables: Counted = {}
    for row in await _rows(session, SCORES, survey_id, questions):
        table = tables.setdefault((row.question, row.option or None), {})
        table[row.stakeholder_group] = Tally(row.answered, {TOTAL: row.total})
    return tables


async def _ranks(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> Counted:
    options = {question.id: [option.id for option in question.options] for question in questions}
    sizes = [len(of_question) for of_question in options.values()]
    gains: dict[tuple[str, str], dict[str, int]] = {}
    for row in await _rows(session, GAINS, survey_id, questions, options=sizes):
        gains.setdefault((row.question, row.stakeholder_group), {})[row.option] = row.gained
    tables: Counted = {}
    for row in await _rows(session, BALLOTS, survey_id, questions, options=sizes):
        gained = gains.get((row.question, row.stakeholder_group), {})
        tally = rules.ranked(options[row.question], row.answered, row.shares, gained)
        tables.setdefault((row.question, None), {})[row.stakeholder_group] = tally
    return tables


async def _choices(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> Counted:
    counts: dict[tuple[str, str], dict[str, int]] = {}
    for row in await _rows(session, CHOICES, survey_id, questions):
        counts.setdefault((row.question, row.stakeholder_group), {})[row.option] = row.answered
    tables: Counted = {}
    for (question, group), chosen in counts.items():
        tables.setdefault((question, None), {})[group] = Tally(sum(chosen.values()), chosen)
    return tables


async def _texts(session: AsyncSession, survey_id: UUID, questions: Sequence[Question]) -> Counted:
    tables: Counted = {}
    for row in await _rows(session, TEXTS, survey_id, questions):
        tables.setdefault((row.question, None), {})[row.stakeholder_group] = Tally(row.answered)
    return tables
