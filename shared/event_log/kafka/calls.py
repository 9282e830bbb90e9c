"""What every call to Kafka needs: a timeout, and errors raised as the log's own."""
# aiokafka ships no types, and names its parameters without them:
# pyright: reportUnknownMemberType=false, reportUnknownVariableType=false, reportUnknownArgumentType=false

import asyncio
import contextlib
from collections.abc import Callable, Coroutine, Generator
from contextlib import contextmanager
from typing import Any

from aiokafka import errors

from shared.event_log.protocol import Fenced, LogError, Partition, Record
from shared.waiting import wait_at_most

ANSWER_TIMEOUT_SECONDS = 15.0
"""Seconds after which Kafka is given up: an append of unknown outcome is made again by another producer."""


def record_of(message: Any) -> Record:
    return Record(
        Partition(message.topic, message.partition), message.offset, message.key, message.value, message.headers
    )


@contextmanager
def as_log_errors() -> Generator[None]:
    try:
        yield
    except (errors.CommitFailedError, errors.IllegalStateError) as error:
        raise Fenced("the partition was given to another member") from error
    except errors.KafkaError as error:
        raise LogError(f"Kafka failed: {error!r}") from error


async def started(start: Coroutine[Any, Any, None], stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    # A start that is cut short leaves its first connection open: whoever leaves meanwhile waits for its end.
    starting = asyncio.create_task(start)
    try:
        await asyncio.wait([starting], timeout=20)
    except asyncio.CancelledError:
        await close_ignoring_errors(5, _ended(starting, stop))
        raise
    if not starting.done():
        await close_ignoring_errors(5, _ended(starting, stop))
        raise LogError("Kafka cannot be reached: it does not answer")
    try:
        starting.result()
    except (errors.KafkaError, asyncio.CancelledError) as error:
        await close_ignoring_errors(5, stop())
        raise LogError(f"Kafka cannot be reached: {error!r}") from error


async def _ended(starting: asyncio.Task[None], stop: Callable[[], Coroutine[Any, Any, None]]) -> None:
    await asyncio.wait([starting], timeout=3)
    starting.cancel()
    await stop()


async def close_ignoring_errors(seconds: float, closing: Coroutine[Any, Any, None]) -> None:
    """Close what may be broken already: whatever it says, we are done with it."""
    with contextlib.suppress(TimeoutError, errors.KafkaError, OSError):
        await wait_at_most(seconds, closing)
