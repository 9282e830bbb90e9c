"""What is asked of the voices on topics: what surveys said, and what was raised at assemblies and in requests."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple
from uuid import UUID

from sqlalchemy import Select, delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows

from services.evidence.library.topics.rules import Attention
from services.evidence.library.topics.tables import PriorityVoice, Topic, attendances, hearings, unweighed
from shared.events.contracts.engagement import TopicPriority
from shared.persistence.tables import new_id


async def of(session: AsyncSession, topic_id: UUID) -> Sequence[PriorityVoice]:
    """The latest first."""
    heard = select_rows(PriorityVoice).where(col(PriorityVoice.topic_id) == topic_id)
    return (await session.execute(heard.order_by(col(PriorityVoice.heard_at).desc()))).scalars().all()


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


async def of_each(session: AsyncSession, topic_ids: Collection[UUID]) -> Mapping[UUID, Sequence[PriorityVoice]]:
    """What every survey said of each of these."""
    wanted: Select[Any] = select(PriorityVoice).where(col(PriorityVoice.topic_id).in_(topic_ids))
    found: dict[UUID, list[PriorityVoice]] = {topic_id: [] for topic_id in topic_ids}
    for voice in (await session.execute(wanted)).scalars():
        found[voice.topic_id].append(voice)
    return found


async def hold_priorities(session: AsyncSession) -> None:
    """Until this transaction ends, nobody else weighs voices: each sees what the one before noted."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence priorities'))"))


class Noted(NamedTuple):
    """A voice to be weighed: the request with its topics, or the assembly."""

    kind: Literal["assembly", "request"]
    source_id: UUID
    topics: Sequence[UUID]


async def note_hearing(
    session: AsyncSession, kind: str, source_id: UUID, topic_ids: Collection[UUID], *, people: int, at: datetime
) -> set[UUID]:
    """That these topics were raised there; return the new ones. The time of the first note stays."""
    rows = [
        {"kind": kind, "source_id": source_id, "topic_id": topic, "people": people, "at": at}
        for topic in sorted(set(topic_ids))
    ]
    if not rows:
        return set()
    noted = insert(hearings).values(rows).on_conflict_do_nothing().returning(hearings.c.topic_id)
    return set((await session.execute(noted)).scalars())


async def forget_hearing(session: AsyncSession, kind: str, source_id: UUID, but: Collection[UUID]) -> set[UUID]:
    """Keep of what was raised there only these topics; return the others."""
    here = (hearings.c.kind == kind, hearings.c.source_id == source_id, hearings.c.topic_id.not_in(but))
    return set((await session.execute(delete(hearings).where(*here).returning(hearings.c.topic_id))).scalars())


_NOTE_ATTENDANCE = text(
    """
    WITH noted AS (
        INSERT INTO topic_attendances AS known (registration_id, assembly_id, attended)
        VALUES (:registration, :assembly, :attended)
        ON CONFLICT (registration_id) DO UPDATE SET attended = excluded.attended
            WHERE known.attended <> excluded.attended
        RETURNING assembly_id
    )
    INSERT INTO topic_unweighed (kind, source_id, topics) SELECT 'assembly', assembly_id, '{}' FROM noted
    """
)


async def note_attendance(session: AsyncSession, registration_id: UUID, assembly_id: UUID, attended: bool) -> None:
    """To be weighed, where it says something new."""
    given = {"registration": registration_id, "assembly": assembly_id, "attended": attended}
    await session.execute(_NOTE_ATTENDANCE, given)


async def note_unweighed(
    session: AsyncSession, kind: Literal["assembly", "request"], source_id: UUID, topics: Collection[UUID] = ()
) -> None:
    """To be weighed: an assembly, or a request with every topic that it raises or no longer raises."""
    await session.execute(insert(unweighed).values(kind=kind, source_id=source_id, topics=sorted(topics)))


async def has_unweighed(session: AsyncSession) -> bool:
    return bool(await session.scalar(select(select(unweighed.c.id).exists())))


_TAKE_UNWEIGHED = text(
    """
    WITH taken AS (DELETE FROM topic_unweighed RETURNING id, kind, source_id, topics)
    SELECT kind, source_id, topics FROM taken GROUP BY kind, source_id, topics ORDER BY max(id)
    """
)


async def take_unweighed(session: AsyncSession) -> Sequence[Noted]:
    """What is to be weighed, each once, the latest last. What is committed later stays for the next time."""
    return [Noted(row.kind, row.source_id, row.topics) for row in await session.execute(_TAKE_UNWEIGHED)]


async def count_attendance(session: AsyncSession, assembly_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Let assemblies speak for as many as took part; return the topics of each, none of one that has not arrived."""
    took_part = select(func.count()).where(attendances.c.assembly_id == hearings.c.source_id, attendances.c.attended)
    counted = (
        update(hearings)
        .where(hearings.c.kind == "assembly", hearings.c.source_id.in_(assembly_ids))
        .values(people=took_part.scalar_subquery())
        .returning(hearings.c.source_id, hearings.c.topic_id)
    )
    found: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await session.execute(counted):
        found[row.source_id].append(row.topic_id)
    return found


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
