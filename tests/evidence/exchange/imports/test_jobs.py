import asyncio
import os
import signal
import sys
from pathlib import Path

import asyncpg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, IntegrityError

from services.evidence.exchange.file_jobs.rules import PART_ATTEMPTS
from services.evidence.exchange.imports import jobs
from shared.callers import Caller
from shared.persistence.tables import new_id
from tests.evidence.world import EvidenceWorld, counts, until
from tests.support.callers import EDITOR

PARTNER = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
ROOT = Path(__file__).parents[4]
WORKER = """
import asyncio, sys
from services.evidence.exchange.imports.jobs import process_imports
from shared.persistence.database import Database
asyncio.run(process_imports(Database(sys.argv[1], "evidence"), asyncio.Event()))
"""


def many(number: int, *, untitled_every: int = 0) -> bytes:
    return b"".join(
        b"TY  - JOUR\n"
        + (b"" if untitled_every and n % untitled_every == 0 else f"TI  - What {n} carers said of a break\n".encode())
        + f"AU  - Author, {n}\nPY  - 2020\nAB  - {'Some words of it. ' * 30}\nDO  - 10.5555/n.{n}\nER  - \n\n".encode()
        for n in range(number)
    )


async def test_a_large_file_is_read_in_parts_and_the_counts_add_up_after_each(world: EvidenceWorld) -> None:
    sent = await world.send(many(3200, untitled_every=100) + many(300))
    progress: list[int] = []
    while await jobs.process_next_part(world.database):
        job = await world.json(EDITOR, "GET", sent.headers["location"])
        read, created, matched, rejected = counts(job)
        assert read == created + matched + rejected
        assert 0 < job["done"] <= job["total"]
        progress.append(read)
    assert len(progress) > 2
    assert progress == sorted(progress)
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    # Of the second 300, three had no title the first time.
    assert counts(job) == (3500, 3171, 297, 32)
    assert await world.rows("SELECT 1 FROM import_chunks") == []


async def test_the_database_refuses_counts_that_do_not_add_up(world: EvidenceWorld) -> None:
    await world.send(many(1))
    with pytest.raises(IntegrityError, match="counts_add_up"):
        await world.rows("UPDATE imports SET read = 1 RETURNING id")


async def test_a_killed_worker_loses_nothing_and_repeats_nothing(world: EvidenceWorld) -> None:
    sent = await world.send(many(4000))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, world.database.url, env=environment)
    read = 0
    async with asyncio.timeout(60):
        while read == 0:
            job = await world.json(EDITOR, "GET", sent.headers["location"])
            read = job["read"]
    worker.send_signal(signal.SIGKILL)
    await worker.wait()
    halfway = await world.json(EDITOR, "GET", sent.headers["location"])
    assert 0 < halfway["read"] < 4000
    item_counts = await world.rows("SELECT count(*) AS number FROM items")
    assert item_counts[0]["number"] == halfway["created"] == halfway["read"]
    await until_free(world)
    await world.read_all()
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert (job["status"], counts(job)) == ("done", (4000, 4000, 0, 0))
    assert (await world.rows("SELECT count(*) AS number FROM items"))[0]["number"] == 4000


async def until_free(world: EvidenceWorld) -> None:
    """PostgreSQL notices that a client is gone when it next looks at the connection."""
    connection = await asyncpg.connect(world.database.dsn)
    try:
        await asyncio.wait_for(connection.execute("SELECT 1 FROM imports FOR UPDATE"), 30)
    finally:
        await connection.close()


async def test_two_workers_read_two_equal_files_into_one_set_of_items(world: EvidenceWorld) -> None:
    first, second = await world.send(many(1000)), await world.send(many(1000))
    await asyncio.gather(world.read_all(), world.read_all(), world.read_all())
    await world.read_all()
    both = [await world.json(EDITOR, "GET", sent.headers["location"]) for sent in (first, second)]
    assert [job["status"] for job in both] == ["done", "done"]
    assert sum(job["created"] for job in both) == 1000
    assert sum(job["matched"] for job in both) == 1000
    assert (await world.rows("SELECT count(*) AS number FROM items"))[0]["number"] == 1000


async def when_a_title_says(world: EvidenceWorld, phrase: str, happens: str) -> None:
    """From now on the database does this while it takes an item with this word in its title."""
    async with world.database.engine.begin() as connection:
        for statement in (
            f"CREATE OR REPLACE FUNCTION trouble() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {happens} END $$",
            f"CREATE OR REPLACE TRIGGER trouble BEFORE INSERT ON items FOR EACH ROW "
            f"WHEN (NEW.title LIKE '%{phrase}%') EXECUTE FUNCTION trouble()",
        ):
            await connection.execute(text(statement))


async def wait_no_longer(world: EvidenceWorld) -> None:
    async with world.database.engine.begin() as connection:
        await connection.execute(text("UPDATE imports SET try_at = now() - interval '1 second'"))


FAILS = "RAISE EXCEPTION 'a record that cannot be kept';"
OUTAGE = "PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NEW;"


@pytest.mark.alters_schema
async def test_a_file_that_fails_again_and_again_is_given_up_and_holds_up_no_other(world: EvidenceWorld) -> None:
    await when_a_title_says(world, "carers", FAILS)
    failing = await world.send(many(3))
    other = await world.send(many(3).replace(b"carers", b"people").replace(b"10.5555", b"10.6666"))
    await world.read_all()
    assert (await world.json(EDITOR, "GET", other.headers["location"]))["status"] == "done"
    for _ in range(PART_ATTEMPTS.max_attempts - 1):
        assert (await world.json(EDITOR, "GET", failing.headers["location"]))["status"] == "running"
        assert not await jobs.process_next_part(world.database)
        await wait_no_longer(world)
        await world.read_all()
    job = await world.json(EDITOR, "GET", failing.headers["location"])
    assert (job["status"], counts(job)) == ("failed", (0, 0, 0, 0))
    assert "Send the file again" in job["problems"][0]


@pytest.mark.alters_schema
async def test_what_failed_for_a_while_is_read_in_the_end(world: EvidenceWorld) -> None:
    await when_a_title_says(world, "carers", FAILS)
    sent = await world.send(many(3))
    await world.read_all()
    await when_a_title_says(world, "carers", "RETURN NEW;")
    await wait_no_longer(world)
    await world.read_all()
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert (job["status"], counts(job), job["problems"]) == ("done", (3, 3, 0, 0), [])


@pytest.mark.alters_schema
async def test_however_often_the_database_goes_away_no_import_is_given_up(world: EvidenceWorld) -> None:
    await when_a_title_says(world, "carers", OUTAGE)
    sent = await world.send(many(3))
    for _ in range(PART_ATTEMPTS.max_attempts + 2):
        with pytest.raises(DBAPIError):
            await jobs.process_next_part(world.database)
    await when_a_title_says(world, "carers", "RETURN NEW;")
    await world.read_all()
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert (job["status"], counts(job)) == ("done", (3, 3, 0, 0))


@pytest.mark.alters_schema
async def test_an_import_that_began_to_run_is_not_told_to_be_unchanged(world: EvidenceWorld) -> None:
    await when_a_title_says(world, "carers", FAILS)
    sent = await world.send(many(3))
    before = await world.call(EDITOR, "GET", sent.headers["location"])
    await world.read_all()
    again = await world.call(EDITOR, "GET", sent.headers["location"], If_None_Match=before.headers["etag"])
    assert (before.json()["status"], again.status_code, again.json()["status"]) == ("queued", 200, "running")


async def test_each_part_that_was_read_makes_a_new_version(world: EvidenceWorld) -> None:
    sent = await world.send(many(2400))
    tags = [sent.headers["etag"]]
    while await jobs.process_next_part(world.database):
        response = await world.call(EDITOR, "GET", sent.headers["location"], If_None_Match=tags[-1])
        assert response.status_code == 200
        tags.append(response.headers["etag"])
    assert len(set(tags)) == len(tags) > 2


@pytest.mark.parametrize("caller", [EDITOR, PARTNER], ids=["person", "client"])
async def test_the_audit_trail_says_which_kind_of_caller_imported(world: EvidenceWorld, caller: Caller) -> None:
    assert (await world.send(many(3), caller)).status_code == 202
    await world.read_all()
    actors = await world.rows("SELECT DISTINCT actor, actor_kind FROM audit_entries WHERE kind = 'Import'")
    assert actors == [{"actor": caller.id, "actor_kind": caller.kind}]


async def test_the_job_ends_when_the_worker_stops(world: EvidenceWorld) -> None:
    stop = asyncio.Event()
    running = asyncio.create_task(jobs.process_imports(world.database, stop))
    sent = await world.send(many(10))
    await until_done(world, sent.headers["location"])
    stop.set()
    await asyncio.wait_for(running, 10)


@pytest.mark.alters_schema
async def test_what_was_read_ahead_of_a_failure_is_neither_lost_nor_written_twice(world: EvidenceWorld) -> None:
    await when_a_title_says(world, "What 1500 carers", FAILS)
    sent = await world.send(many(2500))
    stop = asyncio.Event()
    running = asyncio.create_task(jobs.process_imports(world.database, stop))
    await until(lambda: world.rows("SELECT 1 FROM imports WHERE attempts > 0"))
    assert counts(await world.json(EDITOR, "GET", sent.headers["location"])) == (1000, 1000, 0, 0)
    await when_a_title_says(world, "What 1500 carers", "RETURN NEW;")
    await wait_no_longer(world)
    await until_done(world, sent.headers["location"])
    stop.set()
    await running
    assert counts(await world.json(EDITOR, "GET", sent.headers["location"])) == (2500, 2500, 0, 0)


async def until_done(world: EvidenceWorld, location: str) -> None:
    async with asyncio.timeout(30):
        while (await world.json(EDITOR, "GET", location))["status"] != "done":
            pass
