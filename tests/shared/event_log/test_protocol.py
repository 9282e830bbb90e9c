"""The semantics of the event log. Every test runs on Apache Kafka and on the embedded log."""

import asyncio
import contextlib
from collections.abc import Collection, Mapping, Sequence
from typing import cast
from uuid import UUID

import pytest

from shared.event_log.protocol import Assigned, Log, Member, Message, Partition, Record, Revoked, partition_of
from shared.events.event import Event
from shared.messaging.dead_letters import dead_letters
from shared.messaging.dispatcher import PrerequisiteMissing
from shared.messaging.redriver import Redriver, ask_to_redrive, replay
from shared.persistence.tables import new_id
from tests.shared.event_recorder import EventRecorder, make_event, message, messages, open_appender, wait_until


def assert_in_order(written: Mapping[UUID, Sequence[int]], talks: Collection[UUID], count: int) -> None:
    assert {talk: list(numbers) for talk, numbers in written.items()} == {talk: list(range(count)) for talk in talks}


@pytest.mark.parametrize(
    ("key", "hashed"),
    [(b"21", -973932308), (b"foobar", -790332482), (b"a-little-bit-long-string", -985981536), (b"abc", 479470107)],
)
def test_a_key_lies_in_the_partition_that_every_kafka_client_gives_it(key: bytes, hashed: int) -> None:
    assert partition_of(key, 7) == (hashed & 0x7FFFFFFF) % 7


async def test_events_of_one_key_are_handled_in_the_order_of_the_log(
    log: Log, kind: type[Event], diary_url: str
) -> None:
    talks = [new_id() for _ in range(20)]
    async with open_appender(log) as append, EventRecorder(diary_url, log, kind).open() as diary:
        for number in range(0, 30, 3):
            await append(messages(kind, talks, range(number, number + 3)))
        assert_in_order(await diary.wait_until_written(600), talks, 30)


async def test_one_key_lies_in_one_partition_at_rising_offsets(log: Log, kind: type[Event]) -> None:
    talks = [new_id() for _ in range(10)]
    async with open_appender(log) as append:
        await append(messages(kind, talks, range(5)))
    records_by_key: dict[bytes, list[Record]] = {}
    for partition, end in (await log.ends([kind.topic])).items():
        async for records in log.read(partition, end):
            for record in records:
                records_by_key.setdefault(record.key or b"", []).append(record)
    assert len(records_by_key) == 10
    for key, records in records_by_key.items():
        assert {record.partition.number for record in records} == {partition_of(key, 3)}
        assert [kind.model_validate_json(record.value or b"").model_dump()["number"] for record in records] == [
            *range(5)
        ]
        assert sorted({record.offset for record in records}) == [record.offset for record in records]


async def test_headers_keys_and_values_come_back_byte_for_byte(log: Log, kind: type[Event]) -> None:
    binary = Message(kind.topic, b"\xff\x00key", bytes(range(256)), [("ce_x", bytes(range(256))), ("y", b"")])
    async with open_appender(log) as append:
        await append([binary])
    partition = Partition(kind.topic, partition_of(binary.key, 3))
    records = [record async for records in log.read(partition, 1) for record in records]
    assert [(record.key, record.value, [*record.headers]) for record in records] == [
        (binary.key, binary.value, [*binary.headers])
    ]


async def test_each_group_hears_everything(log: Log, kind: type[Event], diary_url: str) -> None:
    talks = [new_id() for _ in range(4)]
    async with open_appender(log) as append:
        await append(messages(kind, talks, range(10)))
    handled_counts: list[int] = []
    for group in ("one", "another"):
        diary = EventRecorder(diary_url, log, kind, group=group)
        async with diary.open():

            async def caught_up(group: str = group) -> bool:
                return sum((await log.committed(group, [kind.topic])).values()) == 40

            await wait_until(caught_up)
        handled_counts.append(sum(diary.calls.values()))
    assert handled_counts == [
        40,
        0,
    ]  # the other group hears them too, and knows by the inbox that this service handled them


async def test_the_same_event_delivered_again_has_its_effect_once(log: Log, kind: type[Event], diary_url: str) -> None:
    talk, event_id = new_id(), new_id()
    async with open_appender(log) as append, EventRecorder(diary_url, log, kind).open() as diary:
        for _ in range(3):
            await append([message(make_event(kind, talk, 0), event_id)])
        await append([message(make_event(kind, talk, 1))])
        assert_in_order(await diary.wait_until_written(2), [talk], 2)


class LogWithoutCommits:
    """A log whose members never commit an offset, as if they crashed before."""

    def __init__(self, log: Log) -> None:
        self._log = log

    def __getattr__(self, name: str) -> object:
        return getattr(self._log, name)

    async def member(self, group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked) -> Member:
        member = await self._log.member(group, topics, assigned, revoked)

        async def lost(offsets: Mapping[Partition, int]) -> None:
            del offsets

        member.commit = lost
        return member


async def test_a_crash_between_handling_and_committing_doubles_nothing(
    log: Log, kind: type[Event], diary_url: str
) -> None:
    talks = [new_id() for _ in range(5)]
    log_without_commits = cast(Log, LogWithoutCommits(log))
    async with open_appender(log) as append:
        await append(messages(kind, talks, range(10)))
        async with EventRecorder(diary_url, log_without_commits, kind).open() as diary:
            await diary.wait_until_written(50)
        assert await log.committed("diary", [kind.topic]) == {}
        async with EventRecorder(diary_url, log, kind).open() as diary:
            await append(messages(kind, talks, [10]))
            assert_in_order(await diary.wait_until_written(55), talks, 11)
            assert sum(diary.calls.values()) == 5


async def test_a_restart_goes_on_where_it_stopped(log: Log, kind: type[Event], diary_url: str) -> None:
    talks = [new_id() for _ in range(5)]
    async with open_appender(log) as append:
        await append(messages(kind, talks, range(10)))
        async with EventRecorder(diary_url, log, kind).open() as diary:
            await diary.wait_until_written(50)
        assert sum((await log.committed("diary", [kind.topic])).values()) == 50
        await append(messages(kind, talks, range(10, 20)))
        async with EventRecorder(diary_url, log, kind).open() as diary:
            assert_in_order(await diary.wait_until_written(100), talks, 20)
            assert sum(diary.calls.values()) == 50


async def test_members_come_and_go_and_nothing_is_lost_or_doubled(log: Log, kind: type[Event], diary_url: str) -> None:
    talks = [new_id() for _ in range(12)]
    first, second = EventRecorder(diary_url, log, kind), EventRecorder(diary_url, log, kind)

    async def shared() -> bool:
        held = [len(diary.consumer.processors) for diary in (first, second)]
        return sum(held) == 3 and 0 not in held

    async def append_until_both_heard() -> int:
        """Append until both members have handled events. Returns how many events each talk has."""
        number = 0
        async with open_appender(log) as append:
            while number < 60 or (number < 1_500 and not (first.calls and second.calls)):
                await append(messages(kind, talks, [number]))
                number += 1
                await asyncio.sleep(0.02)
        return number

    async with second.open():
        async with first.open():
            writing = asyncio.create_task(append_until_both_heard())
            await wait_until(shared)
            await first.wait_until_written(100)
        count = await writing
        assert_in_order(await second.wait_until_written(len(talks) * count), talks, count)
    assert sum(first.calls.values()) > 0
    assert sum(second.calls.values()) > 0
    assert max((first.calls + second.calls).values()) == 1


async def test_an_event_that_fails_is_parked_with_its_key_and_the_others_go_on(
    log: Log, kind: type[Event], diary_url: str
) -> None:
    talks = [new_id() for _ in range(6)]
    bad = talks[2]
    broken = True

    def fail_while_broken(talk: UUID, number: int) -> None:
        if broken and talk == bad and number == 3:
            raise RuntimeError("a fault of ours")

    diary = EventRecorder(diary_url, log, kind, before_write=fail_while_broken)
    async with open_appender(log) as append, diary.open():
        await append(messages(kind, talks, range(8)))
        written = await diary.wait_until_written(5 * 8 + 3)
        assert_in_order({talk: numbers for talk, numbers in written.items() if talk != bad}, set(talks) - {bad}, 8)

        expected = 5

        async def all_parked() -> bool:
            return len(await parked(diary)) == expected

        await wait_until(all_parked)
        expected = 6
        await append(messages(kind, talks, [8]))
        await diary.wait_until_written(5 * 9 + 3)
        await wait_until(all_parked)
        assert await parked(diary) == [(bad, "failed"), *[(bad, "waiting behind")] * 5]
        assert (await diary.written())[bad] == [0, 1, 2]
        broken = False
        await redrive_all(diary)
        await append(messages(kind, talks, [9]))
        assert_in_order(await diary.wait_until_written(60), talks, 10)
        assert await parked(diary) == []


async def parked(diary: EventRecorder) -> list[tuple[UUID, str]]:
    async with diary.database.engine.connect() as connection:
        rows = await connection.execute(dead_letters.select().order_by(dead_letters.c.id))
        return [(UUID(row.key), row.reason) for row in rows]


async def redrive_all(diary: EventRecorder) -> None:
    async with diary.database.transaction() as uow:
        await ask_to_redrive(uow.session)
    await Redriver(diary.dispatcher).redrive_due()


async def test_what_cannot_be_read_is_parked_and_an_unknown_type_is_ignored(
    log: Log, kind: type[Event], diary_url: str
) -> None:
    talk = new_id()
    good = message(make_event(kind, talk, 0))
    unknown = good._replace(headers=[(k, b"example.unheard.v1" if k == "ce_type" else v) for k, v in good.headers])
    another = message(make_event(kind, new_id(), 0))
    truncated = another._replace(value=b"{")
    foreign = Message(kind.topic, b"\x00\xff", b"\xfe", [("who", b"knows")])
    async with open_appender(log) as append, EventRecorder(diary_url, log, kind).open() as diary:
        await append(
            [foreign, unknown, truncated._replace(headers=[("ce_id", b"?"), *truncated.headers[2:]]), truncated]
        )
        await append([good])
        assert_in_order(await diary.wait_until_written(1), [talk], 1)

        async def all_parked() -> bool:
            async with diary.database.engine.connect() as connection:
                rows = (await connection.execute(dead_letters.select())).all()
            return sorted(row.reason for row in rows) == ["unreadable", "unreadable", "waiting behind"]

        await wait_until(all_parked)


async def test_an_event_waits_for_what_it_builds_on(log: Log, kind: type[Event], diary_url: str) -> None:
    talk = new_id()
    prerequisite = asyncio.Event()

    def require_prerequisite(_talk: UUID, _number: int) -> None:
        if not prerequisite.is_set():
            asyncio.get_running_loop().call_later(0.2, prerequisite.set)
            raise PrerequisiteMissing("the prerequisite is missing")

    diary = EventRecorder(diary_url, log, kind, before_write=require_prerequisite)
    async with open_appender(log) as append, diary.open():
        await append(messages(kind, [talk], range(3)))
        assert_in_order(await diary.wait_until_written(3), [talk], 3)
        assert await parked(diary) == []


async def test_replay_from_the_beginning_changes_nothing(log: Log, kind: type[Event], diary_url: str) -> None:
    talks = [new_id() for _ in range(5)]
    async with open_appender(log) as append, EventRecorder(diary_url, log, kind).open() as diary:
        await append(messages(kind, talks, range(20)))
        await diary.wait_until_written(100)
        result = await replay(log, diary.dispatcher)
        assert (result.read, result.new) == (100, 0)
        assert_in_order(await diary.written(), talks, 20)


async def test_the_consumer_says_that_it_is_well_and_how_far_behind(
    log: Log, kind: type[Event], diary_url: str
) -> None:
    async with open_appender(log) as append, EventRecorder(diary_url, log, kind).open() as diary:
        await append(messages(kind, [new_id()], range(5)))
        await diary.wait_until_written(5)

        async def lag_is_zero() -> bool:
            return len(diary.consumer.lag) == 3 and not any(diary.consumer.lag.values())

        await wait_until(lag_is_zero)
        assert await diary.consumer.check() is None


async def test_a_stop_leaves_no_task_behind(log: Log, kind: type[Event], diary_url: str) -> None:
    tasks_before = asyncio.all_tasks()
    async with EventRecorder(diary_url, log, kind).open() as diary:
        with contextlib.suppress(AssertionError):
            await diary.wait_until_written(1, timeout_seconds=0.5)
    await asyncio.sleep(0)
    assert {task.get_name() for task in asyncio.all_tasks() - tasks_before} == set()
