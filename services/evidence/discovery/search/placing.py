"""What was found, counted and told apart by way of knowing."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, cast

import tantivy
from tantivy import Query, Searcher

from services.evidence.discovery.search import querying
from services.evidence.discovery.search.layout import FACETS, GUIDE, VOICE
from services.evidence.discovery.search.rules import GUIDES

FEWEST_LOOKED_AT = 60
MOST_LOOKED_AT = 600
"""Most questions are balanced from so many of the best hits, without looking for a way of knowing by itself."""


class Placed(NamedTuple):
    """A hit where it lies in the index."""

    address: tantivy.DocAddress
    score: float
    ways: tuple[str, ...]
    guide: bool = False


ALL_GROUPS: tuple[Sequence[int], ...] = (*((bit,) for bit in VOICE.values()), range(GUIDE, 2 * GUIDE))


def counted(searcher: Searcher, query: Query) -> dict[str, dict[str, int]]:
    """How many of everything that was found have each value of what is counted."""
    numbers = cast(dict[str, Any], searcher.aggregate(query, querying.counted(2 * GUIDE)))
    return {
        name: {str(bucket["key"]): bucket["doc_count"] for bucket in numbers[name]["buckets"]}
        for name in ("voices", *FACETS)
    }


def together(one: Mapping[str, Mapping[str, int]], other: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """Numbers of things that are not the same, the greatest first."""
    return {name: dict((Counter(values) + Counter(other[name])).most_common()) for name, values in one.items()}


def ways(voices: int) -> tuple[str, ...]:
    return tuple(way for way, bit in VOICE.items() if voices & bit)


def group(hit: Placed) -> str:
    return GUIDES if hit.guide else hit.ways[0]


def looked_at(voices: Mapping[int, int], end: int) -> int:
    """So many of the best of all that the rarest way of knowing most likely is among them as often as it is shown."""
    rarest = min((sum(voices[bit] for bit in bits) for bits in groups(voices).values()), default=1)
    likely = 3 * end * sum(voices.values()) // max(1, 2 * rarest)
    return max(3 * end, FEWEST_LOOKED_AT, min(likely, MOST_LOOKED_AT))


def groups(voices: Mapping[int, int]) -> dict[str, Sequence[int]]:
    """The values of `voices` that were found, by way of knowing; those of guides together."""
    guides = [voice for voice in voices if voice >= GUIDE]
    own: dict[str, Sequence[int]] = {way: [bit] for way, bit in VOICE.items() if bit in voices}
    return own | ({GUIDES: guides} if guides else {})
