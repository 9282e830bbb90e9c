"""The order of search results, in which no way of knowing is buried by another, and how much of a query must match."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from itertools import combinations
from math import inf, log2
from typing import NamedTuple, Protocol, TypeVar

from shared.problems import Invalid, Problem

MAX_RESULTS = 1_000
"""How many results can be paged through. To find what comes after them, use other words or a filter."""

GUIDES = "guides"
"""The group of guides, beside one for each way of knowing."""
MAX_WEIGHED_WORDS = 8

DEFAULT_MATCH_SHARE = 0.6
"""The share of the information in a query's words that an entry must match."""


class Relaxation(NamedTuple):
    """A smaller share is enough in a group of which fewer than `min_matches` match."""

    match_share: float
    min_matches: int


RELAXATIONS = (Relaxation(0.3, 3), Relaxation(0.2, 1))
"""Each way of knowing has words of its own for the same subject: requiring every word would leave some out."""

CLAIM_SHARE_OF_BEST, CLAIM_SHARE_OF_OWN_BEST = 0.05, 0.4
"""A group has a claim to be shown where its best hit scores the first share of the best hit of all; then each of its
hits has a claim that scores the second share of the group's own best. People who tell of their own lives use other
words than the title of a journal article, so hits are compared within their group. Chosen by
`tests.benchmarks.evidence.ranking`."""


class RankedHit(Protocol):
    """An item or a guide that matches, and how well. `ways`: its way of knowing, or those that the guide cites."""

    @property
    def score(self) -> float: ...
    @property
    def ways(self) -> tuple[str, ...]: ...


AnyHit = TypeVar("AnyHit", bound=RankedHit)


class Searchable(Protocol):
    """A query, as far as it is checked."""

    @property
    def is_searchable(self) -> bool: ...


class NothingToSearchFor(Invalid):
    pointer = "?q"
    title = "There are no words to search for"
    detail = "Write a word or two in q: the subject, or whom it is about. Words such as `the` are not searched for."


class IndexBeingBuilt(Problem):
    status = 503
    title = "The search is not ready yet"
    detail = "The index of the library is being built and would not find everything yet. Try again in a moment."


def check_query(query: Searchable) -> None:
    """Raise NothingToSearchFor where the query has only stop words and excluded clauses."""
    if not query.is_searchable:
        raise NothingToSearchFor


def check_index(*, complete: bool) -> None:
    """Raise IndexBeingBuilt while the index is incomplete."""
    if not complete:
        raise IndexBeingBuilt(headers={"Retry-After": "5"})


def page_ranks(cursor: Sequence[int] | None, limit: int) -> tuple[int, int]:
    """Return the first rank of a page and the one after its last. `cursor`: where the previous page ended."""
    begin = 0 if cursor is None else cursor[0]
    return begin, min(begin + limit, MAX_RESULTS)


def discount(rank: int) -> float:
    """Return how much attention a rank gets, the first being 0: the logarithmic discount of nDCG."""
    return 1 / log2(rank + 2)


def claim_threshold(best: float, own_best: float) -> float:
    """Return the lowest score with a claim, of a group with this best hit; infinite where none has one."""
    return CLAIM_SHARE_OF_OWN_BEST * own_best if own_best >= CLAIM_SHARE_OF_BEST * best else inf


def balance(claims: Mapping[str, Sequence[AnyHit]], size: int) -> list[AnyHit]:
    """Merge the hits of each group so that all groups get the same exposure, as long as they have hits left.

    Each rank goes to the group with the least exposure so far; between equals, to the better hit. Within a group the
    order of relevance stays. When a group has no more hits, the others share what is left. Guides take turns as a
    fourth group; the exposure of a guide also counts, in equal parts, for the ways of knowing that it cites.
    """
    waiting = {group: deque(hits) for group, hits in claims.items() if hits}
    exposure = dict.fromkeys(waiting, 0.0)
    merged: list[AnyHit] = []
    while waiting and len(merged) < size:
        group = min(waiting, key=lambda group: (exposure[group], -waiting[group][0].score, group))
        hit = waiting[group].popleft()
        gained = discount(len(merged))
        exposure[group] += gained
        if group == GUIDES:
            for way in hit.ways:
                exposure[way] = exposure.get(way, 0.0) + gained / len(hit.ways)
        merged.append(hit)
        if not waiting[group]:
            del waiting[group]
    return merged


def attention(ways_by_rank: Sequence[Collection[str]], way: str) -> float:
    """Return the share, 0 to 1, of a reader's attention to a page that goes to one way of knowing."""
    total = sum(discount(rank) for rank in range(len(ways_by_rank)))
    of_way = sum(discount(rank) / len(ways) for rank, ways in enumerate(ways_by_rank) if way in ways)
    return of_way / total if total else 0.0


def sufficient_subsets(weights: Sequence[float], share: float) -> list[tuple[int, ...]]:
    """Return the minimal subsets of words, as indices, whose weights add up to this share of all.

    Of more than `MAX_WEIGHED_WORDS` words, those of the greatest weight count.
    """
    heaviest = sorted(range(len(weights)), key=lambda index: -weights[index])[:MAX_WEIGHED_WORDS]
    counted = sorted(heaviest)
    needed = share * sum(weights[index] for index in counted) - 1e-9
    sufficient: list[tuple[int, ...]] = []
    for size in range(1, len(counted) + 1):
        for subset in combinations(counted, size):
            is_enough = sum(weights[index] for index in subset) >= needed
            if is_enough and not any(set(smaller) <= set(subset) for smaller in sufficient):
                sufficient.append(subset)
    return sufficient
