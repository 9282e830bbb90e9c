"""Search over HTTP: every way of knowing on the page, and what each contributes."""

import asyncio
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from pydantic import Field

from services.evidence.items.descriptions import WAYS
from services.evidence.items.queries import published_among
from services.evidence.items.views import ItemSummary
from services.evidence.search import rules
from services.evidence.search.index import Found, SearchIndex, Wanted
from services.evidence.topics.queries import topic_and_below
from services.evidence.topics.rules import TopicNotFound
from shared.contracts.evidence import WayOfKnowing
from shared.database import Reading
from shared.http import Public, View
from shared.http import router as slice_router
from shared.pagination import PageRequest, Paging
from shared.problems import BadCursor, documented

router = slice_router("/v1/search", "search")


async def _index(request: Request) -> SearchIndex:
    return request.app.state.search_index


Searching = Annotated[SearchIndex, Depends(_index)]


class WayContribution(View):
    """What one way of knowing brings to the answer: items found in all, and shown on this page."""

    way_of_knowing: WayOfKnowing
    found: int
    shown: int


class FacetValue(View):
    value: str
    found: int


class Results(View):
    """Items in order, and where the rest is."""

    items: list[ItemSummary]
    next: str | None
    contributions: list[WayContribution]
    facets: dict[Literal["topics", "countries", "years"], list[FacetValue]] = Field(
        description="How many of the found items have which value. Use a value as a filter to see them."
    )


@router.get("", response_model=Results, responses=documented(rules.NothingToSearchFor, BadCursor, TopicNotFound))
async def search_items(
    caller: Public,
    session: Reading,
    index: Searching,
    paging: Paging,
    q: Annotated[str, Query(min_length=1, max_length=500, description="Words, or a phrase in quotes.")],
    way_of_knowing: WayOfKnowing | None = None,
    topic: Annotated[UUID | None, Query(description="Only items under this topic and those below it.")] = None,
    ranking: Annotated[
        Literal["balanced", "relevance"],
        Query(description="`balanced` shows each way of knowing in fair proportion; `relevance` the plain order."),
    ] = "balanced",
) -> Results:
    """Find what is known, by words."""
    if not index.has_words(q):
        raise rules.NothingToSearchFor
    topics = None if topic is None else {str(each) for each in await topic_and_below(session, topic)}
    wanted = Wanted(q, [way_of_knowing] if way_of_knowing else WAYS, topics, ranking == "relevance")
    begin = _begin(paging)
    end = min(begin + paging.limit, rules.DEEPEST)
    found = await asyncio.to_thread(index.search, wanted, end)
    # The index may be a moment behind: what was withdrawn since is not in the answer of the database.
    shown = await published_among(session, [UUID(hit.id) for hit in found.hits[begin:end]])
    items = [ItemSummary.model_validate(row) for hit in found.hits[begin:end] if (row := shown.get(UUID(hit.id)))]
    more = end < rules.DEEPEST and sum(found.per_way.values()) > end
    return Results(
        items=items,
        next=paging.next_url([end]) if more else None,
        contributions=_contributions(found, items),
        facets={
            name: [FacetValue(value=value, found=number) for value, number in found.facets[name].items()]
            for name in ("topics", "countries", "years")
        },
    )


def _begin(paging: PageRequest) -> int:
    after = paging.after([int])
    return 0 if after is None else int(after[0])


def _contributions(found: Found, items: list[ItemSummary]) -> list[WayContribution]:
    return [
        WayContribution(
            way_of_knowing=way, found=found.per_way[way], shown=sum(item.way_of_knowing == way for item in items)
        )
        for way in WAYS
        if way in found.per_way
    ]
