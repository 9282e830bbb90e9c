"""`/guides` and `/guides/{id}`: what to try today, and what each statement rests on."""

import asyncio
from typing import Annotated, Any, Final
from uuid import UUID

from fastapi import Path, Request
from starlette.responses import Response

from gateway.web.addresses import next_page
from gateway.web.api_client import Api, Document, PublicApi
from gateway.web.layout.page import PublicPage, WebPage
from gateway.web.search.list_filters import find_places, load_list, place_choices, read_filters
from shared.http.conditional_requests import create_router

router = create_router("", "Guide pages")

MAX_GUIDES: Final = 20
MAX_TOPICS: Final = 200
MAX_EDITIONS: Final = 20
FILTERS: Final = ("topic", "way_of_knowing", "country", "setting")
EditionNumber = Annotated[int, Path(ge=1, le=2**31 - 1)]


@router.get("/guides", include_in_schema=False)
async def list_guides(request: Request, page: PublicPage, api: Api) -> Response:
    """List the guides, the newest first."""
    query = request.query_params
    form, cites = read_filters(query, FILTERS), query.get("cites", "").strip()
    cursor = query.get("cursor")
    guides, topics, places = await asyncio.gather(
        load_list(page, form, api.get("/v1/guides", limit=MAX_GUIDES, cursor=cursor, cites=cites, **form.values)),
        api.find_aside("/v1/topics", limit=MAX_TOPICS),
        find_places(api),
    )
    countries, settings = place_choices(page, form, places)
    return page.render(
        "guides/templates/guides.html",
        status=422 if form.errors else 200,
        form=form,
        topics={topic["id"]: topic["name"] for topic in topics.get("items", ())},
        countries=countries,
        settings=settings,
        cites=cites,
        chosen=any(form.values.values()),
        guides=guides,
        next=next_page(page.path, guides.get("next")),
    )


@router.get("/guides/{id}", include_in_schema=False)
async def show_guide(id: UUID, page: PublicPage, api: Api) -> Response:
    """Show a guide: what to try today first, then each statement with what it cites beside it."""
    return await _guide_page(page, api, id, await api.get(f"/v1/guides/{id}"))


@router.get("/guides/{id}/versions/{number}", include_in_schema=False)
async def show_guide_edition(id: UUID, number: EditionNumber, page: PublicPage, api: Api) -> Response:
    """Show a guide as it was in one edition."""
    return await _guide_page(page, api, id, await api.get(f"/v1/guides/{id}/versions/{number}"))


async def _guide_page(page: WebPage, api: PublicApi, id: UUID, guide: Document) -> Response:
    renditions, editions, *topics = await asyncio.gather(
        api.find_aside(f"/v1/guides/{id}/renditions"),
        api.find_aside(f"/v1/guides/{id}/versions", limit=MAX_EDITIONS),
        *(api.find_aside(f"/v1/topics/{topic}") for topic in guide["topics"]),
    )
    forms = renditions.get("items", ())
    return page.render(
        "guides/templates/guide.html",
        guide=guide,
        topics=[topic for topic in topics if topic],
        easy_read=next((form for form in forms if form["kind"] == "easy_read"), None),
        renditions=forms,
        editions=editions.get("items", ()),
        data=_describe(guide, page.public_url),
    )


def _describe(guide: Document, public_url: str) -> dict[str, Any]:
    """Return a guide as schema.org describes it, with what it cites."""
    url = f"{public_url}/guides/{guide['id']}"
    cited = {
        citation["item_id"]
        for statement in guide["statements"]
        for citation in statement["citations"]
        if citation["status"] == "published"
    }
    return {
        "@context": "https://schema.org",
        "@type": "Guide",
        "@id": url,
        "url": url,
        "name": guide["title"],
        "abstract": guide["summary"],
        "inLanguage": guide["language"],
        "version": guide["edition"],
        "datePublished": (guide["published_at"] or "")[:10],
        "citation": [f"{public_url}/evidence/{id}" for id in sorted(cited)],
    }
