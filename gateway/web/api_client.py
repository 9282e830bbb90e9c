"""The public API, as the caller of a page may use it: pages know and may do what their caller could by API."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import quote, urlencode
from uuid import UUID, uuid4

import orjson
from fastapi import Depends, Request
from starlette.datastructures import UploadFile
from starlette.responses import Response

from gateway.credentials.cache import Identity
from gateway.http.request import Headers
from gateway.http_client.client import Payload, UpstreamClient
from gateway.problems import ServiceBusy, ServiceDown
from gateway.routes import RouteTable
from gateway.settings import GatewaySettings
from shared import tracing
from shared.problems import (
    MEDIA_TYPE,
    BadRequest,
    InternalError,
    NotFound,
    Problem,
    RequestInProgress,
    RequestTimedOut,
    instance_of,
)

Document = dict[str, Any]
"""JSON, as the API reference describes it."""
Parameter = str | int | bool | UUID | Sequence[str] | None

MAX_SECONDS: Final = 20.0
"""How long the API may take for a page, whatever it asks for."""
MAX_SECONDS_ASIDE: Final = 3.0
"""How long a page waits for what it is shown without where it does not come."""
MAX_SECONDS_FOR_FILE: Final = 120.0
"""How long the API may take to store a file, from when all of it is here."""
CHUNK_BYTES: Final = 256 * 1024
MAY_HAVE_CHANGED: Final = "impact.may_have_changed"
"""True in the scope of a request that had a change made, or does not know whether it was."""
RETRY_SECONDS: Final = 0.25
"""How long after it was refused because an equal one is in progress a request is sent again."""
_hidden_value = re.compile(r"[\x20-\x7e]{0,200}")


class HiddenFieldAltered(BadRequest):
    title = "This form was altered on its way"
    detail = "Its key or its version is not as the page held it. Nothing was changed. Open the page again."


class ApiRefusal(Exception):
    """The API refused what a page asked of it: `problem` is the body (RFC 9457)."""

    def __init__(self, status: int, problem: Document, headers: Headers) -> None:
        super().__init__(problem.get("title", str(status)))
        self.status, self.problem, self.headers = status, problem, headers

    @property
    def detail(self) -> str:
        """What is wrong and what to do, in a sentence."""
        return str(self.problem.get("detail") or self.problem.get("title") or "")

    @property
    def slug(self) -> str:
        """Which problem it is: the last segment of its type."""
        return str(self.problem.get("type", "")).rpartition("/")[2]

    def field_errors(self) -> list[tuple[str, str]]:
        """Return the JSON pointer of each bad field, and what is wrong with it."""
        return [(str(error["pointer"]), str(error["detail"])) for error in self.problem.get("errors") or ()]


async def respond_with_refusal(request: Request, error: Exception) -> Response:
    """Pass a refusal that a page did not handle on to the browser, as a problem of the page's own address."""
    if not isinstance(error, ApiRefusal):
        raise error
    problem = {**error.problem, "instance": instance_of(request.scope)}
    headers = {name.decode(): value.decode("latin-1") for name, value in error.headers if name == b"retry-after"}
    return Response(orjson.dumps(problem), error.status, headers, MEDIA_TYPE)


@dataclass(frozen=True, slots=True)
class ApiResponse:
    """A response of the API: its JSON (None without a body), its ETag and its Location."""

    status: int
    document: Any
    etag: str | None
    location: str | None


class PublicApi:
    """Sends requests to the services as the proxy does, for one caller."""

    def __init__(self, request: Request) -> None:
        self._settings: GatewaySettings = request.app.state.settings
        self._client: UpstreamClient = request.app.state.client
        self._routes: RouteTable = request.app.state.routes
        self._identity: Identity = request.scope["impact.identity"]
        self._scope = request.scope
        self._request_id = request.headers.get("x-request-id", "").encode()
        self._ends_at = time.monotonic() + MAX_SECONDS

    async def get(self, path: str, **parameters: Parameter) -> Document:
        """Return what a GET answers. Raises ApiRefusal, and what the gateway's client raises."""
        return (await self.read(path, **parameters)).document

    async def read(self, path: str, **parameters: Parameter) -> ApiResponse:
        """Return the whole response to a GET, for its ETag. Raises as `get` does."""
        return await self._request("GET", _target(path, parameters))

    async def find(self, path: str, **parameters: Parameter) -> Document | None:
        """Return what a GET answers, or None where it is not there, or not for this caller."""
        try:
            return await self.get(path, **parameters)
        except ApiRefusal as error:
            if error.status in (401, 403, 404, 410):
                return None
            raise

    async def find_aside(self, path: str, **parameters: Parameter) -> Document:
        """Return what a GET answers, or nothing where it does not within three seconds, for whatever reason.

        For what stands beside the subject of a page, which is shown without it.
        """
        try:
            target = _target(path, parameters)
            return (await self._request("GET", target, max_seconds=MAX_SECONDS_ASIDE)).document or {}
        except (ApiRefusal, Problem):
            return {}

    async def send(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        etag: str | None = None,
        idempotency_key: str | None = None,
    ) -> ApiResponse:
        """Send a change as JSON. Of two presses of a button, which have one key, the second gets the first's answer.

        Raises ApiRefusal, HiddenFieldAltered, and what the gateway's client raises.
        """
        headers: Headers = [(b"content-type", b"application/json")] if body is not None else []
        if etag is not None:
            headers.append((b"if-match", _header_value(etag)))
        if idempotency_key is not None:
            headers.append(_idempotency_header(idempotency_key))
        payload = None if body is None else orjson.dumps(body)
        return await self._change(lambda: self._request(method, path, headers, payload))

    async def send_file(
        self, path: str, fields: Mapping[str, str], file: UploadFile, *, idempotency_key: str
    ) -> ApiResponse:
        """Send a form with a file on, of which no more than a chunk is in memory. Raises as `send` does."""
        self._ends_at = time.monotonic() + MAX_SECONDS_FOR_FILE
        boundary, beginning, end = multipart_parts(fields, file.filename or "")
        headers: Headers = [
            (b"content-type", f"multipart/form-data; boundary={boundary}".encode()),
            (b"content-length", b"%d" % (len(beginning) + (file.size or 0) + len(end))),
            _idempotency_header(idempotency_key),
        ]

        async def payload() -> AsyncIterator[bytes]:
            yield beginning
            await file.seek(0)
            while chunk := await file.read(CHUNK_BYTES):
                yield chunk
            yield end

        return await self._change(
            lambda: self._request("POST", path, headers, payload(), max_seconds=MAX_SECONDS_FOR_FILE)
        )

    async def _change(self, request: Callable[[], Awaitable[ApiResponse]]) -> ApiResponse:
        """Send a change, and note in the scope where it was done or may have been."""
        try:
            response = await self._repeat_while_in_progress(request)
        except (ServiceDown, ServiceBusy):
            raise
        except (ApiRefusal, Problem) as error:
            if error.status >= InternalError.status:
                self._scope[MAY_HAVE_CHANGED] = True
            raise
        self._scope[MAY_HAVE_CHANGED] = True
        return response

    async def _repeat_while_in_progress(self, request: Callable[[], Awaitable[ApiResponse]]) -> ApiResponse:
        """Send a request until no equal one is in progress, and return the response."""
        while True:
            try:
                return await request()
            except ApiRefusal as error:
                if error.slug != RequestInProgress.slug() or time.monotonic() > self._ends_at - RETRY_SECONDS:
                    raise
            await asyncio.sleep(RETRY_SECONDS)

    async def _request(
        self,
        method: str,
        target: str,
        headers: Sequence[tuple[bytes, bytes]] = (),
        payload: Payload = None,
        *,
        max_seconds: float = MAX_SECONDS,
    ) -> ApiResponse:
        """Return the response. Raises ApiRefusal, RequestTimedOut, and what the gateway's client raises."""
        route = self._routes.find(target.partition("?")[0])
        if route is None or route.service == "gateway":
            raise NotFound
        seconds = min(max_seconds, max(0.1, self._ends_at - time.monotonic()))
        all_headers: Headers = [
            (b"accept", b"application/json"),
            (b"x-impact-caller", self._identity.signature),
            (b"x-request-id", self._request_id),
            (b"traceparent", (tracing.current_traceparent() or "").encode()),
            (b"request-timeout", b"%.3f" % seconds),
            *headers,
        ]
        origin = self._settings.url_of(route.service)
        try:
            async with asyncio.timeout(seconds):
                response = await self._client.request(
                    origin, method, quote(target, "/?&=%+,:;@-._~").encode(), all_headers, payload
                )
                try:
                    content = await response.read()
                finally:
                    response.close()
        except TimeoutError:
            raise RequestTimedOut from None
        response_headers = {name: value.decode("latin-1") for name, value in response.headers}
        document: Any = orjson.loads(content) if content and _is_json(response_headers) else None
        if response.status >= 400:
            if document is None:
                raise InternalError
            raise ApiRefusal(response.status, document, response.headers)
        return ApiResponse(response.status, document, response_headers.get(b"etag"), response_headers.get(b"location"))


async def _api(request: Request) -> PublicApi:
    return PublicApi(request)


Api = Annotated[PublicApi, Depends(_api)]


def multipart_parts(fields: Mapping[str, str], file_name: str) -> tuple[str, bytes, bytes]:
    """Return the boundary of a form with these fields and a file, and what stands before and after the file's content.

    The name is a quoted string (RFC 7578, RFC 9110): without line ends, with a backslash before what would end it.
    """
    boundary = uuid4().hex
    parts = [
        f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    ]
    quoted = " ".join(file_name.split()).replace("\\", "\\\\").replace('"', '\\"')
    parts.append(
        f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{quoted}"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return boundary, "".join(parts).encode(errors="replace"), f"\r\n--{boundary}--\r\n".encode()


def _idempotency_header(key: str) -> tuple[bytes, bytes]:
    return b"idempotency-key", b'"%b"' % _header_value(key)


def _header_value(text: str) -> bytes:
    """Return the text of a hidden field, which a browser may send otherwise, as a header. Raises HiddenFieldAltered.

    A line end would begin another header, or a whole request of its own.
    """
    if not _hidden_value.fullmatch(text):
        raise HiddenFieldAltered
    return text.encode()


def _is_json(headers: Mapping[bytes, str]) -> bool:
    media_type = headers.get(b"content-type", "").partition(";")[0]
    return media_type.endswith(("/json", "+json"))


def _target(path: str, parameters: Mapping[str, Parameter]) -> str:
    query = _query(parameters)
    return f"{path}?{query}" if query else path


def _query(parameters: Mapping[str, Parameter]) -> str:
    """Return the query: without what is None or empty, a sequence as one parameter for each of its values.

    A trailing underscore of a name, as of `from_`, is left out.
    """
    pairs: list[tuple[str, str]] = []
    for name, value in parameters.items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs += [(name.removesuffix("_"), _parameter(item)) for item in values if item not in (None, "")]
    return urlencode(pairs)


def _parameter(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
