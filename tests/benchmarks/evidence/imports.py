"""The import of a file of references from end to end, beside rispy alone parsing the same file in the same run.

    python -m tests.benchmarks.evidence.imports [records] [rounds] [megabytes]

Committed: the file is posted, read by the worker, compared with the library and committed. End to end: the search index
has it as well. As in production: the API with its index in this process, a worker process, a private PostgreSQL, and
accounts that people took back, whose words no record may repeat. Rounds alternate; ratios are those of medians of
wall-clock time, with all processes on the same processors. The processor time of each process is printed too, and the
lower bound (`import_lower_bound`). Then the records are compared for duplicates, as the worker does afterwards. Last, a
worker reads a file of this many megabytes, and its memory is sampled.
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
from shared.callers import Role, person
from shared.persistence.database import Database
from shared.persistence.tables import new_id
from tests.benchmarks.evidence.import_lower_bound import measure_lower_bound
from tests.benchmarks.service_process import start_database
from tests.support.world import client, create_app

EDITOR = person(new_id(), Role.EVIDENCE_EDITOR)
CARER = person(new_id(), Role.CONTRIBUTOR)
TAKEN_BACK_ACCOUNTS = 50
"""Of 300 words each, of people who have asked for them to be erased."""
GOAL_RATIO = 1 / 3
WORKER_START_SECONDS = 3
"""Enough for a worker to start."""
WORDS = (
    *("care", "carers", "support", "breaks", "home", "council", "evidence", "outcome", "trial", "review", "people"),
    *("services", "health", "wellbeing", "practice", "unpaid", "social", "worker", "family", "assistant", "choice"),
    *("control", "neighbour", "visit", "quality", "workforce", "learning"),
)
CONSONANTS, VOWELS = "bcdfghklmnprstvw", "aeiou"
TITLE_WORDS = tuple(
    "".join(map(random.Random(number).choice, (CONSONANTS, VOWELS, CONSONANTS, VOWELS, "nrstl")))
    for number in range(2_000)
)
"""As in the titles of a field. Of the few words above, each work would share blocking keys with hundreds."""
WORKER = """
import asyncio, sys
from deploy.supervision.server import tune_gc, limit_malloc
from services.evidence.exchange.imports.jobs import process_imports
from shared.persistence.database import Database
async def read():
    await process_imports(Database(sys.argv[1], "evidence", secret=sys.argv[2]), asyncio.Event())
limit_malloc()
tune_gc()
asyncio.run(read())
"""


def record(rng: random.Random, number: int) -> str:
    """Return a RIS record of about 1.7 KB, as databases export them."""

    def text_of(count: int) -> str:
        return " ".join(rng.choices(WORDS, k=count))

    authors = "".join(f"AU  - {text_of(1).capitalize()}, {rng.choice('ABCDEFGH')}.\n" for _ in range(4))
    keywords = "".join(f"KW  - {text_of(1)}\n" for _ in range(5))
    title = " ".join(rng.choices(TITLE_WORDS, k=10)).capitalize()
    year = 1990 + number % 34
    return (
        f"TY  - JOUR\nTI  - {title} {number}\n{authors}PY  - {year}\nDA  - {year}/05/12\n"
        f"T2  - Journal of Invented {text_of(1)}\nVL  - {number % 90}\nIS  - {number % 12}\nSP  - {number % 400}\n"
        f"EP  - {number % 400 + 12}\nAB  - {text_of(170)}\n{keywords}DO  - 10.5555/bench.{number}\nSN  - 1234-5678\n"
        f"UR  - https://example.org/{number}\nLA  - en\nPB  - A press\nER  - \n\n"
    )


def file_of(numbers: Iterator[int], records: int) -> str:
    rng = random.Random(records)
    return "".join(record(rng, number) for number in itertools.islice(numbers, records))


@dataclass(frozen=True)
class PostgresServer:
    """The PostgreSQL of this run."""

    cluster: Cluster
    url: str

    def cpu_seconds(self) -> float:
        """Return the processor time of the server in seconds, including that of backends that have ended."""
        postmaster = psutil.Process(self.cluster.pid)
        times = postmaster.cpu_times()
        ended = times.children_user + times.children_system
        return _cpu_seconds(postmaster) + ended + sum(map(_cpu_seconds, postmaster.children()))


async def measure(records: int, rounds: int, megabytes: int) -> float:
    numbers = itertools.count()
    rispy_rates: list[float] = []
    committed_rates: list[float] = []
    searchable_rates: list[float] = []
    with ExitStack() as stack:
        server = PostgresServer(*await start_database("evidence", stack))
        await _take_accounts_back(server)
        for _ in range(rounds):
            committed_rates.append(
                await _measure_import(server, file_of(numbers, records).encode(), records, searchable=False)
            )
            content = file_of(numbers, records)
            rispy_rates.append(_measure_rispy(content))
            searchable_rates.append(await _measure_import(server, content.encode(), records, searchable=True))
            rates = f"committed {committed_rates[-1]:8,.0f}/s   end to end {searchable_rates[-1]:8,.0f}/s"
            print(f"  rispy {rispy_rates[-1]:8,.0f}/s   {rates}", flush=True)
        ratio = statistics.median(searchable_rates) / statistics.median(rispy_rates)
        committed_ratio = statistics.median(committed_rates) / statistics.median(rispy_rates)
        print(f"import, committed:  {committed_ratio:.2f} of rispy alone")
        print(f"import, end to end: {ratio:.2f} of rispy alone (goal {GOAL_RATIO:.2f})")
        await _measure_comparison(server, 2 * rounds * records)
        await _measure_lower_bound(server, file_of(numbers, records))
        if megabytes:
            await _measure_memory(server, numbers, megabytes)
    return ratio


async def _take_accounts_back(server: PostgresServer) -> None:
    app, rng = create_app("evidence", server.url), random.Random(7)
    vocabulary = [f"{word}{'aeiou'[number % 5] * (1 + number // 5)}" for word in WORDS for number in range(40)]
    async with client(app, CARER) as http:
        for number in range(TAKEN_BACK_ACCOUNTS):
            account = {
                "way_of_knowing": "lived_experience",
                "title": f"Account {number}",
                "account": " ".join(rng.choices([*vocabulary, *WORDS], k=300)),
                "speaks_as": "unpaid_carer",
                "consent": {"to_publish": True},
            }
            response = await http.post("/v1/evidence", json=account)
            assert response.status_code == httpx.codes.CREATED, response.text
            (await http.post(f"/v1/evidence/{response.json()['id']}/withdraw")).raise_for_status()
    await app.state.database.close()


async def _measure_comparison(server: PostgresServer, records: int) -> None:
    database = Database(server.url, "evidence")
    started = time.perf_counter()
    while await compare_next(database):
        pass
    print(f"compared for duplicates: {records / (time.perf_counter() - started):,.0f}/s")
    await database.close()


async def _measure_lower_bound(server: PostgresServer, content: str) -> None:
    """Print the lower bound, and the ratio to rispy that two fully used processors could reach."""
    seconds_by_step = await measure_lower_bound(server.url, content, server.cpu_seconds)
    steps = ", ".join(f"{name} {seconds * 1e6:.0f}" for name, seconds in seconds_by_step.items())
    bound = 2 * seconds_by_step["rispy"] / sum(seconds_by_step.values())
    print(f"the least, in microseconds of a record: {steps}; on two processors at most {bound:.2f} of rispy alone")


def _measure_rispy(content: str) -> float:
    started = time.perf_counter()
    records = cast("list[Any]", rispy.load(io.StringIO(content)))
    return len(records) / (time.perf_counter() - started)


async def _measure_import(server: PostgresServer, content: bytes, records: int, *, searchable: bool) -> float:
    """Return records a second, from the first byte sent to the last record committed, or searchable."""
    app = create_app("evidence", server.url)
    tune_gc()
    stop = asyncio.Event()
    index = app.state.search_index
    follower = IndexFollower(app.state.database, index)
    await follower.catch_up()
    expected_size = index.size + records
    follower_tasks = [asyncio.create_task(follower.follow(stop))] if searchable else []
    try:
        async with worker(app.state.database) as reading, client(app, EDITOR) as http:
            before = {
                "api": _cpu_seconds(psutil.Process()),
                "worker": _cpu_seconds(reading),
                "PostgreSQL": server.cpu_seconds(),
            }
            started = time.perf_counter()
            address = await _send(http, content)
            while (index.size < expected_size) if searchable else (await http.get(address)).json()["status"] != "done":
                for job in follower_tasks:
                    if job.done():
                        job.result()
                await asyncio.sleep(0.02 if searchable else 0.2)
            seconds = time.perf_counter() - started
            after = {
                "api": _cpu_seconds(psutil.Process()),
                "worker": _cpu_seconds(reading),
                "PostgreSQL": server.cpu_seconds(),
            }
        cpu_times = ", ".join(f"{name} {(after[name] - before[name]) / records * 1e6:.0f}" for name in before)
        print(f"    processor time of a record, microseconds: {cpu_times}", flush=True)
        return records / seconds
    finally:
        stop.set()
        await asyncio.gather(*follower_tasks)
        await app.state.database.close()


@asynccontextmanager
async def worker(database: Database) -> AsyncGenerator[psutil.Process]:
    environment = {**os.environ, "PYTHONPATH": str(Path.cwd())}
    arguments = (database.url, database.secret)
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, *arguments, env=environment)
    try:
        await asyncio.sleep(WORKER_START_SECONDS)
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        await process.wait()


def _cpu_seconds(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


async def _send(http: httpx.AsyncClient, content: bytes) -> str:
    """Post the file. Returns the path of the import."""
    response = await http.post("/v1/imports", files={"file": ("bench.ris", content)}, data={"publish": "true"})
    assert response.status_code == httpx.codes.ACCEPTED, response.text
    return response.headers["location"]


async def _measure_memory(server: PostgresServer, numbers: Iterator[int], megabytes: int) -> None:
    """Print the peak memory of a worker that reads a large file, and its memory before."""
    app = create_app("evidence", server.url)
    size = len(record(random.Random(1), 0))
    content = file_of(numbers, megabytes * 1_000_000 // size).encode()
    samples: list[int] = []
    async with worker(app.state.database) as reading, client(app, EDITOR) as http:
        started, before = time.perf_counter(), reading.memory_full_info().pss
        address = await _send(http, content)
        while (await http.get(address)).json()["status"] != "done":
            samples.append(reading.memory_full_info().pss)
            await asyncio.sleep(0.1)
        seconds = time.perf_counter() - started
    await app.state.database.close()
    print(
        f"a file of {megabytes} MB: the worker's peak is {max(samples) / 1e6:,.0f} MB, {before / 1e6:,.0f} MB before "
        f"({seconds:,.0f} s)"
    )


if __name__ == "__main__":
    arguments = [*map(int, sys.argv[1:]), *itertools.islice((20_000, 3, 200), len(sys.argv) - 1, None)]
    asyncio.run(measure(*arguments))
