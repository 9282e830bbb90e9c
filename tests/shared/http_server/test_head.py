"""Which heads are taken, and which are refused because two readers might understand them differently."""

import pytest

from shared.http_server.head import CHUNKED, CheckedHead, check_head
from shared.http_server.limits import HttpLimits
from shared.problems import Problem

GET = b"GET /v1/evidence HTTP/1.1\r\n"
POST = b"POST /v1/evidence HTTP/1.1\r\nHost: a\r\n"


def check(head: bytes) -> CheckedHead:
    return check_head(head + b"\r\n", HttpLimits())


@pytest.mark.parametrize(
    ("head", "length"),
    [
        (GET + b"Host: a\r\n", 0),
        (GET + b"Host: evidence.example:8000\r\n", 0),
        (GET + b"Host: [::1]:8000\r\n", 0),
        (b"GET /v1/evidence HTTP/1.0\r\n", 0),
        (b"GET http://a/v1/evidence HTTP/1.1\r\nHost: A\r\n", 0),
        (b"OPTIONS * HTTP/1.1\r\nHost: a\r\n", 0),
        (POST + b"Content-Length: 0\r\n", 0),
        (POST + b"content-LENGTH:\t4 \r\n", 4),
        (POST + b"Transfer-Encoding: chunked\r\n", CHUNKED),
        (POST + b"Transfer-Encoding: Chunked\r\nTrailer: x\r\n", CHUNKED),
        (POST + b"Expect: 100-Continue\r\nContent-Length: 4\r\n", 4),
        (GET + b"Host: a\r\nX-A: caf\xc3\xa9\r\nX-B:\r\n", 0),
    ],
)
def test_what_has_one_meaning_is_taken(head: bytes, length: int) -> None:
    assert check(head) == (head + b"\r\n", length)


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (GET, 400),
        (GET + b"Host: a\r\nHost: a\r\n", 400),
        (GET + b"Host: a b\r\n", 400),
        (GET + b"Host: a@b\r\n", 400),
        (GET + b"Host: \r\n", 400),
        (GET + b"Host : a\r\n", 400),
        (GET + b"Host: a\nX: b\r\n", 400),
        (GET + b"Host: a\r\nX: b\rY: c\r\n", 400),
        (GET + b"Host: a\r\nX: b\r\n c\r\n", 400),
        (GET + b"Host: a\r\n X: b\r\n", 400),
        (GET + b"Host: a\r\nX\0: b\r\n", 400),
        (GET + b"Host: a\r\nX: b\0\r\n", 400),
        (GET + b"Host: a\r\nX\xc3: b\r\n", 400),
        (GET + b"Host: a\r\n: b\r\n", 400),
        (GET + b"Host: a\r\nb\r\n", 400),
        (POST + b"Content-Length: 4\r\nContent-Length: 4\r\n", 400),
        (POST + b"Content-Length: 4, 4\r\n", 400),
        (POST + b"Content-Length: +4\r\n", 400),
        (POST + b"Content-Length: -4\r\n", 400),
        (POST + b"Content-Length: 04\r\n", 400),
        (POST + b"Content-Length: 0x4\r\n", 400),
        (POST + b"Content-Length: 4 4\r\n", 400),
        (POST + b"Content-Length: \r\n", 400),
        (POST + b"Content-Length: 9999999999999999999\r\n", 400),
        (POST + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", 400),
        (POST + b"Transfer-Encoding: gzip, chunked\r\n", 400),
        (POST + b"Transfer-Encoding: chunked, identity\r\n", 400),
        (POST + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", 400),
        (POST + b"Transfer-Encoding: identity\r\n", 400),
        (POST + b"Transfer-Encoding: \x0bchunked\r\n", 400),
        (b"POST /v1/evidence HTTP/1.0\r\nTransfer-Encoding: chunked\r\n", 400),
        (b"GET  /v1/evidence HTTP/1.1\r\nHost: a\r\n", 400),
        (b"GET\t/v1/evidence\tHTTP/1.1\r\nHost: a\r\n", 400),
        (b"GET /v1/evidence x HTTP/1.1\r\nHost: a\r\n", 400),
        (b"GET /v1/evidence HTTP/1.2\r\nHost: a\r\n", 400),
        (b"GET /v1/evidence HTTP/2.0\r\nHost: a\r\n", 400),
        (b"GET /v1/evidence\r\n", 400),
        (b"GET /v1/\xc3\xa9 HTTP/1.1\r\nHost: a\r\n", 400),
        (b"GET /v1/evidence#x HTTP/1.1\r\nHost: a\r\n", 400),
        (b"GET http://b/v1/evidence HTTP/1.1\r\nHost: a\r\n", 400),
        (b"GET http://u@a/v1/evidence HTTP/1.1\r\nHost: a\r\n", 400),
        (b"GET a:80 HTTP/1.1\r\nHost: a\r\n", 400),
        (b"GET * HTTP/1.1\r\nHost: a\r\n", 400),
        (b"\r\n" + GET + b"Host: a\r\n", 400),
        (GET + b"Host: a\r\n" + b"X: " + b"y" * 40_000 + b"\r\n", 431),
        (GET + b"Host: a\r\n" + b"X: y\r\n" * 100, 431),
        (b"GET /" + b"y" * 9_000 + b" HTTP/1.1\r\nHost: a\r\n", 414),
        (POST + b"Expect: 200-maybe\r\n", 417),
        (b"CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n", 405),
        (b"TRACE / HTTP/1.1\r\nHost: a\r\n", 405),
        (b"get / HTTP/1.1\r\nHost: a\r\n", 405),
    ],
)
def test_what_two_readers_may_understand_differently_is_refused(head: bytes, status: int) -> None:
    with pytest.raises(Problem) as refusal:
        check(head)
    assert refusal.value.status == status


def test_an_upgrade_is_ignored_so_that_the_body_stays_a_body() -> None:
    upgrade = b"Connection: Upgrade, HTTP2-Settings\r\nUPGRADE: h2c\r\nHTTP2-Settings: AAMA\r\n"
    checked = check(POST + upgrade + b"Content-Length: 4\r\n")
    assert checked == (POST + b"Connection: Upgrade, HTTP2-Settings\r\nContent-Length: 4\r\n\r\n", 4)


def test_a_hundred_headers_are_taken() -> None:
    assert check(GET + b"Host: a\r\n" + b"X: y\r\n" * 99).body_length == 0


@pytest.mark.timeout(5)
def test_a_head_made_to_be_slow_to_check_is_not() -> None:
    for lines in (b"a:" * 16_000, b"a: b\r\n" * 90 + b"a" * 30_000, b"Host:" + b"\t" * 30_000 + b"\0"):
        with pytest.raises(Problem):
            check(GET + b"Host: a\r\n" + lines)
