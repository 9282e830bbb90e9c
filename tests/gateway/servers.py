"""Real servers on loopback: the gateway, and a stub service behind it that behaves as the path says."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import orjson
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.callers import CALLER_HEADER, Caller, verify
from shared.http_server.limits import HttpLimits
from shared.http_server.protocol import http_protocol
from shared.http_server.server import HttpServer
from tests.support.settings import caller_keys

CHUNK = b"x" * 65_536
CACHING = {
    "public": [(b"cache-control", b"public, max-age=5")],
    "public-by-caller": [(b"cache-control", b"public, no-cache"), (b"vary", b"Authorization, X-API-Key")],
    "private": [(b"cache-control", b"private")],
}
"""The headers of the behaviours that wait until they are released."""


def open_socket() -> socket.socket:
    """Return a socket bound to a free port of 127.0.0.1."""
    bound = socket.socket(proto=socket.IPPROTO_TCP)  # else asyncio leaves TCP_NODELAY off, and responses take 40 ms
    bound.bind(("127.0.0.1", 0))
    return bound


def url_of(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


class QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Leave signals to pytest."""
        yield


@asynccontextmanager
async def serve(
    app: ASGIApp | Callable[..., Any],
    bound: socket.socket,
    limits: HttpLimits | None = None,
    http: type[asyncio.Protocol] | Literal["httptools"] | None = None,
) -> AsyncGenerator[str]:
    """Serve the app as in production for as long as the block lasts; yields its URL.

    Only with `limits` are connections counted by address. `http` replaces our protocol; "httptools" is uvicorn's.
    """
    server_state = HttpServer(limits or HttpLimits(), "http://127.0.0.1:8000", counts_connections=limits is not None)
    config = uvicorn.Config(
        app,
        lifespan="on",
        log_config=None,
        access_log=False,
        timeout_graceful_shutdown=1,
        http=http or http_protocol(server_state),
        ws="none",
    )
    server = QuietServer(config)
    running = asyncio.create_task(server.serve(sockets=[bound]))
    try:
        while not server.started:
            if running.done():
                await running
                raise RuntimeError("the server did not start")
            await asyncio.sleep(0.005)
        yield url_of(bound)
    finally:
        server.should_exit = True
        await running


async def answer_lifespan(receive: Receive, send: Send) -> None:
    """Do what the ASGI lifespan protocol asks of an app that has nothing to start or stop."""
    for message in ("lifespan.startup.complete", "lifespan.shutdown.complete"):
        await receive()
        await send({"type": message})


class ReceivedBody(NamedTuple):
    bytes: int
    complete: bool
    """Whether it came whole; else the gateway broke off."""


@dataclass
class StubService:
    """A service that answers with the request it received; the last segment of the path chooses its behaviour."""

    requests: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    request_count: int = 0
    disconnects: int = 0
    """How often the gateway left before the response was finished."""
    released: asyncio.Event = field(default_factory=asyncio.Event)
    """Set it, and the behaviours that wait for it answer."""
    started: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when a request has arrived."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
            return
        if scope["path"] == "/health/live":
            await respond(send, {}, [])
            return
        self.started.set()
        self.request_count += 1
        match scope["path"].rpartition("/")[2]:
            case "waits":
                await self._wait_for_disconnect(receive)
            case "breaks":
                await respond(send, {}, [(b"content-length", b"200")], finish=False)
            case behaviour:
                await self._answer(behaviour, scope, await self._receive_body(receive), send)

    async def _answer(self, behaviour: str, scope: Scope, body: ReceivedBody, send: Send) -> None:
        match behaviour:
            case "stream":
                await self._stream(scope, send)
            case "moved":
                host = dict(scope["headers"])[b"host"].decode()
                location = f"http://{host}/v1/evidence/1".encode()
                headers = [(b"location", location), (b"connection", b"x-private"), (b"x-private", b"1")]
                await respond(send, {}, headers, status=307)
            case "refuses":
                headers = [(b"content-type", b"application/problem+json"), (b"allow", b"GET")]
                await respond(send, {"status": 405, "title": "No"}, headers, status=405)
            case _ if behaviour in CACHING:
                await self.released.wait()
                await respond(send, self._record(scope, body), CACHING[behaviour])
            case _:
                await respond(send, self._record(scope, body), [])

    def _record(self, scope: Scope, body: ReceivedBody) -> dict[str, Any]:
        request: dict[str, Any] = {
            "method": scope["method"],
            "path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
            "body_bytes": body.bytes,
            "complete": body.complete,
        }
        self.requests.append(request)
        return request

    async def _receive_body(self, receive: Receive) -> ReceivedBody:
        body_bytes, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnects += 1
                return ReceivedBody(body_bytes, complete=False)
            body_bytes += len(message.get("body", b""))
            more = message.get("more_body", False)
        return ReceivedBody(body_bytes, complete=True)

    async def _wait_for_disconnect(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.disconnects += 1

    async def _stream(self, scope: Scope, send: Send) -> None:
        count = int(scope["query_string"].partition(b"=")[2])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        for _ in range(count):
            await send({"type": "http.response.body", "body": CHUNK, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def respond(
    send: Send, body: dict[str, Any], headers: list[tuple[bytes, bytes]], *, status: int = 200, finish: bool = True
) -> None:
    """Send JSON with these headers, which replace the default ones."""
    content = orjson.dumps(body)
    defaults = {b"content-type": b"application/json", b"content-length": str(len(content)).encode()}
    merged = list({**defaults, **dict(headers)}.items())
    await send({"type": "http.response.start", "status": status, "headers": merged})
    await send({"type": "http.response.body", "body": content, "more_body": not finish})


def header(request: dict[str, Any], name: str) -> str | None:
    """Return a header of a request that the stub service received."""
    return next((value for key, value in request["headers"] if key == name), None)


def caller_in(request: dict[str, Any]) -> Caller:
    """Return who the service was told is calling, verified as services do."""
    return verify(header(request, CALLER_HEADER) or "", caller_keys()[1])
