"""`/evidence` and `/evidence/{id}`: the library's list, and one item of it."""

from uuid import UUID

from starlette.responses import Response

from gateway.web.api_client import Api
from gateway.web.layout.page import PublicPage
from shared.http.conditional_requests import create_router

router = create_router("", "Evidence")


@router.get("/evidence/{id}", include_in_schema=False)
async def show_item(id: UUID, page: PublicPage, api: Api) -> Response:
    """Show an item with all that is known of it."""
    item = await api.get(f"/v1/evidence/{id}")
    return page.render("items/templates/item.html", item=item)
