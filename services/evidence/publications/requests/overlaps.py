"""How much of one text stands in another, nearly word for word: changed endings, order and single words still count."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence

from services.evidence.library.items.words.canonical_words import words_of

MIN_WORDS = 5
"""A shorter sentence says too little to be anybody's own."""
MAX_SHARE = 0.75
"""Of the words of a sentence. What shares more with the other text repeats it."""
STEM_LENGTH = 5
_SENTENCE_END = re.compile(r"[.!?;:\n]+")


def repeats(text: str, other: str) -> bool:
    """Return whether a sentence of either text stands, nearly word for word, in the other."""
    return _has_sentence_in(text, other) or _has_sentence_in(other, text)


def _has_sentence_in(text: str, other: str) -> bool:
    positions: defaultdict[str, list[int]] = defaultdict(list)
    for position, stem in enumerate(_stems(other)):
        positions[stem].append(position)
    return any(_share(sentence, positions) > MAX_SHARE for sentence in _sentences(text))


def _share(sentence: Sequence[str], positions: Mapping[str, Sequence[int]]) -> float:
    """Return the largest share of the sentence that any stretch of its length and half as much again has of it.

    Only words of the sentence are looked at, by their positions in the other text: it may be long.
    """
    needed = Counter(sentence)
    most = sum(min(number, len(positions.get(stem, ()))) for stem, number in needed.items())
    if most <= MAX_SHARE * len(sentence):
        return most / len(sentence)
    width = len(sentence) + len(sentence) // 2
    places = sorted((position, stem) for stem in needed for position in positions.get(stem, ()))
    present = Counter[str]()
    common = best = first = 0
    for position, stem in places:
        present[stem] += 1
        common += present[stem] <= needed[stem]
        while places[first][0] <= position - width:
            left = places[first][1]
            common -= present[left] <= needed[left]
            present[left] -= 1
            first += 1
        best = max(best, common)
    return best / len(sentence)


def _sentences(text: str) -> set[tuple[str, ...]]:
    sentences = (tuple(_stems(part)) for part in _SENTENCE_END.split(text))
    return {stems for stems in sentences if len(stems) >= MIN_WORDS}


def _stems(text: str) -> list[str]:
    """Return the beginnings of the words as they are compared: `breaks` and `break` are the same, `br\u00adeak` too."""
    return [word[:STEM_LENGTH] for word in words_of(text.casefold().replace("\u2019s", "").replace("'s", ""))]
