"""Clients that take nothing of the large response that they asked for hold up nobody, and are cut off."""

import contextlib
import select
import socket
import time

import httpx

from shared.http_server.limits import HttpLimits
from tests.gateway.servers import CHUNK
from tests.gateway.world import StartGateway, wait_until

READERS = HttpLimits().max_connections_per_address
WRITE_TIMEOUT_SECONDS = 5.0
LARGE = 25 * 1024 * 1024 // len(CHUNK)


def is_closed(connection: socket.socket) -> bool:
    """Return whether the other end has closed, without reading."""
    poll = select.poll()
    poll.register(connection, select.POLLRDHUP)
    return bool(poll.poll(0))


async def test_readers_that_read_nothing_hold_up_nobody_and_are_cut_off(start_gateway: StartGateway) -> None:
    limits = HttpLimits(write_timeout_seconds=WRITE_TIMEOUT_SECONDS)
    gateway = await start_gateway(limits=limits, rate_limit_factor=1_000)
    host, _, port = gateway.url.removeprefix("http://").partition(":")
    with contextlib.ExitStack() as stack:
        # Without Cache-Control the gateway would ask the service once for all.
        request = b"GET /v1/exports/stream?n=%d HTTP/1.1\r\nHost: a\r\nCache-Control: no-cache\r\n\r\n" % LARGE
        readers = [stack.enter_context(socket.socket()) for _ in range(READERS)]
        started = time.monotonic()
        for reader in readers:
            reader.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2_048)
            reader.connect((host, int(port)))
            reader.sendall(request)
        await wait_until(lambda: gateway.service.request_count == READERS)
        # One address may not open more connections, so somebody else comes from another.
        elsewhere = httpx.AsyncHTTPTransport(local_address="127.0.0.2")
        async with httpx.AsyncClient(base_url=gateway.url, transport=elsewhere, timeout=5) as client:
            assert (await client.get("/v1/evidence/1")).status_code == 200
            assert not any(map(is_closed, readers))
            await wait_until(lambda: all(map(is_closed, readers)), seconds=20)
            assert time.monotonic() - started > WRITE_TIMEOUT_SECONDS
            assert (await client.get("/v1/evidence/1")).status_code == 200
