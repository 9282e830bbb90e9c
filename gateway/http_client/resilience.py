"""When the gateway stops asking a service: its queue, its circuit breaker and its budget of retries.

The circuit breaker and the budget are pure: the time, in seconds of a monotonic clock, is passed in.
"""

import asyncio
import contextlib
from asyncio import Future
from collections import deque
from typing import Final

from gateway.problems import ServiceBusy

MAX_REQUESTS: Final = 200
"""To one service at a time."""
QUEUE_TIMEOUT_SECONDS: Final = 0.1

WINDOW_SECONDS: Final = 10
MIN_FAILURES: Final = 5
"""The breaker opens at so many failures in the window, if they are at least half of the calls."""
OPEN_SECONDS: Final = 2.0
"""How long an open breaker waits before it lets one request through."""

RETRY_SHARE: Final = 0.1
MAX_SAVED_RETRIES: Final = 10.0


class Slots:
    """Bounds the requests that one service works on. More of them wait in a short queue, in order.

    A response that waits for its client takes no slot: clients that read nothing cannot use them up.
    """

    def __init__(self) -> None:
        self.limit = MAX_REQUESTS
        self.taken = 0
        self._waiters: deque[Future[None]] = deque()

    async def acquire(self) -> None:
        """Take a slot. Raises ServiceBusy where the queue is full, or no slot was freed in time."""
        if self.taken < self.limit and not self._waiters:
            self.taken += 1
            return
        if len(self._waiters) >= 2 * self.limit:
            raise ServiceBusy(headers={"Retry-After": "1"})
        waiter: Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            async with asyncio.timeout(QUEUE_TIMEOUT_SECONDS):
                await waiter
        except BaseException as error:
            if waiter.done() and not waiter.cancelled():
                self.release()
            else:
                # `release` may have met it, cancelled already, and taken it out.
                with contextlib.suppress(ValueError):
                    self._waiters.remove(waiter)
            if isinstance(error, TimeoutError):
                raise ServiceBusy(headers={"Retry-After": "1"}) from None
            raise

    def release(self) -> None:
        """Free a slot, or hand it to the first that waits."""
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self.taken -= 1


class CircuitBreaker:
    """Stops asking a service that cannot be reached: a connection refused, reset, or not made in time is a failure.

    A status is never one, and neither is a slow response: those come from a service that is there.
    """

    def __init__(self) -> None:
        self.responding = True
        """Whether the service answers when it is asked if it is alive; while it does not, nothing else is asked."""
        self._calls: deque[tuple[int, int, int]] = deque()
        """By second: the second, the calls that ended in it, and how many of them failed."""
        self._opened_at: float | None = None
        self._probing = False
        """Whether the one request of a half-open breaker is under way."""

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def allows(self, now: float) -> bool:
        """Return whether a request may be sent. Each that is must be followed by `succeed`, `fail` or `forget`."""
        if not self.responding:
            return False
        if self._opened_at is None:
            return True
        if self._probing or now - self._opened_at < OPEN_SECONDS:
            return False
        self._probing = True
        return True

    def succeed(self, now: float) -> None:
        """Count a request that was answered, whatever the answer."""
        if self._opened_at is not None:
            self._opened_at, self._probing = None, False
            self._calls.clear()
        self._count(now, 0)

    def fail(self, now: float) -> None:
        """Count a request for which there was no connection."""
        self._count(now, 1)
        if self._opened_at is not None:
            self._opened_at, self._probing = now, False
            return
        calls = sum(count for _, count, _ in self._calls)
        failures = sum(count for *_, count in self._calls)
        if failures >= MIN_FAILURES and 2 * failures >= calls:
            self._opened_at = now

    def forget(self) -> None:
        """Note that a request ended without saying anything about the service: its client left."""
        self._probing = False

    def _count(self, now: float, failures: int) -> None:
        second = int(now)
        if self._calls and self._calls[-1][0] == second:
            _, calls, failed = self._calls[-1]
            self._calls[-1] = (second, calls + 1, failed + failures)
            return
        self._calls.append((second, 1, failures))
        while self._calls[0][0] <= second - WINDOW_SECONDS:
            self._calls.popleft()


class RetryBudget:
    """Lets one request in ten be a retry, so that retries cannot double the load of a service in trouble."""

    def __init__(self) -> None:
        self._saved = MAX_SAVED_RETRIES

    def earn(self) -> None:
        """Count a request."""
        self._saved = min(MAX_SAVED_RETRIES, self._saved + RETRY_SHARE)

    def spend(self) -> bool:
        """Return whether a request may be sent again, and count it."""
        if self._saved < 1:
            return False
        self._saved -= 1
        return True
