"""`/search`: what is known, in one list or with the three ways of knowing side by side."""

import asyncio
from typing import Any, Final

from fastapi import Request
from starlette.responses import Response

from gateway.web import vocabulary
from gateway.web.addresses import next_page
from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.charts import BarChart, ChartRow
from gateway.web.forms import Form
from gateway.web.layout.page import PublicPage, WebPage
from gateway.web.search.filters import LIST_NAMES, Filters
from gateway.web.search.list_filters import MAX_WORDS, check_years, note_bad_filter, note_bad_filters, read_filters
from shared.http.conditional_requests import create_router

router = create_router("", "Search pages")

FIELDS: Final = ("q", "from", "to")
"""What the page has fields for; the rest is chosen from what the results have."""
TEMPLATE: Final = "search/templates/search.html"
MAX_RESULTS: Final = 20
MAX_RESULTS_OF_A_WAY: Final = 8
MAX_TOPICS: Final = 200


@router.get("/search", include_in_schema=False)
async def show_results(request: Request, page: PublicPage, api: Api) -> Response:
    """Show what a search finds. Without words, what was chosen leads to the list of all evidence."""
    filters = await _filters(request, page, api)
    query = filters.values.get("q")
    if not query:
        if filters.chosen:
            list_filters = {name: value for name, value in filters.chosen.items() if name in LIST_NAMES}
            return page.redirect("/evidence", **list_filters)
        return page.render(TEMPLATE, filters=filters, form=Form({"q": ""}), results=None)
    form = read_filters(request.query_params, FIELDS)
    check_years(page, form)
    if len(query) > MAX_WORDS:
        note_bad_filter(page, form, "q")
    if form.errors:
        return page.render(TEMPLATE, status=422, filters=filters, form=form, results=None)
    by_way: dict[str, Document] = {}
    try:
        results, by_way = await asyncio.gather(
            api.get(
                "/v1/search",
                q=query,
                limit=MAX_RESULTS,
                ranking=filters.values.get("ranking"),
                cursor=request.query_params.get("cursor"),
                **filters.parameters(),
            ),
            _side_by_side(api, filters),
        )
    except ApiRefusal as error:
        note_bad_filters(page, form, error)
        return page.render(TEMPLATE, status=422, filters=filters, form=form, results=None)
    return page.render(
        TEMPLATE,
        filters=filters,
        form=form,
        results=results,
        by_way=by_way,
        chart=_contributions(page, filters, results),
        next=next_page(page.path, results["next"]),
    )


@router.get("/search/contributions.csv", include_in_schema=False)
async def get_contributions(request: Request, page: PublicPage, api: Api) -> Response:
    """Return what each way of knowing contributes to a search, as CSV."""
    filters = await _filters(request, page, api)
    query = filters.values.get("q", "")
    results = await api.get("/v1/search", q=query, limit=MAX_RESULTS, **filters.parameters())
    return _contributions(page, filters, results).csv()


async def _filters(request: Request, page: WebPage, api: PublicApi) -> Filters:
    return Filters.of(page, request.query_params, await api.find_aside("/v1/topics", limit=MAX_TOPICS))


async def _side_by_side(api: PublicApi, filters: Filters) -> dict[str, Document]:
    """Return the first results of each way of knowing, where they are to stand side by side."""
    if filters.values.get("view") != "columns" or "way_of_knowing" in filters.values:
        return {}
    parameters: dict[str, Any] = {**filters.parameters(), "q": filters.values["q"], "limit": MAX_RESULTS_OF_A_WAY}
    results = await asyncio.gather(
        *(api.get("/v1/search", **{**parameters, "way_of_knowing": way, "is": "item"}) for way in vocabulary.WAYS)
    )
    return dict(zip(vocabulary.WAYS, results, strict=True))


def _contributions(page: WebPage, filters: Filters, results: Document) -> BarChart:
    """Return what each way of knowing contributes: its share of a reader's attention, and its results."""
    rows = [
        ChartRow(
            page.text(vocabulary.WAYS[way["way_of_knowing"]]),
            (round(100 * way["attention"]), way["on_page"], way["matches"]),
            way=way["way_of_knowing"],
        )
        for way in results["contributions"]
    ]
    headings = (
        page.text("Way of knowing"),
        page.text("Share of your attention, per cent"),
        page.text("On this page"),
        page.text("In all"),
    )
    csv_path = filters.link("/search/contributions.csv", view=None)
    return BarChart(
        "contributions", page.text("What each way of knowing contributes"), headings, rows, csv_path, full=100
    )
