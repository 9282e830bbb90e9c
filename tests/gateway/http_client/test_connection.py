"""One connection of the client in moments that a server on the loopback brings about too seldom."""

import asyncio
import gc
import socket
import weakref
from collections.abc import AsyncGenerator
from unittest.mock import AsyncMock, Mock

import pytest

from gateway.http_client.client import ConnectionPool, UpstreamClient
from gateway.http_client.connection import State, UpstreamConnection
from gateway.http_client.response import HIGH_WATER_BYTES, UpstreamResponse
from gateway.problems import BadAnswer
from tests.gateway.http_client.behaving_server import ok, read_head, send, server_that
from tests.gateway.world import wait_until


def connection_to_nobody() -> tuple[UpstreamConnection, Mock]:
    """Return a connection, and its transport, which sends nothing."""
    connection, transport = UpstreamConnection(Mock(), Mock()), Mock(spec=asyncio.Transport)
    transport.is_closing.return_value = False
    transport.get_extra_info.return_value.getsockopt.return_value = b""
    connection.connection_made(transport)
    return connection, transport


async def test_who_gives_up_with_the_whole_response_here_does_not_end_the_next_request() -> None:
    connection, transport = connection_to_nobody()
    first = asyncio.create_task(connection.request(b"", None, chunked=False))
    await asyncio.sleep(0)
    connection.data_received(ok())
    second = connection.request(b"", None, chunked=False)
    second.send(None)
    first.cancel()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert not transport.abort.called
    assert connection.state is State.ASKING
    second.close()
    assert transport.abort.called


async def test_who_gives_up_with_some_of_the_response_here_ends_the_connection() -> None:
    connection, transport = connection_to_nobody()
    waiter = asyncio.create_task(connection.request(b"", None, chunked=False))
    await asyncio.sleep(0)
    connection.data_received(ok(b"fine")[:-1])
    waiter.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiter
    assert transport.abort.called


async def test_whoever_reads_a_whole_response_late_does_not_resume_what_waits_for_another_client() -> None:
    connection, transport = connection_to_nobody()
    responses: list[UpstreamResponse] = []
    for _ in range(2):
        waiter = asyncio.create_task(connection.request(b"", None, chunked=False))
        await asyncio.sleep(0)
        whole = ok(b"z" * (HIGH_WATER_BYTES + 2))
        connection.data_received(whole[:-1])
        responses.append(await waiter)
        if len(responses) == 1:
            connection.data_received(whole[-1:])
    assert transport.pause_reading.call_count == 2
    resumed = transport.resume_reading.call_count
    assert resumed == 1, "it was resumed before the next request"
    await responses[0].read()
    assert transport.resume_reading.call_count == resumed
    await responses[1].read_chunk()
    assert transport.resume_reading.call_count == resumed + 1


async def test_a_connection_is_read_again_while_its_request_is_still_being_sent() -> None:
    """Else nobody would notice that the service closes it."""

    async def endless() -> AsyncGenerator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    connection, transport = connection_to_nobody()
    waiter = asyncio.create_task(connection.request(b"", endless(), chunked=False))
    await asyncio.sleep(0)
    connection.data_received(ok(b"z" * (HIGH_WATER_BYTES + 1)))
    assert connection.state is State.DRAINING
    assert transport.resume_reading.called
    (await waiter).close()


async def test_a_request_in_chunks_is_the_last_of_its_connection() -> None:
    """A service that answers before it has read them may not read what comes in one piece with the last of them."""

    async def chunks() -> AsyncGenerator[bytes]:
        yield b"abcd"

    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await read_head(reader):
            if b"chunked" in head:
                await reader.readuntil(b"0\r\n\r\n")
            writer.write(ok())

    async with server_that(handle) as server, UpstreamClient() as client:
        assert await send(client, server, "POST", chunks()) == b"fine"
        assert await send(client, server, "POST", b"{}") == b"fine"
        assert await send(client, server, "POST", b"{}") == b"fine"
        assert server.connections == 2
        transport = client.upstream(server.url).transport
        assert isinstance(transport, ConnectionPool)
        assert [connection.state for connection in transport.open] == [State.IDLE]


async def test_a_large_response_that_is_here_at_once_takes_no_slot_while_it_waits_for_its_client() -> None:
    source = Mock()

    async def answer_at_once(*_request: object, **_options: object) -> UpstreamResponse:
        response = UpstreamResponse(source, 200, [])
        response.feed(b"z" * (HIGH_WATER_BYTES + 1))
        return response

    async with UpstreamClient(lambda _origin: Mock(send=answer_at_once, close=AsyncMock())) as client:
        response = await client.request("http://here", "GET", b"/", [])
        assert not response.complete
        assert client.upstream("http://here").slots.taken == 0
        response.close()
        assert client.upstream("http://here").slots.taken == 0


async def test_only_before_a_write_the_system_is_asked_what_the_service_took() -> None:
    connection, transport = connection_to_nobody()
    asked_counts: list[int] = []
    for repeatable in (False, True, False):
        waiter = asyncio.create_task(connection.request(b"", None, chunked=False, repeatable=repeatable))
        await asyncio.sleep(0)
        connection.data_received(ok())
        await (await waiter).read()
        asked_counts.append(transport.get_extra_info.return_value.getsockopt.call_count)
    assert asked_counts == [0, 0, 1], "a new connection has taken nothing yet, and a read may be repeated"


@pytest.mark.parametrize("method", ["POST", "GET"])
async def test_a_request_of_which_the_service_took_nothing_is_sent_on_a_new_connection(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service closes between our look at the connection and our write."""
    monkeypatch.setattr(UpstreamConnection, "has_unread_bytes", Mock(return_value=False))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"

        def answer(accepted: socket.socket) -> bytes:
            request = accepted.recv(4096)
            accepted.sendall(ok())
            return request

        async with UpstreamClient() as client:
            first = asyncio.create_task(client.request(origin, "GET", b"/first", []))
            resting, _ = await asyncio.to_thread(listener.accept)
            await asyncio.to_thread(answer, resting)
            await (await first).read()
            resting.close()
            second = asyncio.create_task(client.request(origin, method, b"/second", [], b"{}"))
            accepted, _ = await asyncio.wait_for(asyncio.to_thread(listener.accept), 5)
            with accepted:
                assert (await asyncio.to_thread(answer, accepted)).startswith(method.encode() + b" /second")
                assert await (await second).read() == b"fine"


@pytest.mark.parametrize("reads", [True, False])
async def test_a_write_is_not_repeated_where_the_service_may_have_taken_it(*, reads: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(5)
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with UpstreamClient() as client:
            first = asyncio.create_task(client.request(origin, "POST", b"/first", [], b"{}"))
            accepted, _ = await asyncio.to_thread(listener.accept)
            await asyncio.to_thread(accepted.recv, 4096)
            accepted.sendall(ok())
            await (await first).read()
            second = asyncio.create_task(client.request(origin, "POST", b"/second", [], b"{}"))
            assert await asyncio.to_thread(accepted.recv, 4096, 0 if reads else socket.MSG_PEEK)
            accepted.close()
            with pytest.raises(BadAnswer):
                await asyncio.wait_for(second, 5)
            listener.settimeout(0.1)
            with pytest.raises(TimeoutError):
                listener.accept()


async def test_a_connection_that_has_ended_is_freed_at_once() -> None:
    """A reader that leaves takes its buffers along: garbage is collected rarely, and they would add up until then."""
    gc.collect()
    gc.disable()
    try:
        async with server_that(send_much) as server, UpstreamClient() as client:
            response = await client.request(server.url, "GET", b"/", [])
            await response.read_chunk()
            pool = client.upstream(server.url).transport
            assert isinstance(pool, ConnectionPool)
            connection = weakref.ref(next(iter(pool.open)))
            response.close()
            del response
            await wait_until(lambda: not pool.open)
            await wait_until(lambda: connection() is None)
    finally:
        gc.enable()


async def send_much(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await read_head(reader)
    writer.write(ok(b"x" * 2_000_000))
    await writer.drain()
