"""From the outbox to the log, on Apache Kafka and on the embedded log."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from uuid import UUID

import pytest
from sqlalchemy import func, select

from shared.event_log.protocol import Log, LogError, Message, Producer
from shared.events.event import Envelope, Event
from shared.messaging import cloudevents
from shared.messaging.relay import Relay
from shared.persistence.platform_tables import outbox
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import Database
from tests.shared.event_recorder import said, until


@pytest.fixture
async def database(diary_url: str) -> AsyncGenerator[Database]:
    database = Database(diary_url, "diary")
    yield database
    await database.close()


@asynccontextmanager
async def relaying(database: Database, log: Log, batch: int = 50) -> AsyncGenerator[Relay]:
    stop = asyncio.Event()
    relay = Relay(database.dsn, "diary", log, batch=batch)
    running = asyncio.create_task(relay.run(stop))
    try:
        yield relay
    finally:
        stop.set()
        await running


async def publish(database: Database, kind: type[Event], talk: UUID, numbers: Sequence[int]) -> None:
    async with database.transaction() as uow:
        for number in numbers:
            uow.publish(said(kind, talk, number), sequence=number + 1)


async def until_empty(database: Database) -> None:
    async def empty() -> bool:
        async with database.engine.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(outbox)) == 0

    await until(empty)


async def sent(log: Log, kind: type[Event]) -> dict[UUID, list[tuple[Envelope, int]]]:
    """Per talk what lies in the log, in its order."""
    found: dict[UUID, list[tuple[Envelope, int]]] = {}
    for partition, end in (await log.ends([kind.topic])).items():
        async for records in log.read(partition, end):
            for record in records:
                envelope = cloudevents.envelope_of(record)
                number = kind.model_validate_json(record.value or b"").model_dump()["number"]
                found.setdefault(envelope.key, []).append((envelope, number))
    return found


async def test_what_is_committed_reaches_the_log_in_order_and_leaves_the_outbox(
    log: Log, kind: type[Event], database: Database
) -> None:
    talks = [new_id() for _ in range(5)]
    for talk in talks:
        await publish(database, kind, talk, range(10))
    async with relaying(database, log):
        for talk in talks:
            await publish(database, kind, talk, range(10, 40))
        await until_empty(database)
    found = await sent(log, kind)
    assert {talk: [number for _, number in told] for talk, told in found.items()} == {t: [*range(40)] for t in talks}
    for talk, told in found.items():
        assert [envelope.sequence for envelope, _ in told] == [*range(1, 41)]
        assert {(e.key, e.source, e.type) for e, _ in told} == {(talk, "/diary", kind.event_type)}
    assert len({envelope.id for told in found.values() for envelope, _ in told}) == 200


async def test_what_is_rolled_back_never_reaches_the_log(log: Log, kind: type[Event], database: Database) -> None:
    talk = new_id()
    async with relaying(database, log):
        async with database.unit_of_work() as uow:
            uow.publish(said(kind, talk, 0), sequence=1)
            await uow.flush_events()
        await publish(database, kind, talk, [1])
        await until_empty(database)
    assert [number for _, number in (await sent(log, kind))[talk]] == [1]


async def test_a_row_whose_transaction_commits_late_is_sent_all_the_same(
    log: Log, kind: type[Event], database: Database
) -> None:
    early, late = new_id(), new_id()
    async with relaying(database, log, batch=2):
        async with database.transaction() as uow:
            uow.publish(said(kind, late, 0), sequence=1)
            await uow.flush_events()
            await publish(database, kind, early, range(7))

            async def early_is_there() -> bool:
                return len((await sent(log, kind)).get(early, [])) == 7

            await until(early_is_there)
        await until_empty(database)
    assert [number for _, number in (await sent(log, kind))[late]] == [0]


async def test_one_relay_works_at_a_time_and_another_takes_over(
    log: Log, kind: type[Event], database: Database
) -> None:
    talk = new_id()
    async with relaying(database, log) as second:
        async with relaying(database, log) as first:

            async def one_leads() -> bool:
                return first.leading != second.leading

            await until(one_leads)
            await publish(database, kind, talk, range(3))
            await until_empty(database)
            assert not (first.leading and second.leading)
        await publish(database, kind, talk, range(3, 6))
        await until_empty(database)
        assert second.leading
    assert [number for _, number in (await sent(log, kind))[talk]] == [*range(6)]


@dataclass
class Unsure:
    """A log that appends what it is given, and now and then does not say so."""

    log: Log
    appended: int = 0
    producers: int = 0
    asked: list[Sequence[Message]] = field(default_factory=list[Sequence[Message]])

    def __getattr__(self, name: str) -> object:
        return getattr(self.log, name)

    async def producer(self, name: str) -> Producer:
        self.producers += 1
        producer = await self.log.producer(name)
        append = producer.append

        async def unsure(messages: Sequence[Message]) -> None:
            await append(messages)
            self.appended += 1
            if self.appended % 2 == 1:
                raise LogError("no answer")

        producer.append = unsure
        return producer


async def test_an_unknown_outcome_sends_the_same_ids_again_by_another_producer(
    log: Log, kind: type[Event], database: Database
) -> None:
    talk, unsure = new_id(), Unsure(log)
    await publish(database, kind, talk, range(20))
    async with relaying(database, unsure, batch=10):  # pyright: ignore[reportArgumentType]  it hands everything else on
        await until_empty(database)
    assert unsure.producers >= 2
    told = (await sent(log, kind))[talk]
    ids = [envelope.id for envelope, _ in told]
    assert len(ids) > len(set(ids)) == 20
    first_time = [number for nth, (envelope, number) in enumerate(told) if envelope.id not in ids[:nth]]
    assert first_time == [*range(20)]


async def test_the_relay_says_when_events_do_not_get_away(log: Log, kind: type[Event], database: Database) -> None:
    async with relaying(database, log) as relay:
        await publish(database, kind, new_id(), [0])
        await until_empty(database)
        assert await relay.check() is None
