"""One search of one snapshot of the index: what matches, its counts, and its order."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple, cast

from tantivy import DocAddress, Query, Schema, Searcher

from services.evidence.discovery.search import rules
from services.evidence.discovery.search.index import query_builder
from services.evidence.discovery.search.index.layout import (
    FACETS,
    GUIDE_BIT,
    MISSING_FIELD,
    WAY_BITS,
    IndexedFacet,
    MissingFacet,
)
from services.evidence.discovery.search.index.query_builder import QueryBuilder
from services.evidence.discovery.search.index.search_request import SearchRequest
from services.evidence.discovery.search.index.spelling import SpellingCheck, check_spelling
from services.evidence.discovery.search.query.query_parser import ParsedQuery
from services.evidence.discovery.search.query.thesaurus import Thesaurus
from services.evidence.discovery.search.rules import GUIDES
from services.evidence.library.items.descriptions import WAYS
from shared.events.contracts.evidence import WayOfKnowing

MIN_CANDIDATES = 60
MAX_CANDIDATES = 600
"""Most searches are balanced from so many of the best hits, without a further search for one way of knowing."""
GUIDE_MASKS = range(GUIDE_BIT, 2 * GUIDE_BIT)
MASKS_OF_GROUPS: tuple[Sequence[int], ...] = (*((bit,) for bit in WAY_BITS.values()), GUIDE_MASKS)
"""The ways masks of each group that takes turns in the balance: the ways of knowing, and guides."""

FILTERS_OF_FACETS: Mapping[MissingFacet, tuple[str, ...]] = {
    "countries": ("country",),
    "settings": ("setting",),
    "years": ("since", "until"),
}
"""Which filters leave out what does not say it."""
Counts = dict[str, dict[str, int]]
"""By field, then by value."""


class ScoredHit(NamedTuple):
    """A match, by its address in the index."""

    address: DocAddress
    score: float
    ways: tuple[WayOfKnowing, ...]
    is_guide: bool = False

    @property
    def group(self) -> str:
        """The group in which it takes its turn in the balance."""
        return GUIDES if self.is_guide else self.ways[0]


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A match on the page."""

    id: str
    score: float
    ways: tuple[WayOfKnowing, ...]
    is_guide: bool


@dataclass(frozen=True, slots=True)
class SearchPage:
    """The hits of a page; how many matches there are in all, of each way of knowing, and of each value of a facet.

    `query`: as it was searched for, with its spelling corrected.
    """

    hits: list[SearchHit]
    query: ParsedQuery
    total: int
    guides: int
    per_way: Mapping[WayOfKnowing, int]
    facets: Mapping[IndexedFacet, Mapping[str, int]]
    without: Mapping[MissingFacet, int]
    """How many say no country, setting or year; where one is filtered by, how many are left out for that alone."""
    spelling: SpellingCheck = field(default_factory=SpellingCheck)


class Retrieval:
    """Searches one snapshot of the index. Nothing is kept between searches."""

    def __init__(self, schema: Schema, searcher: Searcher, thesaurus: Thesaurus) -> None:
        self._schema = schema
        self._searcher = searcher
        self._thesaurus = thesaurus
        self._builder = QueryBuilder(schema, searcher, thesaurus)

    def search(self, request: SearchRequest, begin: int, end: int) -> SearchPage:
        """Return the hits of ranks `begin` (from 0) to before `end`, in balance or by relevance alone."""
        spelling = check_spelling(self._schema, self._searcher, self._thesaurus, request.query.words)
        request = replace(request, query=request.query.with_words(spelling.corrections))
        query, counts = self._match(request)
        masks = {int(float(mask)): count for mask, count in counts["ways_mask"].items()}
        hits = self._best(query, end) if request.by_relevance else self._balanced(query, masks, end)
        return SearchPage(
            hits=[self._hit(scored) for scored in hits[begin:end]],
            query=request.query,
            total=sum(masks.values()),
            guides=sum(count for mask, count in masks.items() if mask >= GUIDE_BIT),
            per_way={
                way: sum(count for mask, count in masks.items() if mask & WAY_BITS[way])
                for way in WAYS
                if request.filters.way_of_knowing in (None, way)
            },
            facets={name: counts[name] for name in FACETS},
            without=self._count_missing(request, counts),
            spelling=spelling,
        )

    def ids(self, request: SearchRequest, limit: int) -> list[str]:
        """Return the ids of the most relevant matches, the best first, as the query is spelt."""
        return [self._hit(scored).id for scored in self._best(self._builder.build(request), limit)]

    def _match(self, request: SearchRequest) -> tuple[Query, Counts]:
        """Return the query and the counts of its matches.

        Groups in which hardly anything matches are searched again for a smaller share of the words: see
        `rules.RELAXATIONS`.
        """
        query = self._builder.build(request)
        counting = self._builder.build(request, scored=False)
        counts = self._count(counting)
        if len(request.query.words) < 2:
            return query, counts
        for match_share, min_matches in rules.RELAXATIONS:
            sparse_masks = [
                mask
                for masks in MASKS_OF_GROUPS
                if sum(counts["ways_mask"].get(str(mask), 0) for mask in masks) < min_matches
                for mask in masks
            ]
            if not sparse_masks:
                continue
            relaxed, relaxed_counting = (
                self._builder.restrict_to_ways(
                    self._builder.build(request, match_share=match_share, scored=scored), sparse_masks
                )
                for scored in (True, False)
            )
            added = self._count(self._builder.difference(relaxed_counting, counting))
            if added["ways_mask"]:
                query = self._builder.union(query, relaxed)
                counting = self._builder.union(counting, relaxed_counting, scored=False)
                counts = _sum_counts(counts, added)
        return query, counts

    def _count_missing(self, request: SearchRequest, counts: Counts) -> dict[MissingFacet, int]:
        """Count what says no country, setting or year, without the filters that leave out just that."""
        missing: dict[MissingFacet, int] = {}
        for facet, names in FILTERS_OF_FACETS.items():
            filters = replace(request.filters, **dict.fromkeys(names))
            counted = counts if filters == request.filters else self._match(replace(request, filters=filters))[1]
            missing[facet] = counted[MISSING_FIELD].get(facet, 0)
        return missing

    def _count(self, query: Query) -> Counts:
        """Return how many matches have each value of each facet, and each ways mask."""
        aggregations = query_builder.facet_aggregations(2 * GUIDE_BIT)
        result = cast(dict[str, Any], self._searcher.aggregate(query, aggregations))
        return {
            name: {str(bucket["key"]): bucket["doc_count"] for bucket in result[name]["buckets"]}
            for name in ("ways_mask", MISSING_FIELD, *FACETS)
        }

    def _balanced(self, query: Query, masks: Mapping[int, int], end: int) -> list[ScoredHit]:
        """Return the first `end` hits: those with a claim balanced between the groups, then the rest by relevance.

        One search for the best of all is mostly enough. Only where its last hits may still have a claim is a group of
        which it has too few searched by itself.
        """
        candidates = self._best(query, _candidate_count(masks, end))
        if not candidates:
            return []
        best, last = candidates[0].score, candidates[-1].score
        hits_of: dict[str, list[ScoredHit]] = {}
        for hit in candidates:
            hits_of.setdefault(hit.group, []).append(hit)
        for group, group_masks in _groups(masks).items():
            hits = hits_of.get(group, [])
            enough = min(end, sum(masks[mask] for mask in group_masks))
            if len(hits) < enough and last >= rules.claim_threshold(best, hits[0].score if hits else last):
                hits_of[group] = self._best(self._builder.restrict_to_ways(query, group_masks), end)
        thresholds = {group: rules.claim_threshold(best, hits[0].score) for group, hits in hits_of.items()}
        claims = {group: [hit for hit in hits if hit.score >= thresholds[group]] for group, hits in hits_of.items()}
        rest = [hit for hit in candidates if hit.score < thresholds[hit.group]]
        return [*rules.balance(claims, end), *rest][:end]

    def _best(self, query: Query, limit: int) -> list[ScoredHit]:
        hits: list[tuple[float, DocAddress]] = self._searcher.search(query, limit, count=False).hits
        masks = self._searcher.fast_field_values("ways_mask", [address for _, address in hits])
        return [
            ScoredHit(address, score, _ways(int(mask or 0)), int(mask or 0) >= GUIDE_BIT)
            for (score, address), mask in zip(hits, masks, strict=True)
        ]

    def _hit(self, scored: ScoredHit) -> SearchHit:
        entry_id = str(self._searcher.doc(scored.address).get_first("id"))
        return SearchHit(entry_id, scored.score, scored.ways, scored.is_guide)


def _sum_counts(first: Counts, second: Counts) -> Counts:
    """Return the counts of two disjoint results, the greatest first."""
    return {name: dict((Counter(values) + Counter(second[name])).most_common()) for name, values in first.items()}


def _ways(mask: int) -> tuple[WayOfKnowing, ...]:
    return tuple(way for way, bit in WAY_BITS.items() if mask & bit)


def _candidate_count(masks: Mapping[int, int], end: int) -> int:
    """Return how many of the best hits most likely include as many of the rarest group as are shown of it."""
    rarest = min((sum(masks[mask] for mask in group_masks) for group_masks in _groups(masks).values()), default=1)
    likely = 3 * end * sum(masks.values()) // max(1, 2 * rarest)
    return max(3 * end, MIN_CANDIDATES, min(likely, MAX_CANDIDATES))


def _groups(masks: Mapping[int, int]) -> dict[str, Sequence[int]]:
    """Return the ways masks that matched, by group: each way of knowing, and guides together."""
    groups: dict[str, Sequence[int]] = {way: [bit] for way, bit in WAY_BITS.items() if bit in masks}
    guides = [mask for mask in masks if mask >= GUIDE_BIT]
    return groups | ({GUIDES: guides} if guides else {})
