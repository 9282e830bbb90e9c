"""SQL of the tree of topics, their names and synonyms."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import CTE, ColumnElement, any_, delete, exists, func, label, literal, or_, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.topics.rules import normalise_name
from services.evidence.library.topics.tables import Topic, filings, synonyms
from shared.persistence.columns import SqlColumn, in_array, select_columns
from shared.persistence.fetch import fetch
from shared.problems import NotFound

MAX_TREE_TOPICS = 2_000


class TopicNotFound(NotFound):
    title = "There is no such topic"
    detail = "Check the id. The list is at /v1/topics."


async def get_topic(session: AsyncSession, topic_id: UUID) -> Topic:
    """Return the topic. Raises TopicNotFound."""
    return await fetch(session, Topic, topic_id, missing=TopicNotFound)


async def lock_topic(session: AsyncSession, topic_id: UUID) -> Topic:
    """Lock the topic against changes; items may still be filed under it. Raises TopicNotFound."""
    return await fetch(session, Topic, topic_id, missing=TopicNotFound, key_share=True)


async def lock_topics(session: AsyncSession, topic_ids: Collection[UUID]) -> Sequence[Topic]:
    """Lock those of these topics that exist, in the order of their ids; items may still be filed under them.

    An import files under many topics in the order of its records: without that exception the two would deadlock.
    """
    statement = select_rows(Topic).where(col(Topic.id).in_(topic_ids)).order_by(col(Topic.id))
    return (await session.execute(statement.with_for_update(key_share=True))).scalars().all()


async def lock_tree(session: AsyncSession) -> None:
    """Let nobody else move or name a topic until this transaction ends: two moves could make a cycle."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence topics'))"))


async def try_share_tree(session: AsyncSession) -> bool:
    """Return whether nobody moves a topic now, without waiting. If so, nobody does until this transaction ends."""
    is_locked = await session.scalar(text("SELECT pg_try_advisory_xact_lock_shared(hashtext('evidence topics'))"))
    return bool(is_locked)


def list_topics(parent_id: UUID | None, name: str | None) -> SelectOfScalar[Topic]:
    """Return the statement of all topics, of those under a parent, or with a name or synonym. To be paged by id."""
    statement = select_rows(Topic)
    if parent_id is not None:
        statement = statement.where(col(Topic.parent_id) == parent_id)
    if name is None:
        return statement
    by_synonym = select(synonyms.c.topic_id).where(synonyms.c.word == normalise_name(name))
    return statement.where(or_(func.lower(col(Topic.name)) == normalise_name(name), col(Topic.id).in_(by_synonym)))


async def topics_by_level(session: AsyncSession) -> Sequence[Topic]:
    """Return the first MAX_TREE_TOPICS topics by level, then by name: each comes after its parent."""
    top = select_columns(col(Topic.id), literal(0).label("level")).where(col(Topic.parent_id).is_(None))
    levels = top.cte("levels", recursive=True)
    under = select_columns(col(Topic.id), levels.c.level + 1).where(col(Topic.parent_id) == levels.c.id)
    levels = levels.union_all(under)
    statement = select_rows(Topic).join(levels, levels.c.id == col(Topic.id)).order_by(levels.c.level, col(Topic.name))
    return (await session.execute(statement.limit(MAX_TREE_TOPICS))).scalars().all()


async def topic_with_name(session: AsyncSession, parent_id: UUID | None, name: str) -> UUID | None:
    """Return the topic with this name under this parent, in upper or lower case."""
    statement = select(col(Topic.id)).where(
        func.lower(col(Topic.name)) == name.lower(), col(Topic.parent_id).is_not_distinct_from(parent_id)
    )
    return await session.scalar(statement)


async def topic_with_synonym(session: AsyncSession, names: Collection[str], *, besides: UUID) -> UUID | None:
    """Return another topic that has one of these normalised names as a synonym."""
    statement = select(synonyms.c.topic_id).where(synonyms.c.word.in_(names), synonyms.c.topic_id != besides)
    return await session.scalar(statement)


async def topic_named(session: AsyncSession, names: Collection[str], *, besides: UUID) -> UUID | None:
    """Return another topic that is called by one of these normalised names."""
    statement = select(col(Topic.id)).where(func.lower(col(Topic.name)).in_(names), col(Topic.id) != besides)
    return await session.scalar(statement)


async def save_synonyms(session: AsyncSession, topic_id: UUID, names: Collection[str]) -> None:
    """Replace the synonyms of the topic."""
    await session.execute(delete(synonyms).where(synonyms.c.topic_id == topic_id))
    if names:
        await session.execute(insert(synonyms), [{"word": name, "topic_id": topic_id} for name in names])


async def levels_below(session: AsyncSession, topic_id: UUID) -> dict[UUID, int]:
    """Return the topic itself at level 0, and each one under it with its level."""
    start = select_columns(col(Topic.id), literal(0).label("level")).where(col(Topic.id) == topic_id)
    down = start.cte("levels_down", recursive=True)
    down = down.union_all(select(col(Topic.id), down.c.level + 1).where(col(Topic.parent_id) == down.c.id))
    return {row.id: row.level for row in await session.execute(select(down))}


async def levels_above(session: AsyncSession, topic_id: UUID | None) -> int:
    """Return how many topics lie on the way up, this one included."""
    start = select(col(Topic.parent_id)).where(col(Topic.id) == topic_id)
    up = start.cte("up", recursive=True)
    up = up.union_all(select(col(Topic.parent_id)).where(col(Topic.id) == up.c.parent_id))
    return await session.scalar(select(func.count()).select_from(up)) or 0


async def topic_and_below(session: AsyncSession, topic_id: UUID) -> list[UUID]:
    """Return the topic and every one under it. Raises TopicNotFound."""
    topic_ids = list((await session.execute(select(_down([topic_id]).c.id))).scalars())
    if not topic_ids:
        raise TopicNotFound
    return topic_ids


def _down(topic_ids: Collection[UUID]) -> CTE:
    """Select pairs of a topic of these (`top`) and each one under it (`id`), itself included."""
    start = select_columns(label("top", col(Topic.id)), label("id", col(Topic.id))).where(col(Topic.id).in_(topic_ids))
    down = start.cte("down", recursive=True)
    return down.union(select(down.c.top, col(Topic.id)).where(col(Topic.parent_id) == down.c.id))


async def known_topics(session: AsyncSession, topic_ids: Collection[UUID]) -> set[UUID]:
    """Return those of these ids that belong to a topic."""
    return set((await session.execute(select(col(Topic.id)).where(col(Topic.id).in_(topic_ids)))).scalars())


async def unknown_topics(session: AsyncSession, topic_ids: Sequence[UUID]) -> list[int]:
    """Return the indexes of those ids in the list that belong to no topic."""
    if not topic_ids:
        return []
    known_ids = await known_topics(session, topic_ids)
    return [index for index, topic_id in enumerate(topic_ids) if topic_id not in known_ids]


def any_filed_under(item_ids: SqlColumn, topics: Collection[UUID]) -> ColumnElement[bool]:
    """Return whether one of the items in this array is filed under one of these topics."""
    return exists().where(filings.c.item_id == any_(item_ids), in_array(filings.c.topic_id, topics))
