"""A service that accepts connections and never answers is found."""

import asyncio

import pytest

from gateway.http_client.client import UpstreamClient
from gateway.http_client.jobs import probe_services
from gateway.problems import ServiceDown
from tests.gateway.http_client.behaving_server import ok, read_head, send, server_that
from tests.gateway.world import wait_until


async def test_a_service_that_misses_three_probes_is_not_asked_until_it_answers_one() -> None:
    hangs = True
    probes = 0

    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal probes
        while head := await read_head(reader):
            probes += head.startswith(b"GET /health/live")
            if hangs:
                await reader.read()
            writer.write(b"HTTP/1.1 503 Unavailable\r\ncontent-length: 0\r\n\r\n" if b"health" in head else ok())

    async with server_that(handle) as server, UpstreamClient() as client:
        stop = asyncio.Event()
        job = asyncio.ensure_future(probe_services(client, [server.url], interval=0.05, timeout=0.1)(stop))
        breaker = client.upstream(server.url).breaker
        await wait_until(lambda: not breaker.responding)
        assert probes == 3
        with pytest.raises(ServiceDown):
            await send(client, server)
        hangs = False
        await wait_until(lambda: breaker.responding)
        assert await send(client, server) == b"fine"
        stop.set()
        await job
