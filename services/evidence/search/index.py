"""The search index: tantivy, in the memory of this process. PostgreSQL is the truth; this is a copy."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

import tantivy
from tantivy import Document, Filter, Index, Occur, Query, Schema, SchemaBuilder, TextAnalyzerBuilder, Tokenizer

from services.evidence.search.rules import Hit, balanced, enough_words

HEAP_BYTES = 20_000_000
ANALYZER = "sector"
WEIGHTS = {"title": 3.0, "words": 1.0, "names": 1.5}
FACETS = {"topics": 100, "countries": 50, "years": 100}


def _analyzer() -> tantivy.TextAnalyzer:
    # An apostrophe belongs to its word, so that the stemmer finds the carer in "carer's".
    words = TextAnalyzerBuilder(Tokenizer.regex(r"\w+(?:['\u2019]\w+)*"))
    for each in (Filter.remove_long(60), Filter.lowercase(), Filter.ascii_fold(), Filter.stopword("english")):
        words = words.filter(each)
    return words.filter(Filter.stemmer("english")).build()


def _schema() -> Schema:
    fields = SchemaBuilder().add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    for name in WEIGHTS:
        fields = fields.add_text_field(name, tokenizer_name=ANALYZER)
    for name in ("way", *FACETS):
        fields = fields.add_text_field(name, fast=True, tokenizer_name="raw", index_option="basic")
    return fields.build()


@dataclass(frozen=True)
class Entry:
    """An item as it is to be found."""

    id: str
    way: str
    title: str
    words: str
    names: str
    topics: list[str]
    countries: list[str]
    years: list[str]


@dataclass(frozen=True)
class Wanted:
    """What somebody searches for. `topics`: any of these."""

    text: str
    ways: Sequence[str]
    topics: Collection[str] | None = None
    by_relevance: bool = False


@dataclass(frozen=True)
class Found:
    """The hits up to where the page ends, how many there are of each way of knowing, and of each facet's values."""

    hits: list[Hit]
    per_way: Mapping[str, int]
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict[str, Mapping[str, int]])


def _counted(searcher: tantivy.Searcher, query: Query) -> dict[str, dict[str, int]]:
    """How many found items have each value of the fields that are counted."""
    asked = {
        name: {"terms": {"field": name, "size": most, "segment_size": most}}
        for name, most in {"way": 10, **FACETS}.items()
    }
    counted = cast(dict[str, Any], searcher.aggregate(query, asked))
    return {
        name: {bucket["key"]: bucket["doc_count"] for bucket in values["buckets"]} for name, values in counted.items()
    }


class SearchIndex:
    """One process's own. Its methods block for milliseconds: call them from a thread."""

    def __init__(self) -> None:
        self._schema = _schema()
        self._words = _analyzer()
        self._index = Index(self._schema)
        self._index.register_tokenizer(ANALYZER, self._words)
        self._writer = self._index.writer(HEAP_BYTES, 1)

    def apply(self, entries: Iterable[Entry], gone: Iterable[str]) -> None:
        """Put these in the place of what was there under their ids; not to be found before `show`."""
        for entry in entries:
            self._writer.delete_documents_by_term("id", entry.id)
            self._writer.add_document(Document.from_dict(entry.__dict__, self._schema))
        for item_id in gone:
            self._writer.delete_documents_by_term("id", item_id)

    def show(self) -> None:
        self._writer.commit()
        self._index.reload()

    @property
    def size(self) -> int:
        return self._index.searcher().num_docs

    def has_words(self, text: str) -> bool:
        return bool(self._words.analyze(text))

    def search(self, wanted: Wanted, size: int) -> Found:
        """The best `size`, in balance or by relevance alone."""
        searcher = self._index.searcher()
        query = self._query(wanted)
        numbers = _counted(searcher, query)
        per_way = {way: numbers["way"].get(way, 0) for way in wanted.ways}

        def best(query: Query) -> list[Hit]:
            hits: list[tuple[float, Any]] = searcher.search(query, size, count=False).hits
            return [Hit(str(searcher.doc(address).get_first("id")), score) for score, address in hits]

        if wanted.by_relevance:
            hits = best(query)
        else:
            hits = balanced({way: best(self._only(query, way)) for way, number in per_way.items() if number}, size)
        return Found(hits, per_way, {name: numbers[name] for name in FACETS})

    def _query(self, wanted: Wanted) -> Query:
        must = [(Occur.Must, self._worded(wanted.text))]
        if set(wanted.ways) != {"research", "lived_experience", "practice_knowledge"}:
            must.append((Occur.Must, self._any_of("way", wanted.ways)))
        if wanted.topics is not None:
            must.append((Occur.Must, self._any_of("topics", list(wanted.topics))))
        return Query.boolean_query(must)

    def _worded(self, text: str) -> Query:
        """Phrases in quotes as they are; of single words, enough of them, wherever in the item each stands."""
        if '"' in text:
            parsed, _ = self._index.parse_query_lenient(text, list(WEIGHTS), WEIGHTS, conjunction_by_default=True)
            return parsed
        words = list(dict.fromkeys(self._words.analyze(text)))
        each = [(Occur.Should, self._somewhere(word)) for word in words]
        return Query.boolean_query(each, minimum_number_should_match=enough_words(len(each)))

    def _somewhere(self, word: str) -> Query:
        return Query.disjunction_max_query(
            [Query.boost_query(Query.term_query(self._schema, name, word), weight) for name, weight in WEIGHTS.items()],
            tie_breaker=0.3,
        )

    def _only(self, query: Query, way: str) -> Query:
        return Query.boolean_query([(Occur.Must, query), (Occur.Must, self._any_of("way", [way]))])

    def _any_of(self, name: str, values: Sequence[str]) -> Query:
        return Query.const_score_query(Query.term_set_query(self._schema, name, values), 0.0)
