"""Every topic has a consumer, in another service unless there is a reason."""

from collections.abc import Iterable

from deploy import event_topics
from shared.events.event import Event
from shared.messaging.dispatcher import EventHandlers
from tests.architecture.apps import SERVICES, worker_of


def consumed_by(service: str) -> set[type[Event]]:
    slices: Iterable[EventHandlers] = worker_of(service).HANDLERS
    return {event for handlers in slices for event in handlers.by_type}


LOCAL_TOPICS = {"evidence.learning"}
"""Topics for partners' webhooks and for the line of sight of their own service."""


def test_every_topic_has_a_listener_in_another_service() -> None:
    consumed_elsewhere = {
        event.topic
        for service in SERVICES
        for event in consumed_by(service)
        if not event.topic.startswith(f"{service}.")
    }
    assert consumed_elsewhere == {topic.name for topic in event_topics.read()} - LOCAL_TOPICS
    local = {event.topic for service in SERVICES for event in consumed_by(service)} - consumed_elsewhere
    assert local == LOCAL_TOPICS


def test_services_hear_of_events_only_through_contracts() -> None:
    for service in SERVICES:
        assert {event.__module__.rpartition(".")[0] for event in consumed_by(service)} == {"shared.events.contracts"}
