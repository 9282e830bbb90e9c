"""Questions and filters as tantivy takes them."""

from collections.abc import Collection, Iterable, Sequence
from math import log

from tantivy import FieldType, Occur, Query, Schema, Searcher

from services.evidence.discovery.search import asking, language, rules
from services.evidence.discovery.search.asking import Part, Question
from services.evidence.discovery.search.filters import Filters, earliest, latest
from services.evidence.discovery.search.layout import FACETS, GUIDE, VOICE, day
from services.evidence.discovery.search.rules import enough_of
from services.evidence.discovery.search.synonyms import Concept, Saying, Synonyms
from services.evidence.library.items.identifiers import PATTERNS

IN_TITLE = 1.0
OTHER_WORD = 0.7
"""What a synonym counts beside the word itself."""
AS_PHRASE = 0.5
"""What it adds when words that belong together also stand together."""
FIRST_DAY, LAST_DAY = 0, 99_999_999


class Querying:
    """Makes queries for one searcher. `scored=False` for counting: nothing that only lifts is asked."""

    def __init__(self, schema: Schema, searcher: Searcher, synonyms: Synonyms) -> None:
        self._schema = schema
        self._searcher = searcher
        self._synonyms = synonyms

    def asked(
        self,
        question: Question,
        filters: Filters,
        topics: Collection[str] | None,
        kind_of: str | None = None,
        *,
        share: float = rules.STRICT,
        scored: bool = True,
    ) -> Query:
        """`kind_of`: `item` or `guide` alone. `share`: how much of what the words tell must be there."""
        clauses = [(Occur.Must, self._part(part, scored)) for part in question.must]
        if question.words and (worded := self._worded(question.words, share, scored)):
            clauses.append((Occur.Must, worded))
        clauses += [(Occur.MustNot, self._part(part, scored=False)) for part in question.without]
        clauses += [(Occur.Must, Query.const_score_query(each, 0.0)) for each in self._narrowed(filters, kind_of)]
        if topics is not None:
            clauses.append((Occur.Must, Query.const_score_query(self._any("topics", topics), 0.0)))
        return _all(clauses)

    def only(self, query: Query, voices: Iterable[int]) -> Query:
        return _all([(Occur.Must, query), (Occur.Must, Query.const_score_query(self._voices(voices), 0.0))])

    def either(self, one: Query, other: Query, *, scored: bool = True) -> Query:
        return _best([one, other], scored)

    def without(self, query: Query, other: Query) -> Query:
        return Query.boolean_query([(Occur.Must, query), (Occur.MustNot, other)])

    def found(self, term: str) -> int:
        return self._searcher.doc_freq("words", term)

    def _worded(self, words: Sequence[str], share: float, scored: bool) -> Query | None:
        """Items that hold this share at least of what the words tell, a rare word telling more than a common one."""
        concepts = self._synonyms.concepts(words)
        says = [concept for concept in concepts if any(self._says(word) for word in concept.words)]
        says = says or [concept for concept in concepts if any(map(language.stem, concept.words))]
        each = [self._concept(concept, scored=False) for concept in says]
        enough = enough_of([self._tells(concept) for concept in says], share) if says else []
        if not enough:
            return None
        whole = len(enough) == 1 and len(enough[0]) == len(says)
        if not scored or not whole:
            found = _best([_all([(Occur.Must, each[place]) for place in some]) for some in enough], scored=False)
            if not scored:
                return found
            lifts = [(Occur.Should, self._concept(concept, scored=True)) for concept in says]
            return _all([(Occur.Must, Query.const_score_query(found, 0.0)), *lifts])
        return _all([(Occur.Must, self._concept(concept, scored=True)) for concept in says])

    def _tells(self, concept: Concept) -> float:
        """The inverse document frequency of a concept, as BM25 has it; of several words, that of the rarest."""
        words = [word for word in concept.words if language.stem(word)]
        found = min((max(map(self.found, language.terms(word)), default=0) for word in words), default=0)
        for other in concept.others:
            terms = [
                language.welsh_terms(word) if other.welsh else language.terms(word)
                for word in language.words(other.text)
            ]
            found = max(found, min((max(map(self.found, some), default=0) for some in terms if some), default=0))
        return log(1 + (self._searcher.num_docs - found + 0.5) / (found + 0.5))

    def _says(self, word: str) -> bool:
        """Not a word that only holds a sentence together."""
        return language.stem(word) is not None and not language.says_little(word)

    def _concept(self, concept: Concept, scored: bool) -> Query:
        ways = [self._together(concept.words, scored)]
        ways += [Query.boost_query(self._saying(other, scored), OTHER_WORD) for other in concept.others]
        return ways[0] if len(ways) == 1 else _best(ways, scored)

    def _together(self, words: Sequence[str], scored: bool) -> Query:
        if len(words) == 1:
            return self._somewhere(language.terms(words[0]), scored)
        each = [(Occur.Must, self._somewhere(language.terms(word), scored)) for word in words if language.stem(word)]
        if scored and len(each) > 1:
            each.append((Occur.Should, Query.boost_query(self._phrase(" ".join(words), ("words",)), AS_PHRASE)))
        return _all(each)

    def _saying(self, saying: Saying, scored: bool) -> Query:
        words = language.words(saying.text)
        if len(words) > 1:
            return self._phrase(saying.text, ("title", "words") if scored else ("words",))
        kept = language.welsh_terms(words[0]) if saying.welsh else language.terms(words[0])[:1]
        return self._somewhere(kept, scored)

    def _somewhere(self, terms: Sequence[str], scored: bool) -> Query:
        known = [term for term in terms if self.found(term)] or list(terms[:1])
        each = [self._weighed(term, scored) for term in known]
        return each[0] if len(each) == 1 else _best(each, scored)

    def _weighed(self, term: str, scored: bool) -> Query:
        anywhere = Query.term_query(self._schema, "words", term)
        if not scored:
            return anywhere
        titled = Query.boost_query(Query.term_query(self._schema, "title", term), IN_TITLE)
        return Query.boolean_query([(Occur.Should, anywhere), (Occur.Should, titled)])

    def _phrase(self, text: str, fields: Iterable[str]) -> Query:
        ways: list[Query] = []
        for way in language.phrases(text):
            if not all(self.found(term) for _, term in way):
                continue
            first = way[0][0]
            words: list[str | tuple[int, str]] = [(place - first, term) for place, term in way]
            for name in fields:
                ways.append(
                    Query.phrase_query(self._schema, name, words)
                    if len(words) > 1
                    else Query.term_query(self._schema, name, way[0][1])
                )
        return _best(ways, scored=True) if ways else Query.empty_query()

    def _part(self, part: Part, scored: bool) -> Query:
        match part.field:
            case None if part.phrase:
                return self._phrase(part.text, ("title", "words") if scored else ("words",))
            case None:
                return self._all_of(language.words(part.text), "words")
            case "names":
                return self._named(part.text)
            case "title" | "source" if part.phrase:
                phrase = self._phrase(part.text, (part.field,))
                return phrase if len(language.words(part.text)) > 1 else self._all_of([part.text], part.field)
            case "year":
                first, last = asking.years(part.text)
                return self._any("years", [str(year) for year in range(first, min(last, first + 500) + 1)])
            case "country":
                return self._mark("country", part.text.upper())
            case _ if part.field in PATTERNS:
                return self._mark(part.field, part.text)
            case _:
                return self._mark(part.field, part.text.lower())

    def _named(self, text: str) -> Query:
        words = language.names(text)
        if len(words) > 1:
            return Query.phrase_query(self._schema, "names", [*words])
        return self._any("names", words)

    def _all_of(self, texts: Sequence[str], field: str) -> Query:
        terms = [language.terms(word) for text in texts for word in language.words(text)]
        each = [Query.term_set_query(self._schema, field, list(some)) for some in terms if some]
        return _all([(Occur.Must, one) for one in each])

    def _narrowed(self, filters: Filters, kind_of: str | None) -> Iterable[Query]:
        if filters.way_of_knowing:
            yield self._voices(speaks(VOICE[filters.way_of_knowing]))
        if kind_of:
            yield self._voices(VOICE.values() if kind_of == "item" else range(GUIDE, 2 * GUIDE))
        if filters.country:
            yield self._mark("country", filters.country)
        for name in ("setting", "language", "kind", "design"):
            if value := getattr(filters, name):
                yield self._mark(name, value.lower())
        if filters.since:
            yield self._days("latest", day(earliest(filters.since)), LAST_DAY)
        if filters.until:
            yield self._days("earliest", FIRST_DAY, day(latest(filters.until)))

    def _mark(self, name: str, value: str) -> Query:
        return Query.term_query(self._schema, "marks", f"{name}:{value}")

    def _voices(self, voices: Iterable[int]) -> Query:
        some = list(voices)
        if len(some) == 1:
            return Query.term_query(self._schema, "voices", some[0])
        return Query.term_set_query(self._schema, "voices", some)

    def _any(self, name: str, values: Collection[str]) -> Query:
        return Query.term_set_query(self._schema, name, list(values))

    def _days(self, name: str, first: int, last: int) -> Query:
        return Query.range_query(self._schema, name, FieldType.Unsigned, first, last)


def speaks(voice: int) -> list[int]:
    """The values of `voices` of an item of this way of knowing, and of guides in which it speaks."""
    return [voice, *(guide for guide in range(GUIDE, 2 * GUIDE) if guide & voice)]


def counted(most: int) -> dict[str, dict[str, dict[str, str | int]]]:
    """What is counted of everything that was found."""
    asked: dict[str, dict[str, dict[str, str | int]]] = {"voices": {"terms": {"field": "voices", "size": most}}}
    for name, size in FACETS.items():
        asked[name] = {"terms": {"field": name, "size": size, "segment_size": size}}
    return asked


def _all(clauses: Sequence[tuple[Occur, Query]]) -> Query:
    """All of them; one alone stays what it is, which tantivy answers faster."""
    if not clauses:
        return Query.empty_query()
    return clauses[0][1] if len(clauses) == 1 else Query.boolean_query(list(clauses))


def _best(ways: Sequence[Query], scored: bool) -> Query:
    if len(ways) == 1:
        return ways[0]
    if scored:
        return Query.disjunction_max_query(list(ways), tie_breaker=0.0)
    return Query.boolean_query([(Occur.Should, way) for way in ways])
