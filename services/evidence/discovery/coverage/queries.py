"""What is known of a topic, cell by cell, and what is asked of it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, CTE, Select, Uuid, and_, bindparam, exists, func, label, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.evidence.library.items.descriptions import WAYS
from services.evidence.library.topics.tables import Topic, filings
from services.evidence.publications.requests.tables import EvidenceRequest, request_topics

BY_PRIORITY: tuple[Any, ...] = (label("rank", func.coalesce(col(Topic.priority), -1)), label("id", col(Topic.id)))
"""Those without a priority come last."""
DIMENSIONS = ("country", "setting", "year")

_KNOWN = text(
    """
    SELECT i.way_of_knowing AS way, i.country, lower(i.setting) AS setting, year,
        grouping(i.country, lower(i.setting), year) AS kept, count(*) AS number
    FROM items i CROSS JOIN LATERAL (
        SELECT left(CASE WHEN i.way_of_knowing = 'research' THEN i.details ->> 'published_on' ELSE coalesce(
            i.details #>> '{period,from}', i.details #>> '{period,to}', to_char(i.published_at, 'YYYY')
        ) END, 4) AS year
    ) dated
    WHERE i.state = 'published' AND i.id IN (
        SELECT item_id FROM filings WHERE topic_id = ANY(:topics) AND published_at IS NOT NULL
    )
    GROUP BY GROUPING SETS (
        (i.way_of_knowing), (i.way_of_knowing, i.country), (i.way_of_knowing, lower(i.setting)),
        (i.way_of_knowing, year)
    )
    """
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))
_ASKED = text(
    """
    SELECT r.country, lower(r.setting) AS setting, to_char(r.asked_at, 'YYYY') AS year,
        grouping(r.country, lower(r.setting), to_char(r.asked_at, 'YYYY')) AS kept,
        count(*) AS number, count(DISTINCT r.asker_id) AS askers
    FROM evidence_requests r
    WHERE r.state IN ('open', 'in_hand') AND r.id IN (
        SELECT request_id FROM request_topics WHERE topic_id = ANY(:topics)
    )
    GROUP BY GROUPING SETS ((), (r.country), (lower(r.setting)), (to_char(r.asked_at, 'YYYY')))
    """
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))
_NOTHING_KNOWN = text(
    """
    SELECT count(*) FROM evidence_requests r
    WHERE r.state IN ('answered', 'closed')
        AND r.id IN (SELECT request_id FROM request_topics WHERE topic_id = ANY(:topics))
        AND NOT EXISTS (
            SELECT FROM request_turns t JOIN request_citations c ON c.turn_id = t.id WHERE t.request_id = r.id
        )
    """
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))
_KEPT = {0b011: "country", 0b101: "setting", 0b110: "year"}
"""Which dimension a row is about: a bit is 1 for each that was summed over."""


@dataclass(slots=True)
class Cell:
    """Items of each way of knowing, and questions that wait, with how many people ask them."""

    ways: dict[str, int] = field(default_factory=dict[str, int])
    questions: int = 0
    askers: int = 0


Cells = dict[str, dict[str, Cell]]
"""By dimension, then by value."""


@dataclass(frozen=True, slots=True)
class Map:
    """Of one topic and those below it."""

    ways: dict[str, int]
    cells: Cells
    waiting: int
    nothing_known: int


async def gap_map(session: AsyncSession, topics: Sequence[UUID]) -> Map:
    """Published items and waiting questions under these topics: in all, and by country, setting and year.

    What lies under several of them counts once. The year of a work is when it came out: one that does not say is in
    none. That of an account or practice is when it began, else when it was first shown; of a question, when it was
    asked.
    """
    cells: Cells = {dimension: defaultdict(Cell) for dimension in DIMENSIONS}
    ways: dict[str, int] = {}
    for row in await session.execute(_KNOWN, {"topics": topics}):
        if row.kept not in _KEPT:
            ways[row.way] = row.number
        elif (value := getattr(row, _KEPT[row.kept])) is not None:
            cells[_KEPT[row.kept]][value].ways[row.way] = row.number
    waiting = 0
    for row in await session.execute(_ASKED, {"topics": topics}):
        if row.kept not in _KEPT:
            waiting = row.number
        elif (value := getattr(row, _KEPT[row.kept])) is not None:
            cell = cells[_KEPT[row.kept]][value]
            cell.questions, cell.askers = row.number, row.askers
    nothing_known = await session.scalar(_NOTHING_KNOWN, {"topics": topics}) or 0
    return Map(ways, cells, waiting, nothing_known)


async def questions_on(session: AsyncSession, topic_ids: Collection[UUID]) -> dict[UUID, int]:
    """Questions that wait, on each of these topics and those below it."""
    counted = await session.execute(_QUESTIONS, {"topics": list(topic_ids)})
    return {row.top: row.number for row in counted}


_QUESTIONS = text(
    """
    WITH RECURSIVE down(top, id) AS (
        SELECT id, id FROM topics WHERE id = ANY(:topics)
        UNION SELECT down.top, t.id FROM down JOIN topics t ON t.parent_id = down.id
    )
    SELECT down.top, count(DISTINCT r.id) AS number
    FROM down JOIN request_topics f ON f.topic_id = down.id JOIN evidence_requests r ON r.id = f.request_id
    WHERE r.state IN ('open', 'in_hand') GROUP BY down.top
    """
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))


def with_a_gap() -> Select[Any]:
    """Topics that lack a way of knowing, or have a priority and a question that waits. To be paged by BY_PRIORITY.

    Without a priority few people asked, or nobody: that such a topic is listed must not tell which.
    """
    pairs = _pairs()
    filed = select(filings.c.item_id).where(filings.c.topic_id == col(Topic.id), filings.c.published_at.is_not(None))
    waiting = (
        select(request_topics.c.request_id)
        .join(EvidenceRequest, col(EvidenceRequest.id) == request_topics.c.request_id)
        .where(request_topics.c.topic_id == col(Topic.id), col(EvidenceRequest.state).in_(["open", "in_hand"]))
    )
    lacking = [col(Topic.id).not_in(_above(pairs, filed.where(filings.c.way_of_knowing == way))) for way in WAYS]
    asked = and_(col(Topic.priority).is_not(None), col(Topic.id).in_(_above(pairs, waiting)))
    wanted: Any = select(Topic, *BY_PRIORITY)
    return wanted.where(or_(*lacking, asked))


def _above(pairs: CTE, what: Select[Any]) -> Select[tuple[UUID]]:
    """Topics that have this, or one below them that has: found once for the whole tree, not for each topic anew."""
    having = select(col(Topic.id)).where(exists(what.correlate(Topic)))
    return select(pairs.c.top).where(pairs.c.id.in_(having)).distinct()


def _pairs() -> CTE:
    """Every topic (`top`) with each one under it (`id`), itself included."""
    pair: tuple[Any, Any] = (label("top", col(Topic.id)), label("id", col(Topic.id)))
    pairs: CTE = select(*pair).cte("pairs", recursive=True)
    return pairs.union(select(pairs.c.top, col(Topic.id)).where(col(Topic.parent_id) == pairs.c.id))
