"""Dispatches events to the handlers of a service, with an effect exactly once and in order per key."""

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
from shared.messaging.cloudevents import MalformedEvent
from shared.messaging.dead_letters import key_of
from shared.persistence.database import Database
from shared.persistence.statement_executor import OUTAGE_SQLSTATES
from shared.persistence.unit_of_work import UnitOfWork

LOCK_NOT_AVAILABLE = "55P03"
E = TypeVar("E", bound=Event)
Handler = Callable[[Any, UnitOfWork], Awaitable[None]]
BatchHandler = Callable[[Sequence[Any], UnitOfWork], Awaitable[None]]

ROOT = Path(__file__).parents[2]

handled_counter = Counter(
    "impact_consumer_events", "Events by outcome: handled, repeated or parked", ["service", "type", "outcome"]
)
age_histogram = Histogram(
    "impact_consumer_age_seconds",
    "Seconds from an event until its effect was committed",
    ["service"],
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300),
)


class PrerequisiteMissing(Exception):
    """What an event builds on has not arrived yet: it is retried with growing delays. Holds no personal data."""


class EventHandlers:
    """The event handlers of a slice. `@consumer.on(AttendanceRecorded)` registers an `async def` of event and uow."""

    def __init__(self) -> None:
        self.by_type: dict[type[Event], list[Handler]] = {}
        self.before_by_type: dict[type[Event], BatchHandler] = {}

    def before(
        self, event_type: type[E]
    ) -> Callable[[Callable[[Sequence[E], UnitOfWork], Awaitable[None]]], BatchHandler]:
        """Register the function for all new events of this type in a batch, before the first of them is handled.

        It locks, always in the same order, what events of different keys share: batches would deadlock otherwise.
        """

        def register(handler: Callable[[Sequence[E], UnitOfWork], Awaitable[None]]) -> BatchHandler:
            self.before_by_type[event_type] = handler
            return handler

        return register

    def on(
        self, event_type: type[E]
    ) -> Callable[[Callable[[E, UnitOfWork], Awaitable[None]]], Callable[[E, UnitOfWork], Awaitable[None]]]:
        """Register the function for every event of this type, in the transaction that records it as handled."""

        def register(
            handler: Callable[[E, UnitOfWork], Awaitable[None]],
        ) -> Callable[[E, UnitOfWork], Awaitable[None]]:
            self.by_type.setdefault(event_type, []).append(handler)
            return handler

        return register


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event of a type that has a handler here, with its record and attributes."""

    record: Record
    envelope: Envelope
    event: Event


class Dispatched(NamedTuple):
    """The events of a batch that were not handled, since an earlier one of their key is parked."""

    deferred: list[ReceivedEvent]


class EventDispatcher:
    """All handlers of one service; handles a batch of events in one transaction."""

    def __init__(self, database: Database, handlers: Iterable[EventHandlers]) -> None:
        self.database = database
        self.service = database.service
        self._by_type: dict[str, tuple[type[Event], list[Handler]]] = {}
        self._before: dict[type[Event], BatchHandler] = {}
        for event_handlers in handlers:
            self._before |= event_handlers.before_by_type
            for kind, functions in event_handlers.by_type.items():
                self._by_type.setdefault(kind.event_type, (kind, []))[1].extend(functions)

    @property
    def topics(self) -> list[str]:
        """The topics that have a handler here, in order."""
        return sorted({kind.topic for kind, _ in self._by_type.values()})

    def read(self, record: Record) -> ReceivedEvent | None:
        """Parse the event of a record; None where its type has no handler here. Raises MalformedEvent."""
        envelope = cloudevents.envelope_of(record)
        registered = self._by_type.get(envelope.type)
        if registered is None:
            return None
        try:
            event = registered[0].model_validate_json(record.value or b"")
        except ValidationError as error:
            fields = ", ".join(".".join(map(str, error["loc"])) or "the whole" for error in error.errors()[:5])
            raise MalformedEvent(f"the data is not a {envelope.type}: {fields}") from None
        return ReceivedEvent(record, envelope, event)

    async def handle(self, batch: Sequence[ReceivedEvent]) -> Dispatched:
        """Handle a batch in order in one transaction: all of it, or nothing and an exception.

        What was handled before is left out. What waits behind a parked event of its key is left out too, and returned.
        """
        keys = [key_of(received.record) for received in batch]
        async with self.database.transaction() as uow:
            new, blocked = await dead_letters.admit(uow.session, [received.envelope for received in batch], keys)
            free = [received for received, key in zip(batch, keys, strict=True) if key not in blocked]
            await self._handle_new(uow, free, new)
        return Dispatched([received for received, key in zip(batch, keys, strict=True) if key in blocked])

    async def handle_in(self, uow: UnitOfWork, batch: Sequence[ReceivedEvent]) -> None:
        """Handle a batch in the transaction of `uow`, whatever is parked."""
        new = await inbox.enter(uow.session, {received.envelope.id: received.envelope.type for received in batch})
        await self._handle_new(uow, batch, new)

    async def _handle_new(self, uow: UnitOfWork, batch: Sequence[ReceivedEvent], new: set[UUID]) -> None:
        for kind, before in self._before.items():
            if events := [r.event for r in batch if r.envelope.id in new and isinstance(r.event, kind)]:
                await before(events, uow)
        for received in batch:
            outcome = "repeated"
            if received.envelope.id in new:
                new.remove(received.envelope.id)
                outcome = "handled"
                await self._handle_one(uow, received)
            handled_counter.labels(self.service, received.envelope.type, outcome).inc()

    async def _handle_one(self, uow: UnitOfWork, received: ReceivedEvent) -> None:
        uow.cause = received.envelope
        with tracing.continue_trace(received.envelope.traceparent, f"handle {received.envelope.type}"):
            for handler in self._by_type[received.envelope.type][1]:
                await handler(received.event, uow)
            await uow.flush_events()
        age_histogram.labels(self.service).observe((clock.now() - received.envelope.time).total_seconds())


def is_outage(error: BaseException) -> bool:
    """Return whether the error is an outage of the database. The event is not at fault, and no attempt is counted."""
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    return isinstance(error, PoolTimeout | OSError) or _sqlstate(error).startswith(OUTAGE_SQLSTATES)


def is_locked(error: BaseException) -> bool:
    """Return whether somebody else holds a row that was not to be waited for."""
    return _sqlstate(error) == LOCK_NOT_AVAILABLE


def _sqlstate(error: BaseException) -> str:
    return str(getattr(error.orig if isinstance(error, DBAPIError) else error, "sqlstate", None))


def describe(error: BaseException) -> str:
    """Return the type of an error and its place in our code; never its message, which may quote personal data."""
    if isinstance(error, PrerequisiteMissing | MalformedEvent):
        return str(error)[:500]
    name = type(error).__name__
    if isinstance(error, DBAPIError):
        name = (
            f"{name} ({type(error.orig).__name__}, {getattr(error.orig, 'constraint_name', None) or 'no constraint'})"
        )
    own_frames = [
        f"{Path(frame.filename).relative_to(ROOT)}:{frame.lineno} in {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(ROOT) and ".venv" not in frame.filename
    ]
    return f"{name} at {own_frames[-1]}"[:500] if own_frames else name
