"""Background jobs beside the requests: restarted with backoff when they fail, and finished when the process stops."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from typing import cast

from shared.waiting import Backoff, pause

logger = logging.getLogger(__name__)

BackgroundJob = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set: `async def collect(stop): ...`"""

DRAIN_TIMEOUT_SECONDS = 20
"""Seconds that the jobs have to finish when the process stops; then they are cancelled."""
RECOVERED_AFTER_SECONDS = 5.0
"""Seconds that a restarted job must run before it is no longer reported as failing."""
BACKOFF_RESET_SECONDS = 30
"""Seconds that a job must have run for its next failure to count as the first."""


class Background:
    """Runs jobs by name. `failing` holds the jobs that keep failing, each with the type of its error."""

    def __init__(self, jobs: Mapping[str, BackgroundJob]) -> None:
        self.jobs = jobs
        self.failing: dict[str, str] = {}

    async def check(self) -> str | None:
        """Return which jobs keep failing, for /health/ready, or None."""
        return ", ".join(f"{name} keeps failing ({error})" for name, error in self.failing.items()) or None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        """Run the jobs while the block runs, then let them finish."""
        stop = asyncio.Event()
        # Not a TaskGroup: it would raise the block's own exception inside a group, and could not wait with a limit.
        tasks = [asyncio.create_task(self._supervise(name, job, stop), name=name) for name, job in self.jobs.items()]
        try:
            yield
        finally:
            stop.set()
            if tasks:
                _, unfinished = await asyncio.wait(tasks, timeout=DRAIN_TIMEOUT_SECONDS)
                for task in unfinished:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _supervise(self, name: str, job: BackgroundJob, stop: asyncio.Event) -> None:
        loop, backoff = asyncio.get_running_loop(), Backoff(first=0.2, maximum=10)
        recovery: asyncio.TimerHandle | None = None
        while not stop.is_set():
            started = loop.time()
            try:
                await job(stop)
                self.failing.pop(name, None)
                return
            except Exception as error:
                if loop.time() - started > BACKOFF_RESET_SECONDS:
                    backoff.reset()
                if recovery is not None:
                    recovery.cancel()
                self.failing[name] = type(_first_of(error)).__name__
                delay = backoff.next_delay()
                logger.exception("%s failed; it restarts in %.1f s", name, delay)
            await pause(stop, delay)
            recovery = loop.call_later(RECOVERED_AFTER_SECONDS, self.failing.pop, name, None)


def _first_of(error: BaseException) -> BaseException:
    """Return the first error of a group, as a TaskGroup raises it, or the error itself."""
    while isinstance(error, BaseExceptionGroup):
        error = cast("BaseExceptionGroup[BaseException]", error).exceptions[0]
    return error
