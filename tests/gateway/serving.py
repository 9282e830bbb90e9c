"""Real servers on loopback: the gateway, and a service behind it that does as a path says."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncGenerator, Callable, Generator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import orjson
import uvicorn
from starlette.types import ASGIApp, Receive, Scope, Send

from shared.callers import HEADER, Caller, verify
from tests.support.settings import caller_keys

PIECE = b"x" * 65_536


def open_socket() -> socket.socket:
    """Bound to a free port of 127.0.0.1."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    return bound


def url_of(bound: socket.socket) -> str:
    return f"http://127.0.0.1:{bound.getsockname()[1]}"


class QuietServer(uvicorn.Server):
    @contextlib.contextmanager
    def capture_signals(self) -> Generator[None]:
        """Signals stay with pytest."""
        yield


@asynccontextmanager
async def serving(app: ASGIApp | Callable[..., Any], bound: socket.socket) -> AsyncGenerator[str]:
    """The app on uvicorn, as in production, for as long as the block lasts."""
    config = uvicorn.Config(
        app, lifespan="on", log_config=None, access_log=False, timeout_graceful_shutdown=1, http="httptools", ws="none"
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


@dataclass
class Toy:
    """A service that tells what it was asked. `/v1/evidence/<behaviour>` behaves so."""

    seen: list[dict[str, Any]] = field(default_factory=list[dict[str, Any]])
    entered_times: int = 0
    left: int = 0
    """How often the gateway left before the answer was finished."""
    gate: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            for done in ("lifespan.startup.complete", "lifespan.shutdown.complete"):
                await receive()
                await send({"type": done})
            return None
        behaviour = scope["path"].rpartition("/")[2]
        self.entered.set()
        self.entered_times += 1
        if behaviour == "waits":
            return await self._wait(receive)
        if behaviour == "breaks":
            await answer(send, {}, [(b"content-length", b"200")], finish=False)
            return None
        taken = await self._take(receive)
        if behaviour == "public":
            await self.gate.wait()
            return await answer(send, self._told(scope, taken), [(b"cache-control", b"public, max-age=5")])
        if behaviour == "public-by-caller":
            await self.gate.wait()
            said = [(b"cache-control", b"public, no-cache"), (b"vary", b"Authorization, X-API-Key")]
            return await answer(send, self._told(scope, taken), said)
        if behaviour == "private":
            await self.gate.wait()
            return await answer(send, self._told(scope, taken), [(b"cache-control", b"private")])
        if behaviour == "stream":
            return await self._stream(scope, send)
        if behaviour == "moved":
            here = dict(scope["headers"])[b"host"].decode()
            moved = [
                (b"location", f"http://{here}/v1/evidence/1".encode()),
                (b"connection", b"x-private"),
                (b"x-private", b"1"),
            ]
            return await answer(send, {}, moved, status=307)
        if behaviour == "refuses":
            problem = [(b"content-type", b"application/problem+json")]
            return await answer(send, {"status": 405, "title": "No"}, [*problem, (b"allow", b"GET")], status=405)
        return await answer(send, self._told(scope, taken), [])

    def _told(self, scope: Scope, taken: int) -> dict[str, Any]:
        told: dict[str, Any] = {
            "method": scope["method"],
            "path": scope["raw_path"].decode(),
            "query": scope["query_string"].decode(),
            "headers": [[name.decode("latin-1"), value.decode("latin-1")] for name, value in scope["headers"]],
            "taken": taken,
        }
        self.seen.append(told)
        return told

    async def _take(self, receive: Receive) -> int:
        taken, more = 0, True
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                self.left += 1
                break
            taken += len(message.get("body", b""))
            more = message.get("more_body", False)
        return taken

    async def _wait(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.left += 1

    async def _stream(self, scope: Scope, send: Send) -> None:
        pieces = int(scope["query_string"].partition(b"=")[2])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", b"text/plain")]})
        for _ in range(pieces):
            await send({"type": "http.response.body", "body": PIECE, "more_body": True})
        await send({"type": "http.response.body", "body": b""})


async def answer(
    send: Send, body: dict[str, Any], headers: list[tuple[bytes, bytes]], *, status: int = 200, finish: bool = True
) -> None:
    content = orjson.dumps(body)
    said = [(b"content-type", b"application/json"), (b"content-length", str(len(content)).encode()), *headers]
    kept = list(dict(said).items())
    await send({"type": "http.response.start", "status": status, "headers": kept})
    await send({"type": "http.response.body", "body": content, "more_body": not finish})


def header(told: dict[str, Any], name: str) -> str | None:
    return next((value for key, value in told["headers"] if key == name), None)


def caller_in(told: dict[str, Any]) -> Caller:
    """Who the service was told is calling: verified as services do."""
    return verify(header(told, HEADER) or "", caller_keys()[1])
