"""The processing of one partition, without an event log."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import cast
from uuid import UUID

from shared.event_log.protocol import Log, Message, Partition, Record
from shared.events.event import Event
from shared.messaging.dispatcher import PrerequisiteMissing
from shared.messaging.partition_processor import PartitionProcessor
from shared.persistence.tables import new_id
from tests.shared.event_recorder import (
    FAST_RETRY_POLICY,
    EventRecorder,
    event_class_on,
    make_event,
    message,
    new_topic,
    wait_until,
)

UNUSED_LOG = cast(Log, None)
"""These tests give the records to the processor themselves."""


def records_of(*messages: Message) -> list[Record]:
    return [Record(Partition(m.topic, 0), offset, m.key, m.value, m.headers) for offset, m in enumerate(messages)]


@asynccontextmanager
async def open_processor(diary: EventRecorder, kind: type[Event]) -> AsyncGenerator[PartitionProcessor]:
    processor = PartitionProcessor(
        Partition(kind.topic, 0), diary.dispatcher, asyncio.Semaphore(1), FAST_RETRY_POLICY, lambda _processor: None
    )
    try:
        yield processor
    finally:
        await processor.close()
        await diary.database.close()


async def wait_until_committable(processor: PartitionProcessor, offset: int) -> None:
    async def reached() -> bool:
        return processor.committable_offset == offset

    await wait_until(reached, timeout_seconds=10)


async def test_a_database_that_goes_away_between_two_events_of_a_key_leaves_their_order(diary_url: str) -> None:
    kind, talk = event_class_on(new_topic()), new_id()
    faults: list[Exception | None] = [RuntimeError("the batch"), None, ConnectionRefusedError("away")]

    def before_write(_talk: UUID, _number: int) -> None:
        if faults and (fault := faults.pop(0)):
            raise fault

    diary = EventRecorder(diary_url, UNUSED_LOG, kind, before_write=before_write)
    async with open_processor(diary, kind) as processor:
        processor.add(records_of(*(message(make_event(kind, talk, number)) for number in range(5))))
        await wait_until_committable(processor, 5)
        assert await diary.written() == {talk: [0, 1, 2, 3, 4]}


async def test_what_is_not_begun_when_a_lane_closes_is_left_unfinished(diary_url: str) -> None:
    kind, talks = event_class_on(new_topic()), [new_id() for _ in range(3)]
    diary = EventRecorder(diary_url, UNUSED_LOG, kind)
    async with open_processor(diary, kind) as processor:
        processor.add(records_of(*(message(make_event(kind, talk, 0)) for talk in talks)))
        await processor.close()
        assert processor.committable_offset == sum(map(len, (await diary.written()).values()))


async def test_no_offset_passes_the_lowest_unfinished_one(diary_url: str) -> None:
    kind, talks = event_class_on(new_topic()), [new_id() for _ in range(4)]

    def before_write(talk: UUID, _number: int) -> None:
        if talk == talks[1]:
            raise PrerequisiteMissing("never")

    diary = EventRecorder(diary_url, UNUSED_LOG, kind, before_write=before_write)
    async with open_processor(diary, kind) as processor:
        processor.add(records_of(*(message(make_event(kind, talk, 0)) for talk in talks)))

        async def others_done() -> bool:
            return len(await diary.written()) == 3

        await wait_until(others_done)
        assert processor.committable_offset == 1
        await wait_until_committable(processor, 4)  # it is parked by then


async def test_an_event_that_fails_is_not_lost_when_an_unreadable_one_of_its_key_comes_with_it(diary_url: str) -> None:
    kind, talk = event_class_on(new_topic()), new_id()
    faults = [RuntimeError("once")]

    def before_write(_talk: UUID, _number: int) -> None:
        if faults:
            raise faults.pop()

    diary = EventRecorder(diary_url, UNUSED_LOG, kind, before_write=before_write)
    truncated = message(make_event(kind, talk, 1))._replace(value=b"{")
    records = records_of(message(make_event(kind, talk, 0)), truncated, message(make_event(kind, talk, 2)))
    processor = PartitionProcessor(
        Partition(kind.topic, 0), diary.dispatcher, asyncio.Semaphore(1), FAST_RETRY_POLICY, lambda _processor: None
    )
    try:
        processor.add(records)

        async def finished() -> bool:
            return processor.committable_offset == 3

        await wait_until(finished, timeout_seconds=10)
        assert await diary.written() == {talk: [0]}
    finally:
        await processor.close()
        await diary.database.close()
