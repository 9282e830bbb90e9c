"""How long a client may keep the server waiting, and how many connections it may have."""

import asyncio
import contextlib
import socket

import pytest
from pydantic import ValidationError

from shared.http_server.limits import HttpLimits
from shared.http_server.protocol import LINGER_SECONDS, http_protocol
from shared.http_server.server import HttpServer
from tests.gateway.servers import open_socket, serve
from tests.gateway.world import wait_until
from tests.shared.http_server.echo_server import (
    FAST,
    GET,
    LARGE_BYTES,
    POST,
    Echo,
    connect,
    exchange,
    server,
    statuses,
)  # fmt: skip


async def test_a_head_that_drips_is_refused() -> None:
    async with server(FAST) as (_app, port):
        assert statuses(await exchange(port, b"GET / HT", *(b"a" for _ in range(10)), seconds=2)) == [408]


async def test_an_idle_connection_is_closed_before_the_first_request_as_well() -> None:
    async with server(FAST) as (_app, port):
        loop = asyncio.get_running_loop()
        for parts, expected in (((), []), ((GET,), [200])):
            started = loop.time()
            assert statuses(await exchange(port, *parts, seconds=5)) == expected
            assert 0.5 < loop.time() - started < 3


async def test_a_body_that_drips_is_refused_and_a_steady_one_is_not() -> None:
    async with server(FAST) as (app, port):
        head = POST + b"Content-Length: 100\r\n\r\n"
        assert statuses(await exchange(port, head, *(b"a" for _ in range(30)), seconds=3)) == [408]
        assert app.disconnects == 1
        steady = POST + b"Content-Length: 2000\r\n\r\n"
        assert statuses(await exchange(port, steady, *(b"a" * 100 for _ in range(20)), seconds=3)) == [200]


async def test_a_client_that_takes_nothing_is_cut_off() -> None:
    async with server(FAST) as (_app, port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=1)
        writer.write(b"GET /large HTTP/1.1\r\nHost: a\r\n\r\n")
        await asyncio.sleep(2)
        received_bytes = 0
        with contextlib.suppress(ConnectionError):
            async with asyncio.timeout(5):
                while chunk := await reader.read(1 << 20):
                    received_bytes += len(chunk)
        assert received_bytes < LARGE_BYTES
        writer.transport.abort()


async def test_one_address_may_have_only_so_many_connections() -> None:
    async with server(FAST) as (_app, port):
        with contextlib.ExitStack() as stack:
            first = socket.create_connection(("127.0.0.1", port))
            for _ in range(2):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert statuses(await exchange(port, GET)) == [429]
            first.close()
            await asyncio.sleep(0.05)
            assert statuses(await exchange(port, GET, seconds=0.3)) == [200]


async def test_a_trusted_proxy_may_have_any_number_of_connections() -> None:
    settings = {"max_connections_per_address": 3, "TRUSTED_PROXIES": "10.0.0.0/8, 127.0.0.1"}
    limits = HttpLimits.model_validate(settings)
    async with server(limits) as (_app, port):
        with contextlib.ExitStack() as stack:
            for _ in range(5):
                stack.enter_context(socket.create_connection(("127.0.0.1", port)))
            assert statuses(await exchange(port, GET, seconds=0.3)) == [200]


def test_a_proxy_that_is_no_address_is_refused() -> None:
    with pytest.raises(ValidationError):
        HttpLimits.model_validate({"TRUSTED_PROXIES": "nginx"})


async def test_a_refused_client_that_has_not_taken_all_of_its_responses_yet_is_not_cut_off() -> None:
    connection, transport = connect(HttpServer(HttpLimits(), "http://here"), "192.0.2.1")
    transport.get_write_buffer_size.return_value = 1_000
    connection.data_received(b"GET / HTTP/1.1\r\n\r\n")
    refused_at = asyncio.get_running_loop().time()
    connection.check_time(refused_at + LINGER_SECONDS + 1)
    assert not transport.abort.called
    transport.get_write_buffer_size.return_value = 0
    connection.check_time(refused_at + LINGER_SECONDS + 2)
    assert transport.abort.called


async def test_a_refused_client_that_stays_is_closed() -> None:
    http = HttpServer(HttpLimits(), "http://here")
    with open_socket() as bound, contextlib.ExitStack() as stack:
        async with serve(Echo(), bound, http=http_protocol(http)):
            address = ("127.0.0.1", bound.getsockname()[1])
            for broken in (b"GET / HTTP/1.1\r\n\r\n", POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\nx\r\n"):
                client = stack.enter_context(socket.create_connection(address))
                client.sendall(broken)
            await wait_until(lambda: len(http.connections) == 2)
            await wait_until(lambda: not http.connections)


async def test_a_response_gives_a_slow_body_no_more_time() -> None:
    limits = HttpLimits()
    connection, transport = connect(HttpServer(limits, "http://here"), "127.0.0.1")
    began = asyncio.get_running_loop().time()
    connection.data_received(b"POST /late HTTP/1.1\r\nHost: a\r\nContent-Length: 100000\r\n\r\na")
    await wait_until(lambda: transport.write.called)
    assert not transport.close.called
    connection.check_time(began + limits.body_window_seconds + 0.1)
    assert transport.close.called
