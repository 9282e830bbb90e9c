"""The client towards the services, against servers that behave badly."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncGenerator

import pytest

from gateway.http_client.client import UpstreamClient
from gateway.problems import BadAnswer
from tests.gateway.http_client.behaving_server import ok, read_head, send, server_that
from tests.gateway.world import wait_until


async def test_a_connection_is_used_again(client: UpstreamClient) -> None:
    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_head(reader):
            writer.write(ok())

    async with server_that(handle) as server:
        assert [await send(client, server) for _ in range(5)] == [b"fine"] * 5
        assert server.connections == 1


async def test_a_connection_that_the_service_ends_is_not_used_again(client: UpstreamClient) -> None:
    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(ok(b"fine", b"connection: close"))

    async with server_that(handle) as server:
        assert [await send(client, server) for _ in range(3)] == [b"fine"] * 3
        assert server.connections == 3


async def close_under_the_second(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await read_head(reader):
        writer.write(ok())
        if number == 1:
            await read_head(reader)
            return


async def test_a_read_on_a_connection_that_closes_under_it_is_asked_once_more(client: UpstreamClient) -> None:
    async with server_that(close_under_the_second) as server:
        assert [await send(client, server) for _ in range(2)] == [b"fine"] * 2
        assert server.connections == 2


async def test_a_write_is_never_sent_twice(client: UpstreamClient) -> None:
    async with server_that(close_under_the_second) as server:
        assert await send(client, server, "POST", b"{}") == b"fine"
        with pytest.raises(BadAnswer):
            await send(client, server, "POST", b"{}")
        assert server.connections == 1


async def test_an_answer_that_ends_with_its_connection_is_whole(client: UpstreamClient) -> None:
    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(b"HTTP/1.1 200 OK\r\n\r\nold but fine")

    async with server_that(handle) as server:
        assert await send(client, server) == b"old but fine"


async def test_an_interim_response_is_skipped(client: UpstreamClient) -> None:
    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_head(reader):
            writer.write(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" + ok())

    async with server_that(handle) as server:
        for _ in range(2):
            response = await client.request(server.url, "GET", b"/", [])
            assert (response.status, await response.read()) == (200, b"fine")
            assert response.headers == [(b"content-length", b"4")]


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        b"HTTP/1.1 999 Unknown\r\ncontent-length: 0\r\n\r\n",
        b"HTTP/1.1 099 Unknown\r\ncontent-length: 0\r\n\r\n",
    ],
    ids=[
        "a head too large",
        "two lengths",
        "a broken chunk",
        "another protocol",
        "a transfer coding",
        "a status too high",
        "a status too low",
    ],
)
async def test_an_answer_that_is_no_http_is_a_bad_answer(client: UpstreamClient, raw: bytes) -> None:
    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(raw)
        await reader.read()

    async with server_that(handle) as server:
        with pytest.raises(BadAnswer):
            await asyncio.wait_for(send(client, server), 5)


async def test_an_answer_that_was_not_asked_for_is_nobodys(client: UpstreamClient) -> None:
    async def handle(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_head(reader):
            writer.write(ok() + ok(b"smuggled") if number == 1 else ok())

    async with server_that(handle) as server:
        assert await send(client, server) == b"fine"
        await wait_until(lambda: server.disconnects == 1)
        assert await send(client, server) == b"fine"


async def test_who_gives_up_waiting_ends_the_connection_and_nobody_elses(client: UpstreamClient) -> None:
    async def handle(_number: int, reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        await read_head(reader)

    async with server_that(handle) as server:
        waiting = [asyncio.create_task(send(client, server)) for _ in range(2)]
        await wait_until(lambda: server.connections == 2)
        waiting[0].cancel()
        await wait_until(lambda: server.disconnects == 1)
        assert not waiting[1].done()
        waiting[1].cancel()
        await wait_until(lambda: server.disconnects == 2)


async def test_an_early_refusal_of_an_upload_is_received_while_it_is_sent(client: UpstreamClient) -> None:
    async def refuse(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(b"HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")

    async def endless() -> AsyncGenerator[bytes]:
        while True:
            yield b"x" * 1000
            await asyncio.sleep(0)

    async with server_that(refuse) as server:
        response = await asyncio.wait_for(client.request(server.url, "POST", b"/", [], endless()), 5)
        assert response.status == 413
        response.close()


@pytest.mark.parametrize("size", [300_000, 400_000])
@pytest.mark.parametrize("leaves", [False, True])
async def test_an_answer_that_nobody_takes_does_not_hold_up_the_next(
    client: UpstreamClient, size: int, leaves: bool
) -> None:
    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while head := await read_head(reader):
            writer.write(ok(b"z" * size) if b" /large " in head else ok())

    async with server_that(handle) as server:
        slow = await client.request(server.url, "GET", b"/large", [])
        await asyncio.sleep(0.2)
        if leaves:
            slow.close()
        assert await asyncio.wait_for(send(client, server), 2) == b"fine"
        if not leaves:
            assert len(await asyncio.wait_for(slow.read(), 2)) == size


async def test_half_a_head_on_an_idle_connection_is_nobodys(client: UpstreamClient) -> None:
    async def handle(number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_head(reader)
        writer.write(ok(b"first"))
        if number == 1:
            await asyncio.sleep(0.05)
            writer.write(b"HTTP/1.1 200 OK\r\nconte")
        await read_head(reader)
        if number == 1:
            writer.write(b"nt-length: 4\r\n\r\nevil")
        writer.write(ok())

    async with server_that(handle) as server:
        assert await send(client, server) == b"first"
        await asyncio.sleep(0.2)
        for _ in range(2):
            with contextlib.suppress(BadAnswer):
                assert await send(client, server) in (b"first", b"fine")


async def test_a_trailer_is_not_a_header(client: UpstreamClient) -> None:
    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_head(reader):
            writer.write(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n")
            writer.write(b"set-cookie: evil\r\n\r\n")

    async with server_that(handle) as server:
        for _ in range(2):
            response = await client.request(server.url, "GET", b"/", [])
            assert await response.read() == b"fine"
            assert response.headers == [(b"transfer-encoding", b"chunked")]
        assert server.connections == 1


def close_after_each_response(listener: socket.socket, responses: int, closed: threading.Event) -> None:
    for _ in range(responses):
        connection, _ = listener.accept()
        with connection:
            connection.recv(65_536)
            connection.sendall(ok())
        closed.set()


async def test_a_write_is_not_sent_on_a_connection_that_has_just_been_closed() -> None:
    closed = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=close_after_each_response, args=(listener, 3, closed))
        thread.start()
        async with UpstreamClient() as client:
            for _ in range(3):
                response = await client.request(
                    f"http://127.0.0.1:{listener.getsockname()[1]}", "POST", b"/", [], b"{}"
                )
                assert await response.read() == b"fine"
                # Without a turn of the loop, in which the client would learn of it.
                assert closed.wait(5)
                closed.clear()
        thread.join(5)


@pytest.mark.parametrize("value", [b'"1"\r\nx-other: 1', b"1\n", b"\r1"])
async def test_a_header_with_a_line_end_is_not_sent(client: UpstreamClient, value: bytes) -> None:
    async def handle(_number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await read_head(reader):
            writer.write(ok())

    async with server_that(handle) as server:
        with pytest.raises(ValueError, match=r"line end|header injection"):
            await client.request(server.url, "POST", b"/", [(b"if-match", value)], b"")
        assert await send(client, server) == b"fine"
