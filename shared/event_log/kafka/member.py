"""Reading from Kafka as a member of a group."""
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
from shared.event_log.kafka.calls import as_log_errors, close_ignoring_errors, record_of
from shared.event_log.protocol import Assigned, LogError, Partition, PartitionOffsets, Record, Revoked
from shared.waiting import wait_at_most

REBALANCE_TIMEOUT_SECONDS = 45.0
"""Seconds after which a member without partitions is given up: the others have 30 to finish what is in hand."""
COMMIT_TIMEOUT_SECONDS = 20.0
"""Seconds after which a member that cannot commit is given up: whoever comes next repeats a little, and knows it."""


class KafkaMember:
    """One consumer of a group. aiokafka rebalances eagerly: each time every partition is revoked and given anew."""

    def __init__(self, consumer: AIOKafkaConsumer) -> None:
        self._consumer = consumer

    async def poll(self, seconds: float) -> Mapping[Partition, Sequence[Record]]:
        # A rebalance makes getmany wait for its end, however long that takes.
        try:
            with as_log_errors():
                async with asyncio.timeout(seconds + REBALANCE_TIMEOUT_SECONDS):
                    batch: dict[TopicPartition, list[Any]] = await self._consumer.getmany(
                        timeout_ms=int(seconds * 1000), max_records=1000
                    )
        except TimeoutError as error:
            raise LogError("the group does not come to rest") from error
        return {Partition(*part): [record_of(record) for record in records] for part, records in batch.items()}

    async def commit(self, offsets: Mapping[Partition, int]) -> None:
        try:
            with as_log_errors():
                payload = {TopicPartition(*part): offset for part, offset in offsets.items()}
                await wait_at_most(COMMIT_TIMEOUT_SECONDS, self._consumer.commit(payload))
        except TimeoutError as error:
            raise LogError("the group's coordinator does not answer") from error

    def pause(self, partition: Partition) -> None:
        with contextlib.suppress(errors.IllegalStateError, AssertionError):  # given to another member meanwhile
            self._consumer.pause(TopicPartition(*partition))

    def resume(self, partition: Partition) -> None:
        with contextlib.suppress(errors.IllegalStateError, AssertionError):
            self._consumer.resume(TopicPartition(*partition))

    async def partition_offsets(self) -> Mapping[Partition, PartitionOffsets]:
        try:
            with as_log_errors():
                return await wait_at_most(calls.ANSWER_TIMEOUT_SECONDS, self._reach())
        except TimeoutError as error:
            raise LogError("Kafka does not say how far its partitions reach") from error

    async def _reach(self) -> Mapping[Partition, PartitionOffsets]:
        parts = list(self._consumer.assignment())
        ends: dict[TopicPartition, int] = await self._consumer.end_offsets(parts) if parts else {}
        return {
            Partition(*part): PartitionOffsets(await self._consumer.position(part), end) for part, end in ends.items()
        }

    async def close(self) -> None:
        await close_ignoring_errors(5, self._consumer.stop())
        # Where that did not come to its end, what still asks would open a connection again. There is no public way.
        consumer: Any = self._consumer
        await close_ignoring_errors(1, consumer._coordinator._stop_heartbeat_task())
        await close_ignoring_errors(1, consumer._coordinator._stop_commit_offsets_refresh_task())
        await close_ignoring_errors(1, consumer._fetcher.close())
        await close_ignoring_errors(2, consumer._client.close())


class Listener(ConsumerRebalanceListener):
    def __init__(self, assigned: Assigned, revoked: Revoked) -> None:
        self._assigned, self._revoked = assigned, revoked

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        await self._assigned([Partition(*part) for part in assigned])

    async def on_partitions_revoked(self, revoked: Collection[TopicPartition]) -> None:
        await self._revoked([Partition(*part) for part in revoked])
