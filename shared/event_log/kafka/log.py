"""The event log in Apache Kafka: creates producers and members, and reads offsets and records."""
# aiokafka ships no types, and names its parameters without them:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition, errors
from aiokafka.admin import AIOKafkaAdminClient

from shared.event_log.kafka.calls import RecordBatch, as_log_errors, close_ignoring_errors, record_of, start_client
from shared.event_log.kafka.member import KafkaMember, RebalanceListener
from shared.event_log.kafka.producer import BATCH_BYTES, KafkaProducer
from shared.event_log.kafka.topics import create_topics
from shared.event_log.protocol import Assigned, Member, Partition, Producer, Record, Revoked, TopicConfig

COORDINATOR_DELAYS_SECONDS = (0.1, 0.2, 0.5, 1.0, 2.0, 3.0, 3.0)
"""Kafka creates its topic of offsets at the first request for a group, and has no coordinator until then."""


class KafkaLog:
    """The event log in Apache Kafka 4 at `servers` (`host:port`, comma separated)."""

    def __init__(self, servers: str, replication: int = 1) -> None:
        self.servers = servers
        self.replication = replication
        self._offsets_consumer: AIOKafkaConsumer | None = None
        self._offsets_lock = asyncio.Lock()

    async def create_topics(self, topics: Collection[TopicConfig]) -> None:
        await create_topics(self.servers, topics, self.replication)

    async def producer(self, name: str) -> Producer:
        producer = AIOKafkaProducer(
            bootstrap_servers=self.servers,
            client_id=name,
            acks="all",
            enable_idempotence=True,
            max_batch_size=BATCH_BYTES,
            request_timeout_ms=10_000,
            metadata_max_age_ms=60_000,
        )
        await start_client(producer.start(), producer.stop)
        return KafkaProducer(producer)

    async def member(self, group: str, topics: Collection[str], assigned: Assigned, revoked: Revoked) -> Member:
        consumer = AIOKafkaConsumer(
            bootstrap_servers=self.servers,
            client_id=group,
            group_id=group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_500,
            rebalance_timeout_ms=30_000,
            request_timeout_ms=20_000,
            metadata_max_age_ms=60_000,
        )
        consumer.subscribe(list(topics), listener=RebalanceListener(assigned, revoked))
        await start_client(consumer.start(), consumer.stop)
        return KafkaMember(consumer)

    async def ends(self, topics: Collection[str]) -> Mapping[Partition, int]:
        async with self._offsets_lock:
            if self._offsets_consumer is None:
                consumer = _consumer_without_group(self.servers)
                await start_client(consumer.start(), consumer.stop)
                self._offsets_consumer = consumer
            partitions = [
                partition for topic in topics for partition in await _partitions_of(self._offsets_consumer, topic)
            ]
            with as_log_errors():
                ends = await self._offsets_consumer.end_offsets(partitions)
        return {Partition(*partition): end for partition, end in ends.items()}

    async def committed(self, group: str, topics: Collection[str]) -> Mapping[Partition, int]:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.servers)
        try:
            with as_log_errors():
                await admin.start()
                offsets = await _offsets(admin, group)
        finally:
            await admin.close()
        return {
            Partition(*partition): committed.offset
            for partition, committed in offsets.items()
            if partition.topic in topics and committed.offset >= 0
        }

    async def read(self, partition: Partition, end: int) -> AsyncIterator[Sequence[Record]]:
        topic_partition = TopicPartition(*partition)
        async with _ReadingConsumer(self.servers) as consumer:
            with as_log_errors():
                consumer.assign([topic_partition])
                await consumer.seek_to_beginning(topic_partition)
                while await consumer.position(topic_partition) < end:
                    batch: RecordBatch = await consumer.getmany(timeout_ms=1000, max_records=500)
                    messages = batch.get(topic_partition, [])
                    if records := [record_of(message) for message in messages if message.offset < end]:
                        yield records

    async def close(self) -> None:
        if self._offsets_consumer is not None:
            await close_ignoring_errors(5, self._offsets_consumer.stop())


async def _offsets(admin: AIOKafkaAdminClient, group: str) -> dict[TopicPartition, Any]:
    """Return what the group has committed. Raises GroupCoordinatorNotAvailableError after ten seconds without one."""
    for delay in COORDINATOR_DELAYS_SECONDS:
        try:
            return await admin.list_consumer_group_offsets(group)
        except (errors.GroupCoordinatorNotAvailableError, errors.GroupLoadInProgressError):
            await asyncio.sleep(delay)
    return await admin.list_consumer_group_offsets(group)


class _ReadingConsumer:
    """A consumer outside any group, started and stopped by `async with`."""

    def __init__(self, servers: str) -> None:
        self._consumer = _consumer_without_group(servers)

    async def __aenter__(self) -> AIOKafkaConsumer:
        await start_client(self._consumer.start(), self._consumer.stop)
        return self._consumer

    async def __aexit__(self, *_: object) -> None:
        await close_ignoring_errors(5, self._consumer.stop())


def _consumer_without_group(servers: str) -> AIOKafkaConsumer:
    return AIOKafkaConsumer(bootstrap_servers=servers, auto_offset_reset="earliest", request_timeout_ms=10_000)


async def _partitions_of(consumer: AIOKafkaConsumer, topic: str) -> list[TopicPartition]:
    with as_log_errors():
        numbers = await consumer._client._wait_on_metadata(topic)  # pyright: ignore[reportPrivateUsage]  partitions_for_topic reads a cache only
    return [TopicPartition(topic, number) for number in sorted(numbers)]
