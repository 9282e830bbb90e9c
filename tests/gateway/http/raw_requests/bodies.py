"""Bodies whose end can be read in two ways: chunks, trailers, and bodies that are asked for first."""

from typing import Final

from tests.gateway.http.raw_requests.case import (
    CHUNKED,
    HIDDEN,
    POST,
    READ,
    READ_HIDDEN,
    RawRequest,
    accept,
    await_rest,
    chunks,
    decline,
    get,
    posted,
    refuse,
    sized,
)

END: Final = b"0\r\n\r\n"
UNASKED: Final = b"POST /v1/evidence HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n"
"""Whoever is not signed in is refused before a body is asked for."""
SESSION: Final = b"Authorization: Bearer impact_session_forged\r\n"

# fmt: off
CHUNKS: Final[tuple[RawRequest, ...]] = (
    accept("one", chunks(b"4\r\nabcd\r\n" + END), posted(4), closes=True),
    accept("a request in one", chunks(b"%x\r\n%b\r\n" % (len(HIDDEN), HIDDEN) + END), posted(len(HIDDEN)), closes=True),
    accept("leading zeros", chunks(b"0004\r\nabcd\r\n000\r\n\r\n"), posted(4), closes=True),
    accept("a capital", chunks(b"A\r\nabcdefghij\r\n" + END), posted(10), closes=True),
    accept("an extension", chunks(b"4;name=value\r\nabcd\r\n" + END), posted(4), closes=True),
    accept("an extension in quotes", chunks(b'4;name="a;b"\r\nabcd\r\n' + END), posted(4), closes=True),
    accept("an extension of the last", chunks(b"4\r\nabcd\r\n0;name=value\r\n\r\n"), posted(4), closes=True),
    refuse("a bare line feed in an extension", chunks(b"4;name\nvalue\r\nabcd\r\n" + END)),
    refuse("a bare line feed after an extension", chunks(b"4;name\nabcd\r\n" + END)),
    refuse("a bare line feed after an empty extension", chunks(b"4;\nabcd\r\n" + END)),
    refuse("a bare carriage return in an extension", chunks(b"4;name\rvalue\r\nabcd\r\n" + END)),
    refuse("a line break in a quoted extension", chunks(b'4;name="\r\nabcd\r\n' + END + b'"\r\n')),
    refuse("a NUL in an extension", chunks(b"4;na\0me\r\nabcd\r\n" + END)),
    refuse("a size with a space before it", chunks(b" 4\r\nabcd\r\n" + END)),
    refuse("a size with a plus", chunks(b"+4\r\nabcd\r\n" + END)),
    refuse("a negative size", chunks(b"-4\r\nabcd\r\n" + END)),
    refuse("a size with 0x", chunks(b"0x4\r\nabcd\r\n" + END)),
    refuse("a size with an underscore", chunks(b"0_4\r\nabcd\r\n" + END)),
    refuse("a size that is no number", chunks(b"g\r\nabcd\r\n" + END)),
    refuse("no size", chunks(b"\r\nabcd\r\n" + END)),
    refuse("a size of more than 64 bits", chunks(b"10000000000000004\r\nabcd\r\n" + END)),
    refuse("bare line feeds", chunks(b"4\nabcd\n0\n\n")),
    refuse("a bare line feed after the size", chunks(b"4\nabcd\r\n" + END)),
    refuse("a bare line feed after the data", chunks(b"4\r\nabcd\n" + END)),
    refuse("a bare carriage return after the size", chunks(b"4\rabcd\r\n" + END)),
    refuse("a bare carriage return after the data", chunks(b"4\r\nabcd\r" + END)),
    refuse("two other bytes after the data", chunks(b"4\r\nabcdXY" + END)),
    refuse("data longer than its size", chunks(b"4\r\nabcdef\r\n" + END)),
    refuse("data shorter than its size", chunks(b"5\r\nabcd\r\n" + END)),
    refuse("a bare line feed after the last", chunks(b"4\r\nabcd\r\n0\r\n\n")),
    refuse("a bare line feed after the last size", chunks(b"4\r\nabcd\r\n0\n\r\n")),
    refuse("an extension without end", CHUNKED + b"4;name=" + b"y" * 600_000),
    await_rest("none that is the last", CHUNKED + b"4\r\nabcd\r\n"),
    await_rest("a last without its empty line", CHUNKED + b"4\r\nabcd\r\n0\r\n"),
)

TRAILERS: Final[tuple[RawRequest, ...]] = (
    accept("a credential", chunks(b"4\r\nabcd\r\n0\r\n" + SESSION + b"\r\n"), posted(4), closes=True),
    accept("a caller", chunks(b"4\r\nabcd\r\n0\r\nX-Impact-Caller: forged\r\n\r\n"), posted(4), closes=True),
    refuse("a length", chunks(b"4\r\nabcd\r\n0\r\nContent-Length: 40\r\n\r\n")),
    refuse("an encoding", chunks(b"4\r\nabcd\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n")),
    accept("a host", chunks(b"4\r\nabcd\r\n0\r\nHost: b\r\n\r\n"), posted(4), closes=True),
    accept(
        "an upgrade", chunks(b"4\r\nabcd\r\n0\r\nConnection: upgrade\r\nUpgrade: h2c\r\n\r\n"), posted(4), closes=True,
    ),
    refuse("a request line", chunks(b"4\r\nabcd\r\n0\r\nGET /v1/evidence/hidden-000 HTTP/1.1\r\nHost: b\r\n\r\n")),
    refuse("a bare line feed", chunks(b"4\r\nabcd\r\n0\r\nX: y\n\r\n")),
    refuse("a folded line", chunks(b"4\r\nabcd\r\n0\r\nX: y\r\n z\r\n\r\n")),
    refuse("a NUL", chunks(b"4\r\nabcd\r\n0\r\nX: y\0\r\n\r\n")),
    refuse("no colon", chunks(b"4\r\nabcd\r\n0\r\nX\r\n\r\n")),
    refuse("too many", CHUNKED + b"4\r\nabcd\r\n0\r\n" + b"X: y\r\n" * 10_000),
    refuse("one without end", CHUNKED + b"4\r\nabcd\r\n0\r\nX: " + b"y" * 600_000),
)

EXPECTATIONS: Final[tuple[RawRequest, ...]] = (
    accept("the body at once", sized(b"Expect: 100-continue", b"Content-Length: 4"), posted(4), READ_HIDDEN),
    accept("in capitals", sized(b"EXPECT: 100-CONTINUE", b"Content-Length: 4"), posted(4), READ_HIDDEN),
    accept(
        "a request as the body",
        sized(b"Expect: 100-continue", b"Content-Length: %d" % len(HIDDEN), body=b""), posted(len(HIDDEN)),
    ),
    RawRequest(
        "the body does not come", POST + b"Expect: 100-continue\r\nContent-Length: 4\r\n\r\n", (100,), (), closes=False,
    ),
    accept("no body", get(b"Expect: 100-continue") + HIDDEN, READ, READ_HIDDEN),
    RawRequest("the body is not asked for", UNASKED + b"Content-Length: 4\r\n\r\n", (401,), (), closes=True),
    RawRequest("chunks are not asked for", UNASKED + b"Transfer-Encoding: chunked\r\n\r\n", (401,), (), closes=True),
    decline("the body is not asked for, and comes", UNASKED + b"Content-Length: 4\r\n\r\nabcd", 401),
    refuse("another", sized(b"Expect: 200-maybe", b"Content-Length: 4"), 417),
    refuse("a word before it", sized(b"Expect: y 100-continue", b"Content-Length: 4"), 417),
    refuse("two in a list", sized(b"Expect: 100-continue, x", b"Content-Length: 4"), 417),
    refuse("two headers, one unknown", sized(b"Expect: 100-continue", b"Expect: x", b"Content-Length: 4"), 417),
    refuse("on a folded line", sized(b"Expect:", b" 100-continue", b"Content-Length: 4")),
)
# fmt: on
