"""`/evidence` and `/evidence/{id}`: the library's list, and one item of it with all that is known of it."""

import asyncio
from typing import Annotated, Any, Final
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from gateway.web.addresses import find_page, next_page
from gateway.web.api_client import Api, Document, PublicApi
from gateway.web.items.schema_org import describe
from gateway.web.layout.page import PublicPage
from gateway.web.line_of_sight.thread import page_of
from gateway.web.search.filters import LIST_NAMES, Filters
from gateway.web.search.list_filters import find_places, load_list, place_choices, read_filters
from shared.http.conditional_requests import create_router

router = create_router("", "Evidence pages")

MAX_ITEMS: Final = 20
MAX_TOPICS: Final = 200
DEFAULT_STYLE: Final = "apa"
EditionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/evidence", include_in_schema=False)
async def list_items(request: Request, page: PublicPage, api: Api) -> Response:
    """List what is in the library, the ways of knowing in turns."""
    query = request.query_params
    filters = Filters.of(page, query)
    parameters = {name: value for name, value in filters.chosen.items() if name in LIST_NAMES}
    form = read_filters(query, LIST_NAMES)
    items, topics, places = await asyncio.gather(
        load_list(page, form, api.get("/v1/evidence", limit=MAX_ITEMS, cursor=query.get("cursor"), **parameters)),
        api.find_aside("/v1/topics", limit=MAX_TOPICS),
        find_places(api),
    )
    countries, settings = place_choices(page, form, places)
    return page.render(
        "items/templates/items.html",
        status=422 if form.errors else 200,
        filters=filters.with_topics(topics),
        form=form,
        items=items,
        countries=countries,
        settings=settings,
        next=next_page(page.path, items.get("next")),
    )


@router.get("/evidence/{id}", include_in_schema=False)
async def show_item(id: UUID, page: PublicPage, api: Api, style: str = DEFAULT_STYLE) -> Response:
    """Show an item with all that is known of it. What was merged into another leads there."""
    response = await api.read(f"/v1/evidence/{id}")
    if response.document is None or response.status >= 300:
        into = urlsplit(response.location or "").path
        return page.redirect(find_page(into, "") or "/evidence")
    item = response.document
    path = f"/v1/evidence/{id}"
    asides: list[Any] = await asyncio.gather(
        _topics(api, item),
        api.find_aside(f"{path}/renditions"),
        api.find_aside(f"{path}/appraisals"),
        api.find_aside("/v1/evidence/appraisals/instruments"),
        api.find_aside(f"{path}/transferability"),
        api.find_aside(f"{path}/versions", limit=MAX_ITEMS),
        api.find_aside("/v1/guides", cites=id, limit=MAX_ITEMS),
        api.find_aside("/v1/line-of-sight", from_=f"evidence:{id}"),
        api.find_aside(f"{path}/citation", style=style, format="html"),
        api.find_aside("/v1/exports/citation-styles"),
    )
    topics, renditions, appraisals, instruments, transfers, editions, guides, thread, citation, styles = asides
    forms = renditions.get("items", ())
    return page.render(
        "items/templates/item.html",
        item=item,
        topics=topics,
        easy_read=next((form for form in forms if form["kind"] == "easy_read"), None),
        renditions=forms,
        appraisals=[a for a in appraisals.get("items", ()) if a["status"] == "resolved"],
        being_appraised=any(a["status"] != "resolved" for a in appraisals.get("items", ())),
        instruments={instrument["code"]: instrument for instrument in instruments.get("items", ())},
        transfers=transfers.get("items", ()),
        editions=editions.get("items", ()),
        guides=guides.get("items", ()),
        uses=_uses(thread, f"evidence:{id}"),
        citation=citation.get("citation"),
        style=style,
        styles=styles.get("items", ()),
        data=describe(item, page.public_url, [topic["name"] for topic in topics]),
    )


@router.get("/evidence/{id}/versions/{number}", include_in_schema=False)
async def show_edition(id: UUID, number: EditionNumber, page: PublicPage, api: Api) -> Response:
    """Show an item as it was in one edition."""
    item = await api.get(f"/v1/evidence/{id}/versions/{number}")
    return page.render("items/templates/edition.html", item=item)


async def _topics(api: PublicApi, item: Document) -> list[Document]:
    topics = await asyncio.gather(*(api.find_aside(f"/v1/topics/{id}") for id in item["topics"]))
    return [topic for topic in topics if topic]


def _uses(thread: Document, ref: str) -> dict[str, list[dict[str, Any]]]:
    """Return what an item led to directly, by kind: questions that it answers, projects that put it into practice."""
    linked = {link["to"] for link in thread.get("links", ()) if link["from"] == ref}
    linked |= {
        link["from"] for link in thread.get("links", ()) if link["to"] == ref and link["relation"] == "answered_by"
    }
    uses: dict[str, list[dict[str, Any]]] = {}
    for node in thread.get("nodes", ()):
        if node["ref"] in linked and node["kind"] in ("request", "project", "learning"):
            uses.setdefault(node["kind"], []).append({**node["facts"], "href": page_of(node["ref"])})
    return uses
