"""A load generator for one kind of request over a few connections, which needs little processor time itself."""

import asyncio
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple


class LoadResult(NamedTuple):
    """What came of a load."""

    rate: float
    """Responses a second."""
    statuses: Counter[bytes]
    """How many responses had each status."""
    p99_seconds: float
    """How long 99 of 100 responses took at most."""


class LoadConnection(asyncio.Protocol):
    """Sends one request after another; each response must be small, and have a Content-Length."""

    def __init__(self, requests: Iterator[bytes], until: float, ended: asyncio.Future[None]) -> None:
        self.requests, self.until, self.ended = requests, until, ended
        self.statuses = Counter[bytes]()
        self.seconds: list[float] = []
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._began = 0.0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._send()

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, gap, body = self._received.partition(b"\r\n\r\n")
        if not gap:
            return
        length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
        if len(body) < length:
            return
        self._received = b""
        status = head[9:12]
        self.statuses[status] += 1
        self.seconds.append(time.perf_counter() - self._began)
        self._send()

    def connection_lost(self, exc: Exception | None) -> None:
        if self.ended.done():
            return
        if exc is None:
            self.ended.set_result(None)
        else:
            self.ended.set_exception(exc)

    def _send(self) -> None:
        assert self._transport is not None
        request = next(self.requests, None) if time.perf_counter() < self.until else None
        if request is None:
            self._transport.close()
            return
        self._began = time.perf_counter()
        self._transport.write(request)


async def load(port: int, requests: Iterator[bytes], connections: int, seconds: float) -> LoadResult:
    """Send the requests over so many connections for so many seconds, or to their end."""
    loop = asyncio.get_running_loop()
    started = time.perf_counter()
    clients: list[LoadConnection] = []
    for _ in range(connections):
        connection = LoadConnection(requests, started + seconds, loop.create_future())
        await loop.create_connection(lambda connection=connection: connection, "127.0.0.1", port)
        clients.append(connection)
    await asyncio.gather(*(connection.ended for connection in clients))
    elapsed = time.perf_counter() - started
    statuses = sum((connection.statuses for connection in clients), Counter[bytes]())
    latencies = [seconds for connection in clients for seconds in connection.seconds]
    return LoadResult(len(latencies) / elapsed, statuses, statistics.quantiles(latencies, n=100)[-1])
