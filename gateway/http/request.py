"""One request as it came in: its headers sorted by who may see them, and the checks before it goes anywhere."""

import re
import time
from dataclasses import dataclass, field
from typing import Final

import uuid_utils
from starlette.types import Message, Receive, Scope, Send

from gateway.problems import (
    AddressNotUnderstood,
    HeaderNotUnderstood,
    OneCredentialOnly,
)

Headers = list[tuple[bytes, bytes]]

HOP_BY_HOP: Final = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer",
    b"transfer-encoding", b"upgrade", b"http2-settings",
})  # fmt: skip
CREDENTIALS: Final = frozenset({b"authorization", b"x-api-key", b"cookie"})
REPLACED: Final = frozenset({
    b"host", b"expect", b"content-length", b"x-impact-caller", b"x-request-id", b"traceparent", b"request-timeout",
    b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port", b"x-real-ip",
})  # fmt: skip
"""Headers that only the gateway may set towards a service, or that it sets again with its own value."""
CONSUMED: Final = HOP_BY_HOP | CREDENTIALS | REPLACED

_ambiguous_path = re.compile(rb"//|\\|%2f|%5c|%00|%(?![0-9a-f]{2})|/(?:\.|%2e){1,2}(?:/|$)|[^\x21-\x7e]", re.IGNORECASE)
_unprintable = re.compile(rb"[^\x21-\x7e]")
_request_id = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_seconds = re.compile(rb"[0-9]{1,5}(?:\.[0-9]{1,3})?")


@dataclass(slots=True)
class ProxiedRequest:
    """A request on its way through the gateway.

    `forwarded_headers` may go on to a service. `consumed_headers` (by name, repeated ones joined) are for
    the gateway alone: credentials, what belongs to this connection, and what the gateway sets again.
    """

    scope: Scope
    receive: Receive
    send: Send
    method: str
    request_id: bytes
    started_at: float
    """By `time.perf_counter`."""
    forwarded_headers: Headers
    consumed_headers: dict[bytes, bytes]
    response_headers: Headers = field(default_factory=list[tuple[bytes, bytes]])
    """Headers that every response to this request carries, from a service or from the gateway."""
    status: int = 0
    """Of the response; 0 until it has started."""

    @property
    def path(self) -> str:
        """The decoded path, without the query."""
        return self.scope["path"]

    @property
    def target(self) -> bytes:
        """The path and query exactly as they were sent."""
        query: bytes = self.scope["query_string"]
        path: bytes = self.scope["raw_path"]
        return path + b"?" + query if query else path

    @property
    def client_address(self) -> str:
        """The IP address of the other end of the connection, or `unknown`."""
        client = self.scope.get("client")
        return client[0] if client else "unknown"

    @property
    def traceparent(self) -> bytes:
        """The trace context (W3C) as the client sent it, unchecked; empty where there is none."""
        return self.consumed_headers.get(b"traceparent", b"")

    @property
    def content_length(self) -> int | None:
        """The length of the body in bytes as declared: None when it is chunked, 0 when there is no body."""
        length = self.consumed_headers.get(b"content-length")
        if length is not None:
            return int(length)
        return None if b"transfer-encoding" in self.consumed_headers else 0

    def timeout_seconds(self, maximum: float) -> float:
        """Return how long the response may take: `maximum`, or less if the client's Request-Timeout says so.

        Raises HeaderNotUnderstood.
        """
        request_timeout = self.consumed_headers.get(b"request-timeout")
        if request_timeout is None:
            return maximum
        if not _seconds.fullmatch(request_timeout):
            raise HeaderNotUnderstood
        return min(float(request_timeout), maximum)

    async def start_response(self, status: int, headers: Headers) -> None:
        """Send the status and the headers."""
        self.status = status
        message: Message = {"type": "http.response.start", "status": status, "headers": headers}
        await self.send(message)


def parse(scope: Scope, receive: Receive, send: Send) -> ProxiedRequest:
    """Sort the headers of an ASGI request. `validate` it before it goes anywhere."""
    forwarded: Headers = []
    consumed: dict[bytes, bytes] = {}
    for header in scope["headers"]:
        name, value = header
        if name in CONSUMED:
            if name in consumed:
                value = consumed[name] + (b"; " if name == b"cookie" else b", ") + value
            consumed[name] = value
        else:
            forwarded.append(header)
    sent_id = consumed.get(b"x-request-id", b"")
    request_id = sent_id if _request_id.fullmatch(sent_id) else str(uuid_utils.uuid7()).encode()
    method = scope["method"]
    if method == "HEAD":
        method = "GET"  # the server leaves the body out, since the scope still says HEAD
    return ProxiedRequest(scope, receive, send, method, request_id, time.perf_counter(), forwarded, consumed)


def validate(request: ProxiedRequest) -> None:
    """Refuse an address that the gateway and a service might read differently, and a second credential.

    The server has checked the framing and the sizes (`shared.http_server.head`). Raises AddressNotUnderstood,
    OneCredentialOnly.
    """
    raw_path: bytes = request.scope["raw_path"]
    query: bytes = request.scope["query_string"]
    if not raw_path.startswith(b"/") or _ambiguous_path.search(raw_path) or _unprintable.search(query):
        raise AddressNotUnderstood
    consumed = request.consumed_headers
    if b"authorization" in consumed and (b"x-api-key" in consumed or b"," in consumed[b"authorization"]):
        raise OneCredentialOnly
    if options := connection_options(consumed.get(b"connection", b"")):
        request.forwarded_headers = [header for header in request.forwarded_headers if header[0] not in options]


def connection_options(value: bytes) -> frozenset[bytes]:
    """Return the headers that a Connection header keeps to this connection (RFC 9110, section 7.6.1)."""
    if value in (b"", b"keep-alive", b"close"):
        return frozenset()
    return frozenset(name.strip() for name in value.lower().split(b","))
