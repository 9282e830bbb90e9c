"""In which order what was found is shown, so that no way of knowing is buried by another."""

from collections import deque
from collections.abc import Mapping, Sequence
from math import log2
from typing import NamedTuple

from shared.problems import Invalid

DEEPEST = 1_000
"""How many results can be paged through. Who has not found it by then needs other words or a filter."""


class Hit(NamedTuple):
    """An item that fits, and how well."""

    id: str
    score: float


class NothingToSearchFor(Invalid):
    title = "There are no words to search for"
    detail = "Write a word or two in q: what it is about, or for whom."


def seen(place: int) -> float:
    """How much a reader looks at this place of a list, the first being 0: one by the logarithm, as in nDCG."""
    return 1 / log2(place + 2)


def balanced(found: Mapping[str, Sequence[Hit]], size: int) -> list[Hit]:
    """The best of each way of knowing, merged so that each that has something relevant is seen as much as the others.

    Each place goes to the way that was seen least so far; between equals, to the better hit. Within a way the order of
    relevance stays. When a way has no more, the others share what is left.
    """
    waiting = {way: deque(hits) for way, hits in found.items() if hits}
    exposure = dict.fromkeys(waiting, 0.0)
    merged: list[Hit] = []
    while waiting and len(merged) < size:
        way = min(waiting, key=lambda way: (exposure[way], -waiting[way][0].score, way))
        exposure[way] += seen(len(merged))
        merged.append(waiting[way].popleft())
        if not waiting[way]:
            del waiting[way]
    return merged


def enough_words(words: int) -> int:
    """How many of the words an item must have: all of one or two, and more than half of a longer question.

    People of different ways of knowing say the same in other words; asking for every word would silence some.
    """
    return words if words <= 2 else max(2, round(words * 0.6))
