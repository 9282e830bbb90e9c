"""The HTTP client behind the proxy: connections to each service, kept alive and used again.

It is made for this one purpose because aiohttp's client took half of the gateway's time: `tests/benchmarks/gateway.py`
shows what a request costs.
"""

import asyncio
import contextlib
import ssl
from asyncio import Future
from collections import deque
from collections.abc import AsyncIterator
from types import TracebackType
from typing import Final, Self
from urllib.parse import urlsplit

from gateway.http.request import Headers
from gateway.http_client.connection import Answer, Broken, Connection
from gateway.problems import BadAnswer, ServiceDown

Body = bytes | AsyncIterator[bytes] | None

CONNECTIONS: Final = 200
"""To one service at a time; more requests wait their turn within their deadline."""
CONNECT_SECONDS: Final = 3.0
KEPT_ALIVE_SECONDS: Final = 30.0
"""Services keep a quiet connection for 75 s; ending it first means that none is closed under a request."""
REPEATABLE: Final = frozenset({"GET", "OPTIONS", "PUT", "DELETE"})


class Pool:
    """The connections to one service."""

    def __init__(self, origin: str) -> None:
        where = urlsplit(origin)
        self.host = where.netloc.encode()
        self._address = (where.hostname or "", where.port or (443 if where.scheme == "https" else 80))
        self._ssl = ssl.create_default_context() if where.scheme == "https" else None
        self._idle: deque[Connection] = deque()
        self._open: set[Connection] = set()
        self._opening = 0
        self._waiting: deque[Future[None]] = deque()

    async def take(self) -> Connection:
        """A connection that is free, or a new one. Raises ServiceDown."""
        while True:
            while self._idle:
                connection = self._idle.pop()
                if connection.usable:
                    return connection
            if len(self._open) + self._opening < CONNECTIONS:
                return await self._opened()
            turn: Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():
                    self._next()
                raise

    async def _opened(self) -> Connection:
        self._opening += 1
        try:
            async with asyncio.timeout(CONNECT_SECONDS):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: Connection(self._free, self._lost), *self._address, ssl=self._ssl
                )
        except (OSError, TimeoutError) as down:
            raise ServiceDown(headers={"Retry-After": "2"}) from down
        finally:
            self._opening -= 1
            self._next()
        self._open.add(connection)
        return connection

    def _free(self, connection: Connection) -> None:
        self._idle.append(connection)
        if connection.idle_since - self._idle[0].idle_since > KEPT_ALIVE_SECONDS:
            self._idle.popleft().abort()
        self._next()

    def _lost(self, connection: Connection) -> None:
        self._open.discard(connection)
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)
        self._next()

    def _next(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def close(self) -> None:
        for connection in list(self._open):
            connection.abort()


class Upstream:
    """Asks services. `async with Upstream() as upstream: await upstream.ask(...)`"""

    def __init__(self) -> None:
        self._pools: dict[str, Pool] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, wrong: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            pool.close()
        await asyncio.sleep(0)

    async def ask(self, origin: str, method: str, target: bytes, headers: Headers, body: Body = None) -> Answer:
        """Sends the request as it is. Raises ServiceDown when no connection is had, BadAnswer when it breaks.

        No HEAD: an answer without its body would leave the connection waiting for it.
        What may be repeated is, once, when a connection that was kept alive turns out to be closed.
        """
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = Pool(origin)
        stream = None if isinstance(body, bytes) else body
        chunked = stream is not None and not any(name == b"content-length" for name, _ in headers)
        head = _head(method, target, pool.host, headers, body, chunked=chunked)
        while True:
            connection = await pool.take()
            again = connection.used and stream is None and method in REPEATABLE
            try:
                return await connection.ask(head, stream, chunked=chunked)
            except Broken as broken:
                if not again:
                    raise BadAnswer from broken


def _head(method: str, target: bytes, host: bytes, headers: Headers, body: Body, *, chunked: bool) -> bytes:
    lines = [method.encode(), b" ", target, b" HTTP/1.1\r\nhost: ", host]
    for name, value in headers:
        lines += (b"\r\n", name, b": ", value)
    if chunked:
        lines.append(b"\r\ntransfer-encoding: chunked\r\n\r\n")
    elif isinstance(body, bytes):
        lines.append(b"\r\ncontent-length: %d\r\n\r\n" % len(body))
        lines.append(body)
    elif body is None and method in ("POST", "PUT", "PATCH"):
        lines.append(b"\r\ncontent-length: 0\r\n\r\n")
    else:
        lines.append(b"\r\n\r\n")
    return b"".join(lines)
