"""Timeouts of calls to Kafka, and conversion of its errors and records."""
# aiokafka ships no types, and names its parameters without them:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any, TypeAlias

from aiokafka import ConsumerRecord, TopicPartition, errors

from shared.event_log.protocol import Fenced, LogError, Partition, Record
from shared.waiting import wait_at_most

RecordBatch: TypeAlias = "dict[TopicPartition, list[ConsumerRecord[bytes, bytes]]]"

START_TIMEOUT_SECONDS = 20.0
RESPONSE_TIMEOUT_SECONDS = 15.0
"""Seconds after which a call is abandoned: an append of unknown outcome is repeated by another producer."""


def record_of(message: "ConsumerRecord[bytes, bytes]") -> Record:
    """Return the record of a message of aiokafka."""
    return Record(
        Partition(message.topic, message.partition), message.offset, message.key, message.value, message.headers
    )


@contextmanager
def as_log_errors() -> Generator[None]:
    """Raise errors of Kafka as LogError, lost partitions as Fenced."""
    try:
        yield
    except (errors.CommitFailedError, errors.IllegalStateError) as error:
        raise Fenced("the partition was given to another member") from error
    except errors.KafkaError as error:
        raise LogError(f"Kafka failed: {error!r}") from error


async def start_client(start: Coroutine[Any, Any, None], stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Start a client of aiokafka, or stop it where that fails. Raises LogError."""
    # A start that is interrupted leaves its first connection open, so even a cancellation waits for its end.
    starting = asyncio.create_task(start)
    try:
        await asyncio.wait([starting], timeout=START_TIMEOUT_SECONDS)
    except asyncio.CancelledError:
        await close_ignoring_errors(5, _abandon(starting, stop))
        raise
    if not starting.done():
        await close_ignoring_errors(5, _abandon(starting, stop))
        raise LogError("Kafka cannot be reached: it does not respond")
    try:
        starting.result()
    except (errors.KafkaError, asyncio.CancelledError) as error:
        await close_ignoring_errors(5, stop())
        raise LogError(f"Kafka cannot be reached: {error!r}") from error


async def _abandon(starting: asyncio.Task[None], stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await asyncio.wait([starting], timeout=3)
    starting.cancel()
    await stop()


async def close_ignoring_errors(seconds: float, closing: Coroutine[Any, Any, None]) -> None:
    """Close a client that may be broken: its errors no longer matter."""
    with contextlib.suppress(TimeoutError, errors.KafkaError, OSError):
        await wait_at_most(seconds, closing)
