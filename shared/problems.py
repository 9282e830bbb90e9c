"""Problems: refusals that tell a person what to do next (RFC 9457)."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, cast

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
    """The body of a refusal (RFC 9457)."""

    type: str = Field(description="A page that explains this problem.")
    title: str
    status: int
    detail: str = Field(description="What is wrong, and what to do next.")
    instance: str | None = None
    errors: list[FieldError] | None = None
    tombstone: dict[str, Any] | None = Field(default=None, description="What may be shown of a resource that is gone.")


class Problem(Exception):
    """A refusal. Each subclass is one reason, and documents itself in OpenAPI and at its `type` URL."""

    status: ClassVar[int] = 400
    title: ClassVar[str] = "The request was refused"
    detail: str = ""
    pointer: ClassVar[str] = ""
    """The JSON pointer of the one field that is refused, where there is one."""

    def __init__(
        self,
        detail: str | None = None,
        *,
        pointer: str | None = None,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
        tombstone: Mapping[str, Any] | None = None,
        **facts: object,
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
        """Return the last segment of the problem's `type` URL: the name of the class in kebab case."""
        return re.sub(r"(?<!^)(?=[A-Z])", "-", cls.__name__).lower()

    def response(self, public_url: str, instance: str | None = None, request_id: str | None = None) -> Response:
        """Return the problem as a response of `application/problem+json`."""
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
    """Return the `instance` of a problem: the path, or what the server put in its place because it holds a secret."""
    return scope.get("impact.instance", scope["path"])


class BadRequest(Problem):
    status = 400
    title = "The request could not be read"
    detail = "The body does not match its Content-Type. Correct it and send it again."


class NotFound(Problem):
    status = 404
    title = "Not found"
    detail = "Nothing was found at this address, or you may not see it. Check the id, or look for it in the list."


class MethodNotAllowed(Problem):
    status = 405
    title = "The method is not allowed here"
    detail = "This address does not accept this HTTP method. The Allow header lists those that it accepts."


class Gone(Problem):
    status = 410
    title = "No longer available"
    detail = "This was withdrawn. You do not need to do anything."


class SignInNeeded(Problem):
    status = 401
    title = "Please sign in"
    detail = "Your session token or API key is missing, not valid or has expired. Sign in again, or send a valid one."


class NotAllowed(Problem):
    status = 403
    title = "You do not have permission to do this"
    detail = "Your role or API key does not allow it. If you think that it should, ask the centre."


class Conflict(Problem):
    status = 409
    title = "This conflicts with the current state"
    detail = "Something has changed, or already exists. Fetch it again, check what is different, and try again."


class UnsupportedMediaType(Problem):
    status = 415
    title = "This media type is not supported"
    detail = "Send one of the Content-Types that the API reference lists for this address."


class Invalid(Problem):
    status = 422
    title = "Some fields are not valid"
    detail = "Nothing was changed. Correct the fields listed in `errors` and send the request again."


class PreconditionRequired(Problem):
    status = 428
    title = "An If-Match header is required"
    detail = "Fetch the resource first, then send its ETag in the If-Match header with your change."


class PreconditionFailed(Problem):
    status = 412
    title = "This has changed since you read it"
    detail = "Fetch it again, check what is different, and send your change with the new ETag in If-Match."


class IdempotencyKeyRequired(Problem):
    status = 400
    title = "An Idempotency-Key header is required"
    detail = (
        "This request moves money. Send an Idempotency-Key header with a unique quoted string, so that it can be "
        "repeated without paying twice."
    )


class IdempotencyKeyEmpty(Problem):
    status = 400
    title = "The Idempotency-Key is empty"
    detail = "Send a unique quoted string in the header. Where no money moves, you may also leave it out."


class IdempotencyKeyReused(Problem):
    status = 422
    title = "This Idempotency-Key was used for another request"
    detail = "Use a new key for a new request, and the same key only to repeat exactly the same request."


class RequestInProgress(Problem):
    status = 409
    title = "The same request is still being processed"
    detail = "Wait a moment, then send it again with the same Idempotency-Key: you will get the first response."


class ResponseRedacted(Gone):
    title = "This was already done, and its response is no longer available"
    detail = "It took effect when it was first sent. Its response was deleted: something in it was withdrawn or erased."


class InvalidCursor(Problem):
    status = 400
    title = "The cursor is not valid"
    detail = "Follow the `next` link of the previous page unchanged, or leave the cursor out to start again."


class ServiceUnavailable(Problem):
    status = 503
    title = "The request could not be handled at the moment"
    detail = "Try again in a few seconds. If you were changing something, check first whether it took effect."


class RequestTimedOut(Problem):
    status = 504
    title = "The request timed out"
    detail = "It may have taken effect: check first, then try again, or allow more time in the Request-Timeout header."


class InternalError(Problem):
    status = 500
    title = "Something went wrong on our side"
    detail = "The error has been logged. If it happens again, send us the X-Request-Id of this response."


def field_error(error: Mapping[str, Any], body: object = None) -> FieldError:
    """Convert FastAPI's error about one field; the pointer is its path in the `body` as it was sent."""
    where, *path = error["loc"]
    detail = str(error["msg"]).removeprefix("Value error, ")
    if detail.startswith("Expected UploadFile"):
        detail = "This must be a file, but text was sent. Send it as a file with a name (in curl: -F name=@file)."
    if error["type"] == "json_invalid":
        position = f", at character {path[0] + 1}" if path else ""
        return FieldError(pointer="", detail=f"This is not JSON: {error['ctx']['error']}{position}")
    if where != "body":
        return FieldError(pointer=("?" if where == "query" else "") + "/".join(map(str, path)), detail=detail)
    if error["type"].startswith("union_tag_"):
        path.append(error["ctx"]["discriminator"].strip("'"))
        tags = error["ctx"].get("expected_tags")
        detail = f"Input should be one of {tags}" if tags else "Field required"
    elif body is not None:
        path = list(_path_in_body(path, body, missing=error["type"] == "missing"))
    pointer = "".join("/" + str(segment).replace("~", "~0").replace("/", "~1") for segment in path)
    return FieldError(pointer=pointer, detail=detail)


def _path_in_body(path: Sequence[object], body: object, *, missing: bool) -> Iterator[object]:
    """Yield the segments that stand in the body: pydantic's path also names the chosen member of a union."""
    for depth, segment in enumerate(path, 1):
        try:
            body = cast("Mapping[object, object]", body)[segment]  # or a list, by its index
        except (KeyError, IndexError, TypeError):
            if missing and depth == len(path):
                yield segment
        else:
            yield segment


def documented(*problems: type[Problem]) -> dict[int | str, dict[str, Any]]:
    """Return the OpenAPI responses of an endpoint that may refuse with these problems."""
    responses: dict[int | str, dict[str, Any]] = {}
    for problem in problems:
        response = responses.setdefault(problem.status, {"description": "", "content": {MEDIA_TYPE: {"examples": {}}}})
        response["description"] = " / ".join(filter(None, [response["description"], problem.title]))
        response["content"][MEDIA_TYPE]["schema"] = {"$ref": "#/components/schemas/ProblemView"}
        response["content"][MEDIA_TYPE]["examples"][problem.slug()] = {"value": example_of(problem)}
    return responses


def example_of(problem: type[Problem]) -> dict[str, Any]:
    """Return the problem as documentation shows it: an ellipsis stands for each placeholder of its detail."""
    return {
        "type": f"/problems/{problem.slug()}",
        "title": problem.title,
        "status": problem.status,
        "detail": re.sub(r"\{\w+\}", "…", problem.detail or problem.title),
    }


def known_problems(*packages: str) -> list[type[Problem]]:
    """Return the problems declared in these packages and in shared, sorted by slug."""
    prefixes = ("shared.", *(f"{package}." for package in packages))
    problems = [problem for problem in _registered if f"{problem.__module__}.".startswith(prefixes)]
    return sorted(problems, key=lambda problem: problem.slug())
