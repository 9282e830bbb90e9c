"""The HTTP client behind the proxy: kept-alive connections to each service, and when a request is sent again."""

import asyncio
import contextlib
import ssl
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Final, Protocol, Self
from urllib.parse import urlsplit

from gateway.http.request import Headers
from gateway.http_client.connection import UpstreamConnection
from gateway.http_client.resilience import CircuitBreaker, RetryBudget, Slots
from gateway.http_client.response import ConnectionBroken, UpstreamResponse
from gateway.problems import BadAnswer, ServiceDown

Payload = bytes | AsyncIterator[bytes] | None

CONNECT_TIMEOUT_SECONDS: Final = 3.0
IDLE_TIMEOUT_SECONDS: Final = 30.0
"""Services keep an idle connection for 75 s; closing it first means that none is closed under a request."""
RETRIED_METHODS: Final = frozenset({"GET", "HEAD"})


class ConnectFailed(Exception):
    """There was no connection to be had: refused, or not made within the connect timeout."""


class UpstreamTransport(Protocol):
    """Sends one request to one service, once."""

    async def send(
        self, method: str, target: bytes, headers: Headers, payload: Payload, *, new_connection: bool
    ) -> UpstreamResponse:
        """Return the response once its headers are here. Raises ConnectFailed, ConnectionReused, BadAnswer."""
        ...

    async def close(self) -> None:
        """Close every connection at once."""


class ConnectionReused(ConnectionBroken):
    """A kept-alive connection turned out to be closed: the request may be sent again on a new one, if that is safe."""


class ConnectionPool:
    """The connections to one service."""

    def __init__(self, origin: str) -> None:
        parts = urlsplit(origin)
        self.host = parts.netloc.encode()
        self._address = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
        self._ssl = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: deque[UpstreamConnection] = deque()
        self.open: set[UpstreamConnection] = set()

    async def send(
        self, method: str, target: bytes, headers: Headers, payload: Payload, *, new_connection: bool
    ) -> UpstreamResponse:
        """Send a request as it is, not a HEAD. Raises ConnectFailed, ConnectionReused, ConnectionBroken, BadAnswer."""
        stream = None if isinstance(payload, bytes) else payload
        chunked = stream is not None and not any(name == b"content-length" for name, _ in headers)
        head = _head(method, target, self.host, headers, payload, chunked=chunked)
        repeatable = method in RETRIED_METHODS
        connection = None if new_connection else self._take_idle(look=not repeatable)
        connection = connection or await self._connect()
        reused = connection.reused
        try:
            return await connection.request(head, stream, chunked=chunked, repeatable=repeatable)
        except ConnectionBroken as error:
            if reused:
                raise ConnectionReused(took_nothing=error.took_nothing) from error
            raise

    def _take_idle(self, *, look: bool) -> UpstreamConnection | None:
        """Return an idle connection, if there is one. With `look` none that the service has just closed.

        A request that may have an effect is never repeated, so it is worth the system call.
        """
        while self._idle:
            connection = self._idle.pop()
            is_fresh = connection.usable and connection.loop.time() - connection.idle_since < IDLE_TIMEOUT_SECONDS
            if is_fresh and not (look and connection.has_unread_bytes()):
                return connection
            connection.abort()
        return None

    async def _connect(self) -> UpstreamConnection:
        try:
            async with asyncio.timeout(CONNECT_TIMEOUT_SECONDS):
                _, connection = await asyncio.get_running_loop().create_connection(
                    lambda: UpstreamConnection(self._keep, self._forget), *self._address, ssl=self._ssl
                )
        except (OSError, TimeoutError) as error:
            raise ConnectFailed from error
        self.open.add(connection)
        return connection

    def _keep(self, connection: UpstreamConnection) -> None:
        self._idle.append(connection)
        if connection.idle_since - self._idle[0].idle_since > IDLE_TIMEOUT_SECONDS:
            self._idle.popleft().abort()

    def _forget(self, connection: UpstreamConnection) -> None:
        self.open.discard(connection)
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)

    async def close(self) -> None:
        """Close every connection at once."""
        for connection in list(self.open):
            connection.abort()
        await asyncio.sleep(0)


class Upstream:
    """One service: how to reach it, and whether to ask it."""

    def __init__(self, transport: UpstreamTransport) -> None:
        self.transport = transport
        self.slots = Slots()
        self.breaker = CircuitBreaker()
        self.budget = RetryBudget()


class UpstreamClient:
    """Sends requests to the services. `async with UpstreamClient() as client: await client.request(...)`"""

    def __init__(self, transport: Callable[[str], UpstreamTransport] = ConnectionPool) -> None:
        self._transport = transport
        self.upstreams: dict[str, Upstream] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for upstream in self.upstreams.values():
            await upstream.transport.close()

    def upstream(self, origin: str) -> Upstream:
        """Return what is known of the service at this URL."""
        upstream = self.upstreams.get(origin)
        if upstream is None:
            upstream = self.upstreams[origin] = Upstream(self._transport(origin))
        return upstream

    async def request(
        self, origin: str, method: str, target: bytes, headers: Headers, payload: Payload = None
    ) -> UpstreamResponse:
        """Send a request as it is, not a HEAD. Returns once the response's headers have arrived.

        When a kept-alive connection turns out to be closed, a read is sent once more on a new one, and so is a write of
        which the service took nothing, unless it is a stream, of which some is gone. Raises ServiceDown when there is
        no connection to be had, ServiceBusy when too many requests wait, BadAnswer when the service breaks off.
        """
        upstream = self.upstream(origin)
        loop = asyncio.get_running_loop()
        admission = upstream.breaker.admit(loop.time())
        if admission is None:
            raise ServiceDown(headers={"Retry-After": "2"})
        answered = failed = False
        try:
            await upstream.slots.acquire()
            try:
                response = await _send(upstream, method, target, headers, payload)
                answered = True
            except (ConnectFailed, ConnectionBroken) as error:
                failed = not isinstance(error, ConnectionReused)
                if isinstance(error, ConnectFailed):
                    raise ServiceDown(headers={"Retry-After": "2"}) from error
                raise BadAnswer from error
            finally:
                if not answered:
                    upstream.slots.release()
        finally:
            if answered:
                upstream.breaker.succeed(loop.time())
            elif failed:
                upstream.breaker.fail(admission, loop.time())
            else:
                upstream.breaker.forget(admission)
        response.call_at_end(upstream.slots.release)
        return response


async def _send(upstream: Upstream, method: str, target: bytes, headers: Headers, payload: Payload) -> UpstreamResponse:
    upstream.budget.earn()
    transport = upstream.transport
    try:
        return await transport.send(method, target, headers, payload, new_connection=False)
    except ConnectionReused as error:
        is_repeatable = error.took_nothing or method in RETRIED_METHODS
        is_whole = payload is None or isinstance(payload, bytes)
        if not (is_repeatable and is_whole and upstream.budget.spend()):
            raise
    return await transport.send(method, target, headers, payload, new_connection=True)


def _head(method: str, target: bytes, host: bytes, headers: Headers, payload: Payload, *, chunked: bool) -> bytes:
    """Return the request line, the headers and, unless it is a stream, the payload.

    Raises ValueError for a value with a line end, after which a header or request of somebody else's would begin.
    """
    lines = [method.encode(), b" ", target, b" HTTP/1.1\r\nhost: ", host]
    for name, value in headers:
        if b"\n" in value or b"\r" in value:
            raise ValueError(f"{name!r} has a line end")
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
