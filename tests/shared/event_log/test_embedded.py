"""What is specific to the embedded log: epochs, session timeouts, retention."""

import asyncio
from collections.abc import AsyncGenerator, Collection
from datetime import timedelta

import asyncpg
import pytest

from deploy.engines.postgres import Cluster
from shared.event_log.embedded import group
from shared.event_log.embedded import log as event_log
from shared.event_log.embedded.log import EventLog
from shared.event_log.protocol import Fenced, LogError, Member, Partition, TopicConfig
from shared.events.event import Event
from shared.persistence.tables import new_id
from tests.conftest import FreshDatabase
from tests.shared.event_recorder import event_class_on, messages, new_topic, open_appender, wait_until
from tests.support.databases import DatabasePool, database_name


@pytest.fixture
async def log(event_log_url: str) -> EventLog:
    return EventLog(event_log_url)


@pytest.fixture
async def kind(log: EventLog) -> type[Event]:
    topic = new_topic()
    await log.create_topics([TopicConfig(topic, partitions=3)])
    return event_class_on(topic)


@pytest.fixture
async def statements(event_log_url: str) -> AsyncGenerator["asyncpg.Connection"]:
    connection: asyncpg.Connection = await asyncpg.connect(event_log_url)
    yield connection
    await connection.close()


async def ignore_partitions(_partitions: Collection[Partition]) -> None:
    pass


async def leave_empty(_url: str) -> None:
    pass


@pytest.mark.alters_schema
async def test_the_schema_may_be_made_by_several_at_once(
    fresh_database: FreshDatabase, database_pool: DatabasePool
) -> None:
    database_pool.register("empty", leave_empty)
    url = await fresh_database("empty")
    await asyncio.gather(*(event_log.ensure_schema(url) for _ in range(4)))
    await EventLog(url).create_topics([TopicConfig("tests.made", partitions=2)])
    assert len(await EventLog(url).ends(["tests.made"])) == 2


async def test_creating_topics_again_leaves_them_as_they_are(log: EventLog, kind: type[Event]) -> None:
    await log.create_topics([TopicConfig(kind.topic, partitions=9)])
    assert len(await log.ends([kind.topic])) == 3


async def test_appending_to_a_topic_that_is_not_there_fails(log: EventLog) -> None:
    async with open_appender(log) as append:
        with pytest.raises(LogError, match="no topic"):
            await append(messages(event_class_on(new_topic()), [new_id()], [0]))


async def test_a_silent_member_loses_its_partitions_and_can_commit_no_more(
    log: EventLog, kind: type[Event], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(group, "SESSION_TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(group, "HEARTBEAT_INTERVAL_SECONDS", 60.0)  # so it is silent after its first sign of life
    silent = await log.member("readers", [kind.topic], ignore_partitions, ignore_partitions)
    await asyncio.sleep(0.01)
    monkeypatch.setattr(group, "HEARTBEAT_INTERVAL_SECONDS", 0.1)
    assigned: set[Partition] = set()

    async def on_assigned(partitions: Collection[Partition]) -> None:
        assigned.update(partitions)

    other: Member = await log.member("readers", [kind.topic], on_assigned, ignore_partitions)

    async def all_assigned() -> bool:
        return len(assigned) == 3

    await wait_until(all_assigned, timeout_seconds=5)
    with pytest.raises(Fenced):
        await silent.commit(dict.fromkeys(assigned, 1))
    await other.commit(dict.fromkeys(assigned, 0))
    assert set((await log.committed("readers", [kind.topic])).values()) == {0}
    await silent.close()
    await other.close()


async def test_a_member_whose_connection_is_cut_says_so(
    log: EventLog, kind: type[Event], postgres_cluster: Cluster
) -> None:
    member = await log.member("readers", [kind.topic], ignore_partitions, ignore_partitions)
    cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE '%member of readers'"
    postgres_cluster.sql(f"{cut} AND datname = '{database_name(log.url)}'")
    with pytest.raises(LogError):
        await member.poll(5)
    await member.close()


async def test_many_writers_leave_no_gap_and_no_offset_twice(log: EventLog, kind: type[Event]) -> None:
    async def write() -> None:
        async with open_appender(log) as append:
            for _ in range(5):
                await append(messages(kind, [new_id() for _ in range(20)], [0]))

    await asyncio.gather(*(write() for _ in range(4)))
    ends = await log.ends([kind.topic])
    assert sum(ends.values()) == 400
    for partition, end in ends.items():
        assert [r.offset async for records in log.read(partition, end) for r in records] == [*range(end)]


async def test_records_older_than_the_retention_are_forgotten(log: EventLog, statements: "asyncpg.Connection") -> None:
    kind = event_class_on(new_topic())
    await log.create_topics([TopicConfig(kind.topic, partitions=1, retention=timedelta(days=1))])
    async with open_appender(log) as append:
        await append(messages(kind, [new_id()], range(5)))
        await statements.execute("UPDATE records SET appended_at = now() - interval '2 days' WHERE log_offset < 3")
        await statements.execute("SELECT delete_expired_records()")
    partition = Partition(kind.topic, 0)
    assert [r.offset async for records in log.read(partition, 5) for r in records] == [3, 4]
    assert await statements.fetchval("SELECT first_offset FROM partitions WHERE topic = $1", kind.topic) == 3
    member = await log.member("late", [kind.topic], ignore_partitions, ignore_partitions)
    polled = await member.poll(1)
    assert [record.offset for record in polled[partition]] == [3, 4]
    await member.close()


async def test_old_records_are_forgotten_in_the_order_in_which_new_ones_are_appended(
    event_log_url: str, log: EventLog, kind: type[Event], statements: "asyncpg.Connection"
) -> None:
    async with open_appender(log) as append:
        await append(messages(kind, [new_id() for _ in range(30)], [0]))
    await statements.execute("UPDATE records SET appended_at = clock_timestamp() - interval '31 days'")
    # It lies behind the others in its table from now on.
    await statements.execute("UPDATE partitions SET topic = topic WHERE number = 0")
    async with event_log.connected(event_log_url, "writer") as writer, writer.transaction():
        await writer.execute("SELECT FROM partitions WHERE number = 0 FOR UPDATE")
        forgetting = asyncio.create_task(statements.execute("SELECT delete_expired_records()"))

        async def waits() -> bool:
            return await writer.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")

        await wait_until(waits, timeout_seconds=5)
        await writer.execute("SELECT FROM partitions WHERE number = 1 FOR UPDATE NOWAIT")
    await forgetting


async def test_a_paused_partition_gives_nothing_until_it_is_resumed(log: EventLog, kind: type[Event]) -> None:
    async with open_appender(log) as append:
        await append(messages(kind, [new_id() for _ in range(30)], [0]))
    member = await log.member("readers", [kind.topic], ignore_partitions, ignore_partitions)
    partitions = list(await log.ends([kind.topic]))
    for partition in partitions[:2]:
        member.pause(partition)
    assert set(await member.poll(0.1)) == {partitions[2]}
    assert await member.poll(0.1) == {}
    for partition in partitions[:2]:
        member.resume(partition)
    assert set(await member.poll(1)) == set(partitions[:2])
    await member.close()


async def test_a_partition_that_is_given_back_while_its_commit_waits_is_no_longer_this_members(
    event_log_url: str, log: EventLog, kind: type[Event]
) -> None:
    member = await group.join(event_log_url, "readers", [kind.topic], ignore_partitions, ignore_partitions)
    partitions = await log.ends([kind.topic])
    async with member._lock:  # pyright: ignore[reportPrivateUsage]  somebody else asks the database
        committing = asyncio.create_task(member.commit(dict.fromkeys(partitions, 0)))
        await asyncio.sleep(0)
        member._epochs.clear()  # pyright: ignore[reportPrivateUsage]  what giving back does
    with pytest.raises(Fenced):
        await committing
    await member.close()
