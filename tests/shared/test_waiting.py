"""Waiting with a time limit."""

import asyncio

import pytest

from shared.waiting import wait_at_most


async def test_work_that_swallows_its_cancellation_does_not_keep_us() -> None:
    cancelled, go_on = asyncio.Event(), asyncio.Event()

    async def ignore_cancellation() -> None:
        try:
            await go_on.wait()
        except asyncio.CancelledError:
            cancelled.set()
            await go_on.wait()

    # Nothing but the end of this test lets the work end.
    async with asyncio.timeout(60):
        with pytest.raises(TimeoutError):
            await wait_at_most(0.05, ignore_cancellation())
        await cancelled.wait()
    go_on.set()


async def test_work_that_is_cancelled_from_inside_does_not_cancel_us() -> None:
    async def ends_itself() -> None:
        raise asyncio.CancelledError

    with pytest.raises(TimeoutError):
        await wait_at_most(1, ends_itself())


async def test_our_own_cancellation_goes_through() -> None:
    task = asyncio.create_task(wait_at_most(60, asyncio.sleep(60)))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_answer_and_the_error_come_through() -> None:
    async def return_seven() -> int:
        return 7

    async def fail() -> None:
        raise KeyError

    assert await wait_at_most(1, return_seven()) == 7
    with pytest.raises(KeyError):
        await wait_at_most(1, fail())
