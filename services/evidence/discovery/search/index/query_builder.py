"""Tantivy queries for search requests."""

from collections.abc import Collection, Iterable, Sequence
from math import log

from tantivy import FieldType, Occur, Query, Schema, Searcher

from services.evidence.discovery.search import rules
from services.evidence.discovery.search.filters import earliest_day, latest_day
from services.evidence.discovery.search.index.layout import (
    FACETS,
    GUIDE_BIT,
    MISSING_FACETS,
    MISSING_FIELD,
    WAY_BITS,
    day_number,
)
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.query import language
from services.evidence.discovery.search.query.query_parser import QueryClause, parse_years
from services.evidence.discovery.search.query.thesaurus import Concept, Synonym, Thesaurus
from services.evidence.library.items.identifiers.rules import PATTERNS
from services.evidence.library.place_filters import state_of
from services.evidence.library.setting_names import setting_name

TITLE_BOOST = 1.0
SYNONYM_BOOST = 0.7
"""The weight of a synonym beside the word itself."""
PHRASE_BOOST = 0.5
"""The weight that is added where words of a term also stand together."""
FIRST_DAY, LAST_DAY = 0, 99_999_999
MAX_YEARS = 500


class QueryBuilder:
    """Builds queries for one searcher. `scored=False` is for counting: clauses that only change scores are left out."""

    def __init__(self, schema: Schema, searcher: Searcher, thesaurus: Thesaurus) -> None:
        self._schema = schema
        self._searcher = searcher
        self._thesaurus = thesaurus

    def build(
        self, request: SearchRequest, *, match_share: float = rules.DEFAULT_MATCH_SHARE, scored: bool = True
    ) -> Query:
        """Return the query of a request. `match_share`: the share of the words' information that must match."""
        query = request.query
        clauses = [(Occur.Must, self._clause_query(clause, scored)) for clause in query.required]
        if query.words and (words_query := self._words_query(query.words, match_share, scored)):
            clauses.append((Occur.Must, words_query))
        clauses += [(Occur.MustNot, self._clause_query(clause, scored=False)) for clause in query.excluded]
        clauses += [(Occur.Must, Query.const_score_query(filter_query, 0.0)) for filter_query in self._filters(request)]
        if request.topics is not None:
            clauses.append((Occur.Must, Query.const_score_query(self._any_of("topics", request.topics), 0.0)))
        return _all(clauses)

    def restrict_to_ways(self, query: Query, masks: Iterable[int]) -> Query:
        """Return the query for entries with one of these ways masks."""
        return _all([(Occur.Must, query), (Occur.Must, Query.const_score_query(self._ways(masks), 0.0))])

    def union(self, first: Query, second: Query, *, scored: bool = True) -> Query:
        """Return the query for entries that match either query."""
        return _best([first, second], scored)

    def difference(self, query: Query, excluded: Query) -> Query:
        """Return the query for entries that match the first query and not the second."""
        return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, excluded)])

    def document_frequency(self, term: str) -> int:
        """Return how many entries have the term."""
        return self._searcher.doc_freq("text", term)

    def _words_query(self, words: Sequence[str], match_share: float, scored: bool) -> Query | None:
        """Return the query for entries that match this share of the words' information, by inverse document frequency.

        Every concept then raises the score, whether or not it was needed. None where no word is indexed.
        """
        concepts = self._thesaurus.concepts(words)
        informative = [concept for concept in concepts if any(self._is_content_word(word) for word in concept.words)]
        informative = informative or [concept for concept in concepts if any(map(language.stem, concept.words))]
        queries = [self._concept_query(concept, scored=False) for concept in informative]
        weights = [self._inverse_document_frequency(concept) for concept in informative]
        subsets = rules.sufficient_subsets(weights, match_share) if informative else []
        if not subsets:
            return None
        needs_all = len(subsets) == 1 and len(subsets[0]) == len(informative)
        if not scored or not needs_all:
            match = _best([_all([(Occur.Must, queries[i]) for i in subset]) for subset in subsets], scored=False)
            if not scored:
                return match
            boosts = [(Occur.Should, self._concept_query(concept, scored=True)) for concept in informative]
            return _all([(Occur.Must, Query.const_score_query(match, 0.0)), *boosts])
        return _all([(Occur.Must, self._concept_query(concept, scored=True)) for concept in informative])

    def _inverse_document_frequency(self, concept: Concept) -> float:
        """Return the inverse document frequency of a concept, as in BM25; of several words, that of the rarest."""
        words = [word for word in concept.words if language.stem(word)]
        frequency = self._rarest_frequency([language.terms(word) for word in words])
        for synonym in concept.synonyms:
            terms = [
                language.welsh_terms(word) if synonym.is_welsh else language.terms(word)
                for word in language.split_words(synonym.text)
            ]
            frequency = max(frequency, self._rarest_frequency([word_terms for word_terms in terms if word_terms]))
        return log(1 + (self._searcher.num_docs - frequency + 0.5) / (frequency + 0.5))

    def _rarest_frequency(self, terms_of_words: Iterable[Sequence[str]]) -> int:
        """Return the frequency of the rarest of some words, each by its most frequent term."""
        return min((max(map(self.document_frequency, terms), default=0) for terms in terms_of_words), default=0)

    def _is_content_word(self, word: str) -> bool:
        return language.stem(word) is not None and not language.is_function_word(word)

    def _concept_query(self, concept: Concept, scored: bool) -> Query:
        queries = [self._term_query(concept.words, scored)]
        queries += [
            Query.boost_query(self._synonym_query(synonym, scored), SYNONYM_BOOST) for synonym in concept.synonyms
        ]
        return queries[0] if len(queries) == 1 else _best(queries, scored)

    def _term_query(self, words: Sequence[str], scored: bool) -> Query:
        if len(words) == 1:
            return self._any_term(language.terms(words[0]), scored)
        clauses = [(Occur.Must, self._any_term(language.terms(word), scored)) for word in words if language.stem(word)]
        if scored and len(clauses) > 1:
            phrase = self._phrase_query(" ".join(words), ("text",))
            clauses.append((Occur.Should, Query.boost_query(phrase, PHRASE_BOOST)))
        return _all(clauses)

    def _synonym_query(self, synonym: Synonym, scored: bool) -> Query:
        words = language.split_words(synonym.text)
        if len(words) > 1:
            return self._phrase_query(synonym.text, ("title", "text") if scored else ("text",))
        terms = language.welsh_terms(words[0]) if synonym.is_welsh else language.terms(words[0])[:1]
        return self._any_term(terms, scored)

    def _any_term(self, terms: Sequence[str], scored: bool) -> Query:
        indexed_terms = [term for term in terms if self.document_frequency(term)] or list(terms[:1])
        queries = [self._text_query(term, scored) for term in indexed_terms]
        return queries[0] if len(queries) == 1 else _best(queries, scored)

    def _text_query(self, term: str, scored: bool) -> Query:
        in_text = Query.term_query(self._schema, "text", term)
        if not scored:
            return in_text
        in_title = Query.boost_query(Query.term_query(self._schema, "title", term), TITLE_BOOST)
        return Query.boolean_query([(Occur.Should, in_text), (Occur.Should, in_title)])

    def _phrase_query(self, text: str, fields: Iterable[str]) -> Query:
        queries: list[Query] = []
        for variant in language.phrase_variants(text):
            if not all(self.document_frequency(term) for _, term in variant):
                continue
            first = variant[0][0]
            terms: list[str | tuple[int, str]] = [(position - first, term) for position, term in variant]
            queries += [
                Query.phrase_query(self._schema, name, terms)
                if len(terms) > 1
                else Query.term_query(self._schema, name, variant[0][1])
                for name in fields
            ]
        return _best(queries, scored=True) if queries else Query.empty_query()

    def _clause_query(self, clause: QueryClause, scored: bool) -> Query:
        match clause.field:
            case None | "title" | "source":
                return self._text_clause_query(clause, scored)
            case "names":
                return self._name_query(clause.text)
            case "year":
                first, last = parse_years(clause.text)
                return self._any_of("years", [str(year) for year in range(first, min(last, first + MAX_YEARS) + 1)])
            case "country":
                return self._is_from(clause.text.upper())
            case "setting":
                return self._tag("setting", setting_name(clause.text).lower())
            case field:
                return self._tag(field, clause.text if field in PATTERNS else clause.text.lower())

    def _text_clause_query(self, clause: QueryClause, scored: bool) -> Query:
        """Return the query of a phrase or an excluded word, in the whole text or in the field that it names."""
        if clause.field is None and clause.is_phrase:
            return self._phrase_query(clause.text, ("title", "text") if scored else ("text",))
        field = clause.field or "text"
        if clause.is_phrase and len(language.split_words(clause.text)) > 1:
            return self._phrase_query(clause.text, (field,))
        return self._all_words([clause.text], field)

    def _name_query(self, text: str) -> Query:
        terms = language.name_terms(text)
        if len(terms) > 1:
            return Query.phrase_query(self._schema, "names", [*terms])
        return self._any_of("names", terms)

    def _all_words(self, texts: Sequence[str], field: str) -> Query:
        terms_of_words = [language.terms(word) for text in texts for word in language.split_words(text)]
        queries = [Query.term_set_query(self._schema, field, list(terms)) for terms in terms_of_words if terms]
        return _all([(Occur.Must, query) for query in queries])

    def _filters(self, request: SearchRequest) -> Iterable[Query]:
        filters = request.filters
        if filters.way_of_knowing:
            yield self._ways(masks_with_way(WAY_BITS[filters.way_of_knowing]))
        if request.kind:
            yield self._ways(WAY_BITS.values() if request.kind == "item" else range(GUIDE_BIT, 2 * GUIDE_BIT))
        if filters.country:
            yield self._is_from(filters.country)
        for name in ("setting", "language", "kind", "design"):
            if value := getattr(filters, name):
                yield self._tag(name, value.lower())
        if filters.since:
            yield self._days("latest_day", day_number(earliest_day(filters.since)), LAST_DAY)
        if filters.until:
            yield self._days("earliest_day", FIRST_DAY, day_number(latest_day(filters.until)))

    def _tag(self, name: str, value: str) -> Query:
        return Query.term_query(self._schema, "tags", f"{name}:{value}")

    def _is_from(self, country: str) -> Query:
        """Return the query for what is from there, its nations among it; for a nation, from the whole state, too."""
        tags = [f"country:{country}", *([f"whole:{state_of(country)}"] if country != state_of(country) else [])]
        return self._any_of("tags", tags)

    def _ways(self, masks: Iterable[int]) -> Query:
        values = list(masks)
        if len(values) == 1:
            return Query.term_query(self._schema, "ways_mask", values[0])
        return Query.term_set_query(self._schema, "ways_mask", values)

    def _any_of(self, field: str, values: Collection[str]) -> Query:
        return Query.term_set_query(self._schema, field, list(values))

    def _days(self, field: str, first: int, last: int) -> Query:
        return Query.range_query(self._schema, field, FieldType.Unsigned, first, last)


def masks_with_way(way_bit: int) -> list[int]:
    """Return the ways masks of an item of this way of knowing, and of the guides that cite it."""
    return [way_bit, *(mask for mask in range(GUIDE_BIT, 2 * GUIDE_BIT) if mask & way_bit)]


def facet_aggregations(max_masks: int) -> dict[str, dict[str, dict[str, str | int]]]:
    """Return the aggregations that count the values of each facet and the ways masks of everything that matches."""
    aggregations: dict[str, dict[str, dict[str, str | int]]] = {
        "ways_mask": {"terms": {"field": "ways_mask", "size": max_masks}}
    }
    for name, size in {**FACETS, MISSING_FIELD: len(MISSING_FACETS)}.items():
        aggregations[name] = {"terms": {"field": name, "size": size, "segment_size": size}}
    return aggregations


def _all(clauses: Sequence[tuple[Occur, Query]]) -> Query:
    """Return the conjunction. A single clause stays what it is, which tantivy answers faster."""
    if not clauses:
        return Query.empty_query()
    return clauses[0][1] if len(clauses) == 1 else Query.boolean_query(list(clauses))


def _best(queries: Sequence[Query], scored: bool) -> Query:
    """Return the disjunction, scored by the best match."""
    if len(queries) == 1:
        return queries[0]
    if scored:
        return Query.disjunction_max_query(list(queries), tie_breaker=0.0)
    return Query.boolean_query([(Occur.Should, query) for query in queries])
