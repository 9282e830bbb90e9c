"""The HTTP client behind the proxy: a pool of kept-alive connections to each service."""

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
from gateway.http_client.connection import ConnectionBroken, UpstreamConnection, UpstreamResponse
from gateway.problems import BadAnswer, ServiceDown

Payload = bytes | AsyncIterator[bytes] | None

MAX_CONNECTIONS: Final = 200
"""To one service at a time; more requests wait their turn within their deadline."""
CONNECT_TIMEOUT_SECONDS: Final = 3.0
IDLE_TIMEOUT_SECONDS: Final = 30.0
"""Services keep an idle connection for 75 s; closing it first means that none is closed under a request."""
IDEMPOTENT_METHODS: Final = frozenset({"GET", "OPTIONS", "PUT", "DELETE"})


class ConnectionPool:
    """The connections to one service."""

    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        self.host = parts.netloc.encode()
        self._address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: deque[UpstreamConnection] = deque()
        self._open: set[UpstreamConnection] = set()
        self._connecting = 0
        self._waiters: deque[Future[None]] = deque()

    async def acquire(self) -> UpstreamConnection:
        """Return an idle connection or a new one; wait while `MAX_CONNECTIONS` are in use. Raises ServiceDown."""
        while True:
            while self._idle:
                connection = self._idle.pop()
                if connection.usable:
                    return connection
            if len(self._open) + self._connecting < MAX_CONNECTIONS:
                return await self._connect()
            waiter: Future[None] = asyncio.get_running_loop().create_future()
            self._waiters.append(waiter)
            try:
                await waiter
            except asyncio.CancelledError:
                if waiter.done() and not waiter.cancelled():
                    self._wake_next()
                raise

    async def _connect(self) -> UpstreamConnection:
        self._connecting += 1
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: UpstreamConnection(self._release, self._discard), *self._address, ssl=self._ssl
                )
        except (OSError, TimeoutError) as error:
            raise ServiceDown(headers={"Retry-After": "2"}) from error
        finally:
            self._connecting -= 1
            self._wake_next()
        self._open.add(connection)
        return connection

    def _release(self, connection: UpstreamConnection) -> None:
        self._idle.append(connection)
        if connection.idle_since - self._idle[0].idle_since > IDLE_TIMEOUT_SECONDS:
            self._idle.popleft().abort()
        self._wake_next()

    def _discard(self, connection: UpstreamConnection) -> None:
        self._open.discard(connection)
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)
        self._wake_next()

    def _wake_next(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return

    def close(self) -> None:
        """Close every connection at once."""
        for connection in list(self._open):
            connection.abort()


class UpstreamClient:
    """Sends requests to the services. `async with UpstreamClient() as client: await client.request(...)`"""

    def __init__(self) -> None:
        self._pools: dict[str, ConnectionPool] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pool in self._pools.values():
            pool.close()
        await asyncio.sleep(0)

    async def request(
        self, origin: str, method: str, target: bytes, headers: Headers, payload: Payload = None
    ) -> UpstreamResponse:
        """Send a request as it is, not a HEAD. Returns once the response's headers have arrived.

        An idempotent request without a stream is sent once more when a kept-alive connection turns out to be closed.
        Raises ServiceDown where no connection can be made, BadAnswer where one breaks.
        """
        pool = self._pools.get(origin)
        if pool is None:
            pool = self._pools[origin] = ConnectionPool(origin)
        stream = None if isinstance(payload, bytes) else payload
        chunked = stream is not None and not any(name == b"content-length" for name, _ in headers)
        head = _head(method, target, pool.host, headers, payload, chunked=chunked)
        while True:
            connection = await pool.acquire()
            may_retry = connection.reused and stream is None and method in IDEMPOTENT_METHODS
            try:
                return await connection.request(head, stream, chunked=chunked)
            except ConnectionBroken as error:
                if not may_retry:
                    raise BadAnswer from error


def _head(method: str, target: bytes, host: bytes, headers: Headers, payload: Payload, *, chunked: bool) -> bytes:
    """Return the request line, the headers and, unless it is a stream, the payload."""
    lines = [method.encode(), b" ", target, b" HTTP/1.1\r\nhost: ", host]
    for name, value in headers:
        lines += (b"\r\n", name, b": ", value)
    if chunked:
        lines.append(b"\r\ntransfer-encoding: chunked\r\n\r\n")
    elif isinstance(payload, bytes):
        lines.append(b"\r\ncontent-length: %d\r\n\r\n" % len(payload))
        lines.append(payload)
    elif payload is None and method in ("POST", "PUT", "PATCH"):
        lines.append(b"\r\ncontent-length: 0\r\n\r\n")
    else:
        lines.append(b"\r\n\r\n")
    return b"".join(lines)
