"""What the evidence service says of topics."""

from services.engagement.topics import queries
from services.engagement.topics.tables import Topic
from shared.consumer import Handlers, NotYet
from shared.contracts.evidence import TopicCreated, TopicPriorityChanged
from shared.database import UnitOfWork

consumer = Handlers()


@consumer.on(TopicCreated)
async def keep_topic_created(created: TopicCreated, uow: UnitOfWork) -> None:
    """From now on surveys, assemblies and projects may be about it."""
    if await queries.lock_topic(uow.session, created.topic_id) is None:
        uow.save(Topic(id=created.topic_id, name=created.name, heard=_sequence(uow)))


@consumer.on(TopicPriorityChanged)
async def keep_topic_priority(changed: TopicPriorityChanged, uow: UnitOfWork) -> None:
    """Show beside the topic how strongly the sector put it first."""
    topic = await queries.lock_topic(uow.session, changed.topic_id)
    if topic is None:
        raise NotYet("the topic itself has not arrived")
    if topic.heard < _sequence(uow):
        topic.priority, topic.heard = changed.priority, _sequence(uow)


def _sequence(uow: UnitOfWork) -> int:
    return uow.cause.sequence if uow.cause else 0
