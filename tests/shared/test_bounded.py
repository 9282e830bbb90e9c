"""Waiting has an end."""

import asyncio
import time

import pytest

from shared.bounded import within


async def test_work_that_swallows_its_cancellation_does_not_keep_us() -> None:
    go_on = asyncio.Event()

    async def deaf() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            await go_on.wait()

    started = time.monotonic()
    with pytest.raises(TimeoutError):
        await within(0.05, deaf())
    assert time.monotonic() - started < 5
    go_on.set()


async def test_work_that_is_cancelled_from_inside_does_not_cancel_us() -> None:
    async def ends_itself() -> None:
        raise asyncio.CancelledError

    with pytest.raises(TimeoutError):
        await within(1, ends_itself())


async def test_our_own_cancellation_goes_through() -> None:
    task = asyncio.create_task(within(60, asyncio.sleep(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_answer_and_the_error_come_through() -> None:
    async def answer() -> int:
        return 7

    async def fail() -> None:
        raise KeyError

    assert await within(1, answer()) == 7
    with pytest.raises(KeyError):
        await within(1, fail())
