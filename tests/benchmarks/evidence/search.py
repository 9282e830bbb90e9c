"""Search among many items, against tantivy asked directly in the same run, with the same facets.

    python -m tests.benchmarks.evidence.search [--items 200000] [--rounds 60] [--folder FOLDER]

About a minute as it is. The goal is of a million, `--items 1000000`, which first indexes them for some minutes: among
fewer tantivy alone is quicker, while what an answer costs beside it stays the same, so that the ratios are worse.

The items are generated, most of them research, as in a library; one pass indexes them into the folder, and a later run
uses that index again. One common word is asked, its facets counted, the first ten shown:

- tantivy: its own query parser on the field of all words, the best ten with their ids, the same aggregation;
- the search: `SearchIndex.search`, in balance and by relevance, with synonyms, spelling and the weight of titles;
- the endpoint: the whole HTTP request in this process, with the items from PostgreSQL, highlights and JSON.

Calls alternate, so that whatever else the machine does is in all of them alike. Figures are ratios of p50 and of p99.
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
from services.evidence.main import create_app
from services.evidence.settings import EvidenceSettings
from shared.persistence.migrations import schema
from tests.support.callers import NOBODY
from tests.support.engines import PASSWORD, postgres
from tests.support.settings import settings_for_tests
from tests.support.world import client

ITEMS = 200_000
ROUNDS = 60
FOLDER = Path(tempfile.gettempdir()) / "impact-search-benchmark"
PAGE = 10
AT_ONCE = 5_000
WORDS = {"a word without synonyms": "support", "a word with synonyms": "carer"}
GOAL = 2.0
FILL = """
INSERT INTO items (id, way_of_knowing, state, title, summary, country, setting, language, own, published_at, identified)
VALUES (:id, :way, 'published', :title, :summary, :country, :setting, 'en', '{}', now(), false)
ON CONFLICT DO NOTHING
"""


def entries(number: int) -> Iterator[IndexEntry]:
    """Generated in the same way each time; a word of rank r comes in proportion to 1/r, as in natural text."""
    dice = random.Random(7)
    letters = "abcdefghijklmnopqrstuvwxyz"
    vocabulary = ["".join(dice.choices(letters, k=dice.randint(4, 10))) for _ in range(30_000)]
    vocabulary[20], vocabulary[25] = WORDS.values()
    weights = [1 / (rank + 3) for rank in range(len(vocabulary))]
    topics = [str(UUID(int=n)) for n in range(60)]
    for at in range(0, number, AT_ONCE):
        words = iter(dice.choices(vocabulary, weights, k=AT_ONCE * 70))
        for n in range(at, min(at + AT_ONCE, number)):
            way = dice.choices(WAYS, (90, 4, 6))[0]
            yield IndexEntry(
                id=str(UUID(int=(7 << 76) + (2 << 62) + n)),
                ways_mask=WAY_BITS[way],
                title=" ".join(next(words) for _ in range(10)),
                text=" ".join(next(words) for _ in range(60)),
                topics=dice.sample(topics, 3),
                country=dice.choice(("GB", "GB-SCT", "GB-WLS", "GB-NIR", "US", "NL", "SE", "AU")),
                date=str(dice.randint(1990, 2025)),
                setting=dice.choice((None, "care home", "home care", "hospital", "council team")),
                kind="journal_article" if way == "research" else None,
                design=dice.choice(("quantitative", "qualitative", "mixed")) if way == "research" else None,
            )


def opened(folder: Path, number: int) -> SearchIndex:
    """The index of so many items: that of the last run where there is one."""
    index = SearchIndex(folder)
    if index.size != number or index.position.database != "benchmark":
        began = time.monotonic()
        index.clear(IndexPosition())
        waiting: list[IndexEntry] = []
        for entry in entries(number):
            waiting.append(entry)
            if len(waiting) == AT_ONCE:
                index.apply(waiting, ())
                waiting.clear()
        index.apply(waiting, ())
        index.commit(IndexPosition(database="benchmark"))
        print(f"  indexed {index.size:,} items in {time.monotonic() - began:.0f} s")
    index.complete = True
    return index


class Direct:
    """Tantivy as its documentation has it, on the same files."""

    def __init__(self, index: SearchIndex) -> None:
        self.tantivy = index.tantivy

    def search(self, word: str) -> list[str]:
        searcher = self.tantivy.searcher()
        query = self.tantivy.parse_query(word, ["text"])
        searcher.aggregate(query, facet_aggregations(16))
        hits: list[tuple[float, Any]] = searcher.search(query, PAGE, count=False).hits
        return [str(searcher.doc(address).get_first("id")) for _, address in hits]


def timed(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def measure(index: SearchIndex, word: str, rounds: int) -> dict[str, list[float]]:
    direct = Direct(index)
    calls: dict[str, Callable[[], object]] = {
        "tantivy": lambda: direct.search(word),
        "search, balanced": lambda: index.search(SearchRequest(parse(word)), 0, PAGE),
        "search, relevance": lambda: index.search(SearchRequest(parse(word), by_relevance=True), 0, PAGE),
    }
    times: dict[str, list[float]] = {name: [] for name in calls}
    for turn in range(rounds + 3):
        for name, call in calls.items():
            spent = timed(call)
            if turn >= 3:
                times[name].append(spent)
    return times


async def measure_endpoint(index: SearchIndex, word: str, rounds: int, url: str) -> dict[str, list[float]]:
    direct = Direct(index)
    times: dict[str, list[float]] = {"tantivy": [], "endpoint, balanced": []}
    async with _service(index, url) as app:
        await _kept(app, index, word)
        async with client(app, NOBODY) as http:
            for turn in range(rounds + 3):
                spent = [timed(lambda: direct.search(word))]
                began = time.perf_counter()
                response = await http.get("/v1/search", params={"q": word, "limit": PAGE})
                spent.append(time.perf_counter() - began)
                if response.status_code != 200 or len(response.json()["items"]) != PAGE:
                    raise SystemExit(f"not the answer that was asked for: {response.text[:300]}")
                if turn >= 3:
                    for each, name in zip(spent, times, strict=True):
                        times[name].append(each)
    return times


@asynccontextmanager
async def _service(index: SearchIndex, url: str) -> AsyncGenerator[Any]:
    app = create_app(EvidenceSettings(**settings_for_tests(), evidence_database_url=url))  # pyright: ignore[reportArgumentType]  a string becomes a secret
    app.state.search_index.close()
    app.state.search_index = index
    tune_gc()
    try:
        yield app
    finally:
        await app.state.database.close()


async def _kept(app: Any, index: SearchIndex, word: str) -> None:
    """The items of the page are in the database, as whatever is found would be."""
    hits = index.search(SearchRequest(parse(word)), 0, PAGE).hits
    rows = [
        {
            "id": UUID(hit.id),
            "way": "practice_knowledge",
            "title": f"What {word} means to us",
            "summary": f"Some words of an abstract, and {word} among them. " * 25,
            "country": "GB",
            "setting": "care home",
        }
        for hit in hits
    ]
    async with app.state.database.engine.begin() as connection:
        await connection.execute(text(FILL), rows)


def told(name: str, times: dict[str, list[float]]) -> None:
    base = times["tantivy"]
    print(f"{name}: tantivy p50 {_ms(base, 50)}, p99 {_ms(base, 99)}")
    for other, spent in times.items():
        if other != "tantivy":
            p50, p99 = (_at(spent, of) / _at(base, of) for of in (50, 99))
            figures = f"p50 {_ms(spent, 50)}, p99 {_ms(spent, 99)}"
            print(f"  {other}: {figures}, ratio {p50:.2f} and {p99:.2f} (goal among a million: at most {GOAL:.0f})")


def _at(times: list[float], percentile: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percentile - 1]


def _ms(times: list[float], percentile: int) -> str:
    return f"{_at(times, percentile) * 1000:.1f} ms"


def main(number: int, rounds: int, folder: Path) -> None:
    with ExitStack() as stack:
        index = opened(folder, number)
        stack.callback(index.close)
        for name, word in WORDS.items():
            found = index.search(SearchRequest(parse(word)), 0, PAGE).total
            told(f"{name} ({found:,} of {number:,} items)", measure(index, word, rounds))
        cluster = stack.enter_context(postgres(safe=True))
        url = cluster.url("evidence", "evidence", PASSWORD)
        asyncio.run(schema.upgrade("services.evidence", url))
        for name, word in WORDS.items():
            told(f"{name}, over HTTP", asyncio.run(measure_endpoint(index, word, rounds, url)))


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--items", type=int, default=ITEMS)
    asked.add_argument("--rounds", type=int, default=ROUNDS)
    asked.add_argument("--folder", type=Path, default=FOLDER)
    given = asked.parse_args()
    main(given.items, given.rounds, given.folder)
