"""Parking and redriving events, without an event log."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from shared import clock
from shared.event_log.protocol import Partition, Record
from shared.events.event import Event
from shared.messaging import dead_letters, inbox
from shared.messaging.dead_letters import EventKey, key_of
from shared.messaging.dispatcher import EventDispatcher, EventHandlers, PrerequisiteMissing
from shared.messaging.redriver import Redriver, ask_to_redrive
from shared.persistence.database import Database
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import UnitOfWork
from tests.shared.event_recorder import event_class_on, make_event, message, new_topic, wait_until

kind = event_class_on(new_topic())


@pytest.fixture
async def database(diary_url: str) -> AsyncIterator[Database]:
    database = Database(diary_url, "diary")
    yield database
    await database.close()


def record(number: int = 0, key: UUID | None = None) -> Record:
    sent = message(make_event(kind, key or new_id(), number))
    return Record(Partition(kind.topic, 1), number, sent.key, sent.value, sent.headers)


async def reasons(database: Database) -> list[str]:
    async with database.session() as session:
        return list(await session.scalars(select(dead_letters.dead_letters.c.reason).order_by("id")))


async def test_what_was_handled_or_parked_meanwhile_is_left_out(database: Database) -> None:
    key = new_id()
    handled, first, second = record(0, key), record(1, key), record(2, key)
    async with database.transaction() as uow:
        await inbox.enter(uow.session, {dead_letters.envelope_of(handled).id: "handled"})
    for _ in range(2):
        async with database.transaction() as uow:
            await dead_letters.park(uow.session, [first, handled, second], "failed", "why", 3)
    assert await reasons(database) == ["failed", "waiting behind"]


async def test_nothing_is_parked_behind_nothing(database: Database) -> None:
    parked = record()
    async with database.transaction() as uow:
        assert not await dead_letters.park_behind(uow.session, parked)
        await dead_letters.park(uow.session, [parked], "failed", None, 1)
        assert await dead_letters.park_behind(uow.session, record(1, _key(parked)))
    assert await reasons(database) == ["failed", "waiting behind"]


def _key(parked: Record) -> UUID:
    return dead_letters.envelope_of(parked).key


async def test_a_key_is_blocked_in_its_own_topic_alone(database: Database) -> None:
    key = new_id()
    parked = record(key=key)
    async with database.transaction() as uow:
        await dead_letters.park(uow.session, [parked], "failed", None, 1)
        other_topic = parked._replace(partition=Partition("other.things", 1))
        assert await dead_letters.blocked(uow.session, [parked, other_topic, record()]) == {
            EventKey(kind.topic, str(key))
        }


async def test_a_parked_record_comes_back_byte_for_byte(database: Database) -> None:
    binary = Record(Partition("a.b", 3), 7, b"key", bytes(range(256)), [("x", bytes(range(1, 256))), ("y", b"")])
    async with database.transaction() as uow:
        await dead_letters.park(uow.session, [binary], "unreadable", "why", 1)
        first_parked = await dead_letters.first_of(uow.session, EventKey("a.b", "key"))
    assert first_parked is not None
    assert first_parked[1] == binary


async def test_parking_waits_for_whoever_is_redriving_the_key(database: Database) -> None:
    parked = record()
    async with database.transaction() as uow:
        await dead_letters.park(uow.session, [parked], "failed", None, 1)

    async def park_behind() -> bool:
        async with database.transaction() as other:
            return await dead_letters.park_behind(other.session, record(1, _key(parked)))

    async with database.transaction() as uow:
        await dead_letters.lock_key(uow.session, key_of(parked))
        waiting = asyncio.create_task(park_behind())
        await asyncio.sleep(0.1)
        assert not waiting.done()
        first = await dead_letters.first_of(uow.session, key_of(parked))
        assert first is not None
        await dead_letters.remove(uow.session, first[0])
    assert not await waiting
    assert await reasons(database) == []


async def test_what_waits_for_its_ground_is_redriven_by_itself_and_in_order(database: Database) -> None:
    prerequisite, numbers = asyncio.Event(), list[int]()
    handlers = EventHandlers()

    @handlers.on(kind)
    async def build(event: Event, _uow: UnitOfWork) -> None:
        if not prerequisite.is_set():
            raise PrerequisiteMissing("no prerequisite")
        numbers.append(event.model_dump()["number"])

    key = new_id()
    records = [record(number, key) for number in range(3)]
    async with database.transaction() as uow:
        await dead_letters.park(uow.session, records, "not yet", "no prerequisite", 1, redrive_after=timedelta(0))
    redriving = Redriver(EventDispatcher(database, [handlers]))
    assert await redriving.redrive_due() == 0
    assert await reasons(database) == ["not yet", "waiting behind", "waiting behind"]
    prerequisite.set()
    async with database.transaction() as uow:
        assert len(await ask_to_redrive(uow.session, number=2)) == 3
    assert await redriving.redrive_due() == 3
    assert numbers == [0, 1, 2]
    assert await reasons(database) == []


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 1), (8, 1), (9, 2), (49, 32), (59, 60), (5000, 60)])
async def test_what_waits_for_its_ground_is_tried_ever_more_seldom_and_at_least_every_hour(
    database: Database, monkeypatch: pytest.MonkeyPatch, attempts: int, minutes: int
) -> None:
    handlers = EventHandlers()

    @handlers.on(kind)
    async def wait(_event: Event, _uow: UnitOfWork) -> None:
        raise PrerequisiteMissing("no prerequisite")

    async with database.transaction() as uow:
        await dead_letters.park(uow.session, [record()], "not yet", None, attempts, redrive_after=timedelta(0))
    now = clock.now()
    monkeypatch.setattr(clock, "now", lambda: now)
    assert await Redriver(EventDispatcher(database, [handlers])).redrive_due() == 0
    async with database.session() as session:
        redrive_at = await session.scalar(select(dead_letters.dead_letters.c.redrive_at))
    assert redrive_at == now + timedelta(minutes=minutes)


async def test_the_worker_looks_for_what_is_due(database: Database) -> None:
    handlers = EventHandlers()

    @handlers.on(kind)
    async def handle(_event: Event, _uow: UnitOfWork) -> None:
        pass

    async with database.transaction() as uow:
        await dead_letters.park(uow.session, [record()], "not yet", None, 1, redrive_after=timedelta(0))
    stop = asyncio.Event()
    running = asyncio.create_task(Redriver(EventDispatcher(database, [handlers])).run(stop))

    async def nothing_is_parked() -> bool:
        return await reasons(database) == []

    await wait_until(nothing_is_parked)
    stop.set()
    await running
