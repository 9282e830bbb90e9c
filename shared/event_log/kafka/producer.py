"""A producer of Kafka."""
# aiokafka ships no types, and names its parameters without them:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer, errors
from aiokafka.producer.message_accumulator import BatchBuilder

from shared.event_log.kafka import calls
from shared.event_log.kafka.calls import close_ignoring_errors
from shared.event_log.protocol import LogError, Message, Partition, partition_of

BATCH_BYTES = 512 * 1024
"""Below the broker's limit of 1 MiB for a batch."""


class KafkaProducer:
    """An idempotent producer with `acks=all`. One batch per partition takes half the time of single sends."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._partition_counts: dict[str, int] = {}

    async def append(self, messages: Sequence[Message]) -> None:
        try:
            async with asyncio.timeout(calls.RESPONSE_TIMEOUT_SECONDS):
                await self._append(messages)
        except TimeoutError as error:
            raise LogError(f"no acknowledgement within {calls.RESPONSE_TIMEOUT_SECONDS:.0f} s") from error
        except errors.KafkaError as error:
            raise LogError(f"Kafka did not accept the messages: {error!r}") from error

    async def _append(self, messages: Sequence[Message]) -> None:
        open_batches: dict[Partition, BatchBuilder] = {}
        acknowledgements: list[asyncio.Future[Any]] = []
        for topic, key, value, headers in messages:
            partition_count = self._partition_counts.get(topic) or await self._count_partitions(topic)
            partition = Partition(topic, partition_of(key, partition_count))
            batch = open_batches.get(partition)
            if batch is None:
                batch = open_batches[partition] = self._producer.create_batch()
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                acknowledgements.append(await self._send(partition, batch))
                batch = open_batches[partition] = self._producer.create_batch()
                batch.append(timestamp=None, key=key, value=value, headers=headers)
        for partition, batch in open_batches.items():
            acknowledgements.append(await self._send(partition, batch))
        for result in await asyncio.gather(*acknowledgements, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _send(self, partition: Partition, batch: BatchBuilder) -> asyncio.Future[Any]:
        batch.close()
        return await self._producer.send_batch(batch, partition.topic, partition=partition.number)

    async def _count_partitions(self, topic: str) -> int:
        self._partition_counts[topic] = len(await self._producer.partitions_for(topic))
        return self._partition_counts[topic]

    async def close(self) -> None:
        # stop() waits for every batch, and an idempotent producer retries for ever: without a broker it would not
        # return, and would later append what a newer producer has appended already. So the sender is closed first.
        sender = self._producer._sender  # pyright: ignore[reportPrivateUsage]  there is no public way, see above
        await close_ignoring_errors(3, self._producer.client.close())
        await close_ignoring_errors(3, sender.close())
        # Its last requests may have opened a connection again.
        await close_ignoring_errors(3, self._producer.client.close())
        self._producer._closed = True  # pyright: ignore[reportPrivateUsage]  as above
