"""One partition on its way through the handlers: batches while all goes well, key by key where something fails."""

import asyncio
import contextlib
import logging
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from shared.event_log.protocol import Partition, Record
from shared.messaging import dead_letters
from shared.messaging.cloudevents import Unreadable
from shared.messaging.dead_letters import EventKey, key_of
from shared.messaging.dispatcher import (
    EventDispatcher,
    PrerequisiteMissing,
    ReceivedEvent,
    described,
    handled,
    is_outage,
)

logger = logging.getLogger(__name__)

BATCH = 200
FULL = 2000
"""Records under way in one partition, at which no more are read."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Seconds between attempts at an event that fails, and at one whose ground has not arrived; then it is parked."""

    failure_delays: Sequence[float] = (0.2, 1.0, 3.0)
    prerequisite_delays: Sequence[float] = (0.1, 0.3, 1.0, 3.0, 5.0, 10.0)
    redrive_after: timedelta = timedelta(minutes=1)
    """After which a parked event whose ground had not arrived is redriven by itself."""


@dataclass(slots=True)
class RetryingKey:
    """A key whose first record is being retried, and its later records behind it."""

    records: deque[Record] = field(default_factory=deque[Record])
    attempts: int = 0
    due: float = 0.0


class PartitionProcessor:
    """Handles the records of one partition in order per key, and knows from where the group would have to go on."""

    def __init__(
        self,
        partition: Partition,
        handling: EventDispatcher,
        slots: asyncio.Semaphore,
        retry_policy: RetryPolicy,
        progressed: "Callable[[PartitionProcessor], None]",
    ) -> None:
        self.partition = partition
        self.position: int | None = None
        self.progressed_at = time.monotonic()
        self._handling = handling
        self._slots = slots
        self._retry_policy = retry_policy
        self._progressed = progressed
        self._todo: deque[Record] = deque()
        self._held: dict[EventKey, RetryingKey] = {}
        self._open: OrderedDict[int, None] = OrderedDict()
        self._work = asyncio.Event()
        self._closing = False
        self._outage_until = 0.0
        self._task = asyncio.create_task(self._run(), name=f"handle {partition}")

    @property
    def committable_offset(self) -> int | None:
        """The lowest offset that is not finished; None before the first record."""
        return next(iter(self._open), self.position)

    @property
    def full(self) -> bool:
        return len(self._open) >= FULL

    def add(self, records: Sequence[Record]) -> None:
        """Take these over; what was taken before is left out."""
        for record in records:
            if self.position is None or record.offset >= self.position:
                self.position = record.offset + 1
                self._open[record.offset] = None
                self._todo.append(record)
        self._work.set()

    def raise_failure(self) -> None:
        """Raises what ended this lane, if anything did."""
        if self._task.done() and not self._task.cancelled():
            self._task.result()

    async def close(self, patience: float = 15) -> None:
        """Finish what is in hand and leave the rest unfinished."""
        self._closing = True
        self._work.set()
        _, late = await asyncio.wait([self._task], timeout=patience)
        if late:
            self._task.cancel()
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        while not self._closing:
            self._work.clear()
            if (idle := self._idle()) > 0:
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(idle):
                        await self._work.wait()
                continue
            async with self._slots:
                if batch := self._take():
                    again = await self._handle(batch)
                    self._todo.extendleft(found.record for found in reversed(again))
                for place in [place for place, held in self._held.items() if held.due <= time.monotonic()]:
                    await self._retry(place)
            self.progressed_at = time.monotonic()
            self._progressed(self)

    def _idle(self) -> float:
        """Seconds until there is something to do, should nothing arrive."""
        now = time.monotonic()
        wake = now if self._todo else min((held.due for held in self._held.values()), default=now + 60)
        return max(wake, self._outage_until) - now

    def _take(self) -> list[ReceivedEvent]:
        """The next records whose key is free; the others go behind what is held."""
        batch: list[ReceivedEvent] = []
        while self._todo and len(batch) < BATCH and not self._closing:
            record = self._todo.popleft()
            if held := self._held.get(key_of(record)):
                held.records.append(record)
                continue
            try:
                found = self._handling.read(record)
            except Unreadable:
                if key_of(record) in {key_of(earlier.record) for earlier in batch}:
                    self._todo.appendleft(record)
                    break
                # It takes the way of a key in trouble, which parks it behind what came before.
                self._held[key_of(record)] = RetryingKey(deque([record]))
                continue
            if found is None:
                self._finish(record)
            else:
                batch.append(found)
        return batch

    async def _handle(self, batch: Sequence[ReceivedEvent]) -> Sequence[ReceivedEvent]:
        """Returns what has to be taken again, in its order, since the database is away or we are stopping."""
        try:
            behind = (await self._handling.handle(batch)).deferred
        except Exception as error:  # noqa: BLE001  a handler may raise anything: it is tried again, then parked
            if is_outage(error):
                self._back_off(error)
                return batch
            if len(batch) > 1:
                return await self._one_by_one(batch)
            self._hold(batch[0], error)
            return ()
        waiting = {id(found) for found in behind}
        for found in batch:
            if id(found) not in waiting:
                self._finish(found.record)
        for found in behind:
            self._held.setdefault(key_of(found.record), RetryingKey()).records.append(found.record)
        return ()

    async def _one_by_one(self, batch: Sequence[ReceivedEvent]) -> Sequence[ReceivedEvent]:
        for nth, found in enumerate(batch):
            if held := self._held.get(key_of(found.record)):
                held.records.append(found.record)
            elif self._closing or await self._handle([found]):
                return batch[nth:]
        return ()

    def _hold(self, found: ReceivedEvent, wrong: Exception) -> None:
        held = self._held.setdefault(key_of(found.record), RetryingKey(deque([found.record])))
        held.attempts += 1
        delays = (
            self._retry_policy.prerequisite_delays
            if isinstance(wrong, PrerequisiteMissing)
            else self._retry_policy.failure_delays
        )
        held.due = time.monotonic() + delays[0] if delays else 0.0
        logger.warning("%s will be tried again: %s", found.envelope.type, described(wrong))

    async def _retry(self, place: EventKey) -> None:
        """Handle what is held of one key, in order, until it is done, fails again or is parked."""
        held = self._held[place]
        while held.records and not self._closing:
            record = held.records[0]
            try:
                done = await self._tried(record)
            except Exception as error:  # noqa: BLE001  as above
                if is_outage(error):
                    self._back_off(error)
                    held.due = self._outage_until
                    return
                held.attempts += 1
                delays = (
                    self._retry_policy.prerequisite_delays
                    if isinstance(error, PrerequisiteMissing)
                    else self._retry_policy.failure_delays
                )
                if held.attempts <= len(delays) and not isinstance(error, Unreadable):
                    held.due = time.monotonic() + delays[held.attempts - 1]
                    return
                if not await self._parked(held, error):
                    return
                break
            if done:
                held.records.popleft()
                held.attempts = 0
                self._finish(record)
        if not held.records:
            del self._held[place]

    async def _tried(self, record: Record) -> bool:
        """Handle one record, or park it behind what is parked of its key. False: look again."""
        found = self._handling.read(record)
        if found is None:
            return True
        if not (await self._handling.handle([found])).behind:
            return True
        async with self._handling.database.transaction() as uow:
            parked = await dead_letters.park_behind(uow.session, record)
        if parked:
            handled.labels(self._handling.service, found.envelope.type, "parked").inc()
        return parked

    async def _parked(self, held: RetryingKey, wrong: Exception) -> bool:
        """Park the key with everything behind it. False when the database is away: later, then."""
        reason: dead_letters.Reason = "failed"
        again = None
        if isinstance(wrong, Unreadable):
            reason = "unreadable"
        elif isinstance(wrong, PrerequisiteMissing):
            reason, again = "not yet", self._retry_policy.redrive_after
        records = list(held.records)
        try:
            async with self._handling.database.transaction() as uow:
                await dead_letters.park(uow.session, records, reason, described(wrong), held.attempts, again)
        except Exception as away:
            if not is_outage(away):
                raise
            self._back_off(away)
            held.due = self._outage_until
            return False
        logger.error("parked an event of %s and %d behind it: %s", self.partition, len(records) - 1, described(wrong))
        handled.labels(self._handling.service, str(self.partition.topic), "parked").inc(len(records))
        held.records.clear()
        for record in records:
            self._finish(record)
        return True

    def _back_off(self, wrong: BaseException) -> None:
        logger.warning("the database does not answer, events wait: %s", type(wrong).__name__)
        self._outage_until = time.monotonic() + 1.0

    def _finish(self, record: Record) -> None:
        self._open.pop(record.offset, None)
