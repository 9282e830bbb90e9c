"""`/search`: what is known, in one list or with the three ways of knowing side by side."""

import asyncio
from collections.abc import Sequence
from typing import Final

from fastapi import Request
from starlette.responses import Response

from gateway.web import vocabulary
from gateway.web.addresses import next_page
from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.charts import BarChart, ChartRow
from gateway.web.forms import Form
from gateway.web.layout.page import PublicPage, WebPage
from gateway.web.search.columns import Column, get_columns, has_columns, name_of
from gateway.web.search.filters import LIST_NAMES, Filters
from gateway.web.search.list_filters import MAX_WORDS, check_years, note_bad_filter, note_bad_filters, read_filters
from shared.http.conditional_requests import create_router

router = create_router("", "Search pages")

FIELDS: Final = ("q", "from", "to")
"""What the page has fields for; the rest is chosen from what the results have."""
TEMPLATE: Final = "search/templates/search.html"
MAX_RESULTS: Final = 20
MAX_TOPICS: Final = 200


@router.get("/search", include_in_schema=False)
async def show_results(request: Request, page: PublicPage, api: Api) -> Response:
    """Show what a search finds. Without words, what was chosen leads to the list of all evidence."""
    filters = Filters.of(page, request.query_params)
    if not filters.values.get("q"):
        if filters.chosen:
            list_filters = {name: value for name, value in filters.chosen.items() if name in LIST_NAMES}
            return page.redirect("/evidence", **list_filters)
        filters = filters.with_topics(await api.find_aside("/v1/topics", limit=MAX_TOPICS))
        return page.render(TEMPLATE, filters=filters, form=Form({"q": ""}), results=None)
    form = read_filters(request.query_params, FIELDS)
    check_years(page, form)
    if len(form.values["q"]) > MAX_WORDS:
        note_bad_filter(page, form, "q")
    (results, columns), topics = await asyncio.gather(
        _search_unless_refused(page, request, api, filters, form), api.find_aside("/v1/topics", limit=MAX_TOPICS)
    )
    filters = filters.with_topics(topics)
    if results is None:
        return page.render(TEMPLATE, status=422, filters=filters, form=form, results=None)
    return page.render(
        TEMPLATE,
        filters=filters,
        form=form,
        results=results,
        columns=columns,
        guide_count=_guide_count(results),
        chart=_contributions(page, request, filters, results, columns),
        next=next_page(page.path, results["next"]),
    )


@router.get("/search/contributions.csv", include_in_schema=False)
async def get_contributions(request: Request, page: PublicPage, api: Api) -> Response:
    """Return what each way of knowing contributes to a page of results, as CSV."""
    filters = Filters.of(page, request.query_params)
    results, columns = await _search(request, api, filters)
    return _contributions(page, request, filters, results, columns).csv()


async def _search_unless_refused(
    page: WebPage, request: Request, api: PublicApi, filters: Filters, form: Form
) -> tuple[Document | None, list[Column]]:
    """Return the results, or none where a filter cannot be read: the form says which."""
    if form.errors:
        return None, []
    try:
        return await _search(request, api, filters)
    except ApiRefusal as error:
        note_bad_filters(page, form, error)
        return None, []


async def _search(request: Request, api: PublicApi, filters: Filters) -> tuple[Document, list[Column]]:
    """Return the results as one list, and its columns where it is shown side by side."""
    results = api.get(
        "/v1/search",
        q=filters.values.get("q", ""),
        limit=MAX_RESULTS,
        ranking=filters.values.get("ranking"),
        cursor=request.query_params.get("cursor"),
        **filters.parameters(),
    )
    if not has_columns(filters):
        return await results, []
    return await asyncio.gather(results, get_columns(api, filters, request.query_params))


def _guide_count(results: Document) -> int:
    """Return how many of the results are guides: they count for each way of knowing that they draw on."""
    return sum(value["count"] for value in results["facets"].get("is", ()) if value["value"] == "guide")


def _contributions(
    page: WebPage, request: Request, filters: Filters, results: Document, columns: Sequence[Column]
) -> BarChart:
    """Return what each way of knowing contributes.

    To one list: its share of a reader's attention, and its results. Side by side: how many results each column has.
    """
    title = page.text("What each way of knowing contributes")
    cursor = None if columns else request.query_params.get("cursor")
    path = filters.link("/search/contributions.csv", cursor=cursor)
    if columns:
        rows = [ChartRow(name_of(page, column.name), (column.total,), way=column.name) for column in columns]
        headings = (page.text("What it is"), page.text("Results"))
        return BarChart("contributions", title, headings, rows, path, full=sum(column.total for column in columns))
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
        page.text("Share of what you see first, per cent"),
        page.text("On this page"),
        page.text("In total"),
    )
    return BarChart("contributions", title, headings, rows, path, full=100)
