"""One partition on its way through the handlers, without a log."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from uuid import UUID

from shared.event_log.protocol import Message, Partition, Record
from shared.events.event import Event
from shared.messaging.dispatcher import PrerequisiteMissing
from shared.messaging.partition_processor import PartitionProcessor
from shared.persistence.tables import new_id
from tests.shared.event_recorder import HASTY, Diary, message, new_topic, said, said_on, until


def delivered(*messages: Message) -> list[Record]:
    return [Record(Partition(m.topic, 0), place, m.key, m.value, m.headers) for place, m in enumerate(messages)]


@asynccontextmanager
async def lane_of(diary: Diary, kind: type[Event]) -> AsyncGenerator[PartitionProcessor]:
    lane = PartitionProcessor(
        Partition(kind.topic, 0), diary.dispatcher, asyncio.Semaphore(1), HASTY, lambda _lane: None
    )
    try:
        yield lane
    finally:
        await lane.close()
        await diary.database.close()


async def until_reached(lane: PartitionProcessor, offset: int) -> None:
    async def reached() -> bool:
        return lane.committable_offset == offset

    await until(reached, patience=10)


async def test_a_database_that_goes_away_between_two_events_of_a_key_leaves_their_order(diary_url: str) -> None:
    kind, talk = said_on(new_topic()), new_id()
    faults: list[Exception | None] = [RuntimeError("the batch"), None, ConnectionRefusedError("away")]

    def trouble(_talk: UUID, _number: int) -> None:
        if faults and (fault := faults.pop(0)):
            raise fault

    diary = Diary(diary_url, log=None, kind=kind, trouble=trouble)  # pyright: ignore[reportArgumentType]  as below
    async with lane_of(diary, kind) as lane:
        lane.add(delivered(*(message(said(kind, talk, number)) for number in range(5))))
        await until_reached(lane, 5)
        assert await diary.written() == {talk: [0, 1, 2, 3, 4]}


async def test_what_is_not_begun_when_a_lane_closes_is_left_unfinished(diary_url: str) -> None:
    kind, talks = said_on(new_topic()), [new_id() for _ in range(3)]
    diary = Diary(diary_url, log=None, kind=kind)  # pyright: ignore[reportArgumentType]  as below
    async with lane_of(diary, kind) as lane:
        lane.add(delivered(*(message(said(kind, talk, 0)) for talk in talks)))
        await lane.close()
        assert lane.committable_offset == sum(map(len, (await diary.written()).values()))


async def test_no_offset_passes_the_lowest_unfinished_one(diary_url: str) -> None:
    kind, talks = said_on(new_topic()), [new_id() for _ in range(4)]

    def trouble(talk: UUID, _number: int) -> None:
        if talk == talks[1]:
            raise PrerequisiteMissing("never")

    diary = Diary(diary_url, log=None, kind=kind, trouble=trouble)  # pyright: ignore[reportArgumentType]  as below
    async with lane_of(diary, kind) as lane:
        lane.add(delivered(*(message(said(kind, talk, 0)) for talk in talks)))

        async def others_done() -> bool:
            return len(await diary.written()) == 3

        await until(others_done)
        assert lane.committable_offset == 1
        await until_reached(lane, 4)  # it is parked by then


async def test_an_event_that_fails_is_not_lost_when_an_unreadable_one_of_its_key_comes_with_it(diary_url: str) -> None:
    kind, talk = said_on(new_topic()), new_id()
    faults = [RuntimeError("once")]

    def trouble(_talk: UUID, _number: int) -> None:
        if faults:
            raise faults.pop()

    diary = Diary(diary_url, log=None, kind=kind, trouble=trouble)  # pyright: ignore[reportArgumentType]  the lane needs none
    torn = message(said(kind, talk, 1))._replace(value=b"{")
    records = delivered(message(said(kind, talk, 0)), torn, message(said(kind, talk, 2)))
    lane = PartitionProcessor(
        Partition(kind.topic, 0), diary.dispatcher, asyncio.Semaphore(1), HASTY, lambda _lane: None
    )
    try:
        lane.add(records)

        async def finished() -> bool:
            return lane.committable_offset == 3

        await until(finished, patience=10)
        assert await diary.written() == {talk: [0]}
    finally:
        await lane.close()
        await diary.database.close()
