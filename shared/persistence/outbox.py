"""Events on their way out: written with the state that they tell of, sent and removed by the relay."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Identity,
    Integer,
    LargeBinary,
    Table,
    Text,
    Uuid,
    func,
)

from shared.events.event import Event
from shared.persistence.tables import new_id, platform_metadata

CHANNEL = "outbox"

outbox = Table(
    "outbox",
    platform_metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("event_id", Uuid, nullable=False),
    Column("topic", Text, nullable=False),
    Column("key", Uuid, nullable=False),
    Column("type", Text, nullable=False),
    Column("source", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("time", DateTime(timezone=True), nullable=False, server_default=func.clock_timestamp()),
    Column("data", LargeBinary, nullable=False),
    Column("traceparent", Text),
    # A queue: always nearly empty, always changing. It is swept by rows, not by a share of what it holds.
    postgresql_with={
        "autovacuum_vacuum_scale_factor": 0,
        "autovacuum_vacuum_threshold": 2000,
        "autovacuum_vacuum_insert_threshold": -1,
        "autovacuum_analyze_scale_factor": 0,
        "autovacuum_analyze_threshold": 100000,
        "autovacuum_vacuum_cost_delay": 0,
    },
)


def columns(events: Sequence[tuple[Event, int]], source: str, traceparent: str | None) -> tuple[Any, ...]:
    """The rows of one unit of work as columns for its statement: each event with its aggregate's version.

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
