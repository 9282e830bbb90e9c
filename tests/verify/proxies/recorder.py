"""A gateway that records what it takes for requests, before a service that answers hidden ones slowly."""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Literal

from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.main import create_app
from shared.http_server.limits import HttpLimits
from shared.http_server.protocol import HttpProtocol, http_protocol
from shared.http_server.server import HttpServer
from shared.problems import Problem
from tests.gateway.servers import StubService, open_socket, serve, url_of
from tests.gateway.world import settings
from tests.verify.proxies.servers import REQUEST_ID_HEADER, ForwardedRequest

HIDDEN_SECONDS = 1.0
"""So long that the answer comes when the proxy already waits for that to another request."""
_request_line = re.compile(rb"(\S*) (\S*)")
_request_id = re.compile(rb"^%b: *(.*?)\r$" % REQUEST_ID_HEADER.encode(), re.IGNORECASE | re.MULTILINE)


class SlowService(StubService):
    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and "/hidden-" in scope["path"]:
            await asyncio.sleep(HIDDEN_SECONDS)
        await super().__call__(scope, receive, send)

    def reached(self) -> Counter[ForwardedRequest]:
        """Return the requests that reached the service, but for those that the front page sends itself, as JSON."""
        requests: Counter[ForwardedRequest] = Counter()
        for request in self.requests:
            headers = dict(request["headers"])
            if REQUEST_ID_HEADER not in headers and headers.get("accept") == "application/json":
                continue
            target = request["path"] + (f"?{request['query']}" if request["query"] else "")
            id = headers.get(REQUEST_ID_HEADER, "")
            requests[ForwardedRequest.of(id, request["method"], target)] += 1
        return requests


class RecordingServer(HttpServer):
    """Records what its connections take for the head of a request, whether they then refuse it or not."""

    def __init__(self) -> None:
        super().__init__(HttpLimits(), "http://127.0.0.1:8000")
        self.heads: Counter[ForwardedRequest] = Counter()
        self.beginnings: list[str] = []
        """What was refused before the head was whole."""
        self.ports: dict[str, int] = {}
        """The port that a request came from, by its id."""


class RecordingProtocol(HttpProtocol):
    _http_server: RecordingServer
    _buffer: bytes

    def _start(self, head: bytes) -> None:
        line, id = _request_line.match(head), _request_id.search(head)
        parts = (id[1] if id else b"", *(line.groups() if line else (head[:100], b"")))
        request = ForwardedRequest.of(*(part.decode("latin-1") for part in parts))
        self._http_server.heads[request] += 1
        if self.client is not None:
            self._http_server.ports[request.id] = self.client[1]
        super()._start(head)

    def _refuse(self, problem: Problem) -> None:
        if self._buffer:
            self._http_server.beginnings.append(self._buffer.decode("latin-1"))
        super()._refuse(problem)


class RecordedGateway:
    """A gateway as an ASGI application that records its requests."""

    def __init__(self, app: ASGIApp, url: str, service: SlowService, server: RecordingServer) -> None:
        self._app, self._service, self._server = app, service, server
        self.url = url
        self._handled: Counter[ForwardedRequest] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            query: bytes = scope["query_string"]
            target: bytes = scope["raw_path"] + (b"?" + query if query else b"")
            headers: dict[bytes, bytes] = dict(scope["headers"])
            id = headers.get(REQUEST_ID_HEADER.encode(), b"").decode("latin-1")
            self._handled[ForwardedRequest.of(id, scope["method"], target.decode("latin-1"))] += 1
        await self._app(scope, receive, send)

    def unforwarded(self, forwarded: Counter[ForwardedRequest]) -> Counter[ForwardedRequest]:
        """Return what was taken for a request, but is not among those that the proxies forwarded."""
        read: Counter[ForwardedRequest] = Counter()
        for request, count in forwarded.items():
            read[request._replace(method="GET") if request.method == "HEAD" else request] += count
        lines = [f"{request.method} {request.target} HTTP/1.1\r\n" for request in forwarded]
        strange = Counter(
            ForwardedRequest("", "", beginning)
            for beginning in self._server.beginnings
            if not any(line.startswith(beginning) or beginning.startswith(line) for line in lines)
        )
        unforwarded = (self._handled - forwarded) | (self._server.heads - forwarded) | (self._service.reached() - read)
        return unforwarded + strange

    def requests_per_connection(self) -> float:
        """Return how many requests came over a connection, on average."""
        ports = self._server.ports
        return len(ports) / len(set(ports.values()))


@asynccontextmanager
async def recorded_gateway(
    database_url: str, http: Literal["httptools"] | None = None
) -> AsyncGenerator[RecordedGateway]:
    """Run a gateway on our HTTP server, or on uvicorn's."""
    service, bound, server = SlowService(), open_socket(), RecordingServer()
    async with serve(service, open_socket()) as service_url:
        options = {"public_url": url_of(bound), "rate_limit_factor": 100_000}
        gateway = RecordedGateway(
            create_app(settings(database_url, service_url, **options)), url_of(bound), service, server
        )
        async with serve(gateway, bound, http=http or http_protocol(server, RecordingProtocol)):
            yield gateway
