"""Redrives parked events, key by key in order; and replays the log, where events handled before have no effect."""

import asyncio
import contextlib
import itertools
import logging
from dataclasses import dataclass
from datetime import timedelta

from prometheus_client import Gauge
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.event_log.protocol import Log
from shared.messaging import dead_letters, inbox
from shared.messaging.cloudevents import MalformedEvent
from shared.messaging.dead_letters import EventKey, key_of
from shared.messaging.dispatcher import EventDispatcher, PrerequisiteMissing, ReceivedEvent, describe, is_outage
from shared.waiting import repeat_until

logger = logging.getLogger(__name__)

POLL_INTERVAL_SECONDS = 1.0
MEASURE_EVERY_POLLS = 30
MAX_DELAY = timedelta(hours=1)

parked_gauge = Gauge("impact_dead_letters", "Parked events", ["service"])


class Redriver:
    """Redrives the parked events that a person asked for or that are due."""

    def __init__(self, dispatcher: EventDispatcher) -> None:
        self.dispatcher = dispatcher
        self.database = dispatcher.database

    async def run(self, stop: asyncio.Event) -> None:
        """Redrive what is due each second, and measure what is parked each half minute, until `stop` is set."""
        polls = itertools.count()

        async def redrive_and_measure() -> None:
            try:
                await self.redrive_due()
                if next(polls) % MEASURE_EVERY_POLLS == 0:
                    await self._measure()
            except Exception as error:
                if not is_outage(error):
                    raise
                logger.warning("the database does not respond: %s", type(error).__name__)

        await repeat_until(stop, redrive_and_measure, interval=POLL_INTERVAL_SECONDS)

    async def redrive_due(self) -> int:
        """Redrive every key that is due. Returns how many parked events were handled."""
        async with self.database.session() as session:
            keys = await dead_letters.due(session, clock.now())
        return sum([await self.redrive(key) for key in keys])

    async def redrive(self, key: EventKey) -> int:
        """Handle what is parked of one key, oldest first, until one fails. Returns how many were handled."""
        handled = 0
        while True:
            number, attempts = 0, 0
            try:
                async with self.database.transaction() as uow:
                    await dead_letters.lock_key(uow.session, key)
                    oldest = await dead_letters.first_of(uow.session, key)
                    if oldest is None:
                        return handled
                    number, record, attempts = oldest
                    if (event := self.dispatcher.read(record)) is not None:
                        await self.dispatcher.handle_in(uow, [event])
                    await dead_letters.remove(uow.session, number)
            except Exception as error:
                if is_outage(error):
                    raise
                await self._reschedule(key, number, attempts + 1, error)
                return handled
            handled += 1

    async def _reschedule(self, key: EventKey, number: int, attempts: int, error: Exception) -> None:
        """Keep a failed event parked; where a prerequisite is missing, redrive it after a growing delay."""
        redrive_at = None
        if isinstance(error, PrerequisiteMissing):
            redrive_at = clock.now() + min(timedelta(minutes=1) * 2 ** min(attempts // 10, 10), MAX_DELAY)
        table = dead_letters.dead_letters
        reason = "unreadable" if isinstance(error, MalformedEvent) else "not yet" if redrive_at else "failed"
        async with self.database.transaction() as uow:
            of_key = (table.c.topic == key.topic) & (table.c.key == key.key)
            await uow.session.execute(update(table).where(of_key).values(redrive_at=redrive_at))
            failure = {"attempts": attempts, "error": describe(error), "reason": reason}
            await uow.session.execute(update(table).where(table.c.id == number).values(failure))
        logger.warning("a parked event of %s failed again: %s", key.topic, describe(error))

    async def _measure(self) -> None:
        async with self.database.session() as session:
            count = await session.scalar(select(func.count()).select_from(dead_letters.dead_letters))
        parked_gauge.labels(self.dispatcher.service).set(count or 0)


@dataclass(slots=True)
class ReplayCounts:
    """The number of events that a replay read, and of those that the service had not handled before."""

    read: int = 0
    new: int = 0


async def replay(log: Log, dispatcher: EventDispatcher) -> ReplayCounts:
    """Handle every event in the log again, from the oldest of each partition to its present end.

    Events pass the inbox, so it may run beside the worker: those handled before change nothing. Raises LogError.
    """
    counts = ReplayCounts()
    for partition, end in sorted((await log.ends(dispatcher.topics)).items()):
        async for records in log.read(partition, end):
            counts.read += len(records)
            batch: list[ReceivedEvent] = []
            for record in records:
                with contextlib.suppress(MalformedEvent):  # it was parked when it was first read
                    if (received := dispatcher.read(record)) is not None:
                        batch.append(received)
            counts.new += await _replay(dispatcher, batch)
    return counts


async def _replay(dispatcher: EventDispatcher, batch: list[ReceivedEvent]) -> int:
    async with dispatcher.database.session() as session:
        handled_ids = await inbox.handled_ids(session, [received.envelope.id for received in batch])
        blocked = await dead_letters.blocked(session, [received.record for received in batch])
    new = [
        received
        for received in batch
        if received.envelope.id not in handled_ids and key_of(received.record) not in blocked
    ]
    for received in new:
        await dispatcher.handle([received])
    return len(new)


async def ask_to_redrive(session: AsyncSession, *, key: str | None = None, number: int | None = None) -> list[int]:
    """Mark the parked events of one key, or all, for the worker to redrive. Returns their numbers.

    By number: the event's whole key, since order is kept.
    """
    table = dead_letters.dead_letters
    statement = update(table).values(redrive_at=func.clock_timestamp()).returning(table.c.id)
    if key is not None:
        statement = statement.where(table.c.key == key)
    if number is not None:
        parked_event = select(table.c.topic, table.c.key).where(table.c.id == number).subquery()
        statement = statement.where(table.c.topic == parked_event.c.topic, table.c.key == parked_event.c.key)
    return list((await session.execute(statement)).scalars())
