"""From the outbox to the log, on Apache Kafka and on the embedded log."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import cast
from uuid import UUID

import pytest
from sqlalchemy import func, select

from shared.event_log.protocol import Log, LogError, Message, Producer
from shared.events.event import Envelope, Event
from shared.messaging import cloudevents
from shared.messaging.relay import Relay
from shared.persistence.database import Database
from shared.persistence.platform_tables import outbox
from shared.persistence.tables import new_id
from tests.shared.event_recorder import make_event, wait_until


@pytest.fixture
async def database(diary_url: str) -> AsyncGenerator[Database]:
    database = Database(diary_url, "diary")
    yield database
    await database.close()


@asynccontextmanager
async def run_relay(database: Database, log: Log, batch: int = 50) -> AsyncGenerator[Relay]:
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
            uow.publish(make_event(kind, talk, number), sequence=number + 1)


async def wait_until_empty(database: Database) -> None:
    async def empty() -> bool:
        async with database.engine.connect() as connection:
            return await connection.scalar(select(func.count()).select_from(outbox)) == 0

    await wait_until(empty)


async def read_log(log: Log, kind: type[Event]) -> dict[UUID, list[tuple[Envelope, int]]]:
    """Return the envelopes and numbers in the log by talk, in order."""
    sent_by_talk: dict[UUID, list[tuple[Envelope, int]]] = {}
    for partition, end in (await log.ends([kind.topic])).items():
        async for records in log.read(partition, end):
            for record in records:
                envelope = cloudevents.envelope_of(record)
                number = kind.model_validate_json(record.value or b"").model_dump()["number"]
                sent_by_talk.setdefault(envelope.key, []).append((envelope, number))
    return sent_by_talk


async def test_what_is_committed_reaches_the_log_in_order_and_leaves_the_outbox(
    log: Log, kind: type[Event], database: Database
) -> None:
    talks = [new_id() for _ in range(5)]
    for talk in talks:
        await publish(database, kind, talk, range(10))
    async with run_relay(database, log):
        for talk in talks:
            await publish(database, kind, talk, range(10, 40))
        await wait_until_empty(database)
    sent_by_talk = await read_log(log, kind)
    assert {talk: [number for _, number in entries] for talk, entries in sent_by_talk.items()} == {
        t: [*range(40)] for t in talks
    }
    for talk, entries in sent_by_talk.items():
        assert [envelope.sequence for envelope, _ in entries] == [*range(1, 41)]
        assert {(e.key, e.source, e.type) for e, _ in entries} == {(talk, "/diary", kind.event_type)}
    assert len({envelope.id for entries in sent_by_talk.values() for envelope, _ in entries}) == 200


async def test_what_is_rolled_back_never_reaches_the_log(log: Log, kind: type[Event], database: Database) -> None:
    talk = new_id()
    async with run_relay(database, log):
        async with database.unit_of_work() as uow:
            uow.publish(make_event(kind, talk, 0), sequence=1)
            await uow.flush_events()
        await publish(database, kind, talk, [1])
        await wait_until_empty(database)
    assert [number for _, number in (await read_log(log, kind))[talk]] == [1]


async def test_a_row_whose_transaction_commits_late_is_sent_all_the_same(
    log: Log, kind: type[Event], database: Database
) -> None:
    early, late = new_id(), new_id()
    async with run_relay(database, log, batch=2):
        async with database.transaction() as uow:
            uow.publish(make_event(kind, late, 0), sequence=1)
            await uow.flush_events()
            await publish(database, kind, early, range(7))

            async def early_is_there() -> bool:
                return len((await read_log(log, kind)).get(early, [])) == 7

            await wait_until(early_is_there)
        await wait_until_empty(database)
    assert [number for _, number in (await read_log(log, kind))[late]] == [0]


async def test_one_relay_works_at_a_time_and_another_takes_over(
    log: Log, kind: type[Event], database: Database
) -> None:
    talk = new_id()
    async with run_relay(database, log) as second:
        async with run_relay(database, log) as first:

            async def one_leads() -> bool:
                return first.leading != second.leading

            await wait_until(one_leads)
            await publish(database, kind, talk, range(3))
            await wait_until_empty(database)
            assert not (first.leading and second.leading)
        await publish(database, kind, talk, range(3, 6))
        await wait_until_empty(database)
        assert second.leading
    assert [number for _, number in (await read_log(log, kind))[talk]] == [*range(6)]


@dataclass
class UnreliableLog:
    """A log that appends every batch, and reports a failure for every other one."""

    log: Log
    appended: int = 0
    producers: int = 0
    batches: list[Sequence[Message]] = field(default_factory=list[Sequence[Message]])

    def __getattr__(self, name: str) -> object:
        return getattr(self.log, name)

    async def producer(self, name: str) -> Producer:
        self.producers += 1
        producer = await self.log.producer(name)
        append = producer.append

        async def unreliable(messages: Sequence[Message]) -> None:
            await append(messages)
            self.appended += 1
            if self.appended % 2 == 1:
                raise LogError("no answer")

        producer.append = unreliable
        return producer


async def test_an_unknown_outcome_sends_the_same_ids_again_by_another_producer(
    log: Log, kind: type[Event], database: Database
) -> None:
    talk, unreliable = new_id(), UnreliableLog(log)
    await publish(database, kind, talk, range(20))
    async with run_relay(database, cast(Log, unreliable), batch=10):
        await wait_until_empty(database)
    assert unreliable.producers >= 2
    entries = (await read_log(log, kind))[talk]
    ids = [envelope.id for envelope, _ in entries]
    assert len(ids) > len(set(ids)) == 20
    first_time = [number for index, (envelope, number) in enumerate(entries) if envelope.id not in ids[:index]]
    assert first_time == [*range(20)]


async def test_the_relay_says_when_events_do_not_get_away(log: Log, kind: type[Event], database: Database) -> None:
    async with run_relay(database, log) as relay:
        await publish(database, kind, new_id(), [0])
        await wait_until_empty(database)
        assert await relay.check() is None
