"""Events in: what a service does when something happened elsewhere, exactly once in effect and in order per key."""

import traceback
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from uuid import UUID

from prometheus_client import Counter, Histogram
from pydantic import ValidationError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from shared import clock, tracing
from shared.event_log.protocol import Record
from shared.events.event import Envelope, Event
from shared.messaging import cloudevents, dead_letters, inbox
from shared.messaging.cloudevents import Unreadable
from shared.messaging.dead_letters import key_of
from shared.persistence.statement_executor import AWAY
from shared.persistence.unit_of_work import Database, UnitOfWork

E = TypeVar("E", bound=Event)
Handler = Callable[[Any, UnitOfWork], Awaitable[None]]

HERE = Path(__file__).parents[2]

handled = Counter("impact_consumer_events", "Events by what became of them", ["service", "type", "outcome"])
age = Histogram(
    "impact_consumer_age_seconds",
    "From the moment of an event until its effect was committed",
    ["service"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)


class PrerequisiteMissing(Exception):
    """Something that this event builds on has not arrived: it is tried again, ever more seldom. No personal data."""


class EventHandlers:
    """What a slice does about events. `@consumer.on(AttendanceRecorded)` above an `async def` with event and uow."""

    def __init__(self) -> None:
        self.by_type: dict[type[Event], list[Handler]] = {}

    def on(
        self, event_type: type[E]
    ) -> Callable[[Callable[[E, UnitOfWork], Awaitable[None]]], Callable[[E, UnitOfWork], Awaitable[None]]]:
        """Call the function for every event of this type, in the transaction that notes the event as handled."""

        def listening(
            handler: Callable[[E, UnitOfWork], Awaitable[None]],
        ) -> Callable[[E, UnitOfWork], Awaitable[None]]:
            self.by_type.setdefault(event_type, []).append(handler)
            return handler

        return listening


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event of a type that somebody here listens to, and where it came from."""

    record: Record
    envelope: Envelope
    event: Event


class Dispatched(NamedTuple):
    """What became of a batch: these were left alone, since something earlier of their key is parked."""

    deferred: list[ReceivedEvent]


class EventDispatcher:
    """All handlers of one service, and the one transaction in which events are handled."""

    def __init__(self, database: Database, handlers: Iterable[EventHandlers]) -> None:
        self.database = database
        self.service = database.service
        self._by_type: dict[str, tuple[type[Event], list[Handler]]] = {}
        for each in handlers:
            for kind, functions in each.by_type.items():
                self._by_type.setdefault(kind.event_type, (kind, []))[1].extend(functions)

    @property
    def topics(self) -> list[str]:
        """What this service listens to."""
        return sorted({kind.topic for kind, _ in self._by_type.values()})

    def read(self, record: Record) -> ReceivedEvent | None:
        """The event of a record, or None when nobody here listens to its type. Raises Unreadable."""
        envelope = cloudevents.envelope_of(record)
        known = self._by_type.get(envelope.type)
        if known is None:
            return None
        try:
            event = known[0].model_validate_json(record.value or b"")
        except ValidationError as wrong:
            fields = ", ".join(".".join(map(str, error["loc"])) or "the whole" for error in wrong.errors()[:5])
            raise Unreadable(f"the data is not a {envelope.type}: {fields}") from None
        return ReceivedEvent(record, envelope, event)

    async def handle(self, batch: Sequence[ReceivedEvent]) -> Dispatched:
        """Handle them in order in one transaction: all of them, or none and an exception.

        What was handled before is left out. What waits behind a parked event of its key is left out too, and returned.
        """
        places = [key_of(found.record) for found in batch]
        async with self.database.transaction() as uow:
            new, blocked = await dead_letters.admit(uow.session, [found.envelope for found in batch], places)
            free = [found for found, place in zip(batch, places, strict=True) if place not in blocked]
            await self._handle_new(uow, free, new)
        return Dispatched([found for found, place in zip(batch, places, strict=True) if place in blocked])

    async def handle_in(self, uow: UnitOfWork, batch: Sequence[ReceivedEvent]) -> None:
        """As part of a transaction that somebody else began, whatever is parked."""
        new = await inbox.enter(uow.session, {found.envelope.id: found.envelope.type for found in batch})
        await self._handle_new(uow, batch, new)

    async def _handle_new(self, uow: UnitOfWork, batch: Sequence[ReceivedEvent], new: set[UUID]) -> None:
        for found in batch:
            outcome = "repeated"
            if found.envelope.id in new:
                new.remove(found.envelope.id)
                outcome = "handled"
                await self._handle_one(uow, found)
            handled.labels(self.service, found.envelope.type, outcome).inc()

    async def _handle_one(self, uow: UnitOfWork, found: ReceivedEvent) -> None:
        uow.cause = found.envelope
        with tracing.continued(found.envelope.traceparent, f"handle {found.envelope.type}"):
            for handler in self._by_type[found.envelope.type][1]:
                await handler(found.event, uow)
            await uow.flush_events()
        age.labels(self.service).observe((clock.now() - found.envelope.time).total_seconds())


def is_outage(wrong: BaseException) -> bool:
    """Whether the database is away rather than the event at fault: then nothing is counted against the event."""
    if isinstance(wrong, DBAPIError) and wrong.connection_invalidated:
        return True
    state = getattr(wrong.orig if isinstance(wrong, DBAPIError) else wrong, "sqlstate", None)
    return isinstance(wrong, PoolTimeout | OSError) or str(state).startswith(AWAY)


def described(wrong: BaseException) -> str:
    """The kind of an error and where in our code it arose: never its message, which may quote a person's data."""
    if isinstance(wrong, PrerequisiteMissing | Unreadable):
        return str(wrong)[:500]
    name = type(wrong).__name__
    if isinstance(wrong, DBAPIError):
        name = (
            f"{name} ({type(wrong.orig).__name__}, {getattr(wrong.orig, 'constraint_name', None) or 'no constraint'})"
        )
    ours = [
        f"{Path(frame.filename).relative_to(HERE)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(wrong.__traceback__)
        if Path(frame.filename).is_relative_to(HERE) and ".venv" not in frame.filename
    ]
    return f"{name} at {ours[-1]}"[:500] if ours else name
