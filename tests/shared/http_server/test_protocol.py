"""Connections as a hostile or broken client makes them, against a real server on the loopback."""

import asyncio
import json
import re

import pytest

from shared.http_server.limits import HttpLimits
from shared.http_server.server import HttpServer
from tests.gateway.world import wait_until
from tests.shared.http_server.echo_server import FAST, GET, POST, bodies, connect, exchange, server, statuses


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


async def test_who_sends_a_body_while_the_process_stops_is_answered_and_the_connection_closes() -> None:
    connection, transport = connect(HttpServer(HttpLimits(), "http://here"), "192.0.2.1")
    connection.data_received(POST + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n")
    await asyncio.sleep(0)
    connection.shutdown()
    assert not transport.close.called
    connection.data_received(b"abcd")
    await wait_until(lambda: connection.cycle.response_complete)
    sent = b"".join(call.args[0] for call in transport.write.call_args_list)
    assert statuses(sent) == [100, 200]
    assert b"connection: close" in sent
    assert transport.close.called
