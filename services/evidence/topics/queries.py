"""What is asked of the topics."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, delete, func, label, literal, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.topics.rules import Attention, TopicNotFound, word
from services.evidence.topics.tables import PriorityVoice, Topic, attendances, filings, hearings, synonyms
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
    """To be paged by id. Without a parent and a name: all. The name may be a synonym."""
    wanted = select_rows(Topic)
    if parent_id is not None:
        wanted = wanted.where(col(Topic.parent_id) == parent_id)
    if name is None:
        return wanted
    meant = select(synonyms.c.topic_id).where(synonyms.c.word == word(name))
    return wanted.where(or_(func.lower(col(Topic.name)) == word(name), col(Topic.id).in_(meant)))


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


async def hold_tree(session: AsyncSession) -> None:
    """Until this transaction ends, nobody else moves or names a topic: two moves could make a circle."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence topics'))"))


async def lock_topic(session: AsyncSession, topic_id: UUID) -> Topic:
    """Raises TopicNotFound."""
    found = await session.get(Topic, topic_id, with_for_update=True)
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


async def known_topics(session: AsyncSession, topic_ids: Collection[UUID]) -> set[UUID]:
    """Those of these that exist."""
    return set((await session.execute(select(col(Topic.id)).where(col(Topic.id).in_(topic_ids)))).scalars())


async def lock_topics(session: AsyncSession, topic_ids: Collection[UUID]) -> Sequence[Topic]:
    """Those of these that exist, always locked in the same order."""
    wanted = select_rows(Topic).where(col(Topic.id).in_(topic_ids)).order_by(col(Topic.id)).with_for_update()
    return (await session.execute(wanted)).scalars().all()


async def note_voices(
    session: AsyncSession, survey_id: UUID, respondents: int, said: Sequence[TopicPriority], heard_at: datetime
) -> None:
    """Keep what a survey said of these topics."""
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


async def voices_on(session: AsyncSession, topic_ids: Collection[UUID]) -> Mapping[UUID, Sequence[PriorityVoice]]:
    """What every survey said of each of these."""
    wanted: Select[Any] = select(PriorityVoice).where(col(PriorityVoice.topic_id).in_(topic_ids))
    found: dict[UUID, list[PriorityVoice]] = {topic_id: [] for topic_id in topic_ids}
    for voice in (await session.execute(wanted)).scalars():
        found[voice.topic_id].append(voice)
    return found


async def hold_priorities(session: AsyncSession) -> None:
    """Until this transaction ends, nobody else weighs voices: each sees what the one before noted."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence priorities'))"))


async def note_hearing(
    session: AsyncSession, kind: str, source_id: UUID, topic_ids: Collection[UUID], *, people: int, at: datetime
) -> None:
    """That these topics were raised there. The time of the first note stays."""
    rows = [
        {"kind": kind, "source_id": source_id, "topic_id": topic, "people": people, "at": at}
        for topic in sorted(set(topic_ids))
    ]
    if rows:
        await session.execute(insert(hearings).on_conflict_do_nothing(), rows)


async def forget_hearing(session: AsyncSession, kind: str, source_id: UUID, but: Collection[UUID]) -> set[UUID]:
    """Keep of what was raised there only these topics; return the others."""
    here = (hearings.c.kind == kind, hearings.c.source_id == source_id, hearings.c.topic_id.not_in(but))
    return set((await session.execute(delete(hearings).where(*here).returning(hearings.c.topic_id))).scalars())


async def note_attendance(session: AsyncSession, registration_id: UUID, assembly_id: UUID, attended: bool) -> None:
    noted = insert(attendances).values(registration_id=registration_id, assembly_id=assembly_id, attended=attended)
    changed = {"attended": noted.excluded.attended}
    await session.execute(noted.on_conflict_do_update(index_elements=["registration_id"], set_=changed))


async def count_attendance(session: AsyncSession, assembly_id: UUID) -> set[UUID]:
    """Let an assembly speak for as many as took part; return its topics, none where it has not arrived."""
    took_part = select(func.count()).where(attendances.c.assembly_id == assembly_id, attendances.c.attended)
    counted = (
        update(hearings)
        .where(hearings.c.kind == "assembly", hearings.c.source_id == assembly_id)
        .values(people=took_part.scalar_subquery())
        .returning(hearings.c.topic_id)
    )
    return set((await session.execute(counted)).scalars())


async def attention(session: AsyncSession, since: datetime) -> dict[UUID, list[Attention]]:
    """How each topic was raised since then, beside all others."""
    each = hearings.c
    people: Any = func.sum(each.people)
    counted: Any = (
        select(
            each.kind,
            each.topic_id,
            people.label("people"),
            func.sum(people).over(partition_by=each.kind).label("everyone"),
            func.count().over(partition_by=each.kind).label("topics"),
        )
        .where(each.kind.in_(["assembly", "request"]), each.at >= since, each.people > 0)
        .group_by(each.kind, each.topic_id)
        .order_by(each.kind)
    )
    found: dict[UUID, list[Attention]] = defaultdict(list)
    for row in await session.execute(counted):
        found[row.topic_id].append(Attention(row.kind, int(row.people), int(row.everyone), row.topics))
    return found


async def topics_heard(session: AsyncSession) -> Sequence[UUID]:
    """Every topic with a priority, or that was raised."""
    raised = select(hearings.c.topic_id)
    heard = select(col(Topic.id)).where(or_(col(Topic.priority).is_not(None), col(Topic.id).in_(raised)))
    return (await session.execute(heard.order_by(col(Topic.id)))).scalars().all()
