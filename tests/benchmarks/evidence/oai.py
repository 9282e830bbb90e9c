"""The time of a page of an OAI-PMH harvest, at record 10 and at record 500,000, of all records and of sets.

    python -m tests.benchmarks.evidence.oai [rounds]     (21 by default)

The service runs in this process on a private PostgreSQL with 500,000 generated records. Rounds alternate between the
offsets, so that other load on the machine affects all of them; the median of each is compared with that at record 10.
Ends with an error where a deep page takes more than one and a half times as long.
"""

import asyncio
import statistics
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from uuid import UUID

import httpx

from services.evidence.exchange.oai.resumption_tokens import ListPosition, Selection, write_list_token
from services.evidence.exchange.oai.tables import ANY_TOPIC
from tests.benchmarks.service_process import start_database
from tests.support.world import client, create_app

RECORDS = 500_000
MAX_RATIO = 1.5
FIRST_DATESTAMP = datetime(2025, 1, 1, tzinfo=UTC)
FILL = f"""
SET session_replication_role = replica;
INSERT INTO topics (id, name) VALUES ('01900000-0000-7000-8000-000000000001', 'One of two');
INSERT INTO items (id, way_of_knowing, status, title, summary, country, language, details, published_at, identified)
SELECT ('00000000-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid,
    CASE WHEN n % 2 = 0 THEN 'research' ELSE 'practice_knowledge' END, 'published',
    'What ' || n || ' carers said of a break, and what came of it', repeat('Some words of an abstract. ', 40),
    'GB', 'en',
    jsonb_build_object('kind', 'journal_article', 'authors', array['Okoro, A.', 'Lind, B.', 'Marsh, C.'],
        'published_in', 'Journal of Invented Care Studies', 'published_on', '2021-05', 'volume', '12',
        'identifiers', jsonb_build_array(jsonb_build_object('scheme', 'doi', 'value', '10.5555/bench.' || n))),
    now(), true
FROM generate_series(1, {RECORDS}) n;
INSERT INTO filings (item_id, topic_id, way_of_knowing, published_at)
SELECT id, '01900000-0000-7000-8000-000000000001', way_of_knowing, now() FROM items;
INSERT INTO oai_records (item_id, stamped_at, way_of_knowing, deleted, topics)
SELECT id, timestamptz '2025-01-01 00:00:00Z' + n * interval '1 second', way_of_knowing, false,
    '{{01900000-0000-7000-8000-000000000001}}'
FROM (SELECT id, way_of_knowing, row_number() OVER (ORDER BY id) AS n FROM items) numbered;
INSERT INTO oai_memberships (topic_id, item_id, stamped_at) SELECT topics[1], item_id, stamped_at FROM oai_records;
INSERT INTO oai_memberships (topic_id, item_id, stamped_at)
SELECT '{ANY_TOPIC}', item_id, stamped_at FROM oai_records;
VACUUM ANALYZE items;
VACUUM ANALYZE filings;
VACUUM ANALYZE oai_records;
VACUUM ANALYZE oai_memberships;
"""  # noqa: S608  our own numbers
SELECTIONS = {
    "everything": Selection("oai_dc"),
    "a way of knowing": Selection("oai_dc", way="research"),
    "a topic": Selection("oai_dc", topic=UUID("01900000-0000-7000-8000-000000000001")),
}
VERBS = ("ListRecords", "ListIdentifiers")
OFFSETS = (10, RECORDS // 2, RECORDS - 250)
"""How many of all records lie before the page, which is a full page in each selection."""


async def measure(rounds: int) -> float:
    """Return the highest ratio of the time of a deep page to that at record 10."""
    with ExitStack() as stack:
        cluster, url = await start_database("evidence", stack)
        cluster.sql(FILL, "evidence")
        app = create_app("evidence", url)
        try:
            async with client(app) as http:
                return max([await _compare(http, verb, name, rounds) for verb in VERBS for name in SELECTIONS])
        finally:
            await app.state.database.close()


async def _compare(http: httpx.AsyncClient, verb: str, name: str, rounds: int) -> float:
    seconds_by_offset: dict[int, list[float]] = {offset: [] for offset in OFFSETS}
    for round_ in range(rounds + 2):
        for offset in OFFSETS:
            # Never the same page twice, so that no round reads from a cache that an earlier one filled.
            seconds = await _fetch_page(
                http, verb, SELECTIONS[name], offset + 100 * (round_ if offset == OFFSETS[1] else 0)
            )
            if round_ >= 2:
                seconds_by_offset[offset].append(seconds)
    medians = {offset: statistics.median(seconds) for offset, seconds in seconds_by_offset.items()}
    times = ", ".join(f"{medians[offset] * 1e3:.1f} ms behind record {offset:,}" for offset in OFFSETS)
    worst = max(medians[offset] for offset in OFFSETS[1:]) / medians[OFFSETS[0]]
    print(f"{verb} of {name}: {times}; ratio {worst:.2f}")
    return worst


async def _fetch_page(http: httpx.AsyncClient, verb: str, selection: Selection, offset: int) -> float:
    position = ListPosition(FIRST_DATESTAMP + timedelta(seconds=offset), UUID(int=2**128 - 1), offset)
    arguments = {"verb": verb, "resumptionToken": write_list_token(verb, selection, position)}
    started = time.perf_counter()
    response = await http.get("/oai", params=arguments)
    seconds = time.perf_counter() - started
    if response.text.count("<header") != 100:
        raise SystemExit(f"not a full page: {response.text[:500]}")
    return seconds


if __name__ == "__main__":
    worst = asyncio.run(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 21))
    if worst > MAX_RATIO:
        raise SystemExit(f"a deep page costs {worst:.2f} times one at the beginning")
