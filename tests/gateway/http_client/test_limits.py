"""How many requests the client sends to one service, when it asks no more, and when again."""

import asyncio
import contextlib

import pytest

from gateway.http_client import client as client_module
from gateway.http_client import resilience
from gateway.http_client.client import UpstreamClient
from gateway.problems import BadAnswer, ServiceBusy, ServiceDown
from tests.gateway.http_client.behaving_server import ok, read_head, send, server_that
from tests.gateway.world import wait_until


async def test_more_requests_than_slots_wait_their_turn_and_too_many_are_refused_at_once(
    client: UpstreamClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resilience, "MAX_REQUESTS", 3)
    monkeypatch.setattr(resilience, "QUEUE_TIMEOUT_SECONDS", 5)
    go_on = asyncio.Event()

    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_head(reader):
            await go_on.wait()
            writer.write(ok())

    async with server_that(handle) as server:
        waiting = [asyncio.create_task(send(client, server)) for _ in range(9)]
        await wait_until(lambda: server.connections == 3)
        with pytest.raises(ServiceBusy) as refusal:
            await send(client, server)
        assert refusal.value.headers["Retry-After"]
        waiting[8].cancel()
        go_on.set()
        assert await asyncio.gather(*waiting[:8]) == [b"fine"] * 8
        assert server.connections == 3
        assert await send(client, server) == b"fine"


async def test_who_waits_too_long_for_a_slot_is_refused(
    client: UpstreamClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resilience, "MAX_REQUESTS", 1)

    async def handle(_number: int, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        await reader.read()

    async with server_that(handle) as server:
        waiting = asyncio.create_task(send(client, server))
        await wait_until(lambda: server.connections == 1)
        with pytest.raises(ServiceBusy):
            await send(client, server)
        waiting.cancel()


async def test_a_read_is_repeated_once(client: UpstreamClient) -> None:
    second_requests: list[bytes] = []

    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        await asyncio.sleep(0.2)
        writer.write(ok())
        second_requests.append(await read_head(reader))
        writer.transport.abort()

    async with server_that(handle) as server:
        await asyncio.gather(*(send(client, server) for _ in range(20)))
        with contextlib.suppress(BadAnswer):
            await send(client, server)
        assert len(second_requests) <= 2


async def test_an_idle_connection_is_closed_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "IDLE_TIMEOUT_SECONDS", 0.1)

    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_head(reader):
            writer.write(ok())

    async with server_that(handle) as server, UpstreamClient() as client:
        await send(client, server)
        await asyncio.sleep(0.2)
        await send(client, server)
        assert server.connections == 2


async def test_a_service_that_cannot_be_reached_is_not_asked_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resilience, "OPEN_SECONDS", 0.2)

    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if server.connections <= 5:
            writer.transport.abort()
        while await read_head(reader):
            writer.write(ok())

    async with server_that(handle) as server, UpstreamClient() as client:
        for _ in range(5):
            with pytest.raises(BadAnswer):
                await send(client, server)
        with pytest.raises(ServiceDown):
            await send(client, server)
        assert server.connections == 5
        await asyncio.sleep(0.25)
        assert await send(client, server) == b"fine"
        assert await send(client, server) == b"fine"


async def test_where_nobody_listens_the_service_is_down(client: UpstreamClient) -> None:
    async def never(_number: int, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read_head(reader)

    async with server_that(never) as server:
        pass
    with pytest.raises(ServiceDown):
        await send(client, server)


async def test_a_response_that_waits_for_its_client_takes_no_slot(
    client: UpstreamClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resilience, "MAX_REQUESTS", 1)

    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await read_head(reader):
            writer.write(ok(b"z" * 5_000_000) if b" /large " in head else ok())
            await writer.drain()

    async with server_that(handle) as server:
        slow = await client.request(server.url, "GET", b"/large", [])
        await asyncio.sleep(0.2)
        assert await send(client, server) == b"fine"
        assert len(await slow.read()) == 5_000_000
        assert client.upstream(server.url).slots.taken == 0
