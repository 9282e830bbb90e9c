"""A server that behaves as a test says, and a client that sends it a request."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from gateway.http_client.client import Payload, UpstreamClient

Behaviour = Callable[[int, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class BehavingServer:
    """A server that handles each connection by `behaviour`, which is passed the connection's number."""

    def __init__(self, behaviour: Behaviour) -> None:
        self.behaviour = behaviour
        self.connections = 0
        self.disconnects = 0
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            await self.behaviour(self.connections, reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.disconnects += 1
        finally:
            writer.close()


@asynccontextmanager
async def server_that(behaviour: Behaviour) -> AsyncGenerator[BehavingServer]:
    server = BehavingServer(behaviour)
    listener = await asyncio.start_server(server, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with listener:
        yield server


async def read_head(reader: asyncio.StreamReader) -> bytes:
    return await reader.readuntil(b"\r\n\r\n")


def ok(body: bytes = b"fine", *more: bytes) -> bytes:
    lines = [b"HTTP/1.1 200 OK", b"content-length: %d" % len(body), *more, b"", body]
    return b"\r\n".join(lines)


async def send(client: UpstreamClient, server: BehavingServer, method: str = "GET", payload: Payload = None) -> bytes:
    """Send a request and return the body of the response."""
    return await (await client.request(server.url, method, b"/", [], payload)).read()
