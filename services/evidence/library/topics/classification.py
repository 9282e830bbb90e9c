"""Which items are filed under which topics, and how many published ones lie under each.

The counts are cached in memory for as long as nothing changes. Each change of a filing, and of the tree, leaves a row
in `filing_changes` in its own transaction (by triggers). So the rows that a statement sees identify the state that it
counted: between two sweeps they only become more, and a sweep leaves a row with a higher number. A count of another
state is never returned.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ARRAY, Engine, Row, Uuid, bindparam, delete, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.topics.tables import filings

MIN_CHANGES_TO_SWEEP = 500


class FilingsState(NamedTuple):
    """Which changes a statement saw: the number of the last sweep, and how many rows there are."""

    swept: int
    changes: int


class CachedCounts(NamedTuple):
    """Published items per topic and way of knowing, as counted in one state."""

    state: FilingsState
    by_topic: dict[UUID, dict[str, int]]


_cache: WeakKeyDictionary[Engine, CachedCounts] = WeakKeyDictionary()

_SELECT_STATE = "SELECT coalesce(max(id) FILTER (WHERE sweep), 0) AS swept, count(*) AS changes FROM filing_changes"
_STATE = text(_SELECT_STATE)
_COUNTS = text(
    f"""
    WITH RECURSIVE down (top, id) AS (
        SELECT id, id FROM topics WHERE id = ANY(:topics)
        UNION SELECT down.top, topics.id FROM down JOIN topics ON topics.parent_id = down.id
    ), counted AS (
        SELECT down.top, filings.way_of_knowing AS way, count(DISTINCT filings.item_id) AS number
        FROM down JOIN filings ON filings.topic_id = down.id
        WHERE filings.published_at IS NOT NULL GROUP BY down.top, filings.way_of_knowing
    )
    SELECT state.swept, state.changes, counted.top, counted.way, counted.number
    FROM ({_SELECT_STATE}) state LEFT JOIN counted ON true
    """  # noqa: S608  our own words
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))
_SWEEP = text("WITH gone AS (DELETE FROM filing_changes RETURNING id) INSERT INTO filing_changes (sweep) SELECT true")


async def topics_of(session: AsyncSession, item_id: UUID) -> list[UUID]:
    """Return the topics of the item, in the order of their ids."""
    statement = select(filings.c.topic_id).where(filings.c.item_id == item_id).order_by(filings.c.topic_id)
    return list((await session.execute(statement)).scalars())


async def classify(
    session: AsyncSession,
    item_id: UUID,
    topic_ids: Collection[UUID],
    *,
    way_of_knowing: str,
    published_at: datetime | None,
) -> None:
    """File the item under these topics and no others."""
    await session.execute(delete(filings).where(filings.c.item_id == item_id, filings.c.topic_id.not_in(topic_ids)))
    new_topics = set(topic_ids) - set(await topics_of(session, item_id))
    rows = [
        {"item_id": item_id, "topic_id": topic_id, "way_of_knowing": way_of_knowing, "published_at": published_at}
        for topic_id in sorted(new_topics)
    ]
    if rows:
        await session.execute(insert(filings), rows)


async def set_published(session: AsyncSession, item_id: UUID, published_at: datetime | None) -> None:
    """Let topics count the item, published at this time; None: no longer."""
    await session.execute(update(filings).where(filings.c.item_id == item_id).values(published_at=published_at))


async def item_counts(session: AsyncSession, topic_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Return how many published items of each way of knowing lie under each topic and those below it.

    Only for sessions that write nothing: uncommitted filings of the session itself must not be cached.
    """
    engine = session.get_bind().engine
    state = _state_of((await session.execute(_STATE)).one())
    cached = _cache.get(engine)
    if cached is None or cached.state != state:
        cached = CachedCounts(state, {})
    missing = [topic_id for topic_id in topic_ids if topic_id not in cached.by_topic]
    if missing:
        fresh = await _count(session, missing)
        if fresh.state != cached.state:
            fresh = cached = await _count(session, topic_ids)
        cached.by_topic.update(fresh.by_topic)
        _cache[engine] = cached
    return {topic_id: cached.by_topic[topic_id] for topic_id in topic_ids}


async def sweep_changes(session: AsyncSession, min_changes: int = MIN_CHANGES_TO_SWEEP) -> None:
    """Replace many rows of `filing_changes` with one. One sweep at a time, so their numbers rise as they commit."""
    if (await session.execute(_STATE)).one().changes >= min_changes:
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence filing changes'))"))
        await session.execute(_SWEEP)


async def _count(session: AsyncSession, topic_ids: Collection[UUID]) -> CachedCounts:
    """Return the counts and the state that they belong to, both of one statement."""
    rows = (await session.execute(_COUNTS, {"topics": list(topic_ids)})).all()
    return CachedCounts(_state_of(rows[0]), _group_by_topic(topic_ids, rows))


def _group_by_topic(topic_ids: Iterable[UUID], rows: Iterable[Row[tuple[object, ...]]]) -> dict[UUID, dict[str, int]]:
    by_topic: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in rows:
        if row.top is not None:
            by_topic[row.top][row.way] = row.number
    return {topic_id: by_topic[topic_id] for topic_id in topic_ids}


def _state_of(row: Row[tuple[object, ...]]) -> FilingsState:
    return FilingsState(row.swept, row.changes)
