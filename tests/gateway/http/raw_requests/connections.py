"""Connections on which more follows: requests behind one another, and offers to speak another protocol."""

from typing import Final

from tests.gateway.http.raw_requests.case import (
    CHUNKED,
    GET,
    HIDDEN,
    POST,
    READ,
    READ_HIDDEN,
    RawRequest,
    accept,
    decline,
    get,
    posted,
    refuse,
    refuse_after,
)

H2C: Final = (b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA")
WEBSOCKET: Final = (
    b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13",
    b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
)  # fmt: skip
PREFACE: Final = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
PADDING: Final = b"\r\n" * 20_000
"""So much that the rest comes in a read of its own."""


def offer(*lines: bytes, body: bytes = HIDDEN) -> bytes:
    """Return a POST with these headers, and with the right length of a body that is or holds a request."""
    return POST + b"".join(line + b"\r\n" for line in lines) + b"Content-Length: %d\r\n\r\n" % len(body) + body


# fmt: off
UPGRADES: Final[tuple[RawRequest, ...]] = (
    accept("a request as the body", offer(b"Connection: Upgrade", b"Upgrade: foo"), posted(len(HIDDEN))),
    accept(
        "a request far down in the body",
        offer(b"Connection: Upgrade", b"Upgrade: foo", body=PADDING + HIDDEN), posted(len(PADDING + HIDDEN)),
    ),
    accept(
        "two requests far down in the body",
        offer(b"Connection: Upgrade", b"Upgrade: foo", body=PADDING + HIDDEN * 2), posted(len(PADDING + HIDDEN * 2)),
    ),
    accept("to HTTP/2, a request as the body", offer(*H2C), posted(len(HIDDEN))),
    accept(
        "to HTTP/2, a request far down in the body", offer(*H2C, body=PADDING + HIDDEN), posted(len(PADDING + HIDDEN)),
    ),
    accept(
        "to HTTP/2, a request as a chunk",
        POST + b"\r\n".join((*H2C, b"Transfer-Encoding: chunked\r\n\r\n%x" % len(HIDDEN), HIDDEN, b"0\r\n\r\n")),
        posted(len(HIDDEN)),
    ),
    accept("to HTTP/2", get(*H2C) + HIDDEN, READ, READ_HIDDEN),
    refuse_after("to HTTP/2, and its preface", get(*H2C) + PREFACE + HIDDEN, READ),
    accept("to a WebSocket, a request as the body", offer(*WEBSOCKET), posted(len(HIDDEN))),
    accept("to a WebSocket", get(*WEBSOCKET) + HIDDEN, READ, READ_HIDDEN),
    accept("to a WebSocket of an old version", get(*WEBSOCKET).replace(b"13", b"7") + HIDDEN, READ, READ_HIDDEN),
    accept("to TLS", get(b"Connection: Upgrade", b"Upgrade: TLS/1.0") + HIDDEN, READ, READ_HIDDEN),
    accept(
        "to two protocols", offer(b"Connection: Upgrade", b"Upgrade: foo, h2c", b"Upgrade: bar"), posted(len(HIDDEN)),
    ),
    accept("to nothing", offer(b"Connection: Upgrade", b"Upgrade:"), posted(len(HIDDEN))),
    accept("not for this connection", offer(b"Upgrade: foo"), posted(len(HIDDEN))),
    accept("of which there is no word", offer(b"Connection: Upgrade"), posted(len(HIDDEN))),
    accept(
        "in HTTP/1.0",
        offer(b"Connection: Upgrade", b"Upgrade: foo").replace(b"HTTP/1.1", b"HTTP/1.0", 1),
        posted(len(HIDDEN)), closes=True,
    ),
    accept(
        "in HEAD, a request as the body",
        offer(b"Connection: Upgrade", b"Upgrade: foo").replace(b"POST /v1/surveys/x/responses", b"HEAD /v1/evidence/1"),
        f"GET /v1/evidence/1 {len(HIDDEN)}",
    ),
    refuse("a space before the colon", offer(b"Connection: Upgrade", b"Upgrade : foo")),
    refuse("on a folded line", offer(b"Connection: Upgrade", b"Upgrade:", b" foo")),
)

PIPELINES: Final[tuple[RawRequest, ...]] = (
    accept("three", get() + get() + HIDDEN, READ, READ, READ_HIDDEN),
    accept("behind a body", POST + b"Content-Length: 4\r\n\r\nabcd" + HIDDEN, posted(4), READ_HIDDEN),
    accept(
        "behind a body and an empty line", POST + b"Content-Length: 6\r\n\r\nabcd\r\n" + HIDDEN, posted(6), READ_HIDDEN,
    ),
    accept("behind HEAD", GET.replace(b"GET", b"HEAD") + b"\r\n" + HIDDEN, READ, READ_HIDDEN),
    accept(
        "behind HEAD with a body",
        GET.replace(b"GET", b"HEAD") + b"Content-Length: 4\r\n\r\nabcd" + HIDDEN, "GET /v1/evidence/1 4", READ_HIDDEN,
    ),
    accept(
        "behind a chunked body, which is not read",
        CHUNKED + b"4\r\nabcd\r\n0\r\n\r\n" + HIDDEN * 2, posted(4), closes=True,
    ),
    accept("behind a close", get(b"Connection: close") + HIDDEN, READ, closes=True),
    accept("behind HTTP/1.0", b"GET /v1/evidence/1 HTTP/1.0\r\nHost: a\r\n\r\n" + HIDDEN, READ, closes=True),
    accept(
        "behind HTTP/1.0 that would be kept alive",
        b"GET /v1/evidence/1 HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n" + HIDDEN, READ, closes=True,
    ),
    refuse_after(
        "behind an empty line more than there is", POST + b"Content-Length: 4\r\n\r\nabcd\r\n" + HIDDEN, posted(4),
    ),
    refuse_after("noise", get() + b"\0\1\2\3", READ),
    refuse_after("a response", get() + b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", READ),
    refuse_after(
        "a request with two lengths",
        get() + POST + b"Content-Length: 4\r\nContent-Length: 0\r\n\r\nabcd" + HIDDEN, READ,
    ),
    refuse("behind what is refused", POST + b"Content-Length: +4\r\n\r\nabcd" + HIDDEN * 2),
    decline(
        "a body that is too large",
        b"POST /oai HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n\r\n" + b"x" * 2_000_000, 413,
    ),
)
# fmt: on
