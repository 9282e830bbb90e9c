"""What a raw request is, and what becomes of it when it is sent straight to the gateway."""

from typing import NamedTuple

SURVEY = "/v1/surveys/x/responses"
GET = b"GET /v1/evidence/1 HTTP/1.1\r\nHost: a\r\n"
"""Anybody may ask this, with more headers."""
POST = b"POST /v1/surveys/x/responses HTTP/1.1\r\nHost: a\r\n"
"""Anybody may send this, with a body."""
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"

HIDDEN_PATH = "/v1/evidence/hidden-000"
HIDDEN = b"GET /v1/evidence/hidden-000 HTTP/1.1\r\nHost: b\r\n\r\n"
"""A request that is not to be one wherever somebody takes it for (part of) a body. The digits may be replaced."""
READ, READ_HIDDEN = "GET /v1/evidence/1 0", f"GET {HIDDEN_PATH} 0"


class RawRequest(NamedTuple):
    """Bytes as an attacker sends them over one connection, and what the gateway makes of them."""

    name: str
    sent: bytes
    statuses: tuple[int, ...]
    """Of all responses, in order; none where the gateway waits for more."""
    forwarded: tuple[str, ...]
    """The requests that reach the service: method, target, and bytes of the body."""
    closes: bool
    """Whether the gateway then closes the connection."""


def refuse(name: str, sent: bytes, status: int = 400) -> RawRequest:
    """Return bytes of which nothing is a request: they are answered once, and the connection ends."""
    return RawRequest(name, sent, (status,), (), closes=True)


def refuse_after(name: str, sent: bytes, *forwarded: str, status: int = 400) -> RawRequest:
    """Return bytes that begin with whole requests, and go on with what is none."""
    return RawRequest(name, sent, (*(200 for _ in forwarded), status), forwarded, closes=True)


def decline(name: str, sent: bytes, status: int = 400) -> RawRequest:
    """Return one well-formed request which the gateway does not send on; the next may follow."""
    return RawRequest(name, sent, (status,), (), closes=False)


def accept(name: str, sent: bytes, *forwarded: str, closes: bool = False) -> RawRequest:
    """Return bytes that are so many requests and nothing else."""
    return RawRequest(name, sent, tuple(200 for _ in forwarded), forwarded, closes)


def await_rest(name: str, sent: bytes) -> RawRequest:
    """Return the beginning of a request."""
    return RawRequest(name, sent, (), (), closes=False)


def posted(body_bytes: int) -> str:
    """Return how a POST with a body of this length reaches the service."""
    return f"POST {SURVEY} {body_bytes}"


def encoded(*lines: bytes, body: bytes = b"4\r\nabcd\r\n0\r\n\r\n") -> bytes:
    """Return a POST with these headers and a chunked body, and a hidden request behind it."""
    return POST + b"".join(line + b"\r\n" for line in lines) + b"\r\n" + body + HIDDEN


def sized(*lines: bytes, body: bytes = b"abcd") -> bytes:
    """Return a POST with these headers and a body of four bytes, and a hidden request behind it."""
    return encoded(*lines, body=body)


def chunks(body: bytes) -> bytes:
    """Return a POST with this chunked body, and a hidden request behind it."""
    return CHUNKED + body + HIDDEN


def get(*lines: bytes) -> bytes:
    """Return a GET with these headers."""
    return GET + b"".join(line + b"\r\n" for line in lines) + b"\r\n"


def with_body(method: bytes, body: bytes) -> bytes:
    """Return a request of this method with this body, and with its right length."""
    return GET.replace(b"GET", method) + b"Content-Length: %d\r\n\r\n" % len(body) + body


def target(address: bytes) -> bytes:
    """Return a GET of this address."""
    return b"GET " + address + b" HTTP/1.1\r\nHost: a\r\n\r\n"
