"""`/`: search, what the sector wants first, what is new, and how to take part."""

import asyncio

from starlette.responses import Response

from gateway.web.api_client import Api
from gateway.web.layout.page import PublicPage
from shared.http.conditional_requests import create_router

router = create_router("", "Front page")

MAX_TOPICS = 4
MAX_ITEMS = 6


@router.get("/", include_in_schema=False)
async def show_front_page(page: PublicPage, api: Api) -> Response:
    """Show the front page; what a service does not answer is left out."""
    topics, items, guides = await asyncio.gather(
        api.find("/v1/topics"), api.find("/v1/evidence", limit=MAX_ITEMS), api.find("/v1/guides", limit=3)
    )
    return page.render(
        "front_page/templates/front_page.html",
        topics=(topics or {}).get("items", ())[:MAX_TOPICS],
        items=(items or {}).get("items", ()),
        guides=(guides or {}).get("items", ()),
    )
