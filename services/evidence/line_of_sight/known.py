"""What this service knows of a thread beyond what events told; and what followed from an item."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ColumnElement,
    Row,
    Select,
    Uuid,
    bindparam,
    cast,
    func,
    or_,
    select,
    text,
)
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.tables import Item
from services.evidence.library.topics.tables import Topic
from services.evidence.line_of_sight.rules import MERGED_INTO, Ref
from services.evidence.line_of_sight.tables import answers, attendances, completions, links, payments
from services.evidence.publications.guides.tables import Guide
from services.evidence.publications.learning.tables import LearningCompletion, LearningPiece
from services.evidence.publications.requests.tables import EvidenceRequest

_FOLLOWED = text(
    f"""
    WITH RECURSIVE same(item, id) AS (
        SELECT given, given FROM unnest(:ids) AS given
        UNION
        SELECT s.item, step.id FROM same s CROSS JOIN LATERAL (
            SELECT to_id AS id FROM sight_links
            WHERE (from_kind, from_id) = ('evidence', s.id) AND relation = '{MERGED_INTO}'
            UNION ALL
            SELECT from_id FROM sight_links
            WHERE (to_kind, to_id) = ('evidence', s.id) AND relation = '{MERGED_INTO}'
        ) step
    ), guides AS (
        SELECT DISTINCT s.item, l.to_id AS id FROM same s
        JOIN sight_links l ON (l.from_kind, l.from_id) = ('evidence', s.id) AND l.relation = 'drawn_on_by'
    ), sources AS (
        SELECT item, 'evidence' AS kind, id FROM same UNION ALL SELECT item, 'guide', id FROM guides
    ), projects AS (
        SELECT DISTINCT s.item, l.to_id AS id FROM sources s
        JOIN sight_links l ON (l.from_kind, l.from_id) = (s.kind, s.id) AND l.relation = 'applied_by'
    ), outcomes AS (
        SELECT p.item, count(*) AS outcomes, count(*) FILTER (WHERE n.facts ->> 'direction' = 'better') AS better,
            coalesce(sum((n.facts ->> 'people_affected')::bigint), 0)::bigint AS people
        FROM projects p
        JOIN sight_links l ON (l.from_kind, l.from_id) = ('project', p.id) AND l.relation = 'achieved'
        JOIN sight_nodes n ON (n.kind, n.id) = ('outcome', l.to_id)
        GROUP BY p.item
    ), paid AS (
        SELECT a.item, count(*) AS claims, sum(y.pence)::bigint AS pence
        FROM (
            SELECT DISTINCT p.item, l.from_id AS id FROM projects p
            JOIN sight_links l ON (l.to_kind, l.to_id) = ('project', p.id) AND l.relation = 'led_to'
        ) a
        JOIN sight_payments y ON y.assembly_id = a.id
        GROUP BY a.item
    ), requests AS (
        SELECT s.item, count(DISTINCT l.from_id) AS number FROM sources s
        JOIN sight_links l ON (l.to_kind, l.to_id) = (s.kind, s.id)
            AND l.relation = 'answered_by' AND l.from_kind = 'request'
        GROUP BY s.item
    ), learning AS (
        SELECT DISTINCT s.item, l.to_id AS id FROM sources s
        JOIN sight_links l ON (l.from_kind, l.from_id) = (s.kind, s.id) AND l.relation = 'taught_by'
    )
    SELECT given AS item_id,
        coalesce(o.outcomes, 0) AS outcomes, coalesce(o.better, 0) AS better, coalesce(o.people, 0) AS people,
        coalesce(y.claims, 0) AS claims, coalesce(y.pence, 0) AS pence, coalesce(r.number, 0) AS requests,
        ARRAY(SELECT id FROM guides WHERE item = given ORDER BY id) AS guides,
        ARRAY(SELECT id FROM projects WHERE item = given ORDER BY id) AS projects,
        ARRAY(SELECT id FROM learning WHERE item = given ORDER BY id) AS learning
    FROM unnest(:ids) AS given
    LEFT JOIN outcomes o ON o.item = given
    LEFT JOIN paid y ON y.item = given
    LEFT JOIN requests r ON r.item = given
    """  # noqa: S608  written here alone
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


@dataclass(frozen=True)
class Known:
    """Titles are of what is published today alone; questions in the words in which staff made them public."""

    titles: Mapping[Ref, str]
    topics: Mapping[UUID, Row[Any]]
    requests: Mapping[UUID, Row[Any]]
    answers: Mapping[UUID, int]
    attendances: Mapping[UUID, int]
    pence: Mapping[UUID, int]
    learners: Mapping[UUID, int]
    withdrawn: Collection[UUID]
    """Learning pieces: no event tells that one is taught no longer."""


async def known_of(session: AsyncSession, refs: Sequence[Ref]) -> Known:
    def of(kind: str) -> list[UUID]:
        return [ref.id for ref in refs if ref.kind == kind]

    async def numbers(counted: Select[Any]) -> dict[UUID, int]:
        return {row.id: row.number for row in await session.execute(counted)}

    topic: Any = select(col(Topic.id), col(Topic.name), col(Topic.priority))
    asked: Any = select(col(EvidenceRequest.id), col(EvidenceRequest.shown_question), col(EvidenceRequest.used))
    gone: Any = select(col(LearningPiece.id)).where(
        col(LearningPiece.id).in_(of("learning")), col(LearningPiece.state) == "withdrawn"
    )
    requests = asked.where(col(EvidenceRequest.id).in_(of("request")))
    return Known(
        titles=await titles_of(session, refs),
        topics={row.id: row for row in await session.execute(topic.where(col(Topic.id).in_(of("topic"))))},
        requests={row.id: row for row in await session.execute(requests)},
        answers=await numbers(_per(answers.c.survey_id, func.count(), of("survey"))),
        attendances=await numbers(
            _per(attendances.c.assembly_id, func.count(), of("assembly")).where(attendances.c.attended)
        ),
        pence=await numbers(_per(payments.c.assembly_id, cast(func.sum(payments.c.pence), BigInteger), of("assembly"))),
        learners=await numbers(
            _per(completions.c.piece_id, _learners, of("learning")).outerjoin(
                LearningCompletion, col(LearningCompletion.id) == completions.c.completion_id
            )
        ),
        withdrawn=set((await session.execute(gone)).scalars()),
    )


_learners: Any = func.count(func.coalesce(col(LearningCompletion.person_id), completions.c.completion_id).distinct())
"""People, in whatever editions; a record that its person removed counts for itself."""


async def titles_of(session: AsyncSession, refs: Collection[Ref]) -> dict[Ref, str]:
    """Of those items, guides and learning pieces among these that are published."""
    found: dict[Ref, str] = {}
    for kind, table in (("evidence", Item), ("guide", Guide), ("learning", LearningPiece)):
        ids = [ref.id for ref in refs if ref.kind == kind]
        if ids:
            shown: Any = select(col(table.id), col(table.title)).where(
                col(table.id).in_(ids), col(table.state) == "published"
            )
            found |= {Ref(kind, row.id): row.title for row in await session.execute(shown)}
    return found


async def may_see_request(session: AsyncSession, request_id: UUID, reader: UUID) -> bool:
    """Whether staff made the question public, or the reader asked it."""
    statement = select(col(EvidenceRequest.id)).where(
        col(EvidenceRequest.id) == request_id,
        or_(col(EvidenceRequest.shown_at).is_not(None), col(EvidenceRequest.asker_id) == reader),
    )
    return await session.scalar(statement) is not None


async def merged_among(session: AsyncSession, refs: Collection[Ref]) -> dict[UUID, UUID]:
    """Into which item each of these was merged."""
    ids = [ref.id for ref in refs if ref.kind == "evidence"]
    statement = select(links.c.from_id, links.c.to_id).where(
        links.c.from_kind == "evidence", links.c.from_id.in_(ids), links.c.relation == MERGED_INTO
    )
    return {row.from_id: row.to_id for row in await session.execute(statement)}


def _per(column: Column[UUID], number: ColumnElement[int], ids: Collection[UUID]) -> Select[Any]:
    pair: tuple[Any, Any] = (column.label("id"), number.label("number"))
    counted: Any = select(*pair)
    return counted.where(column.in_(ids)).group_by(column)


async def what_followed(session: AsyncSession, items: Sequence[UUID]) -> dict[UUID, Row[Any]]:
    """For each item, with all that it was merged with: guides, projects, outcomes, claims paid, answers, learning.

    Projects are those that apply it or a guide that draws on it; claims, those of the assemblies they grew from.
    """
    return {row.item_id: row for row in await session.execute(_FOLLOWED, {"ids": list(items)})}
