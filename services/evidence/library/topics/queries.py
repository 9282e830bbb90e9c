"""What is asked of the topics."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, delete, func, label, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.topics.rules import word
from services.evidence.library.topics.tables import Topic, synonyms
from shared.problems import NotFound


class TopicNotFound(NotFound):
    detail = "No topic with this id was found. The list is at /v1/topics."


MOST_IN_TREE = 2_000


async def topic(session: AsyncSession, topic_id: UUID) -> Topic:
    """Raises TopicNotFound."""
    found = await session.get(Topic, topic_id)
    if found is None:
        raise TopicNotFound
    return found


def topics_of(parent_id: UUID | None, name: str | None) -> SelectOfScalar[Topic]:
    """To be paged by id. Without a parent and a name: all. The name may be a synonym."""
    statement = select_rows(Topic)
    if parent_id is not None:
        statement = statement.where(col(Topic.parent_id) == parent_id)
    if name is None:
        return statement
    meant = select(synonyms.c.topic_id).where(synonyms.c.word == word(name))
    return statement.where(or_(func.lower(col(Topic.name)) == word(name), col(Topic.id).in_(meant)))


async def whole_tree(session: AsyncSession) -> Sequence[Topic]:
    """Every topic by level, then by name: each comes after the one it lies under, also where the rest is cut off."""
    top: Any = select(col(Topic.id), literal(0).label("level")).where(col(Topic.parent_id).is_(None))
    levels: CTE = top.cte("levels", recursive=True)
    under: Any = select(col(Topic.id), levels.c.level + 1).where(col(Topic.parent_id) == levels.c.id)
    levels = levels.union_all(under)
    statement = select_rows(Topic).join(levels, levels.c.id == col(Topic.id)).order_by(levels.c.level, col(Topic.name))
    return (await session.execute(statement.limit(MOST_IN_TREE))).scalars().all()


async def same_name(session: AsyncSession, parent_id: UUID | None, name: str) -> UUID | None:
    named = select(col(Topic.id)).where(
        func.lower(col(Topic.name)) == name.lower(), col(Topic.parent_id).is_not_distinct_from(parent_id)
    )
    return await session.scalar(named)


async def hold_tree(session: AsyncSession) -> None:
    """Until this transaction ends, nobody else moves or names a topic: two moves could make a circle."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence topics'))"))


async def may_read_tree(session: AsyncSession) -> bool:
    """Without waiting: whether nobody moves a topic now. If so, nobody does until this transaction ends."""
    held = await session.scalar(text("SELECT pg_try_advisory_xact_lock_shared(hashtext('evidence topics'))"))
    return bool(held)


async def lock_topic(session: AsyncSession, topic_id: UUID) -> Topic:
    """Raises TopicNotFound."""
    found = await session.get(Topic, topic_id, with_for_update={"key_share": True})
    if found is None:
        raise TopicNotFound
    return found


async def levels_below(session: AsyncSession, topic_id: UUID) -> dict[UUID, int]:
    """The topic itself at level 0, and each one under it."""
    here: Any = select(col(Topic.id), literal(0).label("level")).where(col(Topic.id) == topic_id)
    down: CTE = here.cte("levels_down", recursive=True)
    down = down.union_all(select(col(Topic.id), down.c.level + 1).where(col(Topic.parent_id) == down.c.id))
    return {row.id: row.level for row in await session.execute(select(down))}


async def topic_of_word(session: AsyncSession, words: Collection[str], besides: UUID | None) -> UUID | None:
    """Another topic that has one of these words as a synonym."""
    meant = select(synonyms.c.topic_id).where(synonyms.c.word.in_(words))
    return await session.scalar(meant.where(synonyms.c.topic_id != besides) if besides else meant)


async def topic_of_name(session: AsyncSession, words: Collection[str], besides: UUID) -> UUID | None:
    """Another topic that has one of these words as its name."""
    named = select(col(Topic.id)).where(func.lower(col(Topic.name)).in_(words), col(Topic.id) != besides)
    return await session.scalar(named)


async def keep_synonyms(session: AsyncSession, topic_id: UUID, words: Collection[str]) -> None:
    """These words lead to the topic, and no others."""
    await session.execute(delete(synonyms).where(synonyms.c.topic_id == topic_id))
    if words:
        await session.execute(insert(synonyms), [{"word": each, "topic_id": topic_id} for each in words])


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


def _down(topic_ids: Collection[UUID]) -> CTE:
    """Pairs of a topic of these (`top`) and each one under it (`id`), itself included."""
    pair: tuple[Any, Any] = (label("top", col(Topic.id)), label("id", col(Topic.id)))
    here: Any = select(*pair).where(col(Topic.id).in_(topic_ids))
    down: CTE = here.cte("down", recursive=True)
    return down.union(select(down.c.top, col(Topic.id)).where(col(Topic.parent_id) == down.c.id))


async def known_topics(session: AsyncSession, topic_ids: Collection[UUID]) -> set[UUID]:
    """Those of these that exist."""
    return set((await session.execute(select(col(Topic.id)).where(col(Topic.id).in_(topic_ids)))).scalars())


async def unknown_topics(session: AsyncSession, topic_ids: Sequence[UUID]) -> list[int]:
    """Return the indexes of those ids in the list that belong to no topic."""
    if not topic_ids:
        return []
    known_ids = await known_topics(session, topic_ids)
    return [index for index, topic_id in enumerate(topic_ids) if topic_id not in known_ids]


async def lock_topics(session: AsyncSession, topic_ids: Collection[UUID]) -> Sequence[Topic]:
    """Those of these that exist, always locked in the same order; whoever files something under them does not wait.

    An import files under many, in the order of its records: it and this would else wait for each other.
    """
    statement = select_rows(Topic).where(col(Topic.id).in_(topic_ids)).order_by(col(Topic.id))
    return (await session.execute(statement.with_for_update(key_share=True))).scalars().all()
