"""Appending to Kafka."""
# aiokafka ships no types, and names its parameters without them:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer, errors

from shared.event_log.kafka import calls
from shared.event_log.kafka.calls import close_ignoring_errors
from shared.event_log.protocol import LogError, Message, partition_of

BATCH_BYTES = 512 * 1024
"""Below the broker's own limit of 1 MiB for a batch."""


class KafkaProducer:
    """`acks=all`, idempotent. A batch per partition is built here, which is twice as fast as sending one by one."""

    def __init__(self, producer: AIOKafkaProducer) -> None:
        self._producer = producer
        self._partitions: dict[str, int] = {}

    async def append(self, messages: Sequence[Message]) -> None:
        try:
            async with asyncio.timeout(calls.ANSWER_TIMEOUT_SECONDS):
                await self._append(messages)
        except TimeoutError as error:
            raise LogError(f"no acknowledgement within {calls.ANSWER_TIMEOUT_SECONDS:.0f} s") from error
        except errors.KafkaError as error:
            raise LogError(f"Kafka did not take the messages: {error!r}") from error

    async def _append(self, messages: Sequence[Message]) -> None:
        open_batches: dict[tuple[str, int], Any] = {}
        answers: list[asyncio.Future[Any]] = []
        for topic, key, value, headers in messages:
            partitions = self._partitions.get(topic) or await self._count(topic)
            place = (topic, partition_of(key, partitions))
            batch = open_batches.get(place)
            if batch is None:
                batch = open_batches[place] = self._producer.create_batch()
            if batch.append(timestamp=None, key=key, value=value, headers=headers) is None:
                answers.append(await self._send(place, batch))
                batch = open_batches[place] = self._producer.create_batch()
                batch.append(timestamp=None, key=key, value=value, headers=headers)
        for place, batch in open_batches.items():
            answers.append(await self._send(place, batch))
        for result in await asyncio.gather(*answers, return_exceptions=True):
            if isinstance(result, BaseException):
                raise result

    async def _send(self, place: tuple[str, int], batch: Any) -> asyncio.Future[Any]:
        batch.close()
        return await self._producer.send_batch(batch, place[0], partition=place[1])

    async def _count(self, topic: str) -> int:
        self._partitions[topic] = len(await self._producer.partitions_for(topic))
        return self._partitions[topic]

    async def close(self) -> None:
        # stop() waits for every batch, and an idempotent producer tries for ever: without a broker it would not return,
        # and later it would append what a newer producer has long appended. So the sender ends first.
        sender = self._producer._sender  # pyright: ignore[reportPrivateUsage]  there is no public way, see above
        await close_ignoring_errors(3, self._producer.client.close())
        await close_ignoring_errors(3, sender.close())
        # What it asked for meanwhile may have opened a connection again.
        await close_ignoring_errors(3, self._producer.client.close())
        self._producer._closed = True  # pyright: ignore[reportPrivateUsage]  as above
