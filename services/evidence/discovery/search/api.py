"""Search over HTTP: every way of knowing on the page, and what each contributes."""

import asyncio
from collections.abc import Sequence
from typing import Annotated, Literal
from uuid import UUID

from fastapi import Depends, Query, Request
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.callers import Anyone
from services.evidence.discovery.search import asking, queries, rules
from services.evidence.discovery.search.filters import Narrowed, topics_within
from services.evidence.discovery.search.index import SearchIndex, Shown, Wanted
from services.evidence.discovery.search.views import SearchedGuide, SearchedItem, SearchResults, Showing
from services.evidence.library.items.queries import published_among
from services.evidence.library.topics.rules import TopicNotFound
from services.evidence.library.views_counted.counting import counting_of
from shared.http.conditional_requests import create_router
from shared.http.pagination import PageRequest, Paging
from shared.persistence.dependencies import Reading
from shared.problems import InvalidCursor, documented

router = create_router("/v1/search", "search")


async def _index(request: Request) -> SearchIndex:
    return request.app.state.search_index


Searching = Annotated[SearchIndex, Depends(_index)]


@router.get(
    "",
    response_model=SearchResults,
    responses=documented(rules.NothingToSearchFor, rules.IndexBeingBuilt, InvalidCursor, TopicNotFound),
)
async def search_evidence(
    caller: Anyone,
    session: Reading,
    index: Searching,
    paging: Paging,
    filters: Narrowed,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=500,
            description='Words, "phrases", `-without`, and fields: `title:`, `author:`, `in:`, `year:2019-2021`.',
        ),
    ],
    kind_of: Annotated[Literal["item", "guide"] | None, Query(alias="is", description="Items or guides alone.")] = None,
    ranking: Annotated[
        Literal["balanced", "relevance"],
        Query(
            description="`balanced` shows each way of knowing that has something relevant in fair proportion;"
            " `relevance` the plain order."
        ),
    ] = "balanced",
) -> SearchResults:
    """Find items and guides by words, in English and Welsh. What means the same to the sector is found too."""
    if not asking.read(q).says_something:
        raise rules.NothingToSearchFor
    within = await topics_within(session, filters)
    if not index.complete:
        raise rules.IndexBeingBuilt(headers={"Retry-After": "5"})
    topics = None if within is None else {str(each) for each in within}
    wanted = Wanted(q, filters, topics, ranking == "relevance", kind_of)
    begin = _begin(paging)
    end = min(begin + paging.limit, rules.DEEPEST)
    found = await asyncio.to_thread(index.search, wanted, begin, end)
    showing = Showing(found, index.synonyms)
    shown = await _shown(session, found.hits, showing)
    counting_of(paging.request).shown(one.way_of_knowing for one in shown if isinstance(one, SearchedItem))
    return SearchResults(
        items=shown,
        next=paging.next_url([end]) if end < min(rules.DEEPEST, found.total) else None,
        total=found.total,
        corrected=showing.corrected(),
        did_you_mean=showing.did_you_mean(),
        contributions=showing.contributions(shown),
        facets=showing.facets(),
    )


def _begin(paging: PageRequest) -> int:
    after = paging.after([int])
    return 0 if after is None else int(after[0])


async def _shown(session: AsyncSession, hits: Sequence[Shown], showing: Showing) -> list[SearchedItem | SearchedGuide]:
    """The index may be a moment behind: what was withdrawn since is not in the answer of the database."""
    items = [UUID(hit.id) for hit in hits if not hit.guide]
    rows = await published_among(session, items)
    texts = await queries.told_in(session, items)
    guides = await queries.published_guides(session, [UUID(hit.id) for hit in hits if hit.guide])
    shown: list[SearchedItem | SearchedGuide] = []
    for hit in hits:
        id = UUID(hit.id)
        if (row := rows.get(id)) is not None:
            shown.append(showing.item(row, texts.get(id, [])))
        elif (guide := guides.get(id)) is not None:
            shown.append(showing.guide(*guide))
    return shown
