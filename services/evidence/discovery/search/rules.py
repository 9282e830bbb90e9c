"""In which order what was found is shown, so that no way of knowing is buried by another."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from math import inf, log2
from typing import Protocol, TypeVar

from shared.problems import Invalid, Problem

DEEPEST = 1_000
"""How many results can be paged through. Who has not found it by then needs other words or a filter."""

GUIDES = "guides"
MOST_WORDS = 8

STRICT = 0.6
"""The share of what a question tells that an item must hold."""
LOOSER = ((0.3, 3), (0.2, 1))
"""The share that is enough of a way of knowing in which fewer than so many are found. People of different ways of
knowing say the same in other words; asking for every word would silence some."""

OF_ALL, OF_ITS_OWN = 0.05, 0.4
"""A way of knowing has a claim to be seen where its best hit scores this much of the best of all; then every hit of it
has one that scores this much of its own best. People who tell what they lived through use other words than a title of
a journal, so a way is measured by itself first. Chosen by `tests.benchmarks.evidence.ranking`."""


class Hit(Protocol):
    """An item or a guide that fits, and how well. `ways`: those that speak in it."""

    @property
    def score(self) -> float: ...
    @property
    def ways(self) -> tuple[str, ...]: ...


AnyHit = TypeVar("AnyHit", bound=Hit)


class NothingToSearchFor(Invalid):
    pointer = "?q"
    title = "There are no words to search for"
    detail = "Write a word or two in q: what it is about, or for whom."


class IndexBeingBuilt(Problem):
    status = 503
    title = "The search is getting ready"
    detail = "The index of the library is being built and would not find everything yet. Try again in a moment."


def seen(place: int) -> float:
    """How much a reader looks at this place of a list, the first being 0: one by the logarithm, as in nDCG."""
    return 1 / log2(place + 2)


def least(best: float, own_best: float) -> float:
    """The least score that has a claim, of a way of knowing with this best hit; infinite where none has."""
    return OF_ITS_OWN * own_best if own_best >= OF_ALL * best else inf


def balanced(claims: Mapping[str, Sequence[AnyHit]], size: int) -> list[AnyHit]:
    """The best of each way of knowing, merged so that each that has something relevant is seen as much as the others.

    Each place goes to the way that was seen least so far; between equals, to the better hit. Within a way the order of
    relevance stays. When a way has no more, the others share what is left. Guides take turns as a fourth; what is seen
    of a guide is also seen, in equal parts, of the ways that speak in it.
    """
    waiting = {group: deque(hits) for group, hits in claims.items() if hits}
    exposure = dict.fromkeys(waiting, 0.0)
    merged: list[AnyHit] = []
    while waiting and len(merged) < size:
        group = min(waiting, key=lambda group: (exposure[group], -waiting[group][0].score, group))
        hit = waiting[group].popleft()
        exposure[group] += seen(len(merged))
        if group == GUIDES:
            for way in hit.ways:
                exposure[way] = exposure.get(way, 0.0) + seen(len(merged)) / len(hit.ways)
        merged.append(hit)
        if not waiting[group]:
            del waiting[group]
    return merged


def attention(shown: Sequence[Collection[str]], way: str) -> float:
    """The part of what a reader sees of this page that is of one way of knowing. `shown`: the ways of each place."""
    whole = sum(seen(place) for place in range(len(shown)))
    of_way = sum(seen(place) / len(ways) for place, ways in enumerate(shown) if way in ways)
    return of_way / whole if whole else 0.0


def enough_of(tells: Sequence[float], share: float) -> list[tuple[int, ...]]:
    """The smallest choices of words that together tell this share of a question. `tells`: how much each word tells.

    Of more than eight words, the eight that tell most count.
    """
    counted = sorted(sorted(range(len(tells)), key=lambda place: -tells[place])[:MOST_WORDS])
    needed = share * sum(tells[place] for place in counted) - 1e-9
    enough: list[tuple[int, ...]] = []
    for size in range(1, len(counted) + 1):
        for some in combinations(counted, size):
            if sum(tells[place] for place in some) >= needed and not any(set(less) <= set(some) for less in enough):
                enough.append(some)
    return enough
