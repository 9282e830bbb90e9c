"""A server that answers with what it received, and a client that sends raw bytes."""

import asyncio
import json
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest.mock import Mock

import uvicorn
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from shared.http_server.limits import HttpLimits
from shared.http_server.protocol import HttpProtocol
from shared.http_server.server import HttpServer
from tests.gateway.servers import answer_lifespan, open_socket, serve

GET = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /body HTTP/1.1\r\nHost: a\r\n"
LARGE_BYTES = 400 * 65_536
FAST = HttpLimits(
    head_timeout_seconds=0.3,
    idle_timeout_seconds=0.6,
    min_body_bytes_per_second=1_000,
    body_window_seconds=0.3,
    write_timeout_seconds=0.5,
    max_connections_per_address=3,
)


@dataclass
class Echo:
    """Answers with the path, the headers and the length of the body; `/early` and `/late` without having read it."""

    seen: list[str] = field(default_factory=list[str])
    disconnects: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await answer_lifespan(receive, send)
        self.seen.append(scope["path"])
        body_bytes = 0
        if scope["path"] == "/large":
            return await self._send_large(send)
        if scope["path"] in ("/slow", "/late"):
            await asyncio.sleep(0.2)
        while scope["path"] not in ("/early", "/late"):
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnects += 1
                return None
            body_bytes += len(message["body"])
            if not message.get("more_body"):
                break
        return await self._respond(scope, send, body_bytes)

    async def _respond(self, scope: Scope, send: Send, body_bytes: int) -> None:
        names = [name.decode("latin-1") for name, _ in scope["headers"]]
        content = json.dumps({"path": scope["path"], "headers": names, "body_bytes": body_bytes}).encode()
        headers = [(b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _send_large(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(LARGE_BYTES // 65_536):
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
        await send({"type": "http.response.body"})


@asynccontextmanager
async def server(limits: HttpLimits | None = None) -> AsyncGenerator[tuple[Echo, int]]:
    app = Echo()
    with open_socket() as bound:
        async with serve(app, bound, limits):
            yield app, bound.getsockname()[1]


def connect(http: HttpServer, address: str) -> tuple[HttpProtocol, Mock]:
    """Return a connection from this address, and its transport, which sends nothing."""
    config = uvicorn.Config(Echo(), log_config=None)
    connection = HttpProtocol(config, ServerState(), {}, asyncio.get_running_loop(), server=http)
    transport = Mock(spec=asyncio.Transport)
    transport.get_extra_info = {"peername": (address, 1), "sockname": ("::1", 2)}.get
    transport.is_closing.return_value = False
    connection.connection_made(transport)
    return connection, transport


async def exchange(port: int, *parts: bytes, seconds: float = 1.0) -> bytes:
    """Send the parts with a pause between them; return all that comes until the server closes or time is up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = bytearray()
    try:
        async with asyncio.timeout(seconds):
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0.05)
            while chunk := await reader.read(65_536):
                received += chunk
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return bytes(received)


def statuses(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", received)]


def bodies(received: bytes) -> list[dict[str, Any]]:
    return [json.loads(body) for body in re.findall(rb"\{[^{}]*\}", received)]
