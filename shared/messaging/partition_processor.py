"""Processes the records of one partition: in batches while they succeed, key by key where one fails."""

import asyncio
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from shared.event_log.protocol import Partition, Record
from shared.messaging import dead_letters
from shared.messaging.cloudevents import MalformedEvent
from shared.messaging.dead_letters import EventKey, key_of
from shared.messaging.dispatcher import (
    EventDispatcher,
    PrerequisiteMissing,
    ReceivedEvent,
    describe,
    handled_counter,
    is_outage,
)
from shared.waiting import pause

logger = logging.getLogger(__name__)

MAX_BATCH_RECORDS = 200
OUTAGE_DELAY_SECONDS = 1.0
"""Seconds before the next attempt while the database does not respond."""
MAX_BUFFERED_RECORDS = 2000
"""A partition with this many unfinished records is paused."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds between attempts at an event that fails, or whose prerequisite is missing; then it is parked."""

    failure_delays: Sequence[float] = (0.2, 1.0, 3.0)
    prerequisite_delays: Sequence[float] = (0.1, 0.3, 1.0, 3.0, 5.0, 10.0)
    redrive_after: timedelta = timedelta(minutes=1)
    """How long after it was parked an event whose prerequisite was missing is redriven automatically."""

    def delays_after(self, error: Exception) -> Sequence[float]:
        """Return the delays in seconds between the attempts at an event that failed with this error."""
        return self.prerequisite_delays if isinstance(error, PrerequisiteMissing) else self.failure_delays


@dataclass(slots=True)
class RetryingKey:
    """A key whose first record is being retried, and the later records of that key."""

    records: deque[Record] = field(default_factory=deque[Record])
    attempts: int = 0
    due: float = 0.0


class PartitionProcessor:
    """Handles the records of one partition in order per key, and says which offset may be committed."""

    def __init__(
        self,
        partition: Partition,
        dispatcher: EventDispatcher,
        slots: asyncio.Semaphore,
        retry_policy: RetryPolicy,
        on_progress: "Callable[[PartitionProcessor], None]",
    ) -> None:
        self.partition = partition
        self.position: int | None = None
        self.progressed_at = time.monotonic()
        self._dispatcher = dispatcher
        self._slots = slots
        self._retry_policy = retry_policy
        self._on_progress = on_progress
        self._pending: deque[Record] = deque()
        self._retrying: dict[EventKey, RetryingKey] = {}
        self._unfinished: OrderedDict[int, None] = OrderedDict()
        self._work = asyncio.Event()
        self._closing = False
        self._outage_until = 0.0
        self._task = asyncio.create_task(self._run(), name=f"handle {partition}")

    @property
    def committable_offset(self) -> int | None:
        """The lowest unfinished offset, at which the group would continue; None before the first record."""
        return next(iter(self._unfinished), self.position)

    @property
    def full(self) -> bool:
        """Whether the partition is to be paused: MAX_BUFFERED_RECORDS are unfinished."""
        return len(self._unfinished) >= MAX_BUFFERED_RECORDS

    def add(self, records: Sequence[Record]) -> None:
        """Add polled records; those added before are left out."""
        for record in records:
            if self.position is None or record.offset >= self.position:
                self.position = record.offset + 1
                self._unfinished[record.offset] = None
                self._pending.append(record)
        self._work.set()

    def raise_failure(self) -> None:
        """Raise the error that ended this processor, if one did."""
        if self._task.done() and not self._task.cancelled():
            self._task.result()

    async def close(self, timeout_seconds: float = 15) -> None:
        """Finish the batch that is being handled, and leave the rest unfinished."""
        self._closing = True
        self._work.set()
        _, unfinished_tasks = await asyncio.wait([self._task], timeout=timeout_seconds)
        if unfinished_tasks:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while not self._closing:
            self._work.clear()
            if (delay := self._seconds_until_due()) > 0:
                await pause(self._work, delay)
                continue
            async with self._slots:
                if batch := self._next_batch():
                    unhandled = await self._handle(batch)
                    self._pending.extendleft(received.record for received in reversed(unhandled))
                for key in [key for key, retrying in self._retrying.items() if retrying.due <= time.monotonic()]:
                    await self._retry(key)
            self.progressed_at = time.monotonic()
            self._on_progress(self)

    def _seconds_until_due(self) -> float:
        """Return the seconds until a retry is due, 60 at most; 0 where records are pending."""
        now = time.monotonic()
        wake = now if self._pending else min((retrying.due for retrying in self._retrying.values()), default=now + 60)
        return max(wake, self._outage_until) - now

    def _next_batch(self) -> list[ReceivedEvent]:
        """Take the next records whose key is not being retried; the others queue with their key."""
        batch: list[ReceivedEvent] = []
        while self._pending and len(batch) < MAX_BATCH_RECORDS and not self._closing:
            record = self._pending.popleft()
            if retrying := self._retrying.get(key_of(record)):
                retrying.records.append(record)
                continue
            try:
                received = self._dispatcher.read(record)
            except MalformedEvent:
                if key_of(record) in {key_of(earlier.record) for earlier in batch}:
                    self._pending.appendleft(record)
                    break
                # As a key that is retried it is parked in its order.
                self._retrying[key_of(record)] = RetryingKey(deque([record]))
                continue
            if received is None:
                self._finish(record)
            else:
                batch.append(received)
        return batch

    async def _handle(self, batch: Sequence[ReceivedEvent]) -> Sequence[ReceivedEvent]:
        """Handle a batch. Returns what could not be handled, in order: the database is down, or this is closing."""
        try:
            deferred = (await self._dispatcher.handle(batch)).deferred
        except Exception as error:  # noqa: BLE001  a handler may raise anything: it is tried again, then parked
            if is_outage(error):
                self._back_off(error)
                return batch
            if len(batch) > 1:
                return await self._handle_one_by_one(batch)
            self._retry_later(batch[0], error)
            return ()
        deferred_ids = {id(received) for received in deferred}
        for received in batch:
            if id(received) not in deferred_ids:
                self._finish(received.record)
        for received in deferred:
            self._retrying.setdefault(key_of(received.record), RetryingKey()).records.append(received.record)
        return ()

    async def _handle_one_by_one(self, batch: Sequence[ReceivedEvent]) -> Sequence[ReceivedEvent]:
        for index, received in enumerate(batch):
            if retrying := self._retrying.get(key_of(received.record)):
                retrying.records.append(received.record)
            elif self._closing or await self._handle([received]):
                return batch[index:]
        return ()

    def _retry_later(self, received: ReceivedEvent, error: Exception) -> None:
        retrying = self._retrying.setdefault(key_of(received.record), RetryingKey(deque([received.record])))
        retrying.attempts += 1
        delays = self._retry_policy.delays_after(error)
        retrying.due = time.monotonic() + delays[0] if delays else 0.0
        logger.warning("%s will be tried again: %s", received.envelope.type, describe(error))

    async def _retry(self, key: EventKey) -> None:
        """Retry the records of one key in order, until all are finished, one fails again, or they are parked."""
        retrying = self._retrying[key]
        while retrying.records and not self._closing:
            record = retrying.records[0]
            try:
                finished = await self._try_once(record)
            except Exception as error:  # noqa: BLE001  as above
                if is_outage(error):
                    self._back_off(error)
                    retrying.due = self._outage_until
                    return
                retrying.attempts += 1
                delays = self._retry_policy.delays_after(error)
                if retrying.attempts <= len(delays) and not isinstance(error, MalformedEvent):
                    retrying.due = time.monotonic() + delays[retrying.attempts - 1]
                    return
                if not await self._park(retrying, error):
                    return
                break
            if finished:
                retrying.records.popleft()
                retrying.attempts = 0
                self._finish(record)
        if not retrying.records:
            del self._retrying[key]

    async def _try_once(self, record: Record) -> bool:
        """Handle one record, or park it with what is parked of its key. Returns False where it must be tried again."""
        received = self._dispatcher.read(record)
        if received is None:
            return True
        if not (await self._dispatcher.handle([received])).deferred:
            return True
        async with self._dispatcher.database.transaction() as uow:
            parked = await dead_letters.park_behind(uow.session, record)
        if parked:
            handled_counter.labels(self._dispatcher.service, received.envelope.type, "parked").inc()
        return parked

    async def _park(self, retrying: RetryingKey, error: Exception) -> bool:
        """Park the records of a key. Returns False where the database is down: they are parked later."""
        reason: dead_letters.Reason = "failed"
        redrive_after = None
        if isinstance(error, MalformedEvent):
            reason = "unreadable"
        elif isinstance(error, PrerequisiteMissing):
            reason, redrive_after = "not yet", self._retry_policy.redrive_after
        records = list(retrying.records)
        try:
            async with self._dispatcher.database.transaction() as uow:
                await dead_letters.park(uow.session, records, reason, describe(error), retrying.attempts, redrive_after)
        except Exception as database_error:
            if not is_outage(database_error):
                raise
            self._back_off(database_error)
            retrying.due = self._outage_until
            return False
        logger.error("parked an event of %s and %d behind it: %s", self.partition, len(records) - 1, describe(error))
        handled_counter.labels(self._dispatcher.service, str(self.partition.topic), "parked").inc(len(records))
        retrying.records.clear()
        for record in records:
            self._finish(record)
        return True

    def _back_off(self, error: BaseException) -> None:
        logger.warning("the database does not respond, events wait: %s", type(error).__name__)
        self._outage_until = time.monotonic() + OUTAGE_DELAY_SECONDS

    def _finish(self, record: Record) -> None:
        self._unfinished.pop(record.offset, None)
