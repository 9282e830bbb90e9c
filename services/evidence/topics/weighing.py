"""All voices on a topic together: what a handler does when one is heard, and a job when one is too old to count."""

from collections.abc import Collection
from uuid import UUID

from services.evidence.topics import queries, rules
from shared import clock
from shared.contracts.evidence import PriorityMovedBy
from shared.database import UnitOfWork


async def reconsider(
    uow: UnitOfWork, topic_ids: Collection[UUID], *, by: PriorityMovedBy, source_id: UUID | None = None
) -> None:
    """Give each of these that exists the priority that all voices make, and tell of it where that moved it."""
    topics = await queries.lock_topics(uow.session, topic_ids)
    voices = await queries.voices_on(uow.session, [topic.id for topic in topics])
    raised = await queries.attention(uow.session, clock.now() - rules.HEARD_FOR)
    for topic in topics:
        told = rules.hear(topic, voices[topic.id], raised.get(topic.id, ()), by=by, source_id=source_id)
        uow.publish(*told, of=topic)
