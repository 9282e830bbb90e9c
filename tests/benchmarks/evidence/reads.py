"""Reads through the evidence service's process, beside pgbench running the same statements.

    python -m tests.benchmarks.evidence.reads [seconds a round] [rounds]

One item, and a list of 50, over HTTP with the gateway's headers; pgbench runs the service's SQL, prepared, with as many
clients as the service has connections, on the same database. Rounds alternate; the ratio is that of their medians.
"""

import asyncio
import itertools
import random
import re
import statistics
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import psutil

from deploy.engines.postgres import Cluster
from services.evidence.library.items import queries, statements
from shared.callers import CALLER_HEADER, Caller, sign
from tests.benchmarks.http_load import load
from tests.benchmarks.service_process import start_api, start_database
from tests.support.settings import caller_keys

ITEMS = 50_000
HTTP_CONNECTIONS = 32
DATABASE_CONNECTIONS = 10
FILL = f"""
INSERT INTO topics (id, name) SELECT uuidv7(), 'Topic ' || n FROM generate_series(1, 20) n;
INSERT INTO items (id, way_of_knowing, status, title, summary, country, language, details, published_at, identified)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'research', 'published',
    'What ' || n || ' carers said of a break, and what came of it', repeat('Some words of an abstract. ', 40),
    'GB', 'en',
    jsonb_build_object('kind', 'journal_article', 'design', null,
        'authors', array['Okoro, A.', 'Lind, B.', 'Marsh, C.'], 'editors', array[]::text[],
        'published_in', 'Journal of Invented Care Studies', 'published_on', '2021-05',
        'volume', '12', 'issue', '3', 'pages', '201-219', 'publisher', null, 'keywords', array['carers', 'breaks'],
        'identifiers', jsonb_build_array(jsonb_build_object('scheme', 'doi', 'value', '10.5555/bench.' || n)),
        'url', null),
    now() - n * interval '1 second', true
FROM generate_series(1, {ITEMS}) n;
INSERT INTO filings (item_id, topic_id, way_of_knowing, published_at)
SELECT items.id, topics.id, 'research', items.published_at
FROM items JOIN topics
    ON (('x' || right(items.id::text, 6))::bit(24)::int + split_part(topics.name, ' ', 2)::int) % 10 = 0;
VACUUM ANALYZE items;
VACUUM ANALYZE filings;
"""  # noqa: S608  our own numbers


@dataclass(frozen=True, slots=True)
class MeasuredRead:
    """One measured read: the path over HTTP, and the statement that pgbench runs."""

    name: str
    goal_ratio: float
    path: Callable[[], str]
    statement: str


@dataclass(frozen=True, slots=True)
class ReadBench:
    """The engines of one run."""

    cluster: Cluster
    dsn: str
    server: psutil.Process
    port: int
    home: Path


READS = (
    MeasuredRead(
        "get one",
        0.20,
        lambda: f"/v1/evidence/00000000-0000-7000-8000-{random.randint(1, ITEMS):012x}",
        queries.ITEM_STATEMENT.replace(
            "$1::UUID", "('00000000-0000-7000-8000-' || lpad(to_hex(:n::int), 12, '0'))::uuid"
        ),
    ),
    MeasuredRead(
        "list 50", 0.25, lambda: "/v1/evidence?limit=50", statements.NEWEST_STATEMENT.replace("$1::INTEGER", "51")
    ),
)


async def measure(seconds: float, rounds: int) -> dict[str, float]:
    ratios: dict[str, float] = {}
    with ExitStack() as stack:
        bench = await _prepare(stack)
        for read in READS:
            served: list[float] = []
            bare: list[float] = []
            for _ in range(rounds):
                served.append(await _serve(bench, read, seconds))
                bare.append(_pgbench(bench, read, seconds))
            ratios[read.name] = statistics.median(served) / statistics.median(bare)
            rates = f"{statistics.median(served):,.0f}/s of {statistics.median(bare):,.0f}/s by pgbench"
            print(f"{read.name}: {rates}, ratio {ratios[read.name]:.2f} (goal to come {read.goal_ratio:.2f})")
    return ratios


async def _prepare(stack: ExitStack) -> ReadBench:
    cluster, dsn = await start_database("evidence", stack)
    cluster.sql(FILL, "evidence")
    server, port = await start_api("evidence", dsn, stack, database_pool=DATABASE_CONNECTIONS)
    return ReadBench(cluster, dsn, server, port, cluster.home)


async def _serve(bench: ReadBench, read: MeasuredRead, seconds: float) -> float:
    nobody = sign(Caller(), caller_keys()[0])

    def requests() -> Iterator[bytes]:
        while True:
            yield f"GET {read.path()} HTTP/1.1\r\nHost: 127.0.0.1\r\n{CALLER_HEADER}: {nobody}\r\n\r\n".encode()

    cpu_before = sum(bench.server.cpu_times()[:2])
    rate, statuses, _ = await load(bench.port, requests(), HTTP_CONNECTIONS, seconds)
    cpu_seconds = (sum(bench.server.cpu_times()[:2]) - cpu_before) / sum(statuses.values())
    if set(statuses) != {b"200"}:
        raise SystemExit(f"not every answer was a success: {statuses}")
    print(f"  service {rate:8,.0f}/s, {cpu_seconds * 1e6:,.0f} us of its processor each")
    return rate


def _pgbench(bench: ReadBench, read: MeasuredRead, seconds: float) -> float:
    script = bench.home / "read.sql"
    statement = " ".join(read.statement.split())
    script.write_text(f"\\set n random(1, {ITEMS})\n{statement};\n")
    script.chmod(0o644)
    options = ["-n", "-M", "prepared", "-c", str(DATABASE_CONNECTIONS), "-T", str(round(seconds))]
    command = [str(bench.cluster.bin / "pgbench"), *options, "-f", str(script), bench.dsn]
    output = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd="/").stdout
    rate = re.search(r"tps = ([\d.]+)", output)
    assert rate is not None
    print(f"  pgbench {float(rate.group(1)):8,.0f}/s")
    return float(rate.group(1))


if __name__ == "__main__":
    arguments = [*map(float, sys.argv[1:]), *itertools.islice((5.0, 3.0), len(sys.argv) - 1, None)]
    asyncio.run(measure(arguments[0], int(arguments[1])))
