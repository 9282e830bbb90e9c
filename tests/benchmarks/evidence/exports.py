"""Exports of the whole library in every format, beside PostgreSQL's COPY of the same rows; and their memory.

    python -m tests.benchmarks.evidence.exports [items] [rounds]

Over HTTP from the service's process, with the gateway's headers. The ratio is that of the medians of records a second.
COPY writes JSON lines of the same columns without formatting: the upper bound for any export from the database.
Memory is that of the process: what the export of all items needs beyond that of an eighth of them.
"""

import asyncio
import statistics
import sys
import time
from contextlib import ExitStack
from dataclasses import dataclass

import asyncpg
import httpx
import psutil

from services.evidence.exchange.writers.formats import FORMATS
from shared.callers import CALLER_HEADER, Caller, sign
from tests.benchmarks.evidence.reads import FILL, ITEMS
from tests.benchmarks.service_process import start_api, start_database
from tests.support.settings import caller_keys

RARE_COUNTRY = "GB-NIR"
"""The country of an eighth of the items."""
COPY = """
SELECT json_build_object('id', id, 'title', title, 'summary', summary, 'details', details, 'country', country,
    'language', language, 'topics', ARRAY(SELECT name FROM topics JOIN filings ON topic_id = topics.id
        WHERE item_id = items.id ORDER BY name))
FROM items WHERE status = 'published' ORDER BY published_at DESC, id DESC
"""


@dataclass(frozen=True, slots=True)
class ExportBench:
    """The engines of one run."""

    dsn: str
    server: psutil.Process
    port: int

    @property
    def memory_megabytes(self) -> float:
        """The resident memory of the service's process."""
        return self.server.memory_info().rss / 1e6


async def measure(items: int, rounds: int) -> dict[str, float]:
    ratios: dict[str, float] = {}
    with ExitStack() as stack:
        bench = await _prepare(stack, items)
        for name in FORMATS:
            copied: list[float] = []
            exported: list[float] = []
            for _ in range(rounds):
                copied.append(items / await _copy(bench))
                seconds, size, _ = await _export(bench, name)
                exported.append(items / seconds)
            _, _, eighth_megabytes = await _export(bench, name, country=RARE_COUNTRY)
            _, size, all_megabytes = await _export(bench, name)
            ratios[name] = statistics.median(exported) / statistics.median(copied)
            rates = f"{statistics.median(exported):8,.0f} records/s of {statistics.median(copied):8,.0f} by COPY"
            memory = (
                f"memory at most {all_megabytes:4.0f} MB, {all_megabytes - eighth_megabytes:+.0f} MB beside an eighth"
            )
            print(f"{name:<12} {rates}, ratio {ratios[name]:.2f}; {size / 1e6:6.1f} MB; {memory}")
    return ratios


async def _copy(bench: ExportBench) -> float:
    connection = await asyncpg.connect(bench.dsn)
    size = 0

    async def sink(content: bytes) -> None:
        nonlocal size
        size += len(content)

    try:
        started_at = time.perf_counter()
        await connection.copy_from_query(COPY, output=sink)
        return time.perf_counter() - started_at
    finally:
        await connection.close()


async def _export(bench: ExportBench, name: str, **filters: str) -> tuple[float, int, float]:
    """Export in one format. Returns seconds, bytes, and the peak memory in MB."""
    size, peak_megabytes, sampled_at = 0, bench.memory_megabytes, time.perf_counter()
    signed = sign(Caller(), caller_keys()[0])
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{bench.port}", timeout=600) as http:
        started_at = time.perf_counter()
        stream = http.stream(
            "GET", "/v1/exports/evidence", params={"format": name, **filters}, headers={CALLER_HEADER: signed}
        )
        async with stream as response:
            response.raise_for_status()
            async for chunk in response.aiter_raw():
                size += len(chunk)
                if time.perf_counter() - sampled_at > 0.02:
                    peak_megabytes, sampled_at = max(peak_megabytes, bench.memory_megabytes), time.perf_counter()
        return time.perf_counter() - started_at, size, max(peak_megabytes, bench.memory_megabytes)


async def _prepare(stack: ExitStack, items: int) -> ExportBench:
    cluster, dsn = await start_database("evidence", stack)
    cluster.sql(FILL.replace(f"generate_series(1, {ITEMS})", f"generate_series(1, {items})"), "evidence")
    cluster.sql(f"UPDATE items SET country = '{RARE_COUNTRY}' WHERE right(id::text, 1) IN ('0', '8')", "evidence")  # noqa: S608  our own constants
    server, port = await start_api("evidence", dsn, stack)
    return ExportBench(dsn, server, port)


if __name__ == "__main__":
    asyncio.run(measure(int((sys.argv[1:] or ["20000"])[0]), int((sys.argv[2:] or ["3"])[0])))
