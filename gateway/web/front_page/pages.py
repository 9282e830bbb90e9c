"""`/`: search, what the sector wants first, what is new, and how to take part."""

import asyncio
from collections.abc import Sequence
from typing import Any, cast

from starlette.responses import Response

from gateway.web.api_client import Api, Document
from gateway.web.layout.page import PublicPage
from gateway.web.vocabulary import WAYS
from shared.http.conditional_requests import create_router

router = create_router("", "Front page")

MAX_TOPICS = 4
MAX_ITEMS = 6
MAX_GUIDES = 3
MAX_ITEMS_OF_A_WAY = 2
MAX_ASSEMBLIES = 20


@router.get("/", include_in_schema=False)
async def show_front_page(page: PublicPage, api: Api) -> Response:
    """Show the front page; what a service does not answer is left out."""
    answers: Any = await asyncio.gather(
        api.find_aside("/v1/topics/tree"),
        api.find_aside("/v1/evidence", limit=MAX_ITEMS),
        api.find_aside("/v1/guides", limit=MAX_GUIDES),
        api.find_aside("/v1/surveys", status="open", limit=1),
        api.find_aside("/v1/assemblies", upcoming=True, status="open", limit=MAX_ASSEMBLIES),
    )
    tree, items, guides, surveys, assemblies = answers
    newest = items.get("items", ())
    return page.render(
        "front_page/templates/front_page.html",
        topics=_first_topics(cast("list[Document]", tree) if isinstance(tree, list) else []),
        items={way: [item for item in newest if item["way_of_knowing"] == way][:MAX_ITEMS_OF_A_WAY] for way in WAYS},
        guides=guides.get("items", ()),
        survey=next(iter(surveys.get("items", ())), None),
        assembly=min(assemblies.get("items", ()), key=lambda assembly: assembly["held_on"], default=None),
    )


def _first_topics(topics: Sequence[Document]) -> list[Document]:
    """Return the topics with the highest priority; those on which nobody was asked come last."""
    return sorted(topics, key=lambda topic: (-(topic["priority"] or 0), topic["name"]))[:MAX_TOPICS]
