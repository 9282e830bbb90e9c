"""Figures in SQL. Each is of what may be seen today: what is withdrawn counts nowhere."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncSession

_TURNAROUND = text(
    """
    SELECT urgency,
        count(first_answered_at) AS answered,
        count(*) FILTER (WHERE first_answered_at IS NULL) AS waiting,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) AS median,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY hours) AS ninetieth,
        count(*) FILTER (WHERE hours <= target) AS in_time,
        count(*) FILTER (WHERE first_answered_at IS NULL AND asked_at + target * interval '1 hour' < :now) AS overdue
    FROM (
        SELECT r.*, extract(epoch FROM first_answered_at - asked_at) / 3600 AS hours,
            (CAST(:targets AS jsonb) ->> urgency)::int AS target
        FROM evidence_requests r
        WHERE asked_at >= :since AND (state <> 'taken_back' OR first_answered_at IS NOT NULL)
    ) asked
    GROUP BY urgency
    """
)
_HELD = text("SELECT way_of_knowing AS way, count(*) AS number FROM items WHERE state = 'published' GROUP BY 1")
_SEEN = text(
    """
    SELECT way_of_knowing AS way, kind, sum(number)::bigint AS number FROM view_counts
    WHERE day BETWEEN :first AND :last GROUP BY 1, 2
    """
)
_USED = text(
    """
    WITH used(item_id, how) AS (
        SELECT c.item_id, 'guides' FROM guide_citations c JOIN guide_statements s ON s.id = c.statement_id
        JOIN guides g ON g.id = s.guide_id AND g.state = 'published'
        UNION ALL
        SELECT c.thing_id, 'answers' FROM request_citations c JOIN request_turns t ON t.id = c.turn_id
        JOIN evidence_requests r ON r.id = t.request_id AND r.state <> 'taken_back'
        WHERE c.kind = 'item'
        UNION ALL
        SELECT from_id, 'projects' FROM sight_links WHERE from_kind = 'evidence' AND relation = 'applied_by'
    ), acted(item_id) AS (
        SELECT applied.item_id FROM (
            SELECT from_id AS item_id, to_id AS project_id FROM sight_links
            WHERE from_kind = 'evidence' AND relation = 'applied_by'
            UNION
            SELECT drawn.from_id, applied.to_id FROM sight_links drawn
            JOIN sight_links applied ON (applied.from_kind, applied.from_id) = ('guide', drawn.to_id)
                AND applied.relation = 'applied_by'
            WHERE drawn.from_kind = 'evidence' AND drawn.relation = 'drawn_on_by'
        ) applied
        WHERE EXISTS (
            SELECT FROM sight_links achieved
            WHERE (achieved.from_kind, achieved.from_id) = ('project', applied.project_id)
                AND achieved.relation = 'achieved'
        )
    ), counted AS (
        SELECT item_id, how FROM used UNION ALL SELECT item_id, 'acted' FROM acted
    )
    SELECT standing.way_of_knowing AS way,
        count(DISTINCT standing.id) FILTER (WHERE how <> 'acted') AS used,
        count(DISTINCT standing.id) FILTER (WHERE how = 'guides') AS guides,
        count(DISTINCT standing.id) FILTER (WHERE how = 'answers') AS answers,
        count(DISTINCT standing.id) FILTER (WHERE how = 'projects') AS projects,
        count(DISTINCT standing.id) FILTER (WHERE how = 'acted') AS acted
    FROM counted JOIN items i ON i.id = counted.item_id
    JOIN items standing ON standing.id = coalesce(i.merged_into, i.id) AND standing.state = 'published'
    GROUP BY 1
    """
)


async def turnaround(session: AsyncSession, since: datetime, now: datetime, targets: str) -> dict[str, Row[Any]]:
    """By urgency, of requests since then: hours from the first question to the first answer. `targets` as JSON."""
    found = await session.execute(_TURNAROUND, {"since": since, "now": now, "targets": targets})
    return {row.urgency: row for row in found}


async def held(session: AsyncSession) -> dict[str, int]:
    """Published items of each way of knowing."""
    return {row.way: row.number for row in await session.execute(_HELD)}


async def seen(session: AsyncSession, first: date, last: date) -> dict[tuple[str, str], int]:
    """How often items of each way of knowing were shown, and opened, on these days."""
    found = await session.execute(_SEEN, {"first": first, "last": last})
    return {(row.way, row.kind): row.number for row in found}


async def used(session: AsyncSession) -> dict[str, Row[Any]]:
    """Published items of each way of knowing that guides, answers and projects stand on, and that led to an outcome.

    A merged item counts as the one that stands for it.
    """
    return {row.way: row for row in await session.execute(_USED)}
