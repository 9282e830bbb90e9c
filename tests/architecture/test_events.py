"""Promise P3: an event holds ids and facts. Text is allowed only where staff choose it from the sector's own words."""

import types
import typing
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, Literal
from uuid import UUID

import pytest
from pydantic import BaseModel

from deploy import event_topics
from shared.events.contracts import engagement, evidence, funding
from shared.events.event import Event, published_events

FACT_TYPES = (UUID, int, bool, date, datetime, time, types.NoneType)
ALLOWED_TEXTS = {
    ("TopicCreated", "name"): "a subject area, named by staff",
    ("TopicChanged", "name"): "the same",
    ("AssemblyPlanned", "scheme"): "the code of a scheme",
    ("AttendanceRecorded", "scheme"): "the code of a scheme",
    ("OutcomeRecorded", "measure"): "a code of the list of measures",
}
CONTRACTS = {contract.__name__ for contract in (engagement, evidence, funding)}
contracts = [event for event in published_events().values() if event.__module__ in CONTRACTS]


def text_fields(model: type[BaseModel], path: str = "") -> Iterator[str]:
    for name, field in model.model_fields.items():
        for kind in leaf_types(field.annotation):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from text_fields(kind, f"{path}{name}.")
            elif kind not in FACT_TYPES:
                yield f"{path}{name}"


def leaf_types(annotation: Any) -> Iterator[Any]:
    if typing.get_origin(annotation) is Literal:
        return
    arguments = [argument for argument in typing.get_args(annotation) if argument is not Ellipsis]
    if arguments:
        for argument in arguments:
            yield from leaf_types(argument)
    else:
        yield annotation


@pytest.mark.parametrize("event", contracts, ids=lambda event: event.event_type)
def test_no_field_of_an_event_can_hold_what_a_person_wrote(event: type[Event]) -> None:
    unexplained = [field for field in text_fields(event) if (event.__name__, field) not in ALLOWED_TEXTS]
    assert unexplained == []


def test_the_check_itself_finds_free_text() -> None:
    class NoteWithText(BaseModel):
        text: str | None

    class EventWithText(BaseModel):
        person_id: UUID
        notes: tuple[NoteWithText, ...]
        extra: dict[str, int]

    assert list(text_fields(EventWithText)) == ["notes.text", "extra"]


def test_every_event_travels_on_a_declared_topic_of_its_own_service() -> None:
    declared = {topic.name for topic in event_topics.read()}
    for event in contracts:
        assert event.topic in declared
        assert event.topic.split(".")[0] == event.__module__.rsplit(".", 1)[1]
    assert {event.topic for event in contracts} == declared
