"""Events are for someone: every topic has a listener, in another service unless there is a reason."""

from collections.abc import Iterable

from deploy import topics
from shared.events.event import Event
from shared.messaging.dispatcher import EventHandlers
from tests.architecture.apps import SERVICES, worker_of


def listened_to(service: str) -> set[type[Event]]:
    slices: Iterable[EventHandlers] = worker_of(service).HANDLERS
    return {event for handlers in slices for event in handlers.by_type}


HEARD_AT_HOME = {"evidence.learning"}
"""For partners' webhooks and for the line of sight of its own service."""


def test_every_topic_has_a_listener_in_another_service() -> None:
    elsewhere = {
        event.topic
        for service in SERVICES
        for event in listened_to(service)
        if not event.topic.startswith(f"{service}.")
    }
    assert elsewhere == {topic.name for topic in topics.read()} - HEARD_AT_HOME
    at_home = {event.topic for service in SERVICES for event in listened_to(service)} - elsewhere
    assert at_home == HEARD_AT_HOME


def test_services_hear_of_events_only_through_contracts() -> None:
    for service in SERVICES:
        assert {event.__module__.rpartition(".")[0] for event in listened_to(service)} == {"shared.events.contracts"}
