"""When the gateway stops asking a service: its queue, its circuit breaker and its budget of retries.

The circuit breaker and the budget are pure: the time, in seconds of a monotonic clock, is passed in.
"""

import asyncio
import contextlib
from asyncio import Future
from collections import deque
from dataclasses import dataclass
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
TRIAL_SECONDS: Final = 4.0
"""How long it waits for that one: longer than the queue and the connect timeout of the client together."""

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


@dataclass(frozen=True, slots=True, eq=False)
class Admission:
    """A request that the circuit breaker has let through, and when."""

    at: float


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
        self._trial: Admission | None = None
        """The one request of a half-open breaker, while it is under way."""

    @property
    def is_open(self) -> bool:
        return self._opened_at is not None

    def admit(self, now: float) -> Admission | None:
        """Let a request through, or return None. What is returned is handed to `fail` or `forget` at its end.

        A half-open breaker lets one through. Once that has had the time to connect, it has: what it then waits for is a
        slow response, which is no failure, and need not hold up the next.
        """
        if not self.responding:
            return None
        if self._opened_at is None:
            return Admission(now)
        is_trying = self._trial is not None and now - self._trial.at <= TRIAL_SECONDS
        if is_trying or now - self._opened_at < OPEN_SECONDS:
            return None
        self._trial = Admission(now)
        return self._trial

    def succeed(self, now: float) -> None:
        """Count a request that was answered, whatever the answer."""
        if self._opened_at is not None:
            self._opened_at = self._trial = None
            self._calls.clear()
        self._count(now, 0)

    def fail(self, admission: Admission, now: float) -> None:
        """Count a request for which there was no connection. Of an open breaker only the one it let through decides."""
        self._count(now, 1)
        if self._opened_at is not None:
            if admission is self._trial:
                self._opened_at, self._trial = now, None
            return
        calls = sum(count for _, count, _ in self._calls)
        failures = sum(count for *_, count in self._calls)
        if failures >= MIN_FAILURES and 2 * failures >= calls:
            self._opened_at = now

    def forget(self, admission: Admission) -> None:
        """Note that a request ended without saying anything about the service: its client left."""
        if admission is self._trial:
            self._trial = None

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
