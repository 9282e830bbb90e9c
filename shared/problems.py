"""Refusals that tell a person what to do next (RFC 9457)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

import orjson
from pydantic import BaseModel, Field
from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
_registered: list[type["Problem"]] = []


class FieldError(BaseModel):
    """One bad field: a JSON pointer into the body (RFC 6901), or `?name` for a query parameter."""

    pointer: str
    detail: str


class ProblemView(BaseModel):
    """What a refusal looks like."""

    type: str = Field(description="A page that explains this problem.")
    title: str
    status: int
    detail: str = Field(description="What is so, and what to do next.")
    instance: str | None = None
    errors: list[FieldError] | None = None
    tombstone: dict[str, Any] | None = Field(default=None, description="What is left of something that is gone.")


class Problem(Exception):
    """A refusal. A subclass names what is so, and documents itself in OpenAPI and at its `type` URL."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "This request cannot be answered"
    detail: str = ""
    pointer: ClassVar[str] = ""
    """Of a refusal that is of one field alone: where that is, as a FieldError says it."""

    def __init__(
        self,
        detail: str | None = None,
        *,
        pointer: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        tombstone: Mapping[str, Any] | None = None,
        **facts: Any,
    ) -> None:
        self.detail = (detail or type(self).detail or self.title).format(**facts) if facts else detail or self.detail
        self.detail = self.detail or self.title
        self.errors = list(errors)
        pointer = pointer or self.pointer
        if pointer and not errors:
            self.errors = [FieldError(pointer=pointer, detail=self.detail)]
        self.headers = dict(headers or {})
        self.tombstone = tombstone
        super().__init__(self.detail)

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        _registered.append(cls)

    @classmethod
    def slug(cls) -> str:
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def response(self, public_url: str, instance: str | None = None, request_id: str | None = None) -> Response:
        body: dict[str, Any] = {
            "type": f"{public_url}/problems/{self.slug()}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if instance:
            body["instance"] = instance
        if request_id:
            body["request_id"] = request_id
        if self.errors:
            body["errors"] = [error.model_dump() for error in self.errors]
        if self.tombstone:
            body["tombstone"] = self.tombstone
        return Response(
            orjson.dumps(body, str, orjson.OPT_UTC_Z), self.status, media_type=MEDIA_TYPE, headers=self.headers
        )


def instance_of(scope: Mapping[str, Any]) -> str | None:
    """What a problem names as its `instance`: the path, or what the server says instead where a secret stands in it."""
    return scope.get("impact.instance", scope["path"])


class BadRequest(Problem):
    status = 400
    title = "This request could not be read"
    detail = "The body is not what its Content-Type says. Check it and send it again."


class NotFound(Problem):
    status = 404
    title = "There is nothing here"
    detail = "Nothing with this address was found, or you may not see it. Check the id, or look in the list."


class MethodNotAllowed(Problem):
    status = 405
    title = "This cannot be done here"
    detail = "This address does not take this method. The Allow header says what it takes."


class Gone(Problem):
    status = 410
    title = "This was here and is no longer"
    detail = "It has been withdrawn. Nothing needs to be done."


class SignInNeeded(Problem):
    status = 401
    title = "Please sign in"
    detail = "Send a session token or an API key, or sign in again: yours is missing, wrong or has run out."


class NotAllowed(Problem):
    status = 403
    title = "You may not do this"
    detail = "Your role or key does not include this. Ask the centre if you think that it should."


class Conflict(Problem):
    status = 409
    title = "This does not fit what is already there"
    detail = "Something else stands in the way. Fetch it again and look what changed."


class WrongMediaType(Problem):
    status = 415
    title = "This kind of content is not taken here"
    detail = "The documentation of this address says which Content-Type it takes."


class Invalid(Problem):
    status = 422
    title = "Some of what was sent cannot be used"
    detail = "See the errors for each field, correct them and send it again. Nothing was changed."


class PreconditionRequired(Problem):
    status = 428
    title = "Say which version you are changing"
    detail = "Fetch the resource, and send its ETag in the If-Match header with the change."


class PreconditionFailed(Problem):
    status = 412
    title = "Someone has changed this meanwhile"
    detail = "Fetch it again, look at what changed, and send your change with the new ETag."


class KeyRequired(Problem):
    status = 400
    title = "An Idempotency-Key is needed here"
    detail = (
        "Money moves here. Send an Idempotency-Key header (any unique quoted string), so that a repeat does no harm."
    )


class KeyEmpty(Problem):
    status = 400
    title = "This Idempotency-Key is empty"
    detail = "Put any unique quoted string into it. Where no money moves, the header may also be left out."


class KeyReused(Problem):
    status = 422
    title = "This Idempotency-Key was used for something else"
    detail = "Use a new key for a new request; use the same key only to repeat the very same one."


class InFlight(Problem):
    status = 409
    title = "The same request is being handled right now"
    detail = "Wait a moment and send it again with the same Idempotency-Key: you will get the first answer."


class AnswerForgotten(Gone):
    title = "This was done, and its answer can no longer be given"
    detail = "It had its effect when it was first sent. Something that the answer said was taken back since."


class BadCursor(Problem):
    status = 400
    title = "This page address is not one of ours"
    detail = "Follow the next link as it was given, or start again without the cursor."


class NotReady(Problem):
    status = 503
    title = "This part is not available right now"
    detail = "Nothing was lost. Try again in a few seconds."


class TooSlow(Problem):
    status = 504
    title = "This could not be finished in time"
    detail = "Look first whether it took effect, then try again, or allow more time in the Request-Timeout header."


class Unexpected(Problem):
    status = 500
    title = "Something went wrong on our side"
    detail = "It has been recorded. If it happens again, tell us the request id that came with this answer."


def field_error(error: Mapping[str, Any], body: Any = None) -> FieldError:
    """What FastAPI says of one field, pointed to in the `body` as it was sent."""
    where, *path = error["loc"]
    detail = str(error["msg"]).removeprefix("Value error, ")
    if detail.startswith("Expected UploadFile"):
        detail = "A text was sent where a file is needed. Send it as a file, with a file name (in curl: -F name=@file)."
    if error["type"] == "json_invalid":
        place = f", at character {path[0] + 1}" if path else ""
        return FieldError(pointer="", detail=f"This is not JSON: {error['ctx']['error']}{place}")
    if where != "body":
        return FieldError(pointer=("?" if where == "query" else "") + "/".join(map(str, path)), detail=detail)
    if error["type"].startswith("union_tag_"):
        path.append(error["ctx"]["discriminator"].strip("'"))
        tags = error["ctx"].get("expected_tags")
        detail = f"Input should be one of {tags}" if tags else "Field required"
    elif body is not None:
        path = list(_sent(path, body, missing=error["type"] == "missing"))
    pointer = "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in path)
    return FieldError(pointer=pointer, detail=detail)


def _sent(path: Sequence[Any], body: Any, *, missing: bool) -> Iterator[Any]:
    """The path without what the sender never wrote: pydantic names the chosen member of a union too."""
    for depth, part in enumerate(path, 1):
        try:
            body = body[part]
        except (KeyError, IndexError, TypeError):
            if missing and depth == len(path):
                yield part
        else:
            yield part


def documented(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI responses of an endpoint that may refuse with these problems."""
    responses: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        known = responses.setdefault(problem.status, {"description": "", "content": {MEDIA_TYPE: {"examples": {}}}})
        known["description"] = " / ".join(filter(None, [known["description"], problem.title]))
        known["content"][MEDIA_TYPE]["schema"] = {"$ref": "#/components/schemas/ProblemView"}
        known["content"][MEDIA_TYPE]["examples"][problem.slug()] = {"value": explained(problem)}
    return responses


def explained(problem: type[Problem]) -> dict[str, Any]:
    """As anyone reads it beforehand: an ellipsis stands where an answer names something."""
    return {
        "type": f"/problems/{problem.slug()}",
        "title": problem.title,
        "status": problem.status,
        "detail": re.sub(r"\{\w+\}", "…", problem.detail or problem.title),
    }


def known_problems(*packages: str) -> list[type[Problem]]:
    """The problems that these packages (and shared) may answer with, by their slug."""
    statement = ("shared.", *(f"{package}." for package in packages))
    return sorted((p for p in _registered if f"{p.__module__}.".startswith(statement)), key=lambda p: p.slug())
