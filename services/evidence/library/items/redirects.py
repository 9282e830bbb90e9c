"""Where requests for a merged item go: to the item that it was merged into."""

from fastapi import Request, Response

from services.evidence.library.items.rules import ItemMerged, MergedItemIsReadOnly
from shared.problems import instance_of

PATHS_OF_ONE_ITEM = ("versions", "appraisals/")
"""Below an item: what is about its own text. The item that it was merged into has no counterpart."""


async def redirect_merged(request: Request, merged: ItemMerged) -> Response:
    """Redirect to the same path of the surviving item. A change is refused, because it would apply to another item."""
    public_url, instance = request.app.state.settings.public_url, instance_of(request.scope)
    if request.method not in ("GET", "HEAD"):
        return MergedItemIsReadOnly(into=merged.into).response(public_url, instance)
    subpath = request.url.path.split("/", 4)[4:]
    if not (subpath and subpath[0].startswith(PATHS_OF_ONE_ITEM)):
        query = f"?{request.url.query}" if request.url.query else ""
        merged.headers["Location"] = "/".join([merged.headers["Location"], *subpath]) + query
    return merged.response(public_url, instance)
