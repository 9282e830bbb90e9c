"""Counts of what is known about a topic, and of what is asked about it, in all and by country, setting and year."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CTE, Select, Uuid, and_, bindparam, exists, func, label, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.descriptions import WAYS
from services.evidence.library.items.statements import ItemFilters, filter_conditions
from services.evidence.library.items.tables import Item
from services.evidence.library.place_filters import Locality
from services.evidence.library.topics.queries import topic_and_below
from services.evidence.library.topics.tables import Topic, filings
from services.evidence.publications.requests.tables import EvidenceRequest, request_topics
from shared.disclosure import smallest_count
from shared.events.contracts.evidence import WayOfKnowing
from shared.http.pagination import Key
from shared.persistence.columns import select_columns

PRIORITY_KEY: Sequence[Key] = (label("rank", func.coalesce(col(Topic.priority), -1)), label("id", col(Topic.id)))
"""The order of topics with a gap, descending: those without a priority come last."""
ANYWHERE = Locality()
DIMENSIONS = ("country", "setting", "year")

_IS_FROM_COUNTRY = """
    (CAST(:country AS text) IS NULL OR i.country IN (:country, left(CAST(:country AS text), 2))
        OR starts_with(i.country, CAST(:country AS text) || '-'))
"""
_IS_FROM_SETTING = "(CAST(:setting AS text) IS NULL OR lower(i.setting) = lower(CAST(:setting AS text)))"
_ITEM_COUNTS = text(
    f"""
    SELECT i.way_of_knowing AS way, i.country, lower(i.setting) AS setting, year,
        grouping(i.country, lower(i.setting), year) AS summed_over, count(*) AS number
    FROM items i CROSS JOIN LATERAL (
        SELECT left(CASE WHEN i.way_of_knowing = 'research' THEN i.details ->> 'published_on' ELSE coalesce(
            i.details #>> '{{period,from}}', i.details #>> '{{period,to}}', to_char(i.published_at, 'YYYY')
        ) END, 4) AS year
    ) dated
    WHERE i.status = 'published' AND i.id IN (
        SELECT item_id FROM filings WHERE topic_id = ANY(:topics) AND published_at IS NOT NULL
    )
        AND {_IS_FROM_COUNTRY} AND {_IS_FROM_SETTING}
    GROUP BY GROUPING SETS (
        (i.way_of_knowing), (i.way_of_knowing, i.country), (i.way_of_knowing, lower(i.setting)),
        (i.way_of_knowing, year)
    )
    """  # noqa: S608  our own words
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))
_PLACE_COUNTS = text(
    f"""
    WITH RECURSIVE down (top, id) AS (
        SELECT id, id FROM topics WHERE id = ANY(:topics)
        UNION SELECT down.top, topics.id FROM down JOIN topics ON topics.parent_id = down.id
    ), filed AS (
        SELECT DISTINCT down.top, filings.item_id FROM down JOIN filings ON filings.topic_id = down.id
        WHERE filings.published_at IS NOT NULL
    )
    SELECT filed.top, i.way_of_knowing AS way,
        count(*) FILTER (WHERE {_IS_FROM_COUNTRY} AND {_IS_FROM_SETTING}) AS number,
        count(*) FILTER (WHERE i.country IS NULL AND {_IS_FROM_SETTING}) AS without_country,
        count(*) FILTER (WHERE i.setting IS NULL AND {_IS_FROM_COUNTRY}) AS without_setting
    FROM filed JOIN items i ON i.id = filed.item_id AND i.status = 'published'
    GROUP BY 1, 2
    """  # noqa: S608  our own words
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))
_QUESTION_COUNTS = text(
    """
    SELECT r.country, lower(r.setting) AS setting, to_char(r.asked_at, 'YYYY') AS year,
        grouping(r.country, lower(r.setting), to_char(r.asked_at, 'YYYY')) AS summed_over,
        count(DISTINCT r.asker_id) AS askers
    FROM evidence_requests r
    WHERE r.status IN ('open', 'assigned') AND r.id IN (
        SELECT request_id FROM request_topics WHERE topic_id = ANY(:topics)
    )
    GROUP BY GROUPING SETS ((), (r.country), (lower(r.setting)), (to_char(r.asked_at, 'YYYY')))
    """
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))
_UNANSWERABLE_COUNT = text(
    """
    SELECT count(DISTINCT r.asker_id) FROM evidence_requests r
    WHERE r.status IN ('answered', 'closed')
        AND r.id IN (SELECT request_id FROM request_topics WHERE topic_id = ANY(:topics))
        AND NOT EXISTS (
            SELECT FROM request_turns t JOIN request_citations c ON c.turn_id = t.id WHERE t.request_id = r.id
        )
    """
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))
_DIMENSION_OF = {0b011: "country", 0b101: "setting", 0b110: "year"}
"""The dimension of a row by its `summed_over`, which has a bit for each dimension that was summed over."""


@dataclass(slots=True)
class CellCounts:
    """Published items by way of knowing, and how many people's questions wait: each person counts once."""

    items: dict[str, int] = field(default_factory=dict[str, int])
    askers: int = 0


Cells = dict[str, dict[str, CellCounts]]
"""By dimension, then by value."""


@dataclass(slots=True)
class PlaceCounts:
    """Published items under a topic from one place, by way of knowing, and those that do not say where they are from.

    Without a country are counted those of the setting that is asked for, and the other way round.
    """

    items: dict[str, int] = field(default_factory=dict[str, int])
    without_country: int = 0
    without_setting: int = 0


@dataclass(frozen=True, slots=True)
class TopicCoverage:
    """The counts of one topic and those below it."""

    items: dict[str, int]
    cells: Cells
    waiting: int
    """People whose questions wait."""
    unanswerable: int
    """People whose questions were answered with nothing: nothing is known yet."""
    without: PlaceCounts
    without_year: int
    """Items of the place that say no year."""


async def place_counts(session: AsyncSession, topic_ids: Collection[UUID], place: Locality) -> dict[UUID, PlaceCounts]:
    """Count published items from a place under each of these topics and those below it, each item once."""
    counts: dict[UUID, PlaceCounts] = {topic_id: PlaceCounts() for topic_id in topic_ids}
    for row in await session.execute(_PLACE_COUNTS, {"topics": list(topic_ids), **place._asdict()}):
        of_topic = counts[row.top]
        of_topic.items[row.way] = row.number
        of_topic.without_country += row.without_country
        of_topic.without_setting += row.without_setting
    return counts


async def topic_coverage(session: AsyncSession, topic_id: UUID, place: Locality = ANYWHERE) -> TopicCoverage:
    """Count published items of a place, and people whose questions wait, under a topic and those below it.

    Raises TopicNotFound. Questions are counted from everywhere: those of one place may be too few to be shown.

    What is under several of them counts once. Research counts in the year in which it came out, or in none if it does
    not say; an account or practice knowledge in the year in which it began, or else was first published here; a
    question in the year in which it was asked.
    """
    parameters: dict[str, Any] = {"topics": await topic_and_below(session, topic_id)}
    without_year = 0
    cells: Cells = {dimension: defaultdict(CellCounts) for dimension in DIMENSIONS}
    items: dict[str, int] = {}
    for row in await session.execute(_ITEM_COUNTS, parameters | place._asdict()):
        dimension = _DIMENSION_OF.get(row.summed_over)
        if dimension is None:
            items[row.way] = row.number
        elif (value := getattr(row, dimension)) is not None:
            cells[dimension][value].items[row.way] = row.number
        elif dimension == "year":
            without_year += row.number
    waiting = 0
    for row in await session.execute(_QUESTION_COUNTS, parameters):
        dimension = _DIMENSION_OF.get(row.summed_over)
        if dimension is None:
            waiting = row.askers
        elif (value := getattr(row, dimension)) is not None:
            cells[dimension][value].askers = row.askers
    unanswerable = await session.scalar(_UNANSWERABLE_COUNT, parameters) or 0
    without = (await place_counts(session, [topic_id], place))[topic_id]
    return TopicCoverage(items, cells, waiting, unanswerable, without, without_year)


async def waiting_questions(session: AsyncSession, topic_ids: Collection[UUID]) -> dict[UUID, int]:
    """Return how many people's questions wait on each of these topics and those below it."""
    rows = await session.execute(_WAITING_QUESTIONS, {"topics": list(topic_ids)})
    return {row.top: row.number for row in rows}


_WAITING_QUESTIONS = text(
    """
    WITH RECURSIVE down(top, id) AS (
        SELECT id, id FROM topics WHERE id = ANY(:topics)
        UNION SELECT down.top, t.id FROM down JOIN topics t ON t.parent_id = down.id
    )
    SELECT down.top, count(DISTINCT r.asker_id) AS number
    FROM down JOIN request_topics f ON f.topic_id = down.id JOIN evidence_requests r ON r.id = f.request_id
    WHERE r.status IN ('open', 'assigned') GROUP BY down.top
    """
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))


def topics_with_gaps(place: Locality = ANYWHERE, missing: WayOfKnowing | None = None) -> Select[Any]:
    """Select topics that lack a way of knowing, or have a priority and enough people whose questions wait to be shown.

    `place`: they lack it from there. `missing`: only topics that lack this one.

    To be paged by PRIORITY_KEY. A topic without a priority, on which few people or nobody were asked, is not listed for
    its questions: that would tell which of the two it is.
    """
    subtree = _subtrees()
    published = select(filings.c.item_id).where(
        filings.c.topic_id == col(Topic.id), filings.c.published_at.is_not(None)
    )
    filters = ItemFilters(country=place.country, setting=place.setting)
    if filters.names:
        published = published.join(Item, col(Item.id) == filings.c.item_id).where(*filter_conditions(filters.names))
    lacks_a_way = [
        col(Topic.id).not_in(_topics_with(subtree, published.where(filings.c.way_of_knowing == way)))
        for way in WAYS
        if missing in (None, way)
    ]
    topics = select_columns(Topic, *PRIORITY_KEY)
    if missing is not None:
        return topics.where(*lacks_a_way).params(filters._asdict())
    waiting = (
        select(subtree.c.top)
        .join(request_topics, request_topics.c.topic_id == subtree.c.id)
        .join(EvidenceRequest, col(EvidenceRequest.id) == request_topics.c.request_id)
        .where(col(EvidenceRequest.status).in_(["open", "assigned"]))
        .group_by(subtree.c.top)
        .having(func.count(col(EvidenceRequest.asker_id).distinct()) >= smallest_count())
    )
    has_questions = and_(col(Topic.priority).is_not(None), col(Topic.id).in_(waiting))
    return topics.where(or_(*lacks_a_way, has_questions)).params(filters._asdict())


def _topics_with(subtree: CTE, rows: Select[tuple[UUID]]) -> Select[tuple[UUID]]:
    """Select topics that have such rows themselves or below them: evaluated once for the whole tree."""
    having = select(col(Topic.id)).where(exists(rows.correlate(Topic)))
    return select(subtree.c.top).where(subtree.c.id.in_(having)).distinct()


def _subtrees() -> CTE:
    """Return every topic (`top`) with each one under it (`id`), itself included."""
    subtree = select_columns(label("top", col(Topic.id)), label("id", col(Topic.id))).cte("pairs", recursive=True)
    return subtree.union(select(subtree.c.top, col(Topic.id)).where(col(Topic.parent_id) == subtree.c.id))
