"""Spelling forgiven: the word that was most likely meant, where the one that was typed is hardly known."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from rapidfuzz.distance import OSA
from tantivy import Searcher

from services.evidence.search import language
from services.evidence.search.synonyms import Synonyms

SHORTEST = 4
LITTLE = 2
"""A word in no more entries than this may be a slip of whoever wrote them."""
FAR_MORE = 20
"""How many times as many entries must have the other word before it is proposed beside a word that is known."""
MOST_TERMS = 50_000


@dataclass(frozen=True, slots=True)
class Spelling:
    """`corrected`: what is searched for in the place of a word that is nowhere. `proposed`: what else to try."""

    corrected: Mapping[str, str] = field(default_factory=dict[str, str])
    proposed: Mapping[str, str] = field(default_factory=dict[str, str])


def check(searcher: Searcher, synonyms: Synonyms, words: Iterable[str]) -> Spelling:
    corrected: dict[str, str] = {}
    proposed: dict[str, str] = {}
    for word in words:
        found = max((searcher.doc_freq("words", term) for term in language.terms(word)), default=LITTLE + 1)
        if found > LITTLE or not _may_be_misspelt(word) or synonyms.concepts([word])[0].others:
            continue
        meant = _meant(searcher, language.folded(word), found)
        if meant is not None:
            (corrected if found == 0 else proposed)[word] = meant
    return Spelling(corrected, proposed)


def _may_be_misspelt(word: str) -> bool:
    return len(word) >= SHORTEST and word.isalpha()


def _meant(searcher: Searcher, word: str, found: int) -> str | None:
    """The nearest known word; of equally near ones the one that is used most."""
    most = 1 if len(word) < 8 else 2
    best: tuple[int, int, str] | None = None
    for begins in _beginnings(word):
        for term, number in searcher.terms_with_prefix("spelling", begins, limit=MOST_TERMS):
            if abs(len(term) - len(word)) > most or term == word or number < max(1, found * FAR_MORE):
                continue
            apart = OSA.distance(word, term, score_cutoff=most)
            if apart <= most and (best is None or (apart, -number, term) < best):
                best = (apart, -number, term)
    return best[2] if best else None


def _beginnings(word: str) -> list[str]:
    """Of words that this one may have been meant to be: a slip in the first two letters included."""
    return list(dict.fromkeys((word[:2], word[1] + word[0], word[0] + word[2], word[1:3], word[0])))[:4]
