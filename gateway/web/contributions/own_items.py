"""What the caller gave: whether something is theirs, and what it says."""

from typing import Final
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

from gateway.web.api_client import ApiResponse, Document, PublicApi
from gateway.web.tell.choices import NAMING
from shared.problems import NotFound

MAX_PAGES: Final = 5
"""Of 200 contributions each, in which one of them is looked for."""


async def find_contribution(api: PublicApi, id: UUID) -> Document:
    """Return what became of an item of the caller. Raises NotFound for what is not theirs."""
    cursor: str | None = None
    for _ in range(MAX_PAGES):
        page = await api.get("/v1/contributions", limit=200, cursor=cursor)
        for contribution in page["items"]:
            if contribution["item"]["id"] == str(id):
                return contribution
        cursors = parse_qs(urlsplit(page.get("next") or "").query).get("cursor")
        if not cursors:
            break
        cursor = cursors[0]
    raise NotFound


async def is_own(api: PublicApi, id: UUID) -> bool:
    """Return whether the caller gave this item."""
    try:
        await find_contribution(api, id)
    except NotFound:
        return False
    return True


async def read_own(api: PublicApi, id: UUID) -> ApiResponse:
    """Return an item of the caller with its ETag. Raises NotFound for research and for what is not theirs."""
    await find_contribution(api, id)
    response = await api.read(f"/v1/evidence/{id}")
    if response.document["way_of_knowing"] not in NAMING:
        raise NotFound
    return response
