"""What the evidence service says of topics, and of what is asked about them."""

from collections.abc import Collection
from uuid import UUID

from services.engagement.replicas.topics import queries
from services.engagement.replicas.topics.tables import EvidenceRequest, Topic
from shared.events.contracts.evidence import (
    EvidenceRequestAnswered,
    EvidenceRequestClosed,
    EvidenceRequestReceived,
    TopicChanged,
    TopicCreated,
    TopicPrioritisedBySurvey,
    TopicPriorityChanged,
)
from shared.messaging.dispatcher import EventHandlers, PrerequisiteMissing
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(TopicCreated)
async def keep_topic_created(created: TopicCreated, uow: UnitOfWork) -> None:
    """From now on surveys, assemblies and projects may be about it."""
    if await queries.lock_topic(uow.session, created.topic_id) is None:
        uow.save(Topic(id=created.topic_id, name=created.name, heard=_sequence(uow)))
        await uow.session.flush()
        await queries.count_open_questions(uow.session, {created.topic_id})


@consumer.on(TopicChanged)
async def keep_topic_name(changed: TopicChanged, uow: UnitOfWork) -> None:
    topic = await _topic_to_change(uow, changed.topic_id)
    if topic is not None:
        topic.name = changed.name


@consumer.on(TopicPrioritisedBySurvey)
async def keep_topic_priority_of_survey(prioritised: TopicPrioritisedBySurvey, uow: UnitOfWork) -> None:
    """Show beside the topic how strongly the sector put it first."""
    topic = await _topic_to_change(uow, prioritised.topic_id)
    if topic is not None:
        topic.priority = prioritised.priority


@consumer.on(TopicPriorityChanged)
async def keep_topic_priority(changed: TopicPriorityChanged, uow: UnitOfWork) -> None:
    """The same, whatever voice it was: a survey's comes with `TopicPrioritisedBySurvey` of the same sequence."""
    topic = await _topic_to_change(uow, changed.topic_id)
    if topic is not None:
        topic.priority = changed.priority


@consumer.on(EvidenceRequestReceived)
async def keep_question_open(received: EvidenceRequestReceived, uow: UnitOfWork) -> None:
    """Whoever plans an assembly on its topics sees that there is one more to talk about."""
    await _keep_question(uow, received.request_id, open=True, topic_ids=received.topic_ids)


@consumer.on(EvidenceRequestAnswered)
async def keep_question_answered(answered: EvidenceRequestAnswered, uow: UnitOfWork) -> None:
    await _keep_question(uow, answered.request_id, open=False)


@consumer.on(EvidenceRequestClosed)
async def keep_question_closed(closed: EvidenceRequestClosed, uow: UnitOfWork) -> None:
    await _keep_question(uow, closed.request_id, open=False)


async def _keep_question(
    uow: UnitOfWork, request_id: UUID, *, open: bool, topic_ids: Collection[UUID] | None = None
) -> None:
    """Without topics: those it had. What is older than what has been heard of it changes nothing."""
    request = await queries.lock_request(uow.session, request_id)
    if request is None:
        request = EvidenceRequest(id=request_id, topic_ids=[], open=open, heard=-1)
        uow.save(request)
    if request.heard >= _sequence(uow):
        return
    about = set(request.topic_ids)
    request.open, request.heard = open, _sequence(uow)
    if topic_ids is not None:
        request.topic_ids = sorted(topic_ids)
    await uow.session.flush()
    await queries.count_open_questions(uow.session, about | set(request.topic_ids))


async def _topic_to_change(uow: UnitOfWork, topic_id: UUID) -> Topic | None:
    """The topic, unless something later of it has been heard already. Raises PrerequisiteMissing."""
    topic = await queries.lock_topic(uow.session, topic_id)
    if topic is None:
        raise PrerequisiteMissing("the topic itself has not arrived")
    if topic.heard >= _sequence(uow):
        return None
    topic.heard = _sequence(uow)
    return topic


def _sequence(uow: UnitOfWork) -> int:
    return uow.cause.sequence if uow.cause else 0
