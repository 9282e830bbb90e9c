"""Spelling forgiven: the word that was most likely meant, where the one that was typed is hardly known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rapidfuzz import process
from rapidfuzz.distance import OSA
from tantivy import Query, Schema, Searcher

from services.evidence.discovery.search import language
from services.evidence.discovery.search.synonyms import Synonyms

MOST_WORDS = 5
"""Of a question whose spelling is looked up: who mistypes more should look again."""
SHORTEST = 4
LITTLE = 2
"""A word in no more entries than this may be a slip of whoever wrote them."""
FAR_MORE = 20
"""How many times as many entries must have the other word before it is proposed beside a word that is known."""
MOST_TERMS = 200_000
MOST_NEAR = 50


@dataclass(frozen=True, slots=True)
class Spelling:
    """`corrected`: what is searched for in the place of a word that is nowhere. `proposed`: what else to try."""

    corrected: Mapping[str, str] = field(default_factory=dict[str, str])
    proposed: Mapping[str, str] = field(default_factory=dict[str, str])


def check(schema: Schema, searcher: Searcher, synonyms: Synonyms, words: Iterable[str]) -> Spelling:
    corrected: dict[str, str] = {}
    proposed: dict[str, str] = {}
    left = MOST_WORDS
    for word in words:
        found = max((searcher.doc_freq("words", term) for term in language.terms(word)), default=LITTLE + 1)
        if found > LITTLE or not _may_be_misspelt(word) or synonyms.knows(word):
            continue
        if left == 0:
            break
        left -= 1
        meant = _meant(schema, searcher, language.folded(word), found)
        if meant is not None:
            (corrected if found == 0 else proposed)[word] = meant
    return Spelling(corrected, proposed)


def _may_be_misspelt(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha() and not language.says_little(word)


def _meant(schema: Schema, searcher: Searcher, word: str, found: int) -> str | None:
    """The nearest known word; of equally near ones the one that is used most."""
    most = 1 if len(word) < 8 else 2
    least = max(1, found * FAR_MORE)
    # A first letter that was swapped with the second, or put before it by mistake: the word begins with the second.
    known = {
        term: number
        for begins in dict.fromkeys(word[:2])
        for term, number in searcher.terms_with_prefix("spelling", begins, limit=MOST_TERMS)
        if number >= least and term != word
    }
    near = process.extract(word, known.keys(), scorer=OSA.distance, score_cutoff=most, limit=MOST_NEAR)
    best = sorted((apart, -known[term], term) for term, apart, _ in near)
    return next((term for _, _, term in best if _stands(schema, searcher, term, least)), None)


def _stands(schema: Schema, searcher: Searcher, term: str, least: int) -> bool:
    """Whether so many entries have it today: the list of words still counts those that were taken back."""
    return len(searcher.search(Query.term_query(schema, "spelling", term), least, count=False).hits) >= least
