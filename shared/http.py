"""What every endpoint has in common: ETags, conditional requests, merge patches, money and jobs on the wire."""

import hashlib
from collections.abc import Callable, Coroutine
from datetime import datetime
from enum import Enum
from typing import Annotated, Any, Literal, Protocol, TypeVar
from uuid import UUID

import orjson
from fastapi import APIRouter, Depends, Header, Request, Response
from fastapi.routing import APIRoute
from pydantic import BaseModel, ConfigDict, Field

from shared.auth import allow, caller_of
from shared.idempotency import key_of
from shared.openapi import who_may
from shared.problems import Invalid, PreconditionFailed, PreconditionRequired

PUBLIC = "public, max-age=5"
"""Of a read that anyone may make, as those see it who have not signed in: events change it within seconds."""
PRIVATE = "private, no-cache"

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class ImpactRoute(APIRoute):
    """A route that answers conditional GETs, and leaves its answer where the idempotency record can keep it."""

    def get_route_handler(self) -> Handler:
        handle = super().get_route_handler()
        public = any(who.anyone for who in who_may(self))

        async def handled(request: Request) -> Response:
            if key_of(request) and not request.headers.get("content-type", "").startswith("multipart/"):
                await request.body()
            response = await handle(request)
            if request.method == "GET" and "cache-control" not in response.headers:
                shared = public and caller_of(request).anonymous
                response.headers["Cache-Control"] = PUBLIC if shared else PRIVATE
            if request.method == "GET" and response.status_code == 200 and hasattr(response, "body"):
                response = _conditional(request, response)
            request.scope["impact.response"] = response
            return response

        return handled


def _conditional(request: Request, response: Response) -> Response:
    tag = response.headers.get("etag")
    if tag is None:
        tag = f'W/"{hashlib.sha256(response.body).hexdigest()[:20]}"'
        response.headers["ETag"] = tag
    wanted = request.headers.get("if-none-match")
    if wanted is None or not (wanted.strip() == "*" or tag.removeprefix("W/") in _tags(wanted)):
        return response
    kept = {
        name: value for name, value in response.headers.items() if name in ("etag", "cache-control", "vary", "link")
    }
    return Response(status_code=304, headers=kept)


def _tags(header: str) -> set[str]:
    return {tag.strip().removeprefix("W/") for tag in header.split(",")}


def router(prefix: str, tag: str) -> APIRouter:
    """The router of a slice. `prefix` is the whole path: `/v1/claims`."""
    tags: list[str | Enum] = [tag]
    return APIRouter(prefix=prefix, tags=tags, route_class=ImpactRoute)


class Versioned(Protocol):
    @property
    def version(self) -> int: ...


def etag(row: Versioned) -> str:
    return f'"{row.version}"'


def tag(response: Response, row: Versioned) -> None:
    """Say which version this answer shows. In a command, after `await uow.session.flush()`."""
    response.headers["ETag"] = etag(row)


class Match:
    """The If-Match of a request: `match.check(claim)` before changing it."""

    def __init__(self, header: str | None) -> None:
        self.header = header

    def check(self, row: Versioned) -> None:
        """Raises PreconditionRequired without the header, PreconditionFailed when the row has moved on."""
        if self.header is None:
            raise PreconditionRequired
        if self.header.strip() != "*" and etag(row) not in _tags(self.header):
            raise PreconditionFailed


async def _match(
    if_match: Annotated[str | None, Header(description="The ETag of what you change, as you last read it.")] = None,
) -> Match:
    return Match(if_match)


IfMatch = Annotated[Match, Depends(_match)]


class NotKept(Invalid):
    title = "One of these texts or numbers cannot be kept"
    detail = (
        "A text with half a character in it (\\ud83d alone, of an emoji that was cut in two), or a number of more than "
        "19 digits, cannot be kept. Correct it and send it again. Nothing was changed."
    )


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: null removes, objects merge, everything else replaces. Raises NotKept."""
    try:
        orjson.dumps(patch, default=str)
    except orjson.JSONEncodeError as wrong:
        raise NotKept from wrong
    return _merged(target, patch)


def _merged(target: Any, patch: Any) -> Any:
    if not isinstance(patch, dict):
        return patch
    merged: dict[str, Any] = dict(target) if isinstance(target, dict) else {}  # pyright: ignore[reportUnknownArgumentType]  any JSON
    for key, value in patch.items():  # pyright: ignore[reportUnknownVariableType]  any JSON
        if value is None:
            merged.pop(str(key), None)  # pyright: ignore[reportUnknownArgumentType]  any JSON
        else:
            merged[str(key)] = _merged(merged.get(str(key)), value)  # pyright: ignore[reportUnknownArgumentType]  any JSON
    return merged


Model = TypeVar("Model", bound=BaseModel)


class Body(BaseModel):
    """The base of request bodies: what is not known is refused, since a misspelt field would be lost silently."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)


class View(BaseModel):
    """The base of answers, read from rows."""

    model_config = ConfigDict(from_attributes=True)


class Money(BaseModel):
    """Whole pence of pounds sterling."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", json_schema_extra={"example": {"pence": 1250, "currency": "GBP"}}
    )

    pence: Annotated[int, Field(strict=True, ge=0, le=10**12)]
    currency: Literal["GBP"] = "GBP"


class Job(View):
    """Long work and how far it is. `done` of `total`; `total` is null until it is known."""

    id: UUID
    status: Literal["queued", "running", "done", "failed"]
    done: int
    total: int | None
    problems: list[str] = []
    created_at: datetime


Public = Annotated[Any, Depends(allow(anyone=True))]
"""The caller of a public endpoint: perhaps nobody in particular."""
