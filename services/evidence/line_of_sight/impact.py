"""What followed from items: guides, projects, outcomes, claims paid, answers and learning."""

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.line_of_sight.rules import MERGED_INTO

_IMPACT = text(
    f"""
    WITH RECURSIVE same(item, id) AS (
        SELECT origin, origin FROM unnest(:ids) AS origin
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
            array_agg(coalesce((n.facts ->> 'people_affected')::bigint, 0)) AS people
        FROM projects p
        JOIN sight_links l ON (l.from_kind, l.from_id) = ('project', p.id) AND l.relation = 'achieved'
        JOIN sight_nodes n ON (n.kind, n.id) = ('outcome', l.to_id)
        GROUP BY p.item
    ), assemblies AS (
        SELECT DISTINCT p.item, l.from_id AS id FROM projects p
        JOIN sight_links l ON (l.to_kind, l.to_id) = ('project', p.id) AND l.relation = 'led_to'
    ), requests AS (
        SELECT s.item, count(DISTINCT l.from_id) AS number FROM sources s
        JOIN sight_links l ON (l.to_kind, l.to_id) = (s.kind, s.id)
            AND l.relation = 'answered_by' AND l.from_kind = 'request'
        GROUP BY s.item
    ), learning AS (
        SELECT DISTINCT s.item, l.to_id AS id FROM sources s
        JOIN sight_links l ON (l.from_kind, l.from_id) = (s.kind, s.id) AND l.relation = 'taught_by'
    )
    SELECT origin AS item_id,
        coalesce(o.outcomes, 0) AS outcomes, coalesce(o.better, 0) AS better, coalesce(o.people, '{{}}') AS people,
        coalesce(r.number, 0) AS requests,
        ARRAY(SELECT id FROM assemblies WHERE item = origin ORDER BY id) AS assemblies,
        ARRAY(SELECT id FROM guides WHERE item = origin ORDER BY id) AS guides,
        ARRAY(SELECT id FROM projects WHERE item = origin ORDER BY id) AS projects,
        ARRAY(SELECT id FROM learning WHERE item = origin ORDER BY id) AS learning
    FROM unnest(:ids) AS origin
    LEFT JOIN outcomes o ON o.item = origin
    LEFT JOIN requests r ON r.item = origin
    """  # noqa: S608  a constant of the rules
).bindparams(bindparam("ids", type_=ARRAY(Uuid)))


class ItemImpact(NamedTuple):
    """What followed from an item, and from all that it was merged with.

    Projects are those that apply it or a guide that draws on it; assemblies those that led to them. `people` are those
    whom each outcome affected.
    """

    item_id: UUID
    outcomes: int
    better: int
    people: Sequence[int]
    requests: int
    assemblies: Sequence[UUID]
    guides: Sequence[UUID]
    projects: Sequence[UUID]
    learning: Sequence[UUID]


async def get_impact(session: AsyncSession, item_ids: Sequence[UUID]) -> dict[UUID, ItemImpact]:
    """Return what followed from each of these items."""
    rows = await session.execute(_IMPACT, {"ids": list(item_ids)})
    return {impact.item_id: impact for impact in map(ItemImpact._make, rows)}
