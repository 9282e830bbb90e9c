"""Connections as a hostile or broken client makes them, against a real server on the loopback."""

import asyncio
import contextlib
import json
import re
import socket
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import ValidationError
from starlette.types import Receive, Scope, Send

from shared.http_server.limits import HttpLimits
from tests.gateway.servers import answer_lifespan, open_socket, serve

GET = b"GET /next HTTP/1.1\r\nHost: a\r\n\r\n"
POST = b"POST /body HTTP/1.1\r\nHost: a\r\n"
LARGE_BYTES = 400 * 65_536
FAST = HttpLimits(
    head_timeout_seconds=0.3,
    idle_timeout_seconds=0.6,
    min_body_bytes_per_second=1_000,
    body_window_seconds=0.3,
    write_timeout_seconds=0.5,
    max_connections_per_address=3,
)


@dataclass
class Echo:
    """Answers with the path, the headers and the length of the body; `/early` answers before it has read the body."""

    seen: list[str] = field(default_factory=list[str])
    disconnects: int = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await answer_lifespan(receive, send)
        self.seen.append(scope["path"])
        body_bytes = 0
        if scope["path"] == "/large":
            return await self._send_large(send)
        if scope["path"] == "/slow":
            await asyncio.sleep(0.2)
        while scope["path"] != "/early":
            message = await receive()
            if message["type"] == "http.disconnect":
                self.disconnects += 1
                return None
            body_bytes += len(message["body"])
            if not message.get("more_body"):
                break
        return await self._respond(scope, send, body_bytes)

    async def _respond(self, scope: Scope, send: Send, body_bytes: int) -> None:
        names = [name.decode("latin-1") for name, _ in scope["headers"]]
        content = json.dumps({"path": scope["path"], "headers": names, "body_bytes": body_bytes}).encode()
        headers = [(b"content-length", str(len(content)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": content})

    async def _send_large(self, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for _ in range(LARGE_BYTES // 65_536):
            await send({"type": "http.response.body", "body": b"x" * 65_536, "more_body": True})
        await send({"type": "http.response.body"})


@asynccontextmanager
async def server(limits: HttpLimits | None = None) -> AsyncGenerator[tuple[Echo, int]]:
    app = Echo()
    with open_socket() as bound:
        async with serve(app, bound, limits):
            yield app, bound.getsockname()[1]


async def exchange(port: int, *parts: bytes, seconds: float = 1.0) -> bytes:
    """Send the parts with a pause between them; return all that comes until the server closes or time is up."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received = bytearray()
    try:
        async with asyncio.timeout(seconds):
            for part in parts:
                writer.write(part)
                await asyncio.sleep(0.05)
            while chunk := await reader.read(65_536):
                received += chunk
    except (TimeoutError, ConnectionError):
        pass
    finally:
        writer.transport.abort()
    return bytes(received)


def statuses(received: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.1 (\d{3})", received)]


def bodies(received: bytes) -> list[dict[str, Any]]:
    return [json.loads(body) for body in re.findall(rb"\{[^{}]*\}", received)]


@pytest.mark.parametrize("upgrade", [b"foo", b"h2c", b"websocket"])
async def test_the_body_of_a_request_that_offers_an_upgrade_is_not_a_second_request(upgrade: bytes) -> None:
    head = POST + b"Connection: Upgrade\r\nUpgrade: %b\r\nContent-Length: %d\r\n\r\n" % (upgrade, len(GET))
    async with server() as (app, port):
        for parts in ([head, GET], [head + GET]):
            received = await exchange(port, *parts)
            assert [body["body_bytes"] for body in bodies(received)] == [len(GET)]
        assert app.seen == ["/body", "/body"]


async def test_a_trailer_is_not_a_header() -> None:
    chunks = b"4\r\nabcd\r\n0\r\n"
    trailer = b"Authorization: Bearer x\r\n\r\n"
    async with server() as (_app, port):
        for parts in ([chunks + trailer], [chunks, trailer]):
            received = await exchange(port, POST + b"Transfer-Encoding: chunked\r\n\r\n" + parts[0], *parts[1:])
            assert bodies(received)[0] == {
                "path": "/body", "headers": ["host", "transfer-encoding"], "body_bytes": 4
            }  # fmt: skip


@pytest.mark.parametrize(
    "without_end",
    [b"4\r\nabcd\r\n0\r\n" + b"X: y\r\n" * 10_000, b"0\r\nX: " + b"y" * 600_000, b"4;name=" + b"y" * 600_000],
    ids=["trailers", "one trailer", "a chunk extension"],
)
async def test_what_is_no_body_inside_a_chunked_one_is_refused_without_end(without_end: bytes) -> None:
    async with server() as (app, port):
        received = await exchange(port, POST + b"Transfer-Encoding: chunked\r\n\r\n" + without_end)
        assert statuses(received) == [400]
        assert app.disconnects == 1


async def test_a_body_of_small_chunks_with_extensions_is_taken() -> None:
    chunks = b"1;name=value\r\na\r\n" * 20_000 + b"0\r\n\r\n"
    async with server() as (_app, port):
        received = await exchange(port, POST + b"Transfer-Encoding: chunked\r\n\r\n" + chunks)
        assert [body["body_bytes"] for body in bodies(received)] == [20_000]


async def test_a_request_that_has_its_response_never_gets_a_second_one() -> None:
    early = b"POST /early HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with server() as (app, port):
        assert statuses(await exchange(port, early, b"x\r\n", GET)) == [200]
    async with server(FAST) as (app, port):
        assert statuses(await exchange(port, early, seconds=3)) == [200]
        assert app.seen == ["/early"]


async def test_a_body_that_was_not_asked_for_is_not_waited_for() -> None:
    """Whether a client sends it after all, or its next request, it alone knows (RFC 9110, section 10.1.1)."""
    expecting = b"POST /early HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"
    async with server() as (app, port):
        received = await exchange(port, expecting, GET)
        assert statuses(received) == [200]
        assert b"connection: close" in received
        assert statuses(await exchange(port, expecting + b"abcd", GET)) == [200, 200]
        assert app.seen == ["/early", "/early", "/next"]


async def test_requests_behind_one_another_are_answered_in_order() -> None:
    slow = b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n"
    async with server() as (app, port):
        received = await exchange(port, slow + POST + b"Content-Length: 4\r\n\r\nabcd" + GET)
        assert [body["path"] for body in bodies(received)] == ["/slow", "/body", "/next"]
        assert app.seen == ["/slow", "/body", "/next"]


async def test_a_second_request_behind_a_bad_one_is_not_read() -> None:
    async with server() as (app, port):
        assert statuses(await exchange(port, POST + b"Content-Length: +4\r\n\r\nabcd" + GET)) == [400]
        assert app.seen == []


async def test_what_comes_behind_a_chunked_body_is_left_to_a_new_connection() -> None:
    chunked = POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n"
    async with server() as (app, port):
        received = await exchange(port, chunked + GET)
        assert statuses(received) == [200]
        assert b"connection: close" in received
        assert statuses(await exchange(port, chunked, GET)) == [200, 200]
        assert app.seen == ["/body", "/body", "/next"]


async def test_the_rest_of_a_body_that_nobody_read_is_not_a_request() -> None:
    early = b"POST /early HTTP/1.1\r\nHost: a\r\nContent-Length: %d\r\n\r\n" % (2 * len(GET))
    async with server() as (app, port):
        assert statuses(await exchange(port, early + GET, GET, GET)) == [200, 200]
        assert app.seen == ["/early", "/next"]


async def test_a_refusal_is_a_problem() -> None:
    async with server() as (_app, port):
        received = await exchange(port, b"GET / HTTP/1.1\r\n\r\n")
        head, _, body = received.partition(b"\r\n\r\n")
        assert b"content-type: application/problem+json" in head
        assert re.search(rb"x-request-id: [0-9a-f-]{36}", head)
        assert json.loads(body)["type"].endswith("/problems/request-not-understood")
        assert json.loads(body)["detail"].startswith("Its Host header")


@pytest.mark.parametrize(
    ("parts", "status"),
    [
        ([b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 500_000], 431),
        ([b"GET / HTTP/1.1\nHost: a\n\n"], 400),
        ([b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"], 400),
        ([POST + b"Transfer-Encoding: chunked\r\n\r\n4\nabcd\n0\n\n"], 400),
        ([POST + b"Transfer-Encoding: chunked\r\n\r\n0x4\r\nabcd\r\n0\r\n\r\n"], 400),
        ([POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcdXX0\r\n\r\n"], 400),
    ],
)
async def test_what_is_no_http_is_refused_at_once(parts: list[bytes], status: int) -> None:
    async with server() as (app, port):
        received = await exchange(port, *parts)
        assert statuses(received) == [status]
        assert received.endswith(b"}"), "the refusal arrives whole although the client was still sending"
        await asyncio.sleep(0)
        assert "/next" not in app.seen


async def test_a_body_that_breaks_ends_the_request_as_a_disconnection() -> None:
    async with server() as (app, port):
        received = await exchange(port, POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n", b"x\r\n")
        assert statuses(received) == [400]
        assert app.disconnects == 1


async def test_expect_100_continue_is_answered() -> None:
    async with server() as (_app, port):
        expecting = POST + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n"
        assert statuses(await exchange(port, expecting, b"abcd")) == [100, 200]


async def test_nobody_is_told_to_go_on_who_has_nothing_more_to_send() -> None:
    async with server() as (_app, port):
        assert statuses(await exchange(port, GET[:-2] + b"Expect: 100-continue\r\n\r\n")) == [200]
        whole = POST + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\nabcd"
        assert statuses(await exchange(port, whole, GET)) == [200, 200]


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
