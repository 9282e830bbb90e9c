"""Search among many items, beside tantivy used directly in the same run, with the same facets.

    python -m tests.benchmarks.evidence.search [--items 200000] [--rounds 60] [--folder FOLDER]

About a minute by default. The goal holds for a million, `--items 1000000`, which are first indexed for some minutes:
among fewer items tantivy alone is quicker while the other costs stay the same, so that the ratios are worse.

The items are generated, most of them research, as in a library; one pass indexes them into the folder, and a later run
uses that index again. The query is one common word, its facets are counted and the first ten hits shown:

- tantivy: its own query parser on the field of all words, the best ten with their ids, the same aggregation;
- the search: `SearchIndex.search`, in balance and by relevance, with synonyms, spelling and the weight of titles;
- the endpoint: the whole HTTP request in this process, with the items from PostgreSQL, highlights and JSON.

Calls alternate, so that other load on the machine affects all of them. Figures are ratios of p50 and of p99.
"""

import argparse
import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import text

from deploy.supervision.server import tune_gc
from services.evidence.discovery.search.index.layout import WAY_BITS, IndexEntry
from services.evidence.discovery.search.index.query_builder import facet_aggregations
from services.evidence.discovery.search.index.search_index import IndexPosition, SearchIndex
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.query.query_parser import parse
from services.evidence.library.items.descriptions import WAYS
from tests.benchmarks.service_process import start_database
from tests.support.callers import NOBODY
from tests.support.world import client, create_app

ITEMS = 200_000
ROUNDS = 60
FOLDER = Path(tempfile.gettempdir()) / "impact-search-benchmark"
PAGE = 10
BATCH_ENTRIES = 5_000
QUERIES = {"a word without synonyms": "support", "a word with synonyms": "carer"}
MAX_RATIO = 2.0
FILL = """
INSERT INTO items (id, way_of_knowing, status, title, summary, country, setting, language, details,
    published_at, identified)
VALUES (:id, :way, 'published', :title, :summary, :country, :setting, 'en', '{}', now(), false)
ON CONFLICT DO NOTHING
"""


def entries(number: int) -> Iterator[IndexEntry]:
    """Generate the same entries in every run; the frequency of a word of rank r is proportional to 1/r, as in text."""
    rng = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = ["".join(rng.choices(letters, k=rng.randint(4, 10))) for _ in range(30_000)]
    vocabulary[20], vocabulary[25] = QUERIES.values()
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    topics = [str(UUID(int=n)) for n in range(60)]
    for at in range(0, number, BATCH_ENTRIES):
        random_words = iter(rng.choices(vocabulary, weights, k=BATCH_ENTRIES * 70))
        for n in range(at, min(at + BATCH_ENTRIES, number)):
            way = rng.choices(WAYS, (90, 4, 6))[0]
            yield IndexEntry(
                id=str(UUID(int=(7 << 76) + (2 << 62) + n)),
                ways_mask=WAY_BITS[way],
                title=" ".join(next(random_words) for _ in range(10)),
                text=" ".join(next(random_words) for _ in range(60)),
                topics=rng.sample(topics, 3),
                country=rng.choice(("GB", "GB-SCT", "GB-WLS", "GB-NIR", "US", "NL", "SE", "AU")),
                date=str(rng.randint(1990, 2025)),
                setting=rng.choice((None, "care home", "home care", "hospital", "council team")),
                kind="journal_article" if way == "research" else None,
                design=rng.choice(("quantitative", "qualitative", "mixed")) if way == "research" else None,
            )


def open_index(folder: Path, number: int) -> SearchIndex:
    """Return an index of this many items: that of the last run if it fits, else a new one."""
    index = SearchIndex(folder)
    if index.size != number or index.position.database != "benchmark":
        started = time.monotonic()
        index.clear(IndexPosition())
        batch: list[IndexEntry] = []
        for entry in entries(number):
            batch.append(entry)
            if len(batch) == BATCH_ENTRIES:
                index.apply(batch, ())
                batch.clear()
        index.apply(batch, ())
        index.commit(IndexPosition(database="benchmark"))
        print(f"  indexed {index.size:,} items in {time.monotonic() - started:.0f} s")
    index.complete = True
    return index


class DirectSearch:
    """Tantivy used as its documentation shows, on the same files."""

    def __init__(self, index: SearchIndex) -> None:
        self.tantivy = index.tantivy

    def search(self, query: str) -> list[str]:
        searcher = self.tantivy.searcher()
        parsed = self.tantivy.parse_query(query, ["text"])
        searcher.aggregate(parsed, facet_aggregations(16))
        hits: list[tuple[float, Any]] = searcher.search(parsed, PAGE, count=False).hits
        return [str(searcher.doc(address).get_first("id")) for _, address in hits]


def timed(call: Callable[[], object]) -> float:
    started = time.perf_counter()
    call()
    return time.perf_counter() - started


def measure(index: SearchIndex, query: str, rounds: int) -> dict[str, list[float]]:
    direct = DirectSearch(index)
    calls: dict[str, Callable[[], object]] = {
        "tantivy": lambda: direct.search(query),
        "search, balanced": lambda: index.search(SearchRequest(parse(query)), 0, PAGE),
        "search, relevance": lambda: index.search(SearchRequest(parse(query), by_relevance=True), 0, PAGE),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for round_ in range(rounds + 3):
        for name, call in calls.items():
            seconds = timed(call)
            if round_ >= 3:
                times[name].append(seconds)
    return times


async def measure_endpoint(index: SearchIndex, query: str, rounds: int, url: str) -> dict[str, list[float]]:
    direct = DirectSearch(index)
    times: dict[str, list[float]] = {"tantivy": [], "endpoint, balanced": []}
    async with _service(index, url) as app:
        await _store_items(app, index, query)
        async with client(app, NOBODY) as http:
            for round_ in range(rounds + 3):
                durations = [timed(lambda: direct.search(query))]
                started = time.perf_counter()
                response = await http.get("/v1/search", params={"q": query, "limit": PAGE})
                durations.append(time.perf_counter() - started)
                if response.status_code != 200 or len(response.json()["items"]) != PAGE:
                    raise SystemExit(f"not the answer that was asked for: {response.text[:300]}")
                if round_ >= 3:
                    for seconds, name in zip(durations, times, strict=True):
                        times[name].append(seconds)
    return times


@asynccontextmanager
async def _service(index: SearchIndex, url: str) -> AsyncGenerator[Any]:
    app = create_app("evidence", url)
    app.state.search_index.close()
    app.state.search_index = index
    tune_gc()
    try:
        yield app
    finally:
        await app.state.database.close()


async def _store_items(app: Any, index: SearchIndex, query: str) -> None:
    """The items of the page are in the database, as whatever is found would be."""
    hits = index.search(SearchRequest(parse(query)), 0, PAGE).hits
    rows = [
        {
            "id": UUID(hit.id),
            "way": "practice_knowledge",
            "title": f"What {query} means to us",
            "summary": f"Some words of an abstract, and {query} among them. " * 25,
            "country": "GB",
            "setting": "care home",
        }
        for hit in hits
    ]
    async with app.state.database.engine.begin() as connection:
        await connection.execute(text(FILL), rows)


def print_ratios(name: str, times: dict[str, list[float]]) -> None:
    tantivy_times = times["tantivy"]
    print(f"{name}: tantivy p50 {_format_percentile(tantivy_times, 50)}, p99 {_format_percentile(tantivy_times, 99)}")
    for other, durations in times.items():
        if other != "tantivy":
            p50, p99 = (_percentile(durations, of) / _percentile(tantivy_times, of) for of in (50, 99))
            figures = f"p50 {_format_percentile(durations, 50)}, p99 {_format_percentile(durations, 99)}"
            print(
                f"  {other}: {figures}, ratio {p50:.2f} and {p99:.2f} (goal among a million: at most {MAX_RATIO:.0f})"
            )


def _percentile(times: list[float], percentile: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percentile - 1]


def _format_percentile(times: list[float], percentile: int) -> str:
    return f"{_percentile(times, percentile) * 1000:.1f} ms"


def main(number: int, rounds: int, folder: Path) -> None:
    with ExitStack() as stack:
        index = open_index(folder, number)
        stack.callback(index.close)
        for name, query in QUERIES.items():
            matches = index.search(SearchRequest(parse(query)), 0, PAGE).total
            print_ratios(f"{name} ({matches:,} of {number:,} items)", measure(index, query, rounds))
        _, url = asyncio.run(start_database("evidence", stack))
        for name, query in QUERIES.items():
            print_ratios(f"{name}, over HTTP", asyncio.run(measure_endpoint(index, query, rounds, url)))


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--items", type=int, default=ITEMS)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--folder", type=Path, default=FOLDER)
    arguments = parser.parse_args()
    main(arguments.items, arguments.rounds, arguments.folder)
