"""The client, with each of its transports."""

from collections.abc import AsyncGenerator, Callable

import pytest

from gateway.http_client.aiohttp_transport import AiohttpTransport
from gateway.http_client.client import ConnectionPool, UpstreamClient, UpstreamTransport


@pytest.fixture(params=[ConnectionPool, AiohttpTransport], ids=["pool", "aiohttp"])
async def client(request: pytest.FixtureRequest) -> AsyncGenerator[UpstreamClient]:
    transport: Callable[[str], UpstreamTransport] = request.param
    async with UpstreamClient(transport) as client:
        yield client
