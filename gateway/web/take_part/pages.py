"""`/take-part`: what somebody can do here, and what they get for it."""

from starlette.responses import Response

from gateway.web.layout.page import PublicPage
from shared.http.conditional_requests import create_router

router = create_router("", "Take part")


@router.get("/take-part", include_in_schema=False)
async def show_ways_to_take_part(page: PublicPage) -> Response:
    """Show how to take part."""
    return page.render("take_part/templates/take_part.html")
