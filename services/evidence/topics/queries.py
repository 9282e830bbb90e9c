"""What is asked of the topics."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, func, label, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.topics.rules import TopicNotFound
from services.evidence.topics.tables import PriorityVoice, Topic, filings
from shared.contracts.engagement import TopicPriority
from shared.tables import new_id

MOST_IN_TREE = 2_000


async def topic(session: AsyncSession, topic_id: UUID) -> Topic:
    """Raises TopicNotFound."""
    found = await session.get(Topic, topic_id)
    if found is None:
        raise TopicNotFound
    return found


def topics_of(parent_id: UUID | None, name: str | None) -> SelectOfScalar[Topic]:
    """To be paged by id. Without a parent and a name: all."""
    wanted = select_rows(Topic)
    if parent_id is not None:
        wanted = wanted.where(col(Topic.parent_id) == parent_id)
    return wanted if name is None else wanted.where(func.lower(col(Topic.name)) == name.lower())


async def whole_tree(session: AsyncSession) -> Sequence[Topic]:
    """Every topic by level, then by name: each comes after the one it lies under, also where the rest is cut off."""
    top: Any = select(col(Topic.id), literal(0).label("level")).where(col(Topic.parent_id).is_(None))
    levels: CTE = top.cte("levels", recursive=True)
    under: Any = select(col(Topic.id), levels.c.level + 1).where(col(Topic.parent_id) == levels.c.id)
    levels = levels.union_all(under)
    wanted = select_rows(Topic).join(levels, levels.c.id == col(Topic.id)).order_by(levels.c.level, col(Topic.name))
    return (await session.execute(wanted.limit(MOST_IN_TREE))).scalars().all()


async def same_name(session: AsyncSession, parent_id: UUID | None, name: str) -> UUID | None:
    named = select(col(Topic.id)).where(
        func.lower(col(Topic.name)) == name.lower(), col(Topic.parent_id).is_not_distinct_from(parent_id)
    )
    return await session.scalar(named)


async def levels_above(session: AsyncSession, topic_id: UUID | None) -> int:
    """How many topics lie on the way up, this one included."""
    here: Select[Any] = select(col(Topic.parent_id)).where(col(Topic.id) == topic_id)
    up = here.cte("up", recursive=True)
    up = up.union_all(select(col(Topic.parent_id)).where(col(Topic.id) == up.c.parent_id))
    return await session.scalar(select(func.count()).select_from(up)) or 0


async def topic_and_below(session: AsyncSession, topic_id: UUID) -> list[UUID]:
    """The topic and every one under it. Raises TopicNotFound."""
    below = list((await session.execute(select(_down([topic_id]).c.id))).scalars())
    if not below:
        raise TopicNotFound
    return below


async def coverage(session: AsyncSession, topic_ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """How many published items of each way of knowing lie under each topic and those below it."""
    down = _down(topic_ids)
    counted = (
        select(down.c.top, filings.c.way_of_knowing, func.count(filings.c.item_id.distinct()).label("number"))
        .join(filings, filings.c.topic_id == down.c.id)
        .where(filings.c.published_at.is_not(None))
        .group_by(down.c.top, filings.c.way_of_knowing)
    )
    found: dict[UUID, dict[str, int]] = defaultdict(dict)
    for row in await session.execute(counted):
        found[row.top][row.way_of_knowing] = row.number
    return found


def _down(topic_ids: Collection[UUID]) -> CTE:
    """Pairs of a topic of these (`top`) and each one under it (`id`), itself included."""
    pair: tuple[Any, Any] = (label("top", col(Topic.id)), label("id", col(Topic.id)))
    here: Any = select(*pair).where(col(Topic.id).in_(topic_ids))
    down: CTE = here.cte("down", recursive=True)
    return down.union(select(down.c.top, col(Topic.id)).where(col(Topic.parent_id) == down.c.id))


async def voices(session: AsyncSession, topic_id: UUID) -> Sequence[PriorityVoice]:
    """The latest first."""
    heard = select_rows(PriorityVoice).where(col(PriorityVoice.topic_id) == topic_id)
    return (await session.execute(heard.order_by(col(PriorityVoice.heard_at).desc()))).scalars().all()


async def lock_topics(session: AsyncSession, topic_ids: Collection[UUID]) -> Sequence[Topic]:
    """Those of these that exist, always locked in the same order."""
    wanted = select_rows(Topic).where(col(Topic.id).in_(topic_ids)).order_by(col(Topic.id)).with_for_update()
    return (await session.execute(wanted)).scalars().all()


async def note_voices(
    session: AsyncSession, survey_id: UUID, respondents: int, said: Sequence[TopicPriority], heard_at: datetime
) -> Mapping[UUID, Sequence[PriorityVoice]]:
    """Keep what a survey said of these topics; return all voices on each of them."""
    rows = [
        {
            "id": new_id(),
            "topic_id": one.topic_id,
            "survey_id": survey_id,
            "score": one.score,
            "respondents": respondents,
            "heard_at": heard_at,
        }
        for one in said
    ]
    noted = insert(PriorityVoice).values(rows)
    changed = {name: noted.excluded[name] for name in ("score", "respondents", "heard_at")}
    await session.execute(noted.on_conflict_do_update(index_elements=["topic_id", "survey_id"], set_=changed))
    wanted: Select[Any] = select(PriorityVoice).where(col(PriorityVoice.topic_id).in_([one.topic_id for one in said]))
    found: dict[UUID, list[PriorityVoice]] = defaultdict(list)
    for voice in (await session.execute(wanted)).scalars():
        found[voice.topic_id].append(voice)
    return found
