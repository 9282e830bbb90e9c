"""An end to waiting, for libraries that swallow a cancellation and then wait on."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

T = TypeVar("T")

_left: set[asyncio.Task[Any]] = set()
"""Tasks that did not end when told to: kept until they do."""


async def wait_at_most(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """What the work answers. Raises TimeoutError in time, whether or not the work has ended by then.

    Also when the work was cancelled from inside: that is its end, not ours.
    """
    task = asyncio.create_task(work)
    try:
        done, _ = await asyncio.wait([task], timeout=seconds)
    finally:
        if not task.done():
            task.cancel()
            _left.add(task)
            task.add_done_callback(_left.discard)
    if not done or task.cancelled():
        raise TimeoutError
    return task.result()
