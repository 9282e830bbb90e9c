"""A member of a consumer group in Kafka."""
# aiokafka ships no types, and names its parameters without them:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false
# Its listener may be asynchronous, but is not declared so:
# pyright: reportIncompatibleMethodOverride=false

import asyncio
import contextlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition, errors

from shared.event_log.kafka import calls
from shared.event_log.kafka.calls import RecordBatch, as_log_errors, close_ignoring_errors, record_of
from shared.event_log.protocol import Assigned, LogError, Partition, PartitionOffsets, Record, Revoked
from shared.waiting import wait_at_most

REBALANCE_TIMEOUT_SECONDS = 45.0
"""Seconds after which a rebalance is abandoned: the other members have 30 to finish the batches they handle."""
COMMIT_TIMEOUT_SECONDS = 20.0
"""Seconds after which a commit is abandoned: the next owner repeats a few events, which the inbox recognises."""


class KafkaMember:
    """One consumer of a group. aiokafka rebalances eagerly: every partition is revoked and then assigned again."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def poll(self, seconds: float) -> Mapping[Partition, Sequence[Record]]:
        # During a rebalance getmany waits for its end, however long that takes.
        try:
            with as_log_errors():
                async with asyncio.timeout(seconds + REBALANCE_TIMEOUT_SECONDS):
                    batch: RecordBatch = await self._consumer.getmany(timeout_ms=int(seconds * 1000), max_records=1000)
        except TimeoutError as error:
            raise LogError("the rebalance of the group does not end") from error
        return {
            Partition(*topic_partition): [record_of(record) for record in records]
            for topic_partition, records in batch.items()
        }

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        try:
            with as_log_errors():
                kafka_offsets = {TopicPartition(*partition): offset for partition, offset in offsets.items()}
                await wait_at_most(COMMIT_TIMEOUT_SECONDS, self._consumer.commit(kafka_offsets))
        except TimeoutError as error:
            raise LogError("the group's coordinator does not respond") from error

    def pause(self, partition: Partition) -> None:
        with contextlib.suppress(errors.IllegalStateError, AssertionError):  # revoked meanwhile
            self._consumer.pause(TopicPartition(*partition))

    def resume(self, partition: Partition) -> None:
        with contextlib.suppress(errors.IllegalStateError, AssertionError):
            self._consumer.resume(TopicPartition(*partition))

    async def partition_offsets(self) -> Mapping[Partition, PartitionOffsets]:
        try:
            with as_log_errors():
                return await wait_at_most(calls.RESPONSE_TIMEOUT_SECONDS, self._measure_offsets())
        except TimeoutError as error:
            raise LogError("Kafka does not respond with the ends of its partitions") from error

    async def _measure_offsets(self) -> Mapping[Partition, PartitionOffsets]:
        assignment = list(self._consumer.assignment())
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(assignment) if assignment else {}
        return {
            Partition(*partition): PartitionOffsets(await self._consumer.position(partition), end)
            for partition, end in ends.items()
        }

    async def close(self) -> None:
        await close_ignoring_errors(5, self._consumer.stop())
        # If stop() was interrupted, these tasks would open a connection again. There is no public way to end them.
        consumer: Any = self._consumer
        await close_ignoring_errors(1, consumer._coordinator._stop_heartbeat_task())
        await close_ignoring_errors(1, consumer._coordinator._stop_commit_offsets_refresh_task())
        await close_ignoring_errors(1, consumer._fetcher.close())
        await close_ignoring_errors(2, consumer._client.close())


class RebalanceListener(ConsumerRebalanceListener):
    """Calls back with the partitions that a rebalance assigns and revokes."""

    def __init__(self, assigned: Assigned, revoked: Revoked) -> None:
        self._assigned, self._revoked = assigned, revoked

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        await self._assigned([Partition(*partition) for partition in assigned])

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        await self._revoked([Partition(*partition) for partition in revoked])
