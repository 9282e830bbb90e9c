"""Changes of topics and evidence requests, each with the number of open questions by topic."""

from collections.abc import Collection
from uuid import UUID

from services.engagement.replicas.topics import queries
from services.engagement.replicas.topics.tables import EvidenceRequest, Topic
from shared.messaging.replicas import lock_replica
from shared.persistence.unit_of_work import UnitOfWork


async def create_topic(uow: UnitOfWork, topic_id: UUID, name: str) -> None:
    """Save the topic, with the open questions about it that arrived earlier."""
    if await lock_replica(uow, Topic, topic_id, initial=Topic(id=topic_id, name=name)):
        await _count_open_questions(uow, {topic_id})


async def update_evidence_request(
    uow: UnitOfWork, request_id: UUID, *, open: bool, topic_ids: Collection[UUID] | None = None
) -> None:
    """Save whether the request is open, and count the open questions of its topics anew, earlier topics included.

    Without `topic_ids` it keeps its topics.
    """
    request = await lock_replica(uow, EvidenceRequest, request_id, initial=EvidenceRequest(id=request_id))
    if request is None:
        return
    affected_topic_ids = set(request.topic_ids)
    request.open = open
    if topic_ids is not None:
        request.topic_ids = sorted(topic_ids)
    await _count_open_questions(uow, affected_topic_ids | set(request.topic_ids))


async def _count_open_questions(uow: UnitOfWork, topic_ids: Collection[UUID]) -> None:
    """Set `open_questions` of those of these topics that engagement knows.

    Transactions that count for the same topic take turns, even where the topic does not exist yet: so a topic and a
    question about it that are handled at the same time do not miss each other.
    """
    await queries.lock_counts(uow.session, topic_ids)
    for topic in await queries.lock_topics(uow.session, topic_ids):
        topic.open_questions = await queries.count_open_questions(uow.session, topic.id)
