"""Work beside the requests: restarted with patience when it fails, and finished when the process stops."""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

logger = logging.getLogger(__name__)

Job = Callable[[asyncio.Event], Awaitable[None]]
"""Runs until the event is set. `async def follow(stop): ...`"""

DRAIN_SECONDS = 20
WELL_AFTER_SECONDS = 5.0
"""For so long a job that was started again runs before it counts as well."""


class Background:
    """Runs jobs by name; `failing` says what keeps failing."""

    def __init__(self, jobs: Mapping[str, Job]) -> None:
        self.jobs = jobs
        self.failing: dict[str, str] = {}

    async def check(self) -> str | None:
        return ", ".join(f"{name} keeps failing ({why})" for name, why in self.failing.items()) or None

    @asynccontextmanager
    async def running(self) -> AsyncGenerator[None]:
        stop = asyncio.Event()
        tasks = [asyncio.create_task(self._kept(name, job, stop), name=name) for name, job in self.jobs.items()]
        try:
            yield
        finally:
            stop.set()
            if tasks:
                _, late = await asyncio.wait(tasks, timeout=DRAIN_SECONDS)
                for task in late:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    async def _kept(self, name: str, job: Job, stop: asyncio.Event) -> None:
        loop, patience = asyncio.get_running_loop(), 0.2
        well: asyncio.TimerHandle | None = None
        while not stop.is_set():
            started = loop.time()
            try:
                await job(stop)
                self.failing.pop(name, None)
                return
            except Exception as error:
                if loop.time() - started > 30:
                    patience = 0.2
                if well is not None:
                    well.cancel()
                self.failing[name] = type(error).__name__
                logger.exception("%s failed; it starts again in %.1f s", name, patience)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(patience):
                    await stop.wait()
            patience = min(patience * 2, 10)
            well = loop.call_later(WELL_AFTER_SECONDS, self.failing.pop, name, None)
