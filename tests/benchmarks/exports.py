"""Exports of the whole library in every format, beside PostgreSQL's own COPY of the same rows; and their memory.

    python -m tests.benchmarks.exports [items] [rounds]

Over HTTP from the service's process, as the gateway asks for them. The ratio is of the medians of records a second;
COPY writes JSON lines of the same columns and formats nothing, so it is the limit of anything that leaves the database.
Memory is the process's own: what the export of all items takes beyond that of an eighth of them.
"""

import asyncio
import contextlib
import os
import secrets
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import httpx
import psutil

from deploy.engines import databases, places
from deploy.engines.postgres import Cluster
from services.evidence.exchange.writers.formats import FORMATS
from shared.callers import CALLER_HEADER, Caller, sign
from shared.persistence.migrations import schema
from tests.benchmarks.evidence import FILL, ITEMS, PASSWORD, SERVE
from tests.support.settings import caller_keys

EIGHTH = "GB-NIR"
"""The country of every eighth item."""
COPY = """
SELECT json_build_object('id', id, 'title', title, 'summary', summary, 'details', details, 'country', country,
    'language', language, 'topics', ARRAY(SELECT name FROM topics JOIN filings ON topic_id = topics.id
        WHERE item_id = items.id ORDER BY name))
FROM items WHERE state = 'published' ORDER BY published_at DESC, id DESC
"""


@dataclass(frozen=True, slots=True)
class Bench:
    """The engines of one run."""

    dsn: str
    server: psutil.Process
    port: int

    @property
    def memory(self) -> float:
        """What the process holds, in MB."""
        return self.server.memory_info().rss / 1e6


async def measure(items: int, rounds: int) -> dict[str, float]:
    ratios: dict[str, float] = {}
    with ExitStack() as stack:
        bench = await _prepared(stack, items)
        for name in FORMATS:
            copied: list[float] = []
            exported: list[float] = []
            for _ in range(rounds):
                copied.append(items / await _copy(bench))
                seconds, size, _ = await _export(bench, name)
                exported.append(items / seconds)
            _, _, eighth_memory = await _export(bench, name, country=EIGHTH)
            _, size, full_memory = await _export(bench, name)
            ratios[name] = statistics.median(exported) / statistics.median(copied)
            rates = f"{statistics.median(exported):8,.0f} records/s of {statistics.median(copied):8,.0f} by COPY"
            memory = f"memory at most {full_memory:4.0f} MB, {full_memory - eighth_memory:+.0f} MB beside an eighth"
            print(f"{name:<12} {rates}, ratio {ratios[name]:.2f}; {size / 1e6:6.1f} MB; {memory}")
    return ratios


async def _copy(bench: Bench) -> float:
    connection = await asyncpg.connect(bench.dsn)
    size = 0

    async def sink(content: bytes) -> None:
        nonlocal size
        size += len(content)

    try:
        began = time.perf_counter()
        await connection.copy_from_query(COPY, output=sink)
        return time.perf_counter() - began
    finally:
        await connection.close()


async def _export(bench: Bench, name: str, **parameters: str) -> tuple[float, int, float]:
    """Seconds, bytes, and the most memory that was seen meanwhile."""
    size, peak, sampled_at = 0, bench.memory, time.perf_counter()
    signed = sign(Caller(), caller_keys()[0])
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}", timeout=600) as http:
        began = time.perf_counter()
        streaming = http.stream(
            "GET", "/v1/exports/evidence", params={"format": name, **parameters}, headers={CALLER_HEADER: signed}
        )
        async with streaming as response:
            response.raise_for_status()
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if time.perf_counter() - sampled_at > 0.02:
                    peak, sampled_at = max(peak, bench.memory), time.perf_counter()
        return time.perf_counter() - began, size, max(peak, bench.memory)


async def _prepared(stack: ExitStack, items: int) -> Bench:
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
    dsn = cluster.url("evidence", "evidence", PASSWORD)
    await schema.upgrade("services.evidence", dsn)
    cluster.sql(FILL.replace(f"generate_series(1, {ITEMS})", f"generate_series(1, {items})"), "evidence")
    cluster.sql(f"UPDATE items SET country = '{EIGHTH}' WHERE right(id::text, 1) IN ('0', '8')", "evidence")  # noqa: S608  our own words
    port = places.free_port()
    server = _started(dsn, port, stack)
    await _ready(port)
    return Bench(dsn, server, port)


def _started(dsn: str, port: int, stack: ExitStack) -> psutil.Process:
    payload = {
        "CALLER_PUBLIC_KEY": caller_keys()[1],
        "CURSOR_KEY": secrets.token_hex(16),
        "EVIDENCE_DATABASE_URL": dsn,
        "LOG_LEVEL": "WARNING",
    }
    process = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(port)], env={**os.environ, **payload}, stdout=sys.stderr
    )
    stack.callback(process.wait)
    stack.callback(process.terminate)
    return psutil.Process(process.pid)


async def _ready(port: int) -> None:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as http:
        for _ in range(600):
            with contextlib.suppress(httpx.ConnectError):
                if (await http.get("/health/ready")).status_code == 200:
                    return
            await asyncio.sleep(0.2)
    raise SystemExit("the service did not become ready")


if __name__ == "__main__":
    asyncio.run(measure(int((sys.argv[1:] or ["20000"])[0]), int((sys.argv[2:] or ["3"])[0])))
