"""What a search asks of the index."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from services.evidence.discovery.search.filters import NO_FILTERS, Filters
from services.evidence.discovery.search.query.query_parser import ParsedQuery

ResultKind = Literal["item", "guide"]


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """`topics`: the ids of the filter's topic and all below it. `kind`: only items, or only guides."""

    query: ParsedQuery
    filters: Filters = NO_FILTERS
    topics: Collection[str] | None = None
    by_relevance: bool = False
    """By relevance alone, instead of with the ways of knowing in balance."""
    kind: ResultKind | None = None
