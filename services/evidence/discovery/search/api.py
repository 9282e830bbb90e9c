"""GET /v1/search.

The steps of a search: the query is parsed (`query.query_parser`), the index answers with a page of hits
(`index.search_index`, `index.retrieval`, `index.query_builder`) in the order of `rules.balance`, their rows are read
(`queries`), and `views.ResultPresenter` shows them.
"""

from typing import Annotated, Literal

from fastapi import Depends, Query, Request

from services.evidence.callers import Anyone
from services.evidence.discovery.search import queries, rules
from services.evidence.discovery.search.filters import SearchFilters
from services.evidence.discovery.search.index.search_index import SearchIndex
from services.evidence.discovery.search.index.search_request import ResultKind, SearchRequest
from services.evidence.discovery.search.query.query_parser import parse
from services.evidence.discovery.search.views import ResultPresenter, SearchedItem, SearchResults
from services.evidence.library.topics.queries import TopicNotFound
from services.evidence.library.views_counted.counter import view_counter_of
from shared.http.conditional_requests import create_router
from shared.http.pagination import Paging
from shared.persistence.dependencies import Reading
from shared.problems import Invalid, InvalidCursor, documented

router = create_router("/v1/search", "Search")


async def _search_index(request: Request) -> SearchIndex:
    return request.app.state.search_index


@router.get(
    "",
    response_model=SearchResults,
    responses=documented(rules.NothingToSearchFor, rules.IndexBeingBuilt, Invalid, InvalidCursor, TopicNotFound),
)
async def search_evidence(
    _caller: Anyone,
    session: Reading,
    index: Annotated[SearchIndex, Depends(_search_index)],
    paging: Paging,
    filters: SearchFilters,
    q: Annotated[
        str,
        Query(
            min_length=1,
            max_length=500,
            description='Words, "phrases", `-excluded`, and fields: `title:`, `author:`, `in:`, `year:2019-2021`.',
        ),
    ],
    kind: Annotated[ResultKind | None, Query(alias="is", description="Only items, or only guides.")] = None,
    ranking: Annotated[
        Literal["balanced", "relevance"],
        Query(
            description="`balanced` gives each way of knowing that has something relevant a fair share of the ranks;"
            " `relevance` orders by relevance alone."
        ),
    ] = "balanced",
) -> SearchResults:
    """Find items and guides by words, in English and Welsh. Synonyms of the sector are found too."""
    request = SearchRequest(parse(q), filters, by_relevance=ranking == "relevance", kind=kind)
    begin, end = rules.page_ranks(paging.after([int]), paging.limit)
    page, rows = await queries.search(session, index, request, begin, end)
    next_url = paging.next_url([end]) if end < min(rules.MAX_RESULTS, page.total) else None
    results = ResultPresenter(page, index.thesaurus).results(rows, next_url)
    ways = [item.way_of_knowing for item in results.items if isinstance(item, SearchedItem)]
    view_counter_of(paging.request).count_shown(ways)
    return results
