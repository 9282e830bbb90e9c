"""Importing a file of references from end to end, against rispy alone parsing the same file in the same run.

    python -m tests.benchmarks.imports [records] [rounds] [megabytes]

Committed: the file is posted, read by the worker, compared with the library and committed. End to end: it is found by
the search index as well. All in this process on a PostgreSQL of its own. Rounds alternate; ratios are of their medians,
of wall clock: on two processors the index's own thread and PostgreSQL share them with the rest. Then a worker process
reads a file of so many megabytes, and what memory it takes is watched.
"""

import asyncio
import contextlib
import gc
import io
import itertools
import os
import random
import secrets
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, cast

import httpx
import psutil
import rispy
from fastapi import FastAPI

from deploy.engines import databases, places
from deploy.engines.postgres import Cluster
from services.evidence.exchange.jobs import read_imports, read_next_part
from services.evidence.exchange.parts import Ahead
from services.evidence.main import create_app
from services.evidence.search.following import Follower
from services.evidence.settings import EvidenceSettings
from shared import migrations
from shared.auth import Role, person
from shared.tables import new_id
from shared.testing import client, settings_for_tests

PASSWORD = secrets.token_urlsafe(12)
EDITOR = person(new_id(), Role.EVIDENCE_EDITOR)
GOAL = 1 / 3
WORDS = (
    *("care", "carers", "support", "breaks", "home", "council", "evidence", "outcome", "trial", "review", "people"),
    *("services", "health", "wellbeing", "practice", "unpaid", "social", "worker", "family", "assistant", "choice"),
    *("control", "neighbour", "visit", "quality", "workforce", "learning"),
)
WORKER = """
import asyncio, sys
from services.evidence.exchange.jobs import read_next_part
from shared.database import Database
async def read():
    while await read_next_part(database): pass
database = Database(sys.argv[1], "evidence")
asyncio.run(read())
"""


def record(chance: random.Random, number: int) -> str:
    """About 1.7 KB, as databases export them."""

    def words(count: int) -> str:
        return " ".join(chance.choices(WORDS, k=count))

    authors = "".join(f"AU  - {words(1).capitalize()}, {chance.choice('ABCDEFGH')}.\n" for _ in range(4))
    keywords = "".join(f"KW  - {words(1)}\n" for _ in range(5))
    year = 1990 + number % 34
    return (
        f"TY  - JOUR\nTI  - {words(10).capitalize()} {number}\n{authors}PY  - {year}\nDA  - {year}/05/12\n"
        f"T2  - Journal of Invented {words(1)}\nVL  - {number % 90}\nIS  - {number % 12}\nSP  - {number % 400}\n"
        f"EP  - {number % 400 + 12}\nAB  - {words(170)}\n{keywords}DO  - 10.5555/bench.{number}\nSN  - 1234-5678\n"
        f"UR  - https://example.org/{number}\nLA  - en\nPB  - A press\nER  - \n\n"
    )


def file_of(numbers: Iterator[int], records: int) -> str:
    chance = random.Random(records)
    return "".join(record(chance, number) for number in itertools.islice(numbers, records))


async def measure(records: int, rounds: int, megabytes: int) -> float:
    # As in a process of the service: what its imports made is not looked through again and again.
    gc.collect()
    gc.freeze()
    numbers = itertools.count()
    alone: list[float] = []
    committed: list[float] = []
    whole: list[float] = []
    with ExitStack() as stack:
        url = await _database(stack)
        for _ in range(rounds):
            committed.append(await _commit(url, file_of(numbers, records).encode(), records))
            content = file_of(numbers, records)
            alone.append(_rispy(content))
            whole.append(await _import(url, content.encode(), records))
            told = f"committed {committed[-1]:8,.0f}/s   end to end {whole[-1]:8,.0f}/s"
            print(f"  rispy {alone[-1]:8,.0f}/s   {told}", flush=True)
        ratio = statistics.median(whole) / statistics.median(alone)
        print(f"import, committed:  {statistics.median(committed) / statistics.median(alone):.2f} of rispy alone")
        print(f"import, end to end: {ratio:.2f} of rispy alone (goal {GOAL:.2f})")
        if megabytes:
            await _memory(url, numbers, megabytes)
    return ratio


def _rispy(content: str) -> float:
    began = time.perf_counter()
    found = cast("list[Any]", rispy.load(io.StringIO(content)))
    return len(found) / (time.perf_counter() - began)


async def _commit(url: str, content: bytes, records: int) -> float:
    app = create_app(EvidenceSettings(**settings_for_tests(), evidence_database_url=url))  # pyright: ignore[reportArgumentType]  a string becomes a secret
    ahead = Ahead(app.state.database)
    try:
        began = time.perf_counter()
        await _send(app, content)
        while await read_next_part(app.state.database, ahead):
            pass
        return records / (time.perf_counter() - began)
    finally:
        await ahead.stop()
        await app.state.database.close()


async def _import(url: str, content: bytes, records: int) -> float:
    app = create_app(EvidenceSettings(**settings_for_tests(), evidence_database_url=url))  # pyright: ignore[reportArgumentType]  a string becomes a secret
    stop = asyncio.Event()
    index = app.state.search_index
    follower = Follower(app.state.database, index)
    await follower.catch_up()
    before = index.size
    jobs = [asyncio.create_task(follower.follow(stop)), asyncio.create_task(read_imports(app.state.database, stop))]
    try:
        began = time.perf_counter()
        await _send(app, content)
        while index.size < before + records:
            for job in jobs:
                if job.done():
                    job.result()
            await asyncio.sleep(0.02)
        return records / (time.perf_counter() - began)
    finally:
        stop.set()
        await asyncio.gather(*jobs)
        await app.state.database.close()


async def _send(app: FastAPI, content: bytes) -> None:
    async with client(app, EDITOR) as http:
        sent = await http.post("/v1/imports", files={"file": ("bench.ris", content)}, data={"publish": "true"})
        assert sent.status_code == httpx.codes.ACCEPTED, sent.text


async def _database(stack: ExitStack) -> str:
    account = places.unprivileged()
    parent = places.database_folder() if account.uid is not None else Path(tempfile.gettempdir())
    home = Path(tempfile.mkdtemp(prefix="impact-benchmark-", dir=parent))
    stack.callback(shutil.rmtree, home, ignore_errors=True)
    account.own(home)
    cluster = Cluster(home, home / "log", PASSWORD, places.free_port(), account, programs_in=places.database_folder())
    stack.callback(cluster.stop)
    cluster.start()
    cluster.wait()
    databases.set_up(cluster, dict.fromkeys(databases.SERVICES, PASSWORD))
    url = cluster.url("evidence", "evidence", PASSWORD)
    await migrations.upgrade("services.evidence", url)
    return url


async def _memory(url: str, numbers: Iterator[int], megabytes: int) -> None:
    """The most that a worker takes while it reads a large file, and what it takes before."""
    app = create_app(EvidenceSettings(**settings_for_tests(), evidence_database_url=url))  # pyright: ignore[reportArgumentType]  a string becomes a secret
    size = len(record(random.Random(1), 0))
    await _send(app, file_of(numbers, megabytes * 1_000_000 // size).encode())
    await app.state.database.close()
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, url, env=environment)
    process = psutil.Process(worker.pid)
    seen: list[int] = []
    began = time.perf_counter()
    while worker.returncode is None:
        with contextlib.suppress(psutil.Error):
            seen.append(process.memory_full_info().pss)
        await asyncio.sleep(0.1)
    begun, most = statistics.median(seen[:50]) / 1e6, max(seen) / 1e6
    took = time.perf_counter() - began
    print(
        f"a file of {megabytes} MB: the worker takes {most:,.0f} MB at most, {begun:,.0f} MB at first ({took:,.0f} s)"
    )


if __name__ == "__main__":
    given = [*map(int, sys.argv[1:]), *itertools.islice((20_000, 3, 200), len(sys.argv) - 1, None)]
    asyncio.run(measure(*given))
