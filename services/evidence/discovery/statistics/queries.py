"""Statistics in SQL, of what is published today: what was withdrawn does not count."""

from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

_TURNAROUND = text(
    """
    SELECT urgency,
        count(DISTINCT asker_id) FILTER (WHERE first_answered_at IS NOT NULL) AS people_answered,
        count(DISTINCT asker_id) FILTER (WHERE first_answered_at IS NULL) AS people_waiting,
        count(first_answered_at) AS answered,
        percentile_cont(0.5) WITHIN GROUP (ORDER BY hours) AS median_hours,
        percentile_cont(0.9) WITHIN GROUP (ORDER BY hours) AS ninetieth_percentile_hours,
        count(*) FILTER (WHERE hours <= target) AS in_time,
        count(*) FILTER (WHERE first_answered_at IS NULL AND asked_at + target * interval '1 hour' < :now) AS overdue
    FROM (
        SELECT r.*, extract(epoch FROM first_answered_at - asked_at) / 3600 AS hours,
            (CAST(:targets AS jsonb) ->> urgency)::int AS target
        FROM evidence_requests r
        WHERE asked_at >= :since AND (status <> 'withdrawn' OR first_answered_at IS NOT NULL)
    ) asked
    GROUP BY urgency
    """
)
_USE_OF_ANSWERS = text(
    """
    SELECT count(DISTINCT asker_id) FILTER (WHERE first_answered_at IS NOT NULL) AS answered,
        count(DISTINCT asker_id) FILTER (WHERE used = 'yes') AS used,
        count(DISTINCT asker_id) FILTER (WHERE used = 'no') AS not_used,
        count(DISTINCT asker_id) FILTER (WHERE used = 'not_yet') AS not_yet_used,
        count(DISTINCT asker_id) FILTER (WHERE what_happened <> '') AS with_outcome
    FROM evidence_requests WHERE asked_at >= :since AND status <> 'withdrawn'
    """
)
_PUBLISHED = text("SELECT way_of_knowing AS way, count(*) AS number FROM items WHERE status = 'published' GROUP BY 1")
_PLACES = text(
    """
    SELECT country, lower(setting) AS setting, grouping(country) AS is_setting, count(*) AS number FROM items
    WHERE status = 'published' GROUP BY GROUPING SETS ((country), (lower(setting))) ORDER BY number DESC, 1, 2
    """
)
_VIEWS = text(
    """
    SELECT way_of_knowing AS way, kind, sum(number)::bigint AS number FROM view_counts
    WHERE day BETWEEN :first AND :last GROUP BY 1, 2
    """
)
_USE = text(
    """
    WITH used(item_id, use) AS (
        SELECT c.item_id, 'guides' FROM guide_citations c JOIN guide_statements s ON s.id = c.statement_id
        JOIN guides g ON g.id = s.guide_id AND g.status = 'published'
        UNION ALL
        SELECT c.source_id, 'answers' FROM request_citations c JOIN request_turns t ON t.id = c.turn_id
        JOIN evidence_requests r ON r.id = t.request_id AND r.status <> 'withdrawn'
        WHERE c.kind = 'item'
        UNION ALL
        SELECT from_id, 'projects' FROM sight_links WHERE from_kind = 'evidence' AND relation = 'applied_by'
    ), acted_upon(item_id) AS (
        SELECT applied.item_id FROM (
            SELECT from_id AS item_id, to_id AS project_id FROM sight_links
            WHERE from_kind = 'evidence' AND relation = 'applied_by'
            UNION
            SELECT drawn_on.from_id, applied.to_id FROM sight_links drawn_on
            JOIN sight_links applied ON (applied.from_kind, applied.from_id) = ('guide', drawn_on.to_id)
                AND applied.relation = 'applied_by'
            WHERE drawn_on.from_kind = 'evidence' AND drawn_on.relation = 'drawn_on_by'
        ) applied
        WHERE EXISTS (
            SELECT FROM sight_links achieved
            WHERE (achieved.from_kind, achieved.from_id) = ('project', applied.project_id)
                AND achieved.relation = 'achieved'
        )
    ), counted AS (
        SELECT item_id, use FROM used UNION ALL SELECT item_id, 'acted_upon' FROM acted_upon
    )
    SELECT standing.way_of_knowing AS way,
        count(DISTINCT standing.id) FILTER (WHERE use <> 'acted_upon') AS used,
        count(DISTINCT standing.id) FILTER (WHERE use = 'guides') AS in_guides,
        count(DISTINCT standing.id) FILTER (WHERE use = 'answers') AS in_answers,
        count(DISTINCT standing.id) FILTER (WHERE use = 'projects') AS in_projects,
        count(DISTINCT standing.id) FILTER (WHERE use = 'acted_upon') AS acted_upon
    FROM counted JOIN items i ON i.id = counted.item_id
    JOIN items standing ON standing.id = coalesce(i.merged_into, i.id) AND standing.status = 'published'
    GROUP BY 1
    """
)


class TurnaroundRow(NamedTuple):
    """The requests of one urgency, and who asked them. Hours are from the first question to the first answer."""

    urgency: str
    people_answered: int
    people_waiting: int
    answered: int
    median_hours: float | None
    ninetieth_percentile_hours: float | None
    in_time: int
    overdue: int


class UseOfAnswersRow(NamedTuple):
    """People whose questions were answered, and what they said of the answers. Each counts once in each number."""

    answered: int
    used: int
    not_used: int
    not_yet_used: int
    with_outcome: int


class UseRow(NamedTuple):
    """How many published items of one way of knowing are used, in what, and led to an outcome."""

    way: str
    used: int
    in_guides: int
    in_answers: int
    in_projects: int
    acted_upon: int


class WaysOfKnowingCounts(NamedTuple):
    """Counts by way of knowing; the views also by `shown` or `opened`."""

    published: dict[str, int]
    views: dict[tuple[str, str], int]
    use: dict[str, UseRow]


class PlaceRow(NamedTuple):
    """How many published items name a country, or a setting; None for those that name none."""

    value: str | None
    number: int


async def count_places(session: AsyncSession) -> tuple[list[PlaceRow], list[PlaceRow]]:
    """Return how many published items name each country and each setting, the most first."""
    rows = list(await session.execute(_PLACES))
    countries = [PlaceRow(row.country, row.number) for row in rows if not row.is_setting]
    return countries, [PlaceRow(row.setting, row.number) for row in rows if row.is_setting]


async def turnaround(session: AsyncSession, since: datetime, now: datetime, targets: str) -> dict[str, TurnaroundRow]:
    """Return the turnaround of requests since then, by urgency. `targets`: JSON, hours by urgency."""
    rows = await session.execute(_TURNAROUND, {"since": since, "now": now, "targets": targets})
    return {row.urgency: TurnaroundRow(*row) for row in rows}


async def use_of_answers(session: AsyncSession, since: datetime) -> UseOfAnswersRow:
    """Return what became of the answers to questions that were asked since then."""
    return UseOfAnswersRow(*(await session.execute(_USE_OF_ANSWERS, {"since": since})).one())


async def count_ways_of_knowing(session: AsyncSession, first: date, last: date) -> WaysOfKnowingCounts:
    """Return what is published and used today, and what was shown and opened on these days."""
    views = await count_views(session, first, last)
    return WaysOfKnowingCounts(await count_published(session), views, await count_used(session))


async def count_published(session: AsyncSession) -> dict[str, int]:
    """Return how many items of each way of knowing are published."""
    return {row.way: row.number for row in await session.execute(_PUBLISHED)}


async def count_views(session: AsyncSession, first: date, last: date) -> dict[tuple[str, str], int]:
    """Return how often items were shown and opened on these days, by way of knowing and `shown` or `opened`."""
    rows = await session.execute(_VIEWS, {"first": first, "last": last})
    return {(row.way, row.kind): row.number for row in rows}


async def count_used(session: AsyncSession) -> dict[str, UseRow]:
    """Return how items are used, by way of knowing. A merged item counts as the one that it was merged into."""
    return {row.way: UseRow(*row) for row in await session.execute(_USE)}
