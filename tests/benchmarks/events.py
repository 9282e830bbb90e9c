"""Throughput and latency of events, beside bare aiokafka in the same run: `python -m tests.benchmarks.events`.

Both use the same producer settings (acks=all, idempotent), messages, headers and batch size. The platform reads the
messages from PostgreSQL (fsync on), deletes them there, and handles them with an inbox row in a transaction.
"""

import argparse
import asyncio
import statistics
import time
from collections.abc import Sequence
from typing import Any

import asyncpg
import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from shared.event_log.kafka import KafkaLog
from shared.event_log.protocol import Log, Message, TopicConfig, partition_of
from shared.events.event import Event
from shared.messaging.dispatcher import Dispatched, EventDispatcher, EventHandlers, ReceivedEvent
from shared.messaging.group_consumer import GroupConsumer
from shared.messaging.relay import BATCH_ROWS, SELECT_BATCH, OutboxRow, Relay, message_of
from shared.persistence.database import Database
from shared.persistence.migrations import schema
from shared.persistence.tables import new_id
from tests.shared.event_recorder import event_class_on, make_event, new_topic
from tests.support.engines import kafka, postgres

FILL = """
    INSERT INTO outbox (event_id, topic, key, type, source, sequence, data, traceparent)
    SELECT uuidv7(), $1, uuidv7(), $2, '/engagement', 1,
        convert_to(json_build_object('response_id', uuidv7(), 'survey_id', uuidv7())::text, 'UTF8'),
        '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'
    FROM generate_series(1, $3)
"""


async def drain(database: Database, log: Log, servers: str, count: int, rounds: int) -> None:
    """Print events a second from a full outbox to the broker's acknowledgement."""
    topic = new_topic()
    kind = event_class_on(topic)
    await log.create_topics([TopicConfig(topic)])
    connection = await asyncpg.connect(database.dsn)
    relay_rates: list[float] = []
    bare: list[float] = []
    for _ in range(rounds):
        filling = connection.transaction()
        await filling.start()
        await connection.execute(FILL, topic, kind.event_type, count)
        rows = await connection.fetch(SELECT_BATCH.format("true"), count)
        messages = [message_of(OutboxRow(*row)) for row in rows]
        bare.append(count / await _bare_batches(servers, messages))
        relay_rates.append(count / await _relayed(database, log, connection, filling))
    await connection.close()
    _print_ratio(
        "relay drain",
        "events/s",
        relay_rates,
        bare,
        statistics.median(relay_rates) / statistics.median(bare),
        "goal to come 0.6",
    )


async def _bare_batches(servers: str, messages: Sequence[Message]) -> float:
    producer: Any = AIOKafkaProducer(
        bootstrap_servers=servers, acks="all", enable_idempotence=True, max_batch_size=524288
    )
    await producer.start()
    count = len(await producer.partitions_for(messages[0].topic))
    started = time.perf_counter()
    for first in range(0, len(messages), BATCH_ROWS):
        batches: dict[int, Any] = {}
        for _, key, value, headers in messages[first : first + BATCH_ROWS]:
            partition = partition_of(key, count)
            if partition not in batches:
                batches[partition] = producer.create_batch()
            batches[partition].append(timestamp=None, key=key, value=value, headers=headers)
        topic = messages[0].topic
        acknowledgements: list[asyncio.Future[Any]] = []
        for partition, batch in batches.items():
            acknowledgements.append(await producer.send_batch(batch, topic, partition=partition))
        await asyncio.gather(*acknowledgements)
    seconds = time.perf_counter() - started
    await producer.stop()
    return seconds


async def _relayed(database: Database, log: Log, connection: Any, filling: Any) -> float:
    """Return the seconds from the commit of all events to the last deletion. The relay is connected before."""
    stop = asyncio.Event()
    relay = Relay(database.dsn, "bench", log)
    running = asyncio.create_task(relay.run(stop))
    await asyncio.sleep(1)
    started = time.perf_counter()
    await filling.commit()
    await connection.execute("NOTIFY outbox")
    # At long intervals, since each query scans the deleted rows and would add to the measured time.
    while await connection.fetchval("SELECT EXISTS (SELECT FROM outbox)"):  # noqa: ASYNC110  another process empties it
        await asyncio.sleep(0.05)
    seconds = time.perf_counter() - started
    stop.set()
    await running
    return seconds


class TimedDispatcher(EventDispatcher):
    """A dispatcher that sets `handled` when the transaction of a batch has committed."""

    handled: asyncio.Event

    async def handle(self, batch: Sequence[ReceivedEvent]) -> Dispatched:
        blocked = await super().handle(batch)
        self.handled.set()
        return blocked


async def latency(database: Database, log: Log, servers: str, count: int) -> None:
    """Print milliseconds from the commit of an event to that of its effect, alternating with bare Kafka."""
    topic, bare_topic = new_topic(), new_topic()
    kind = event_class_on(topic)
    await log.create_topics([TopicConfig(topic), TopicConfig(bare_topic)])
    handlers = EventHandlers()

    @handlers.on(kind)
    async def do_nothing(_event: Event, _uow: Any) -> None:
        """The inbox row is the effect."""

    dispatcher = TimedDispatcher(database, [handlers])
    dispatcher.handled = asyncio.Event()
    stop = asyncio.Event()
    jobs = [
        asyncio.create_task(Relay(database.dsn, "bench", log).run(stop)),
        asyncio.create_task(GroupConsumer(log, dispatcher, group=topic).run(stop)),
    ]
    producer = AIOKafkaProducer(bootstrap_servers=servers, acks="all", enable_idempotence=True)
    consumer = AIOKafkaConsumer(
        bare_topic, bootstrap_servers=servers, group_id=bare_topic, auto_offset_reset="earliest"
    )
    await producer.start()
    await consumer.start()
    milliseconds: list[float] = []
    bare: list[float] = []
    for _ in range(count + 20):
        milliseconds.append(await _committed_to_handled(database, kind, dispatcher))
        bare.append(await _produced_to_consumed(producer, consumer, bare_topic))
    milliseconds, bare = milliseconds[20:], bare[20:]
    await producer.stop()
    await consumer.stop()
    stop.set()
    await asyncio.gather(*jobs)
    ratio = statistics.median(milliseconds) / statistics.median(bare)
    _print_ratio("commit to handled", "ms", milliseconds, bare, ratio, "goal to come 1.5")


async def _committed_to_handled(database: Database, kind: type[Event], dispatcher: TimedDispatcher) -> float:
    dispatcher.handled.clear()
    async with database.transaction() as uow:
        uow.publish(make_event(kind, new_id(), 0), sequence=1)
    started = time.perf_counter()
    await dispatcher.handled.wait()
    return (time.perf_counter() - started) * 1000


async def _produced_to_consumed(producer: AIOKafkaProducer, consumer: AIOKafkaConsumer, topic: str) -> float:
    started = time.perf_counter()
    await producer.send(topic, b'{"talk_id": "00000000-0000-0000-0000-000000000000"}', key=str(new_id()).encode())
    while not await consumer.getmany(timeout_ms=1000):
        pass
    return (time.perf_counter() - started) * 1000


def _print_ratio(
    label: str, unit: str, platform_values: list[float], bare_values: list[float], ratio: float, goal: str
) -> None:
    def format_values(values: list[float]) -> str:
        ordered = sorted(values)
        return f"{statistics.median(values):,.1f} {unit} (worst twentieth {ordered[int(len(ordered) * 0.95)]:,.1f})"

    print(
        f"{label}: platform {format_values(platform_values)}, bare {format_values(bare_values)}, "
        f"ratio {ratio:.2f} ({goal})",
        flush=True,
    )


async def main(events: int, rounds: int, repetitions: int) -> None:
    with postgres(safe=True) as cluster, kafka() as broker:
        cluster.sql("CREATE DATABASE bench")
        database = Database(cluster.url("bench"), "bench")
        await schema.upgrade(schema.PLATFORM, cluster.url("bench"))
        log = KafkaLog(broker.bootstrap)
        await drain(database, log, broker.bootstrap, events, rounds)
        await latency(database, log, broker.bootstrap, repetitions)
        await log.close()
        await database.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--events", type=int, default=50_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--times", type=int, default=300)
    arguments = parser.parse_args()
    uvloop.run(main(arguments.events, arguments.rounds, arguments.times))  # as every process of ours runs
