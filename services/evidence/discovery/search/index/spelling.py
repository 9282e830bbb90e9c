"""Correction of spelling: a word that is nowhere in the index is replaced by the word that was most likely meant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.distance import OSA
from tantivy import Query, Schema, Searcher

from services.evidence.discovery.search.query import language
from services.evidence.discovery.search.query.thesaurus import Thesaurus

MAX_CHECKED_WORDS = 5
"""How many words of a query have their spelling looked up: more than these are not worth the time."""
MIN_WORD_CHARACTERS = 4
RARE_FREQUENCY = 2
"""A word in no more entries than this may be misspelt in the entries themselves."""
SUGGESTION_RATIO = 20
"""How many times as frequent another word must be before it is suggested beside a word that is indexed."""
MAX_PREFIX_TERMS = 200_000
MAX_CANDIDATES = 50


@dataclass(frozen=True, slots=True)
class SpellingCheck:
    """`corrections`: searched for in place of words that no entry has. `suggestions`: what else to try."""

    corrections: Mapping[str, str] = field(default_factory=dict[str, str])
    suggestions: Mapping[str, str] = field(default_factory=dict[str, str])


def check_spelling(schema: Schema, searcher: Searcher, thesaurus: Thesaurus, words: Iterable[str]) -> SpellingCheck:
    """Return corrections and suggestions for the words of a query. A term of the thesaurus is never corrected."""
    corrections: dict[str, str] = {}
    suggestions: dict[str, str] = {}
    remaining = MAX_CHECKED_WORDS
    for word in words:
        frequency = max((searcher.doc_freq("text", term) for term in language.terms(word)), default=RARE_FREQUENCY + 1)
        if frequency > RARE_FREQUENCY or not _may_be_misspelt(word) or thesaurus.has_word(word):
            continue
        if remaining == 0:
            break
        remaining -= 1
        replacement = _nearest_word(schema, searcher, language.fold(word), frequency)
        if replacement is not None:
            (corrections if frequency == 0 else suggestions)[word] = replacement
    return SpellingCheck(corrections, suggestions)


def _may_be_misspelt(word: str) -> bool:
    return len(word) >= MIN_WORD_CHARACTERS and word.isalpha() and not language.is_function_word(word)


def _nearest_word(schema: Schema, searcher: Searcher, word: str, frequency: int) -> str | None:
    """Return the nearest indexed word by optimal string alignment; of equally near ones the most frequent."""
    max_distance = 1 if len(word) < 8 else 2
    min_frequency = max(1, frequency * SUGGESTION_RATIO)
    # A first letter that was swapped with the second, or put before it by mistake: the word begins with the second.
    frequencies = {
        term: count
        for prefix in dict.fromkeys(word[:2])
        for term, count in searcher.terms_with_prefix("spelling", prefix, limit=MAX_PREFIX_TERMS)
        if count >= min_frequency and term != word
    }
    near = process.extract(
        word, frequencies.keys(), scorer=OSA.distance, score_cutoff=max_distance, limit=MAX_CANDIDATES
    )
    best_first = sorted((distance, -frequencies[term], term) for term, distance, _ in near)
    return next((term for _, _, term in best_first if _is_live(schema, searcher, term, min_frequency)), None)


def _is_live(schema: Schema, searcher: Searcher, term: str, min_frequency: int) -> bool:
    """Return whether so many entries still have the term: the term dictionary counts deleted ones too."""
    hits = searcher.search(Query.term_query(schema, "spelling", term), min_frequency, count=False).hits
    return len(hits) >= min_frequency
