"""A server that answers when it is told to."""

import asyncio
import contextlib
from collections import Counter
from dataclasses import dataclass, field


@dataclass(eq=False)
class ServerConnection:
    """The server's end of a connection, and the requests that have come on it without an answer."""

    writer: asyncio.StreamWriter
    asked: list[bytes] = field(default_factory=list[bytes])
    unsent: bytes = b""
    """The rest of an answer whose beginning was sent."""


class ScriptedServer:
    """Takes requests, and answers when it is told to."""

    def __init__(self) -> None:
        self.connections: list[ServerConnection] = []
        self.received: Counter[bytes] = Counter()
        """How often each target was asked for."""
        self.url = ""
        self._server: asyncio.Server | None = None

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        for connection in self.connections:
            connection.writer.transport.abort()
        if self._server is not None:
            self._server.close()

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = ServerConnection(writer)
        self.connections.append(connection)
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                if b"transfer-encoding: chunked" in head.lower():
                    await reader.readuntil(b"0\r\n\r\n")
                elif b"content-length: 2" in head.lower():
                    await reader.readexactly(2)
                target = head.split(b" ")[1]
                self.received[target] += 1
                connection.asked.append(target)
        self.connections.remove(connection)
        writer.transport.abort()
        with contextlib.suppress(ConnectionError):
            await writer.wait_closed()
