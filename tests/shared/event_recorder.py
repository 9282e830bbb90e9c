"""A service that writes down what it hears: what is lost, doubled or out of order shows in its rows."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from sqlalchemy import BigInteger, Column, Identity, Integer, Table, Uuid, insert, select

from shared import clock
from shared.event_log.protocol import Log, Message
from shared.events.event import Event
from shared.messaging import cloudevents
from shared.messaging.dispatcher import EventDispatcher, EventHandlers
from shared.messaging.group_consumer import GroupConsumer
from shared.messaging.partition_processor import RetryPolicy
from shared.persistence.migrations import schema
from shared.persistence.tables import new_id, tables_of
from shared.persistence.unit_of_work import Database, UnitOfWork

Row = tables_of("diary")
HASTY = RetryPolicy(failure_delays=(0.05, 0.1), prerequisite_delays=(0.05, 0.1, 0.2, 0.4), redrive_after=timedelta(0))

lines = Table(
    "lines",
    Row.metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("talk_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
)


async def prepare(url: str) -> None:
    """Create the diary's tables beside the platform's."""
    await schema.upgrade(schema.PLATFORM, url)
    database = Database(url, "diary", pool=1)
    async with database.engine.begin() as connection:
        await connection.run_sync(Row.metadata.create_all)
    await database.close()


def said_on(topic: str) -> type[Event]:
    """The event `<service>.said.v1` of this topic."""

    class Said(Event, topic=topic, key="talk_id"):
        talk_id: UUID
        number: int

    return Said


def new_topic() -> str:
    return f"toy{new_id().hex}.talks"


def messages(kind: type[Event], talks: Iterable[UUID], numbers: Iterable[int]) -> list[Message]:
    """One event per talk and number, number by number, as the relay sends them."""
    every = list(talks)
    return [message(said(kind, talk, number)) for number in numbers for talk in every]


def said(kind: type[Event], talk: UUID, number: int) -> Event:
    return kind.model_validate({"talk_id": talk, "number": number})


def message(event: Event, event_id: UUID | None = None) -> Message:
    key = str(event.key).encode()
    headers = cloudevents.headers(
        event_id=str(event_id or new_id()).encode(),
        source=b"/toy",
        kind=event.event_type.encode(),
        time=clock.now().isoformat().encode(),
        key=key,
        sequence=b"1",
        traceparent=None,
    )
    return Message(event.topic, key, event.model_dump_json().encode(), headers)


@asynccontextmanager
async def appending(log: Log) -> AsyncGenerator[Callable[[Sequence[Message]], Awaitable[None]]]:
    producer = await log.producer("test")
    try:
        yield producer.append
    finally:
        await producer.close()


@dataclass
class Diary:
    """One process of the service: its handler and its place in the group, on a database that others may share."""

    url: str
    log: Log
    kind: type[Event]
    group: str = "diary"
    patience: RetryPolicy = HASTY
    trouble: Callable[[UUID, int], None] = lambda _talk, _number: None
    """Called before a line is written; may raise."""
    heard: Counter[tuple[UUID, int]] = field(default_factory=Counter[tuple[UUID, int]])
    """How often the handler was called, for each talk and number: repeated where a transaction failed."""

    def __post_init__(self) -> None:
        self.database = Database(self.url, "diary", pool=6)
        handlers = EventHandlers()
        handlers.on(self.kind)(self._write_down)
        self.dispatcher = EventDispatcher(self.database, [handlers])
        self.following = GroupConsumer(self.log, self.dispatcher, group=self.group, retry_policy=self.patience)

    async def _write_down(self, event: Event, uow: UnitOfWork) -> None:
        talk, number = event.key, int(event.model_dump()["number"])
        self.heard[talk, number] += 1
        self.trouble(talk, number)
        await uow.session.execute(insert(lines).values(talk_id=talk, number=number))

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["Diary"]:
        """Follow the log until the block ends."""
        stop = asyncio.Event()
        running = asyncio.create_task(self.following.run(stop))
        try:
            yield self
        finally:
            stop.set()
            await running
            await self.database.close()

    async def written(self) -> dict[UUID, list[int]]:
        """The numbers of each talk in the order in which they were written down."""
        found: dict[UUID, list[int]] = {}
        async with self.database.engine.connect() as connection:
            for talk, number in await connection.execute(select(lines.c.talk_id, lines.c.number).order_by(lines.c.id)):
                found.setdefault(talk, []).append(number)
        return found

    async def until_written(self, count: int, patience: float = 30) -> dict[UUID, list[int]]:
        """Waits until so many lines are there, or fails."""
        found: dict[UUID, list[int]] = {}

        async def enough() -> bool:
            found.clear()
            found.update(await self.written())
            return sum(map(len, found.values())) >= count

        await until(enough, patience, lambda: f"{sum(map(len, found.values()))} of {count} lines are there")
        return found


async def until(
    condition: Callable[[], Awaitable[bool]],
    patience: float = 30,
    told: Callable[[], str] = lambda: "it never held",
) -> None:
    """Poll until the condition holds, or fail."""
    end = time.monotonic() + patience
    while not await condition():
        assert time.monotonic() < end, told()
        await asyncio.sleep(0.05)
