"""Routers whose GETs send ETag and Cache-Control, and respond 304 where nothing changed (RFC 9110, RFC 9111)."""

import hashlib
from collections.abc import Callable, Coroutine
from enum import Enum
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.routing import APIRoute

from shared.callers import caller_of
from shared.http.caching import PRIVATE, PUBLIC, CachePolicy
from shared.http.etags import parse_etags
from shared.http.form_fields import refuse_repeated_fields, takes_form
from shared.http.openapi import dependencies_of, permissions_of
from shared.http.query_parameters import query_parameters_of
from shared.persistence.idempotency import key_of

SENT_WITH_NOT_MODIFIED = frozenset({"etag", "cache-control", "vary", "link", "content-security-policy"})
"""Of the response that a browser has stored: it takes over what a 304 says, so a policy must be that of the page."""

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ImpactRoute(APIRoute):
    """A route that refuses what it would ignore of the query and of a form, handles conditional GETs, and passes its
    response to the idempotency record."""

    def get_route_handler(self) -> Handler:
        """Return FastAPI's handler, wrapped."""
        handle = super().get_route_handler()
        public = any(permission.anyone for permission in permissions_of(self))
        policies = [call for call in dependencies_of(self.dependant) if isinstance(call, CachePolicy)]
        policy = policies[0] if policies else None
        query_parameters = query_parameters_of(self)
        form = takes_form(self)

        async def handle_conditionally(request: Request) -> Response:
            if query_parameters is not None and request.scope["query_string"]:
                query_parameters.check(request.query_params)
            if form:
                await refuse_repeated_fields(request)
            if key_of(request) and not request.headers.get("content-type", "").startswith("multipart/"):
                await request.body()
            response = await handle(request)
            if (policy or request.method == "GET") and "cache-control" not in response.headers:
                default = PUBLIC if public and caller_of(request).anonymous else PRIVATE
                (policy or default).set_on(response)
            if request.method == "GET" and response.status_code == 200 and hasattr(response, "body"):
                response = _not_modified_or(request, response)
            request.scope["impact.response"] = response
            return response

        return handle_conditionally


def create_router(prefix: str, tag: str) -> APIRouter:
    """Return the router of a slice. `prefix` is the whole path (`/v1/claims`); `tag` is in sentence case."""
    tags: list[str | Enum] = [tag]
    return APIRouter(prefix=prefix, tags=tags, route_class=ImpactRoute)


def _not_modified_or(request: Request, response: Response) -> Response:
    """Set the ETag, and return 304 where it matches If-None-Match; otherwise the response."""
    tag = response.headers.get("etag")
    if tag is None:
        tag = f'W/"{hashlib.sha256(response.body).hexdigest()[:20]}"'
        response.headers["ETag"] = tag
    if_none_match = request.headers.get("if-none-match")
    if if_none_match is None or not (
        if_none_match.strip() == "*" or tag.removeprefix("W/") in parse_etags(if_none_match)
    ):
        return response
    headers = {name: value for name, value in response.headers.items() if name in SENT_WITH_NOT_MODIFIED}
    return Response(status_code=304, headers=headers)
