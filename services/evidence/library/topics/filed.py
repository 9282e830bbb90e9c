"""How many published items lie under topics. What was counted is kept in memory for as long as nothing is filed anew.

Each change of what is filed, and of the tree, leaves a row in `filing_changes` in its own transaction. So those that a
statement sees say exactly which state it counted: between two sweeps they only become more, and a sweep leaves a row of
a higher number. What was kept for another state is never answered.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import ARRAY, Engine, Row, Uuid, bindparam, text
from sqlalchemy.ext.asyncio import AsyncSession

SWEEP_FROM = 500


class State(NamedTuple):
    """Which changes are seen: the number of the last sweep, and how many came since."""

    swept: int
    changes: int


class Counts(NamedTuple):
    """What was counted in a state: per topic, per way of knowing."""

    state: State
    of: dict[UUID, dict[str, int]]


_kept: WeakKeyDictionary[Engine, Counts] = WeakKeyDictionary()

_SEEN = "SELECT coalesce(max(id) FILTER (WHERE sweep), 0) AS swept, count(*) AS changes FROM filing_changes"
_STATE = text(_SEEN)
_COUNTED = text(
    f"""
    WITH RECURSIVE down (top, id) AS (
        SELECT id, id FROM topics WHERE id = ANY(:topics)
        UNION SELECT down.top, topics.id FROM down JOIN topics ON topics.parent_id = down.id
    ), counted AS (
        SELECT down.top, filings.way_of_knowing AS way, count(DISTINCT filings.item_id) AS number
        FROM down JOIN filings ON filings.topic_id = down.id
        WHERE filings.published_at IS NOT NULL GROUP BY down.top, filings.way_of_knowing
    )
    SELECT seen.swept, seen.changes, counted.top, counted.way, counted.number
    FROM ({_SEEN}) seen LEFT JOIN counted ON true
    """  # noqa: S608  our own words
).bindparams(bindparam("topics", type_=ARRAY(Uuid)))
_SWEEP = text("WITH gone AS (DELETE FROM filing_changes RETURNING id) INSERT INTO filing_changes (sweep) SELECT true")


async def coverage(session: AsyncSession, topic_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """How many published items of each way of knowing lie under each topic and those below it.

    For sessions that only read: what a session filed itself may never be committed, and is not to be kept.
    """
    engine = session.get_bind().engine
    state = _state((await session.execute(_STATE)).one())
    kept = _kept.get(engine)
    if kept is None or kept.state != state:
        kept = Counts(state, {})
    missing = [topic_id for topic_id in topic_ids if topic_id not in kept.of]
    if missing:
        counted = await _count(session, missing)
        if counted.state != kept.state:
            counted = kept = await _count(session, topic_ids)
        kept.of.update(counted.of)
        _kept[engine] = kept
    return {topic_id: kept.of[topic_id] for topic_id in topic_ids}


async def sweep_changes(session: AsyncSession, least: int = SWEEP_FROM) -> None:
    """One row in place of many. One at a time, so that the numbers of sweeps rise as they are committed."""
    if (await session.execute(_STATE)).one().changes >= least:
        await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence filing changes'))"))
        await session.execute(_SWEEP)


async def _count(session: AsyncSession, topic_ids: Collection[UUID]) -> Counts:
    """The counts and their state, seen by one statement."""
    rows = (await session.execute(_COUNTED, {"topics": list(topic_ids)})).all()
    return Counts(_state(rows[0]), _by_topic(topic_ids, rows))


def _by_topic(topic_ids: Iterable[UUID], rows: Iterable[Row[tuple[object, ...]]]) -> dict[UUID, dict[str, int]]:
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in rows:
        if row.top is not None:
            found[row.top][row.way] = row.number
    return {topic_id: found[topic_id] for topic_id in topic_ids}


def _state(row: Row[tuple[object, ...]]) -> State:
    return State(row.swept, row.changes)
