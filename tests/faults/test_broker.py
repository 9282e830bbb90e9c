"""The broker is killed: producers and members time out, and work again when it is back."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Collection, Coroutine
from typing import Any

import pytest

from deploy.engines.kafka import Broker
from shared.event_log.kafka import KafkaLog, calls
from shared.event_log.protocol import LogError, Partition, TopicConfig
from shared.events.event import Event
from shared.persistence.tables import new_id
from shared.waiting import wait_at_most
from tests.shared.event_recorder import EventRecorder, event_class_on, messages, new_topic, open_appender, wait_until


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
    await log.create_topics([TopicConfig(topic, partitions=3)])
    return event_class_on(topic)


@pytest.fixture
def timeouts(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Record the time limits that expire: all the time that is spent waiting for a broker that is gone."""
    timeouts: list[float] = []

    async def record_timeout(seconds: float, step: Coroutine[Any, Any, Any]) -> Any:
        try:
            return await wait_at_most(seconds, step)
        except TimeoutError:
            timeouts.append(seconds)
            raise

    monkeypatch.setattr(calls, "wait_at_most", record_timeout)
    return timeouts


async def ignore_partitions(_partitions: Collection[Partition]) -> None:
    pass


async def test_a_producer_whose_broker_is_gone_gives_up_in_time(
    log: KafkaLog, kind: type[Event], kafka_broker: Broker, monkeypatch: pytest.MonkeyPatch, timeouts: list[float]
) -> None:
    monkeypatch.setattr(calls, "RESPONSE_TIMEOUT_SECONDS", 2.0)
    producer = await log.producer("test")
    await producer.append(messages(kind, [new_id()], [0]))
    kafka_broker.kill()
    with pytest.raises(LogError):
        await producer.append(messages(kind, [new_id()], [0]))
    async with asyncio.timeout(60):
        await producer.close()
    assert sum(timeouts) < 8
    with pytest.raises(LogError):
        await log.producer("another")


async def test_a_member_whose_broker_is_gone_can_be_closed(
    log: KafkaLog, kind: type[Event], kafka_broker: Broker, timeouts: list[float]
) -> None:
    member = await log.member("readers", [kind.topic], ignore_partitions, ignore_partitions)
    await member.poll(0.1)
    kafka_broker.kill()
    await member.poll(1.0)
    async with asyncio.timeout(60):
        await member.close()
    assert sum(timeouts) < 10
    kafka_broker.restart()
    await asyncio.sleep(2)  # a connection that was left open would reconnect by now


@pytest.mark.parametrize("moment", [0.001, 0.003, 0.005, 0.01, 0.02, 0.04])
async def test_a_start_that_is_cut_short_leaves_nothing_open(log: KafkaLog, kind: type[Event], moment: float) -> None:
    starting = asyncio.create_task(log.member("readers", [kind.topic], ignore_partitions, ignore_partitions))
    await asyncio.sleep(moment)
    starting.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await (await starting).close()


async def test_a_producer_that_is_closed_in_the_midst_of_sending_leaves_nothing_open(
    log: KafkaLog, kind: type[Event]
) -> None:
    producer = await log.producer("test")
    sending = asyncio.create_task(producer.append(messages(kind, [new_id()], range(1000))))
    await asyncio.sleep(0.01)
    await producer.close()
    sending.cancel()
    await asyncio.wait([sending])
    await asyncio.sleep(0.5)


async def test_a_consumer_outlives_its_broker(
    log: KafkaLog, kind: type[Event], kafka_broker: Broker, diary_url: str
) -> None:
    talks = [new_id() for _ in range(5)]
    async with EventRecorder(diary_url, log, kind).open() as diary:
        async with open_appender(log) as append:
            await append(messages(kind, talks, range(5)))
        await diary.wait_until_written(25)
        kafka_broker.kill()

        async def noticed() -> bool:
            return bool(await diary.consumer.check()) or not diary.consumer.processors

        await wait_until(noticed, timeout_seconds=40)
        kafka_broker.restart()
        async with open_appender(log) as append:
            await append(messages(kind, talks, range(5, 10)))
        written = await diary.wait_until_written(50, timeout_seconds=60)
    assert written == {talk: [*range(10)] for talk in talks}
