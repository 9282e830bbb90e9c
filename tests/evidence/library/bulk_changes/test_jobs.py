"""Bulk changes in the background: killed, failing, refused and old ones."""

import asyncio
import sys
import time
from datetime import timedelta

import pytest
from sqlalchemy import text

from services.evidence.library.bulk_changes import change_request, commands, rules
from services.evidence.library.bulk_changes.jobs import make_next_step
from services.evidence.library.bulk_changes.queries import StepRow
from services.evidence.library.bulk_changes.tables import BulkChange
from shared import clock
from shared.persistence.unit_of_work import UnitOfWork
from tests.evidence.library.bulk_changes.bulk_changes import (
    PATH,
    SURE,
    confirm,
    confirmed,
    make_all,
    of_items,
    preview,
    similar,
    steps,
)
from tests.evidence.library.bulk_changes.test_items import studies
from tests.evidence.library.works.duplicates.groups import compare_all
from tests.evidence.world import EvidenceWorld, until
from tests.support.callers import EDITOR

CHILD = """
import asyncio, sys
from services.evidence.library.bulk_changes.jobs import make_bulk_changes
from shared.persistence.database import Database

asyncio.run(make_bulk_changes(Database(sys.argv[1], "evidence"), asyncio.Event()))
"""
WAITING = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"


async def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(world: EvidenceWorld) -> None:
    for subject in ("breaks at the seaside", "meals brought to the door", "lifts that always work"):
        await similar(world, subject)
    await compare_all(world)
    shown = await preview(world, SURE)
    await confirm(world, shown)
    assert await make_next_step(world.database)
    async with world.database.engine.begin() as connection:
        await connection.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence works'))"))
        child = await asyncio.create_subprocess_exec(sys.executable, "-c", CHILD, world.database.url)
        await until(lambda: world.rows(WAITING))
        child.kill()
        assert await child.wait() == -9
    assert len((await world.json(EDITOR, "GET", "/v1/merges"))["items"]) == 1
    await until_unlocked(world)
    await make_all(world)
    done = await world.json(EDITOR, "GET", f"{PATH}/{shown['id']}")
    assert (done["status"], done["steps"]) == ("done", {"planned": 0, "done": 3, "left": 0})
    assert len((await world.json(EDITOR, "GET", "/v1/merges"))["items"]) == 3


async def until_unlocked(world: EvidenceWorld) -> None:
    """Wait until PostgreSQL has noticed that the killed worker is gone."""

    async def nobody_waits() -> bool:
        return not await world.rows(WAITING)

    await until(nobody_waits)


async def test_two_workers_at_once_make_each_step_once(world: EvidenceWorld) -> None:
    ids = await studies(world, 6)
    shown = await preview(world, of_items({"country": "GB"}, ids=ids))
    await confirm(world, shown)
    await asyncio.gather(make_all(world), make_all(world))
    await make_all(world)
    done = await world.json(EDITOR, "GET", f"{PATH}/{shown['id']}")
    assert (done["status"], done["steps"]["done"]) == ("done", 6)
    assert await world.rows("SELECT DISTINCT edition FROM items") == [{"edition": 2}]


async def test_a_step_that_fails_is_tried_again_and_then_left_for_the_others(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = await studies(world, 2)
    shown = await preview(world, of_items({"country": "GB"}, ids=ids))
    await confirm(world, shown)
    make_step = commands.make_step

    async def fail_at_first(uow: UnitOfWork, bulk_change: BulkChange, step: StepRow) -> None:
        if step.number == 1:
            raise RuntimeError("something that nobody foresaw")
        await make_step(uow, bulk_change, step)

    monkeypatch.setattr(commands, "make_step", fail_at_first)
    now = clock.now()
    for attempt in range(rules.MAX_ATTEMPTS):
        monkeypatch.setattr(clock, "now", lambda attempt=attempt: now + timedelta(minutes=attempt))
        assert await make_next_step(world.database)
    await make_all(world)
    done = await world.json(EDITOR, "GET", f"{PATH}/{shown['id']}")
    assert (done["status"], done["steps"]) == ("done", {"planned": 0, "done": 1, "left": 1})
    assert (await steps(world, done, "left"))[0]["reason"] == rules.FAILED


async def test_a_refused_step_says_why_and_the_others_are_made(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    topics = [await world.topic(f"Topic {number}") for number in range(20)]
    first, second = await studies(world, 2, topics=topics[1:])
    monkeypatch.setattr(rules, "MAX_TOPICS", 100)
    more = await world.topic()
    shown = await preview(world, of_items({"add_topics": [topics[0], more]}, ids=[first]))
    other = await preview(world, of_items({"add_topics": [more]}, ids=[second]))
    done = await confirmed(world, shown)
    assert (await steps(world, done))[0]["reason"] == rules.REFUSED
    assert (await confirmed(world, other))["steps"]["done"] == 1


async def test_a_preview_that_nobody_confirms_is_deleted_after_its_time(world: EvidenceWorld) -> None:
    ids = await studies(world, 1)
    old = await preview(world, of_items({"country": "GB"}, ids=ids))
    async with world.database.transaction() as uow:
        await uow.session.execute(text("UPDATE bulk_changes SET created_at = now() - interval '8 days'"))
    await confirmed(world, await preview(world, of_items({"country": "GB-WLS"}, ids=ids)))
    refused = await world.problem(EDITOR, "POST", f"{PATH}/{old['id']}/confirm", If_Match="*")
    assert refused["type"] == "http://testserver/problems/bulk-change-not-found"


async def test_what_exceeds_one_bulk_change_is_counted(world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(change_request, "MAX_STEPS", 2)
    monkeypatch.setattr(commands, "BATCH_GROUPS", 2)
    await studies(world, 3)
    shown = await preview(world, of_items({"country": "GB"}, way_of_knowing="research"))
    assert (shown["steps"]["planned"], shown["beyond_limit"]) == (2, 1)
    for subject in ("breaks at the seaside", "meals brought to the door", "lifts that always work"):
        await similar(world, subject)
    await compare_all(world)
    shown = await preview(world, SURE)
    assert (shown["steps"]["planned"], shown["beyond_limit"]) == (2, 1)


async def test_ten_thousand_items_are_previewed_within_seconds(world: EvidenceWorld) -> None:
    async with world.database.transaction() as uow:
        await uow.session.execute(
            text(
                "INSERT INTO items (way_of_knowing, title, details, summary, language, status, identified, fingerprint)"
                " SELECT 'research', 'Study ' || n, '{}', '', 'en', 'draft', false, 'f' || n"
                " FROM generate_series(1, 10001) AS n"
            )
        )
    started = time.perf_counter()
    shown = await preview(world, of_items({"country": "GB"}, status="draft"))
    assert (shown["steps"]["planned"], shown["beyond_limit"]) == (10_000, 1)
    assert time.perf_counter() - started < 10
    await confirm(world, shown)
    for _ in range(20):
        assert await make_next_step(world.database)
    progress = await world.json(EDITOR, "GET", f"{PATH}/{shown['id']}")
    assert (progress["status"], progress["steps"]) == ("queued", {"planned": 9_980, "done": 20, "left": 0})
