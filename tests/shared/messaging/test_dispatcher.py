"""The dispatcher: one transaction, outages of the database, error descriptions without personal data."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

import pytest
from sqlalchemy import func, insert, select, text
from sqlalchemy.exc import IntegrityError

from deploy.engines.postgres import Cluster
from shared.event_log.embedded.log import EventLog
from shared.event_log.protocol import Partition, Record, TopicConfig
from shared.events.event import Event
from shared.messaging import inbox
from shared.messaging.cloudevents import MalformedEvent
from shared.messaging.dispatcher import (
    EventDispatcher,
    EventHandlers,
    PrerequisiteMissing,
    ReceivedEvent,
    describe,
    is_outage,
)
from shared.persistence.database import Database
from shared.persistence.platform_tables import outbox
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import UnitOfWork
from tests.shared.event_recorder import (
    EventRecorder,
    event_class_on,
    lines,
    make_event,
    message,
    messages,
    new_topic,
    open_appender,
    wait_until,
)

kind = event_class_on(new_topic())


@pytest.fixture
async def log(event_log_url: str) -> EventLog:
    log = EventLog(event_log_url)
    await log.create_topics([TopicConfig(kind.topic, partitions=2)])
    return log


def receive(dispatcher: EventDispatcher, event: Event, offset: int = 0, event_id: UUID | None = None) -> ReceivedEvent:
    sent = message(event, event_id)
    record = Record(Partition(event.topic, 0), offset, sent.key, sent.value, sent.headers)
    received = dispatcher.read(record)
    assert received is not None
    return received


async def test_what_is_done_before_a_batch_has_its_new_events_before_the_first_is_handled(diary_url: str) -> None:
    database, handlers = Database(diary_url, "diary"), EventHandlers()
    steps: list[list[int]] = []

    @handlers.before(kind)
    async def lock(events: Sequence[Event], _uow: UnitOfWork) -> None:
        steps.append([event.model_dump()["number"] for event in events])

    @handlers.on(kind)
    async def write(event: Event, _uow: UnitOfWork) -> None:
        steps.append([event.model_dump()["number"]])

    dispatcher = EventDispatcher(database, [handlers])
    first, second, third = [receive(dispatcher, make_event(kind, new_id(), number)) for number in (1, 2, 3)]
    await dispatcher.handle([first])
    await dispatcher.handle([first, second, third])
    await database.close()
    assert steps == [[1], [1], [2, 3], [2], [3]]


async def test_all_handlers_of_an_event_share_one_transaction(diary_url: str) -> None:
    database, handlers = Database(diary_url, "diary"), EventHandlers()
    broken = True

    @handlers.on(kind)
    async def write(event: Event, uow: UnitOfWork) -> None:
        await uow.session.execute(insert(lines).values(talk_id=event.key, number=0))

    @handlers.on(kind)
    async def fail(_event: Event, _uow: UnitOfWork) -> None:
        if broken:
            raise RuntimeError

    dispatcher = EventDispatcher(database, [handlers])
    received = receive(dispatcher, make_event(kind, new_id(), 0))
    with pytest.raises(RuntimeError):
        await dispatcher.handle([received])
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(lines)) == 0
        assert await session.scalar(select(func.count()).select_from(inbox.inbox)) == 0
    broken = False
    await dispatcher.handle([received])
    await dispatcher.handle([received])
    async with database.session() as session:
        assert await session.scalar(select(func.count()).select_from(lines)) == 1
    await database.close()


async def test_what_a_handler_publishes_commits_with_its_effect_and_goes_on_in_the_same_trace(diary_url: str) -> None:
    database, handlers = Database(diary_url, "diary"), EventHandlers()
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"

    @handlers.on(kind)
    async def publish_reply(event: Event, uow: UnitOfWork) -> None:
        assert uow.cause is not None
        uow.publish(make_event(kind, event.key, 1), sequence=uow.cause.sequence + 1)

    dispatcher = EventDispatcher(database, [handlers])
    sent = message(make_event(kind, new_id(), 0))
    headers = [*sent.headers, ("ce_traceparent", f"00-{trace}-00f067aa0ba902b7-01".encode())]
    received = dispatcher.read(Record(Partition(kind.topic, 0), 0, sent.key, sent.value, headers))
    assert received is not None
    await dispatcher.handle([received])
    async with database.session() as session:
        row = (await session.execute(select(outbox))).one()
    assert (row.key, row.sequence) == (received.event.key, 2)
    assert trace in row.traceparent
    await database.close()


async def test_a_batch_with_one_bad_event_has_every_effect_once(log: EventLog, diary_url: str) -> None:
    talks = [new_id() for _ in range(30)]
    failed: list[int] = []

    def once(talk: UUID, _number: int) -> None:
        if talk == talks[17] and not failed:
            failed.append(1)
            raise RuntimeError

    async with open_appender(log) as append:
        await append(messages(kind, talks, range(3)))
    async with EventRecorder(diary_url, log, kind, before_write=once).open() as diary:
        written = await diary.wait_until_written(90)
    assert written == {talk: [0, 1, 2] for talk in talks}


async def test_a_database_that_is_away_parks_nothing(log: EventLog, diary_url: str, postgres_cluster: Cluster) -> None:
    talks = [new_id() for _ in range(10)]
    name = diary_url.rpartition("/")[2]
    async with open_appender(log) as append, EventRecorder(diary_url, log, kind).open() as diary:
        for number in range(10):
            await append(messages(kind, talks, [number]))
            if number % 3 == 0:
                postgres_cluster.sql(
                    f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"  # noqa: S608  ours
                )
            await asyncio.sleep(0.05)

        observer = Database(diary_url, "look")

        async def all_there() -> bool:
            async with observer.session() as session:
                return await session.scalar(select(func.count()).select_from(lines)) == 100

        await wait_until(all_there)
        async with observer.session() as session:
            assert await session.scalar(text("SELECT count(*) FROM dead_letters")) == 0
        await observer.close()
        await diary.database.engine.dispose()
        assert await diary.written() == {talk: [*range(10)] for talk in talks}


@pytest.mark.parametrize("count", [1, 300])
async def test_the_inbox_forgets_what_no_topic_can_deliver_any_more(diary_url: str, count: int) -> None:
    database = Database(diary_url, "diary")
    async with database.transaction() as uow:
        await inbox.enter(uow.session, {new_id(): "old" for _ in range(count)})
        await uow.session.execute(text("UPDATE inbox SET handled_at = now() - interval '60 days'"))
        await inbox.enter(uow.session, {new_id(): "new"})
    async with database.transaction() as uow:
        before = (await uow.session.execute(text("SELECT now() - interval '50 days'"))).scalar_one()
        assert await inbox.purge(uow.session, before) == count
        assert list(await uow.session.scalars(select(inbox.inbox.c.type))) == ["new"]
    await database.close()


def test_an_error_is_described_by_kind_and_place_and_never_by_what_it_quotes() -> None:
    with pytest.raises(ValueError, match="badly formed") as error:
        UUID("Ada Lovelace")
    description = describe(error.value)
    assert description.startswith("ValueError at tests/shared/messaging/test_dispatcher.py:")
    assert "Ada" not in description
    database = describe(IntegrityError("INSERT ... 'Ada'", {"name": "Ada"}, ValueError("Ada")))
    assert database == "IntegrityError (ValueError, no constraint)"
    assert describe(PrerequisiteMissing("no card holds on that day")) == "no card holds on that day"


def test_only_what_the_database_lacks_itself_is_an_outage() -> None:
    class DatabaseDown(Exception):
        sqlstate = "57P01"

    class UniqueViolation(Exception):
        sqlstate = "23505"

    assert is_outage(DatabaseDown())
    assert is_outage(ConnectionRefusedError())
    assert is_outage(IntegrityError("", None, DatabaseDown()))
    assert not is_outage(IntegrityError("", None, UniqueViolation()))
    assert not is_outage(RuntimeError())


@pytest.mark.parametrize(
    ("name", "value"),
    [("ce_id", b"7"), ("ce_id", None), ("ce_specversion", b"0.3"), ("ce_time", b"soon"), ("ce_sequence", b"\xff")],
)
def test_an_attribute_that_is_wrong_or_missing_makes_an_event_unreadable(name: str, value: bytes | None) -> None:
    sent = message(make_event(kind, new_id(), 0))
    headers = [(key, old) for key, old in sent.headers if key != name]
    if value is not None:
        headers.append((name, value))
    handlers = EventHandlers()
    handlers.on(kind)(_nothing)
    dispatcher = EventDispatcher(Database("postgresql://nobody@127.0.0.1:1/nowhere", "diary"), [handlers])
    with pytest.raises(MalformedEvent):
        dispatcher.read(Record(Partition(kind.topic, 0), 0, sent.key, sent.value, headers))


async def _nothing(_event: Event, _uow: UnitOfWork) -> None:
    pass
