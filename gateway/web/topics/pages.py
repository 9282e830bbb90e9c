"""`/topics`, `/topics/{id}` and `/gaps`: what the sector wants first, what is known of it, and what is not."""

import asyncio
from typing import Any, Final
from urllib.parse import urlencode
from uuid import UUID

from fastapi import Request
from starlette.responses import Response

from gateway.web import vocabulary
from gateway.web.addresses import next_page
from gateway.web.api_client import Api, ApiRefusal, Document, PublicApi
from gateway.web.charts import ShapeChart
from gateway.web.forms import Form
from gateway.web.layout.page import PublicPage, WebPage
from gateway.web.search.list_filters import find_places, note_bad_filters, place_choices, read_filters
from gateway.web.topics import coverage
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Topic pages")

MAX_ITEMS: Final = 6
MAX_GUIDES: Final = 20
MAX_TOPICS_BELOW: Final = 50
MAX_GAPS: Final = 50
GAP_FILTERS: Final = ("missing", "country", "setting")


@router.get("/topics", include_in_schema=False)
async def list_topics(page: PublicPage, api: Api) -> Response:
    """List every topic: what people want first, and how much is known of it."""
    topics = coverage.flatten(await _tree(api))
    first = [topic for topic in topics if topic["depth"] == 0]
    chart = coverage.priorities_chart(page, first)
    return page.render("topics/templates/topics.html", topics=topics, chart=chart)


@router.get("/topics/priorities.csv", include_in_schema=False)
async def get_priorities(page: PublicPage, api: Api) -> Response:
    """Return the priorities of the topics at the top of the tree, as CSV."""
    topics = [topic for topic in coverage.flatten(await _tree(api)) if topic["depth"] == 0]
    return coverage.priorities_chart(page, topics).csv()


@router.get("/topics/{id}", include_in_schema=False)
async def show_topic(id: UUID, page: PublicPage, api: Api) -> Response:
    """Show a topic: its priority and how it was reached, what is known of it, and what is not."""
    topic, gap_map, below, guides, items = await asyncio.gather(
        api.get(f"/v1/topics/{id}"),
        api.get(f"/v1/topics/{id}/coverage"),
        api.find_aside("/v1/topics", parent=id, limit=MAX_TOPICS_BELOW),
        api.find_aside("/v1/guides", topic=id, limit=MAX_GUIDES),
        api.find_aside("/v1/evidence", topic=id, limit=MAX_ITEMS),
    )
    parent = await api.find_aside(f"/v1/topics/{topic['parent_id']}") if topic["parent_id"] else None
    return page.render(
        "topics/templates/topic.html",
        topic=topic,
        parent=parent,
        below=below.get("items", ()),
        gap_map=gap_map,
        priority=coverage.priority_chart(page, topic),
        coverage_chart=coverage.coverage_chart(page, topic, gap_map),
        guides=guides.get("items", ()),
        items=items.get("items", ()),
    )


@router.get("/topics/{id}/priority.csv", include_in_schema=False)
async def get_priority(id: UUID, page: PublicPage, api: Api) -> Response:
    """Return how each stakeholder group scored a topic, as CSV."""
    if (chart := coverage.priority_chart(page, await api.get(f"/v1/topics/{id}"))) is None:
        raise NotFound
    return chart.csv()


@router.get("/topics/{id}/coverage.csv", include_in_schema=False)
async def get_coverage(id: UUID, page: PublicPage, api: Api) -> Response:
    """Return what is known of a topic, as CSV."""
    topic, gap_map = await asyncio.gather(api.get(f"/v1/topics/{id}"), api.get(f"/v1/topics/{id}/coverage"))
    return coverage.coverage_chart(page, topic, gap_map).csv()


@router.get("/gaps", include_in_schema=False)
async def show_gaps(request: Request, page: PublicPage, api: Api) -> Response:
    """Show the gap map: which topics lack a way of knowing, everywhere or from one place."""
    form = read_filters(request.query_params, GAP_FILTERS)
    (chart, gaps), places = await asyncio.gather(
        _gap_chart_of_filters(page, api, form, request.query_params.get("cursor")), find_places(api)
    )
    countries, settings = place_choices(page, form, places)
    return page.render(
        "topics/templates/gaps.html",
        status=422 if form.errors else 200,
        form=form,
        countries=countries,
        settings=settings,
        chart=chart,
        lacking=_lacking(chart),
        empty=sum(not any(row.values[: len(vocabulary.WAYS)]) for row in (chart.rows if chart else ())),
        gaps=gaps.get("items", ()),
        next=next_page(page.path, gaps.get("next")),
    )


@router.get("/gaps/coverage.csv", include_in_schema=False)
async def get_gaps(request: Request, page: PublicPage, api: Api) -> Response:
    """Return the gap map as CSV."""
    form = read_filters(request.query_params, GAP_FILTERS)
    chart, _ = await _gap_chart(page, api, form, request.query_params.get("cursor"))
    return chart.csv()


async def _gap_chart_of_filters(
    page: WebPage, api: PublicApi, form: Form, cursor: str | None
) -> tuple[ShapeChart | None, Document]:
    """Return the chart and the gaps, or none where the API refuses filters: these are noted in the form."""
    try:
        return await _gap_chart(page, api, form, cursor)
    except ApiRefusal as error:
        note_bad_filters(page, form, error)
        return None, {}


async def _gap_chart(page: WebPage, api: PublicApi, form: Form, cursor: str | None) -> tuple[ShapeChart, Document]:
    """Return the chart and the gaps: of all topics, or with a filter of those that lack something."""
    parameters: dict[str, Any] = {name: value for name, value in form.values.items() if value}
    query = urlencode({**parameters, **({"cursor": cursor} if cursor else {})})
    gaps, tree = await asyncio.gather(
        api.get("/v1/topics/gaps", limit=MAX_GAPS, cursor=cursor, **parameters), _no_tree() if query else _tree(api)
    )
    rows = gaps["items"]
    if not query:
        questions = {gap["topic"]["id"]: gap["questions"] for gap in rows}
        topics = coverage.flatten(tree)[:MAX_GAPS]
        rows = [
            {"topic": topic, "coverage": topic["coverage"], "questions": questions.get(topic["id"])} for topic in topics
        ]
    csv_path = f"/gaps/coverage.csv?{query}" if query else "/gaps/coverage.csv"
    return coverage.gaps_chart(page, rows, csv_path), gaps


def _lacking(chart: ShapeChart | None) -> tuple[list[str], int]:
    """Return the ways of knowing that are missing most, and in how many rows each of them is; none where nothing is."""
    rows = chart.rows if chart else ()
    counts = {way: sum(row.values[number] == 0 for row in rows) for number, way in enumerate(vocabulary.WAYS)}
    most = max(counts.values())
    return [way for way, count in counts.items() if count == most > 0], most


async def _no_tree() -> list[Document]:
    return []


async def _tree(api: PublicApi) -> list[Document]:
    tree: Any = await api.get("/v1/topics/tree")
    return tree
