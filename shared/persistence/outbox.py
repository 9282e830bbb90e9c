"""The outbox: events written in the transaction of the state that they report, sent and deleted by the relay."""

from collections.abc import Sequence
from typing import Any

from shared.events.event import Event
from shared.persistence.tables import new_id

CHANNEL = "outbox"
"""The channel of NOTIFY on which the relay listens."""


def columns(events: Sequence[tuple[Event, int]], source: str, traceparent: str | None) -> tuple[Any, ...]:
    """Return the outbox rows of one unit of work as the columns of its statement: each event with its sequence.

    The writer holds the row lock of each event's aggregate: that is what keeps the order per key.
    """
    return (
        source,
        traceparent,
        [new_id() for _ in events],
        [event.topic for event, _ in events],
        [event.key for event, _ in events],
        [event.event_type for event, _ in events],
        [sequence for _, sequence in events],
        [event.model_dump_json().encode() for event, _ in events],
    )
