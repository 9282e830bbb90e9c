"""The broker is killed under a producer and a member: both give up in time, and work again when it is back."""

import time
from collections.abc import AsyncIterator, Collection

import pytest

from deploy.engines.kafka import Broker
from shared import kafka
from shared.events import Event
from shared.kafka import KafkaLog
from shared.log import LogError, Partition, Topic
from shared.tables import new_id
from tests.shared.diary import Diary, appending, messages, new_topic, said_on, until


@pytest.fixture
async def log(kafka_broker: Broker) -> AsyncIterator[KafkaLog]:
    log = KafkaLog(kafka_broker.bootstrap)
    yield log
    if not kafka_broker.is_running():
        kafka_broker.restart()
    await log.close()


@pytest.fixture
async def kind(log: KafkaLog) -> type[Event]:
    topic = new_topic()
    await log.create_topics([Topic(topic, partitions=3)])
    return said_on(topic)


async def nothing(_partitions: Collection[Partition]) -> None:
    pass


async def test_a_producer_whose_broker_is_gone_gives_up_in_time(
    log: KafkaLog, kind: type[Event], kafka_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kafka, "ANSWER_WITHIN", 2.0)
    producer = await log.producer("test")
    await producer.append(messages(kind, [new_id()], [0]))
    kafka_broker.kill()
    with pytest.raises(LogError):
        await producer.append(messages(kind, [new_id()], [0]))
    started = time.monotonic()
    await producer.close()
    assert time.monotonic() - started < 8
    with pytest.raises(LogError):
        await log.producer("another")


async def test_a_member_whose_broker_is_gone_can_be_closed(
    log: KafkaLog, kind: type[Event], kafka_broker: Broker
) -> None:
    member = await log.member("readers", [kind.topic], nothing, nothing)
    await member.poll(0.1)
    kafka_broker.kill()
    await member.poll(1.0)
    started = time.monotonic()
    await member.close()
    assert time.monotonic() - started < 10


async def test_a_consumer_outlives_its_broker(
    log: KafkaLog, kind: type[Event], kafka_broker: Broker, diary_url: str
) -> None:
    talks = [new_id() for _ in range(5)]
    async with Diary(diary_url, log, kind).open() as diary:
        async with appending(log) as append:
            await append(messages(kind, talks, range(5)))
        await diary.until_written(25)
        kafka_broker.kill()

        async def noticed() -> bool:
            return bool(await diary.following.check()) or not diary.following.lanes

        await until(noticed, patience=40)
        kafka_broker.restart()
        async with appending(log) as append:
            await append(messages(kind, talks, range(5, 10)))
        written = await diary.until_written(50, patience=60)
    assert written == {talk: [*range(10)] for talk in talks}
