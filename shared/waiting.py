"""Timeouts, pauses, periodic work and backoff for asyncio."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")

_abandoned: set[asyncio.Task[Any]] = set()
"""Tasks that did not end when they were cancelled: referenced until they do."""


async def wait_at_most(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Return the result of the work. Raises TimeoutError in time even where the work ignores its cancellation.

    Also raises TimeoutError where the work was cancelled by itself: the caller was not.
    """
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait([task], timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            _abandoned.add(task)
            task.add_done_callback(_abandoned.discard)
    if not done or task.cancelled():
        raise TimeoutError
    return task.result()


async def pause(stop: asyncio.Event, seconds: float) -> None:
    """Sleep for so many seconds, or until the event is set."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stop.wait()


async def repeat_until(stop: asyncio.Event, work: Callable[[], Awaitable[bool | None]], *, interval: float) -> None:
    """Call `work` until the event is set, `interval` seconds apart; at once after it returned True (more is left)."""
    while not stop.is_set():
        if not await work():
            await pause(stop, interval)


@dataclass(slots=True)
class Backoff:
    """Delays in seconds that double with each failure, up to a maximum."""

    first: float
    maximum: float
    _next: float | None = None

    def next_delay(self) -> float:
        """Return the delay of this attempt, and double the next."""
        delay = self.first if self._next is None else self._next
        self._next = min(delay * 2, self.maximum)
        return delay

    def reset(self) -> None:
        """Start again with the first delay, after a success."""
        self._next = None
