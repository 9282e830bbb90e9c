"""The base class of events, and their CloudEvents attributes.

An event is a frozen model in `shared.events.contracts`. On the wire it is a CloudEvent 1.0 in binary mode:
attributes in headers (`ce_*`), the JSON of the model in the value, the aggregate's id as the record's key.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Unpack
from uuid import UUID

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_snake

_by_type: dict[str, type["Event"]] = {}


class Event(BaseModel):
    """Something that happened: ids and facts, never a name, an address, free text or a health fact.

    `class AttendanceRecorded(Event, topic="engagement.registrations", key="registration_id")` has the type
    `engagement.attendance-recorded.v1`. Unknown fields are ignored, so that a publisher may add some.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    topic: ClassVar[str]
    key_field: ClassVar[str]
    event_type: ClassVar[str]

    def __init_subclass__(cls, *, topic: str, key: str, version: int = 1, **config: Unpack[ConfigDict]) -> None:
        super().__init_subclass__(**config)
        cls.topic = topic
        cls.key_field = key
        service = topic.partition(".")[0]
        cls.event_type = f"{service}.{re.sub('_', '-', to_snake(cls.__name__))}.v{version}"
        subclass = _by_type.setdefault(cls.event_type, cls)
        if subclass.__qualname__ != cls.__qualname__:
            raise TypeError(f"two events are called {cls.event_type}")

    @property
    def key(self) -> UUID:
        """The id of the aggregate: events of one key keep their order."""
        return getattr(self, self.key_field)


@dataclass(frozen=True, slots=True)
class Envelope:
    """The CloudEvents attributes of one event."""

    id: UUID
    source: str
    type: str
    time: datetime
    key: UUID
    sequence: int
    traceparent: str | None = None


def published_events() -> dict[str, type[Event]]:
    """Return every event of the contracts that have been imported, by its type."""
    return dict(_by_type)
