"""How requests for items are read: quickly where it matters."""

from collections.abc import Awaitable, Callable
from typing import Any

import orjson
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import ValidationError

from services.evidence.library.items.descriptions import LivedExperience, PracticeKnowledge, Research, described
from services.evidence.library.items.problems import ItemMerged, ItemStandsElsewhere
from shared.http.conditional_requests import Handler, ImpactRoute
from shared.problems import instance_of

Shortcut = Callable[[Request], Awaitable[Response | None]]
"""Answers a request of the usual shape by itself; None for any other, which goes the framework's way."""

OF_ONE_ALONE = ("versions", "appraisals/")
"""These tell of the absorbed item's own words. The item that stands for it has none that are the same."""


def route_with(shortcut: Shortcut) -> type[ImpactRoute]:
    """The busiest reads take a shortcut: reading parameters the documented way costs more than all the rest of them."""

    class Shortened(APIRoute):
        def get_route_handler(self) -> Handler:
            documented_way = super().get_route_handler()

            async def handled(request: Request) -> Response:
                answer = await shortcut(request)
                return await documented_way(request) if answer is None else answer

            return handled

    class Route(ImpactRoute, Shortened):
        """Conditional as all others, which lie around the shortcut."""

    return Route


async def lead_on(request: Request, merged: ItemMerged) -> Response:
    """To the same of the item that stands for it. A change is refused: it would fall on another item."""
    public_url, instance = request.app.state.settings.public_url, instance_of(request.scope)
    if request.method not in ("GET", "HEAD"):
        return ItemStandsElsewhere(into=merged.into).response(public_url, instance)
    rest = request.url.path.split("/", 4)[4:]
    if not (rest and rest[0].startswith(OF_ONE_ALONE)):
        query = f"?{request.url.query}" if request.url.query else ""
        merged.headers["Location"] = "/".join([merged.headers["Location"], *rest]) + query
    return merged.response(public_url, instance)


def description_from(merged: Any) -> Research | LivedExperience | PracticeKnowledge:
    """A description that was put together from what stood and a patch. Raises RequestValidationError."""
    try:
        return described.validate_json(orjson.dumps(merged))
    except ValidationError as wrong:
        errors = [{**error, "loc": ("body", *error["loc"])} for error in wrong.errors()]
        raise RequestValidationError(errors, body=merged) from wrong
