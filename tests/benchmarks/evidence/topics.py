"""The time of the tree of topics, a topic, its gap map and the list of gaps, with 100,000 items under 156 topics.

    python -m tests.benchmarks.evidence.topics [rounds]     (9 by default)

The service runs in this process on a private PostgreSQL. Four in ten items have two or three topics, drawn at random,
and 20,000 questions of the last year concern them. Each response is measured right after a classification has changed,
when counts are computed again, and once more from the cache; the two alternate, so that other load affects both. The
cells of a gap map are counted at every request.
"""

import asyncio
import statistics
import sys
import time
from contextlib import ExitStack

import httpx

from deploy.engines.postgres import Cluster
from tests.benchmarks.service_process import start_database
from tests.support.world import client, create_app

TOPIC = "('0190a000-0000-7000-8000-' || lpad(to_hex({}), 12, '0'))::uuid"
FILL = f"""
SET session_replication_role = replica;
INSERT INTO topics (id, name, parent_id, priority)
SELECT {TOPIC.format("n")}, 'Topic ' || n,
    CASE WHEN n < 6 THEN NULL WHEN n < 36 THEN {TOPIC.format("(n - 6) / 5")}
        ELSE {TOPIC.format("6 + (n - 36) / 4")} END, n % 90
FROM generate_series(0, 155) n;
INSERT INTO items
    (id, way_of_knowing, status, title, summary, country, setting, language, details, published_at, identified)
SELECT uuidv7(), CASE WHEN n % 5 = 0 THEN 'practice_knowledge' ELSE 'research' END, 'published',
    'What ' || n || ' carers said of a break', repeat('Some words of an abstract. ', 40),
    (array['GB', 'GB-WLS', 'GB-NIR', 'GB-SCT', null])[1 + n % 5],
    (array['Home care', 'Care home', 'Council team', null])[1 + n % 4], 'en',
    jsonb_build_object('kind', 'journal_article', 'authors', array['Okoro, A.', 'Lind, B.'],
        'published_on', (1990 + n % 35)::text || '-05'),
    now() - n * interval '1 second', true
FROM generate_series(1, 100000) n;
SELECT setseed(0.5);
INSERT INTO filings (item_id, topic_id, way_of_knowing, published_at)
SELECT numbered.id, {TOPIC.format("floor(156 * power(random(), 2))::int")}, way_of_knowing, published_at
FROM (SELECT *, row_number() OVER (ORDER BY id) AS n FROM items) numbered,
    generate_series(1, CASE WHEN n % 10 < 6 THEN 1 WHEN n % 10 < 9 THEN 2 ELSE 3 END)
ON CONFLICT DO NOTHING;
INSERT INTO topic_mentions (kind, source_id, topic_id, people, at)
SELECT 'request', uuidv7(), {TOPIC.format("n % 156")}, 1, now() - n * interval '20 minutes'
FROM generate_series(1, 20000) n;
VACUUM ANALYZE;
"""  # noqa: S608  our own numbers
TOP = "0190a000-0000-7000-8000-000000000000"
PATHS = {
    "the tree": "/v1/topics/tree",
    "a topic": f"/v1/topics/{TOP}",
    "the gaps": "/v1/topics/gaps?limit=50",
    "a gap map": f"/v1/topics/{TOP}/coverage",
}


async def measure(rounds: int) -> None:
    with ExitStack() as stack:
        cluster, url = await start_database("evidence", stack)
        cluster.sql(FILL, "evidence")
        app = create_app("evidence", url)
        try:
            async with client(app) as http:
                for name, path in PATHS.items():
                    await _compare(cluster, http, name, path, rounds)
        finally:
            await app.state.database.close()


async def _compare(cluster: Cluster, http: httpx.AsyncClient, name: str, path: str, rounds: int) -> None:
    uncached_seconds: list[float] = []
    cached_seconds: list[float] = []
    for _ in range(rounds + 1):
        cluster.sql("INSERT INTO filing_changes DEFAULT VALUES", "evidence")
        uncached_seconds.append(await _seconds(http, path))
        cached_seconds.append(await _seconds(http, path))
    uncached, cached = statistics.median(uncached_seconds[1:]), statistics.median(cached_seconds[1:])
    print(f"{name}: {uncached * 1e3:.0f} ms uncached, {cached * 1e3:.1f} ms cached; ratio {uncached / cached:.1f}")


async def _seconds(http: httpx.AsyncClient, path: str) -> float:
    started = time.perf_counter()
    response = await http.get(path)
    seconds = time.perf_counter() - started
    if response.status_code != 200:
        raise SystemExit(response.text[:500])
    return seconds


if __name__ == "__main__":
    asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 9))
