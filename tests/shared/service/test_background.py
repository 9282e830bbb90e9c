import asyncio

import pytest

from shared.service import background
from shared.service.background import Background


async def test_a_job_that_fails_is_started_again_and_told_of(caplog: pytest.LogCaptureFixture) -> None:
    runs = 0
    well = asyncio.Event()

    async def job(stop: asyncio.Event) -> None:
        nonlocal runs
        runs += 1
        if runs < 3:
            raise RuntimeError("not today")
        well.set()
        await stop.wait()

    jobs = Background({"fetching": job})
    async with jobs.running():
        await asyncio.sleep(0.05)
        assert await jobs.check() == "fetching keeps failing (RuntimeError)"
        await asyncio.wait_for(well.wait(), 5)
    assert runs == 3
    assert "fetching failed" in caplog.text


async def test_jobs_finish_what_they_do_when_the_process_stops() -> None:
    finished = False

    async def job(stop: asyncio.Event) -> None:
        nonlocal finished
        await stop.wait()
        await asyncio.sleep(0.05)
        finished = True

    async with Background({"slow": job}).running():
        await asyncio.sleep(0)
    assert finished


async def test_one_failing_job_leaves_the_others_running() -> None:
    beats = 0

    async def beating(stop: asyncio.Event) -> None:
        nonlocal beats
        while not stop.is_set():
            beats += 1
            await asyncio.sleep(0.01)

    async def broken(_: asyncio.Event) -> None:
        raise ValueError

    async with Background({"beating": beating, "broken": broken}).running():
        await asyncio.sleep(0.3)
    assert beats > 10


async def test_a_job_that_goes_on_failing_is_told_of_until_it_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(background, "RECOVERED_AFTER_SECONDS", 0.05)
    attempts = asyncio.Semaphore(0)

    async def broken(_: asyncio.Event) -> None:
        attempts.release()
        raise RuntimeError

    jobs = Background({"broken": broken})
    async with jobs.running():
        for _ in range(2):
            await attempts.acquire()
        await asyncio.sleep(0.15)  # the next attempt is later, and what followed the first is no reason to call it well
        assert await jobs.check() == "broken keeps failing (RuntimeError)"
