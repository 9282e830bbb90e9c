"""Importing a file of references from end to end, against rispy alone parsing the same file in the same run.

    python -m tests.benchmarks.evidence.imports [records] [rounds] [megabytes]

Committed: the file is posted, read by the worker, compared with the library and committed. End to end: it is found by
the search index as well. As it is deployed: the API with its index in this process, a worker process, a PostgreSQL of
their own. Rounds alternate; ratios are of their medians, of wall clock: on two processors all of these share them. What
processor time each took is told beside, and what the least would be (`imports_limit`). Then the records are compared
for duplicates, as the worker does afterwards. At last a worker process reads a file of so many megabytes, and what
memory it takes is watched.
"""

import asyncio
import io
import itertools
import os
import random
import statistics
import sys
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import httpx
import psutil
import rispy

from deploy.engines.postgres import Cluster
from deploy.supervision.server import tune_gc
from services.evidence.discovery.search.index.jobs import IndexFollower
from services.evidence.library.works.duplicates.jobs import compare_next
from services.evidence.main import create_app
from services.evidence.settings import EvidenceSettings
from shared.callers import Role, person
from shared.persistence.migrations import schema as migrations
from shared.persistence.tables import new_id
from shared.persistence.unit_of_work import Database
from tests.benchmarks.evidence.import_lower_bound import least
from tests.support.engines import PASSWORD, postgres
from tests.support.settings import settings_for_tests
from tests.support.world import client

EDITOR = person(new_id(), Role.EVIDENCE_EDITOR)
GOAL = 1 / 3
WORKER_SECONDS = 3
"""In which a worker has certainly started."""
WORDS = (
    *("care", "carers", "support", "breaks", "home", "council", "evidence", "outcome", "trial", "review", "people"),
    *("services", "health", "wellbeing", "practice", "unpaid", "social", "worker", "family", "assistant", "choice"),
    *("control", "neighbour", "visit", "quality", "workforce", "learning"),
)
WORKER = """
import asyncio, sys
from deploy.supervision.server import tune_gc, limit_malloc
from services.evidence.exchange.imports.jobs import read_imports
from shared.persistence.unit_of_work import Database
async def read():
    await read_imports(Database(sys.argv[1], "evidence"), asyncio.Event())
limit_malloc()
tune_gc()
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


@dataclass(frozen=True)
class Server:
    """The PostgreSQL of this run."""

    cluster: Cluster
    url: str

    def spent(self) -> float:
        """Seconds of processor time, those of backends that have ended too."""
        postmaster = psutil.Process(self.cluster.pid)
        times = postmaster.cpu_times()
        ended = times.children_user + times.children_system
        return _spent(postmaster) + ended + sum(map(_spent, postmaster.children()))


async def measure(records: int, rounds: int, megabytes: int) -> float:
    numbers = itertools.count()
    alone: list[float] = []
    committed: list[float] = []
    whole: list[float] = []
    with ExitStack() as stack:
        server = await _server(stack)
        for _ in range(rounds):
            committed.append(await _import(server, file_of(numbers, records).encode(), records, searchable=False))
            content = file_of(numbers, records)
            alone.append(_rispy(content))
            whole.append(await _import(server, content.encode(), records, searchable=True))
            told = f"committed {committed[-1]:8,.0f}/s   end to end {whole[-1]:8,.0f}/s"
            print(f"  rispy {alone[-1]:8,.0f}/s   {told}", flush=True)
        ratio = statistics.median(whole) / statistics.median(alone)
        print(f"import, committed:  {statistics.median(committed) / statistics.median(alone):.2f} of rispy alone")
        print(f"import, end to end: {ratio:.2f} of rispy alone (goal {GOAL:.2f})")
        await _compared(server, 2 * rounds * records)
        await _least(server, file_of(numbers, records))
        if megabytes:
            await _memory(server, numbers, megabytes)
    return ratio


async def _compared(server: Server, records: int) -> None:
    database = Database(server.url, "evidence")
    began = time.perf_counter()
    while await compare_next(database):
        pass
    print(f"compared for duplicates: {records / (time.perf_counter() - began):,.0f}/s")
    await database.close()


async def _least(server: Server, content: str) -> None:
    """How much of rispy's rate is left when two processors do nothing else, and are never idle."""
    took = await least(server.url, content, server.spent)
    told = ", ".join(f"{name} {seconds * 1e6:.0f}" for name, seconds in took.items())
    bound = 2 * took["rispy"] / sum(took.values())
    print(f"the least, in microseconds of a record: {told}; on two processors at most {bound:.2f} of rispy alone")


def _rispy(content: str) -> float:
    began = time.perf_counter()
    found = cast("list[Any]", rispy.load(io.StringIO(content)))
    return len(found) / (time.perf_counter() - began)


async def _import(server: Server, content: bytes, records: int, *, searchable: bool) -> float:
    """Records a second, from the first byte sent to the last record committed, or found."""
    app = create_app(EvidenceSettings(**settings_for_tests(), evidence_database_url=server.url))  # pyright: ignore[reportArgumentType]  a string becomes a secret
    tune_gc()
    stop = asyncio.Event()
    index = app.state.search_index
    follower = IndexFollower(app.state.database, index)
    await follower.catch_up()
    wanted = index.size + records
    following = [asyncio.create_task(follower.follow(stop))] if searchable else []
    try:
        async with worker(server.url) as reading, client(app, EDITOR) as http:
            spent = {"api": _spent(psutil.Process()), "worker": _spent(reading), "PostgreSQL": server.spent()}
            began = time.perf_counter()
            address = await _send(http, content)
            while (index.size < wanted) if searchable else (await http.get(address)).json()["status"] != "done":
                for job in following:
                    if job.done():
                        job.result()
                await asyncio.sleep(0.02 if searchable else 0.2)
            took = time.perf_counter() - began
            now = {"api": _spent(psutil.Process()), "worker": _spent(reading), "PostgreSQL": server.spent()}
        told = ", ".join(f"{name} {(now[name] - spent[name]) / records * 1e6:.0f}" for name in spent)
        print(f"    processor time of a record, microseconds: {told}", flush=True)
        return records / took
    finally:
        stop.set()
        await asyncio.gather(*following)
        await app.state.database.close()


@asynccontextmanager
async def worker(url: str) -> AsyncGenerator[psutil.Process]:
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, url, env=environment)
    try:
        await asyncio.sleep(WORKER_SECONDS)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


def _spent(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _send(http: httpx.AsyncClient, content: bytes) -> str:
    """The address of the import."""
    sent = await http.post("/v1/imports", files={"file": ("bench.ris", content)}, data={"publish": "true"})
    assert sent.status_code == httpx.codes.ACCEPTED, sent.text
    return sent.headers["location"]


async def _server(stack: ExitStack) -> Server:
    cluster = stack.enter_context(postgres(safe=True))
    url = cluster.url("evidence", "evidence", PASSWORD)
    await migrations.upgrade("services.evidence", url)
    return Server(cluster, url)


async def _memory(server: Server, numbers: Iterator[int], megabytes: int) -> None:
    """The most that a worker takes while it reads a large file, and what it takes before."""
    app = create_app(EvidenceSettings(**settings_for_tests(), evidence_database_url=server.url))  # pyright: ignore[reportArgumentType]  a string becomes a secret
    size = len(record(random.Random(1), 0))
    content = file_of(numbers, megabytes * 1_000_000 // size).encode()
    seen: list[int] = []
    async with worker(server.url) as reading, client(app, EDITOR) as http:
        began, before = time.perf_counter(), reading.memory_full_info().pss
        address = await _send(http, content)
        while (await http.get(address)).json()["status"] != "done":
            seen.append(reading.memory_full_info().pss)
            await asyncio.sleep(0.1)
        took = time.perf_counter() - began
    await app.state.database.close()
    print(
        f"a file of {megabytes} MB: the worker takes {max(seen) / 1e6:,.0f} MB at most, {before / 1e6:,.0f} MB before "
        f"({took:,.0f} s)"
    )


if __name__ == "__main__":
    given = [*map(int, sys.argv[1:]), *itertools.islice((20_000, 3, 200), len(sys.argv) - 1, None)]
    asyncio.run(measure(*given))
