"""A service that records the events it handles, so that lost, doubled or reordered ones show in its rows."""

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
from shared.persistence.database import Database
from shared.persistence.migrations import schema
from shared.persistence.tables import new_id, tables_of
from shared.persistence.unit_of_work import UnitOfWork

Row = tables_of("diary")
FAST_RETRY_POLICY = RetryPolicy(
    failure_delays=(0.05, 0.1), prerequisite_delays=(0.05, 0.1, 0.2, 0.4), redrive_after=timedelta(0)
)

lines = Table(
    "lines",
    Row.metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("talk_id", Uuid, nullable=False),
    Column("number", Integer, nullable=False),
)


async def prepare(url: str) -> None:
    """Create the recorder's tables beside the platform's."""
    await schema.upgrade(schema.PLATFORM, url)
    database = Database(url, "diary", pool=1)
    async with database.engine.begin() as connection:
        await connection.run_sync(Row.metadata.create_all)
    await database.close()


def event_class_on(topic: str) -> type[Event]:
    """Define the event `<service>.line-spoken.v1` on this topic."""

    class LineSpoken(Event, topic=topic, key="talk_id"):
        talk_id: UUID
        number: int

    return LineSpoken


def new_topic() -> str:
    return f"example{new_id().hex}.talks"


def messages(kind: type[Event], talks: Iterable[UUID], numbers: Iterable[int]) -> list[Message]:
    """Return one message per talk and number, ordered by number, as the relay sends them."""
    all_talks = list(talks)
    return [message(make_event(kind, talk, number)) for number in numbers for talk in all_talks]


def make_event(kind: type[Event], talk: UUID, number: int) -> Event:
    return kind.model_validate({"talk_id": talk, "number": number})


def message(event: Event, event_id: UUID | None = None) -> Message:
    key = str(event.key).encode()
    headers = cloudevents.headers(
        event_id=str(event_id or new_id()).encode(),
        source=b"/example",
        event_type=event.event_type.encode(),
        time=clock.now().isoformat().encode(),
        key=key,
        sequence=b"1",
        traceparent=None,
    )
    return Message(event.topic, key, event.model_dump_json().encode(), headers)


@asynccontextmanager
async def open_appender(log: Log) -> AsyncGenerator[Callable[[Sequence[Message]], Awaitable[None]]]:
    producer = await log.producer("test")
    try:
        yield producer.append
    finally:
        await producer.close()


@dataclass
class EventRecorder:
    """One process of the service: a handler and a group member, on a database that other processes may share."""

    url: str
    log: Log
    kind: type[Event]
    group: str = "diary"
    retry_policy: RetryPolicy = FAST_RETRY_POLICY
    before_write: Callable[[UUID, int], None] = lambda _talk, _number: None
    """Called before a row is written; may raise."""
    calls: Counter[tuple[UUID, int]] = field(default_factory=Counter[tuple[UUID, int]])
    """Calls of the handler by talk and number, including those whose transaction failed."""

    def __post_init__(self) -> None:
        self.database = Database(self.url, "diary", pool=6)
        handlers = EventHandlers()
        handlers.on(self.kind)(self._record)
        self.dispatcher = EventDispatcher(self.database, [handlers])
        self.consumer = GroupConsumer(self.log, self.dispatcher, group=self.group, retry_policy=self.retry_policy)

    async def _record(self, event: Event, uow: UnitOfWork) -> None:
        talk, number = event.key, int(event.model_dump()["number"])
        self.calls[talk, number] += 1
        self.before_write(talk, number)
        await uow.session.execute(insert(lines).values(talk_id=talk, number=number))

    @asynccontextmanager
    async def open(self) -> AsyncGenerator["EventRecorder"]:
        """Consume the log until the block ends."""
        stop = asyncio.Event()
        running = asyncio.create_task(self.consumer.run(stop))
        try:
            yield self
        finally:
            stop.set()
            await running
            await self.database.close()

    async def written(self) -> dict[UUID, list[int]]:
        """Return the numbers of each talk in the order in which they were recorded."""
        numbers_by_talk: dict[UUID, list[int]] = {}
        async with self.database.engine.connect() as connection:
            for talk, number in await connection.execute(select(lines.c.talk_id, lines.c.number).order_by(lines.c.id)):
                numbers_by_talk.setdefault(talk, []).append(number)
        return numbers_by_talk

    async def wait_until_written(self, count: int, timeout_seconds: float = 30) -> dict[UUID, list[int]]:
        """Wait until there are this many rows, and return the numbers of each talk."""
        numbers_by_talk: dict[UUID, list[int]] = {}

        async def enough() -> bool:
            numbers_by_talk.clear()
            numbers_by_talk.update(await self.written())
            return sum(map(len, numbers_by_talk.values())) >= count

        await wait_until(
            enough, timeout_seconds, lambda: f"{sum(map(len, numbers_by_talk.values()))} of {count} rows are written"
        )
        return numbers_by_talk


async def wait_until(
    condition: Callable[[], Awaitable[bool]],
    timeout_seconds: float = 30,
    describe: Callable[[], str] = lambda: "the condition never held",
) -> None:
    """Poll until the condition holds, or fail."""
    deadline = time.monotonic() + timeout_seconds
    while not await condition():
        assert time.monotonic() < deadline, describe()
        await asyncio.sleep(0.05)
