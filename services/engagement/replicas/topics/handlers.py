"""Events of the evidence service about topics, and about the evidence requests on them."""

from services.engagement.replicas.topics import commands
from services.engagement.replicas.topics.tables import Topic
from shared.events.contracts.evidence import (
    EvidenceRequestAnswered,
    EvidenceRequestClosed,
    EvidenceRequestReceived,
    EvidenceRequestWithdrawn,
    TopicChanged,
    TopicCreated,
    TopicPriorityChanged,
)
from shared.messaging.dispatcher import EventHandlers
from shared.messaging.replicas import lock_replica
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(TopicCreated)
async def create_topic(created: TopicCreated, uow: UnitOfWork) -> None:
    """Let surveys, assemblies and projects be about the topic."""
    await commands.create_topic(uow, created.topic_id, created.name)


@consumer.on(TopicChanged)
async def rename_topic(changed: TopicChanged, uow: UnitOfWork) -> None:
    """Show the topic's new name."""
    if topic := await lock_replica(uow, Topic, changed.topic_id):
        topic.name = changed.name


@consumer.on(TopicPriorityChanged)
async def change_priority(changed: TopicPriorityChanged, uow: UnitOfWork) -> None:
    """Show the new priority beside what is about the topic."""
    if topic := await lock_replica(uow, Topic, changed.topic_id):
        topic.priority = changed.priority


@consumer.on(EvidenceRequestReceived)
async def open_evidence_request(received: EvidenceRequestReceived, uow: UnitOfWork) -> None:
    """Count the question as open for each of its topics."""
    await commands.update_evidence_request(uow, received.request_id, open=True, topic_ids=received.topic_ids)


@consumer.on(EvidenceRequestAnswered)
async def answer_evidence_request(answered: EvidenceRequestAnswered, uow: UnitOfWork) -> None:
    """Count the question as open no longer."""
    await commands.update_evidence_request(uow, answered.request_id, open=False)


@consumer.on(EvidenceRequestClosed)
async def close_evidence_request(closed: EvidenceRequestClosed, uow: UnitOfWork) -> None:
    """Count the question as open no longer."""
    await commands.update_evidence_request(uow, closed.request_id, open=False)


@consumer.on(EvidenceRequestWithdrawn)
async def withdraw_evidence_request(withdrawn: EvidenceRequestWithdrawn, uow: UnitOfWork) -> None:
    """Count the question as open no longer."""
    await commands.update_evidence_request(uow, withdrawn.request_id, open=False)
