"""SQL of voices: what surveys scored, and what was raised at assemblies and in requests."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import delete, func, or_, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows

from services.evidence.library.topics.tables import Topic
from services.evidence.library.topics.voices.rules import Mentions
from services.evidence.library.topics.voices.tables import SurveyScore, attendances, mentions, pending_mentions
from shared.disclosure import rounded_down
from shared.events.contracts.engagement import AttendanceRecorded, TopicPriority
from shared.persistence.tables import new_id

SourceKind = Literal["assembly", "request"]


async def scores_of(session: AsyncSession, topic_id: UUID) -> Sequence[SurveyScore]:
    """Return what every survey scored the topic, the latest first."""
    statement = select_rows(SurveyScore).where(col(SurveyScore.topic_id) == topic_id)
    return (await session.execute(statement.order_by(col(SurveyScore.scored_at).desc()))).scalars().all()


async def scores_by_topic(session: AsyncSession, topic_ids: Collection[UUID]) -> Mapping[UUID, Sequence[SurveyScore]]:
    """Return what every survey scored each of these topics."""
    statement = select_rows(SurveyScore).where(col(SurveyScore.topic_id).in_(topic_ids))
    by_topic: dict[UUID, list[SurveyScore]] = {topic_id: [] for topic_id in topic_ids}
    for score in (await session.execute(statement)).scalars():
        by_topic[score.topic_id].append(score)
    return by_topic


async def save_scores(
    session: AsyncSession,
    survey_id: UUID,
    respondents: int,
    priorities: Sequence[TopicPriority],
    scored_at: datetime,
) -> None:
    """Insert or update what a survey scored these topics."""
    rows = [
        {
            "id": new_id(),
            "topic_id": priority.topic_id,
            "survey_id": survey_id,
            "score": priority.score,
            "respondents": respondents,
            "by_group": [group.model_dump() for group in priority.by_group],
            "scored_at": scored_at,
        }
        for priority in priorities
    ]
    statement = insert(SurveyScore).values(rows)
    updated = {name: statement.excluded[name] for name in ("score", "respondents", "by_group", "scored_at")}
    await session.execute(statement.on_conflict_do_update(index_elements=["topic_id", "survey_id"], set_=updated))


class PendingMention(NamedTuple):
    """A mention that no priority includes yet: a request with its topics, or an assembly."""

    kind: SourceKind
    source_id: UUID
    topics: Sequence[UUID]


async def save_mentions(
    session: AsyncSession,
    kind: SourceKind,
    source_id: UUID,
    topic_ids: Collection[UUID],
    *,
    people: int,
    at: datetime,
    asker_id: UUID | None = None,
) -> set[UUID]:
    """Record that these topics were raised there. Returns the new ones; the time of the others stays."""
    rows = [
        {"kind": kind, "source_id": source_id, "topic_id": topic_id, "people": people, "at": at, "asker_id": asker_id}
        for topic_id in sorted(set(topic_ids))
    ]
    if not rows:
        return set()
    statement = insert(mentions).values(rows).on_conflict_do_nothing().returning(mentions.c.topic_id)
    return set((await session.execute(statement)).scalars())


async def delete_mentions(
    session: AsyncSession, kind: SourceKind, source_id: UUID, *, besides: Collection[UUID]
) -> set[UUID]:
    """Delete what was raised there besides these topics. Returns the topics that were deleted."""
    of_source = (mentions.c.kind == kind, mentions.c.source_id == source_id, mentions.c.topic_id.not_in(besides))
    statement = delete(mentions).where(*of_source).returning(mentions.c.topic_id)
    return set((await session.execute(statement)).scalars())


_SAVE_ATTENDANCE = text(
    """
    WITH changed AS (
        INSERT INTO topic_attendances AS stored (registration_id, assembly_id, attended, person_id)
        VALUES (:registration, :assembly, :attended, :person)
        ON CONFLICT (registration_id) DO UPDATE SET attended = excluded.attended, person_id = excluded.person_id
            WHERE stored.attended <> excluded.attended
        RETURNING assembly_id
    )
    INSERT INTO pending_mentions (kind, source_id, topics) SELECT 'assembly', assembly_id, '{}' FROM changed
    """
)


async def save_attendance(session: AsyncSession, recorded: AttendanceRecorded) -> None:
    """Insert or update an attendance, and note the assembly as pending if that changed something."""
    parameters = {
        "registration": recorded.registration_id,
        "assembly": recorded.assembly_id,
        "attended": recorded.attended,
        "person": recorded.person_id,
    }
    await session.execute(_SAVE_ATTENDANCE, parameters)


async def add_pending(session: AsyncSession, kind: SourceKind, source_id: UUID, topics: Collection[UUID] = ()) -> None:
    """Note an assembly, or a request with every topic that it raises or no longer raises, as pending."""
    await session.execute(insert(pending_mentions).values(kind=kind, source_id=source_id, topics=sorted(topics)))


async def has_pending(session: AsyncSession) -> bool:
    return bool(await session.scalar(select(select(pending_mentions.c.id).exists())))


_TAKE_PENDING = text(
    """
    WITH pending AS (DELETE FROM pending_mentions RETURNING id, kind, source_id, topics)
    SELECT kind, source_id, topics FROM pending GROUP BY kind, source_id, topics ORDER BY max(id)
    """
)


async def take_pending(session: AsyncSession) -> Sequence[PendingMention]:
    """Delete and return the pending mentions, each once, the latest last. Later commits stay for the next time."""
    return [PendingMention(row.kind, row.source_id, row.topics) for row in await session.execute(_TAKE_PENDING)]


async def count_attendance(session: AsyncSession, assembly_ids: Collection[UUID]) -> dict[UUID, list[UUID]]:
    """Set the people of these assemblies to the number who attended.

    Returns the topics of each assembly; one whose AssemblyPlanned has not arrived is left out.
    """
    attended = select(func.count()).where(attendances.c.assembly_id == mentions.c.source_id, attendances.c.attended)
    statement = (
        update(mentions)
        .where(mentions.c.kind == "assembly", mentions.c.source_id.in_(assembly_ids))
        .values(people=attended.scalar_subquery())
        .returning(mentions.c.source_id, mentions.c.topic_id)
    )
    topics: dict[UUID, list[UUID]] = defaultdict(list)
    for row in await session.execute(statement):
        topics[row.source_id].append(row.topic_id)
    return topics


_PEOPLE_BY_TOPIC = text(
    """
    SELECT 'assembly' AS kind, m.topic_id, count(DISTINCT coalesce(a.person_id, a.registration_id)) AS people,
        count(DISTINCT m.source_id) AS parts
    FROM topic_mentions m JOIN topic_attendances a ON a.assembly_id = m.source_id AND a.attended
    WHERE m.kind = 'assembly' AND m.people > 0 AND m.at >= :since GROUP BY m.topic_id
    UNION ALL
    SELECT 'request', topic_id, count(DISTINCT coalesce(asker_id, source_id)), 1
    FROM topic_mentions WHERE kind = 'request' AND at >= :since GROUP BY topic_id
    """
)


async def mentions_since(session: AsyncSession, since: datetime) -> dict[UUID, list[Mentions]]:
    """Return how strongly each topic was raised since then, beside all others.

    Whoever asks several questions on a topic, or attends several assemblies, counts once. Only in numbers that are
    public: so a score, and the priority of it, tell no more. A topic that too few raised is left out as one that nobody
    did. How many took part in each assembly is public too: those are parts of the number.
    """
    rows = await session.execute(_PEOPLE_BY_TOPIC, {"since": since})
    rounded = [(row.kind, row.topic_id, rounded_down(row.people, parts=row.parts)) for row in rows]
    shown = [(kind, topic_id, people) for kind, topic_id, people in rounded if people]
    people_of_all, topics = Counter[str](), Counter[str](kind for kind, _, _ in shown)
    for kind, _, people in shown:
        people_of_all[kind] += people
    by_topic: dict[UUID, list[Mentions]] = defaultdict(list)
    for kind, topic_id, people in shown:
        by_topic[topic_id].append(Mentions(kind, people, people_of_all[kind], topics[kind]))
    return by_topic


async def topics_with_voices(session: AsyncSession) -> Sequence[UUID]:
    """Return every topic that has a priority or was raised."""
    raised = select(mentions.c.topic_id)
    statement = select(col(Topic.id)).where(or_(col(Topic.priority).is_not(None), col(Topic.id).in_(raised)))
    return (await session.execute(statement.order_by(col(Topic.id)))).scalars().all()
