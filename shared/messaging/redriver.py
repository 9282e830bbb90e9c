"""Parked events sent again, key by key in order; and everything in the log handled again, which changes nothing."""

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from datetime import timedelta

from prometheus_client import Gauge
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from shared import clock
from shared.event_log.protocol import Log
from shared.messaging import dead_letters, inbox
from shared.messaging.cloudevents import Unreadable
from shared.messaging.dead_letters import EventKey, key_of
from shared.messaging.dispatcher import EventDispatcher, PrerequisiteMissing, ReceivedEvent, described, is_outage

logger = logging.getLogger(__name__)

LOOK = 1.0
LONGEST = timedelta(hours=1)

parked = Gauge("impact_dead_letters", "Events that are parked", ["service"])


class Redriver:
    """Redrives what a person, or its own schedule, wants redriven."""

    def __init__(self, handling: EventDispatcher) -> None:
        self.handling = handling
        self.database = handling.database

    async def run(self, stop: asyncio.Event) -> None:
        """Look each second, until `stop` is set."""
        turn = 0
        while not stop.is_set():
            try:
                await self.redrive_due()
                if turn % 30 == 0:
                    await self._count()
            except Exception as error:
                if not is_outage(error):
                    raise
                logger.warning("the database does not answer: %s", type(error).__name__)
            turn += 1
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK):
                    await stop.wait()

    async def redrive_due(self) -> int:
        """Returns how many parked events were handled."""
        async with self.database.session() as session:
            places = await dead_letters.due(session, clock.now())
        return sum([await self.redrive(place) for place in places])

    async def redrive(self, place: EventKey) -> int:
        """Handle what is parked of one key, oldest first, until all is handled or one fails. Returns how many were."""
        done = 0
        while True:
            number, attempts = 0, 0
            try:
                async with self.database.transaction() as uow:
                    await dead_letters.hold(uow.session, place)
                    found = await dead_letters.first_of(uow.session, place)
                    if found is None:
                        return done
                    number, record, attempts = found
                    if (delivered := self.handling.read(record)) is not None:
                        await self.handling.handle_in(uow, [delivered])
                    await dead_letters.remove(uow.session, number)
            except Exception as error:
                if is_outage(error):
                    raise
                await self._put_off(place, number, attempts + 1, error)
                return done
            done += 1

    async def _put_off(self, place: EventKey, number: int, attempts: int, wrong: Exception) -> None:
        """It stays parked. What waits for other events is tried again by itself, ever more seldom; the rest is not."""
        again = None
        if isinstance(wrong, PrerequisiteMissing):
            again = clock.now() + min(timedelta(minutes=1) * 2 ** min(attempts // 10, 10), LONGEST)
        table = dead_letters.dead_letters
        reason = "unreadable" if isinstance(wrong, Unreadable) else "not yet" if again else "failed"
        async with self.database.transaction() as uow:
            here = (table.c.topic == place.topic) & (table.c.key == place.key)
            await uow.session.execute(update(table).where(here).values(redrive_at=again))
            payload = {"attempts": attempts, "error": described(wrong), "reason": reason}
            await uow.session.execute(update(table).where(table.c.id == number).values(payload))
        logger.warning("a parked event of %s failed again: %s", place.topic, described(wrong))

    async def _count(self) -> None:
        async with self.database.session() as session:
            count = await session.scalar(select(func.count()).select_from(dead_letters.dead_letters))
        parked.labels(self.handling.service).set(count or 0)


@dataclass(slots=True)
class Replayed:
    """What a replay read, and how much of it this service had not handled before."""

    read: int = 0
    new: int = 0


async def replay(log: Log, handling: EventDispatcher) -> Replayed:
    """Handle everything in the log again, from the oldest event of each partition to its end of now.

    It goes through the inbox, beside the running worker: what was handled before changes nothing.
    """
    told = Replayed()
    for partition, end in sorted((await log.ends(handling.topics)).items()):
        async for records in log.read(partition, end):
            told.read += len(records)
            batch: list[ReceivedEvent] = []
            for record in records:
                with contextlib.suppress(Unreadable):  # it was parked when it was first delivered
                    if (found := handling.read(record)) is not None:
                        batch.append(found)
            told.new += await _replay(handling, batch)
    return told


async def _replay(handling: EventDispatcher, batch: list[ReceivedEvent]) -> int:
    async with handling.database.session() as session:
        known = await inbox.known(session, [found.envelope.id for found in batch])
        blocked = await dead_letters.blocked(session, [found.record for found in batch])
    new = [f for f in batch if f.envelope.id not in known and key_of(f.record) not in blocked]
    for found in new:
        await handling.handle([found])
    return len(new)


async def ask_to_redrive(session: AsyncSession, *, key: str | None = None, number: int | None = None) -> list[int]:
    """Mark parked events, of one key or of all, to be redriven by the worker. Returns their numbers.

    By number: the event's whole key, since order is kept.
    """
    table = dead_letters.dead_letters
    chosen = update(table).values(redrive_at=func.clock_timestamp()).returning(table.c.id)
    if key is not None:
        chosen = chosen.where(table.c.key == key)
    if number is not None:
        one = select(table.c.topic, table.c.key).where(table.c.id == number).subquery()
        chosen = chosen.where(table.c.topic == one.c.topic, table.c.key == one.c.key)
    return list((await session.execute(chosen)).scalars())
