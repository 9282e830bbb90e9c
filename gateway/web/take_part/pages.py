"""`/take-part`: what somebody can do here, and what they get for it."""

import asyncio
from typing import Final

from starlette.responses import Response

from gateway.web.api_client import Api
from gateway.web.layout.page import PublicPage
from shared.http.conditional_requests import create_router

router = create_router("", "Take part")

MAX_SURVEYS: Final = 5
MAX_ASSEMBLIES: Final = 20


@router.get("/take-part", include_in_schema=False)
async def show_ways_to_take_part(page: PublicPage, api: Api) -> Response:
    """Show how to take part, and the surveys and assemblies that are open. What is not answered is left out."""
    surveys, assemblies = await asyncio.gather(
        api.find_aside("/v1/surveys", status="open", limit=MAX_SURVEYS),
        api.find_aside("/v1/assemblies", upcoming=True, status="open", limit=MAX_ASSEMBLIES),
    )
    return page.render(
        "take_part/templates/take_part.html",
        surveys=surveys.get("items", ()),
        assemblies=sorted(assemblies.get("items", ()), key=lambda assembly: (assembly["held_on"], assembly["id"])),
    )
