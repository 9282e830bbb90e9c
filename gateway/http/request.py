"""One request as it came in: what it carries, and what must not go further."""

import re
import time
from dataclasses import dataclass, field
from random import getrandbits
from typing import Final

import uuid_utils
from starlette.types import Message, Receive, Scope, Send

from gateway.problems import (
    AddressNotUnderstood,
    AddressTooLong,
    HeaderNotUnderstood,
    HeadersTooLarge,
    OneCredentialOnly,
)

Headers = list[tuple[bytes, bytes]]

LONGEST_ADDRESS: Final = 8_000
LARGEST_HEADERS: Final = 32_000
MOST_HEADERS: Final = 100

HOP_BY_HOP: Final = frozenset({
    b"connection", b"keep-alive", b"proxy-authenticate", b"proxy-authorization", b"proxy-connection", b"te", b"trailer",
    b"transfer-encoding", b"upgrade", b"http2-settings",
})  # fmt: skip
CREDENTIALS: Final = frozenset({b"authorization", b"x-api-key", b"cookie"})
# What a client says about itself that only the gateway may say, or that the gateway says anew.
REPLACED: Final = frozenset({
    b"host", b"expect", b"content-length", b"x-impact-caller", b"x-request-id", b"traceparent", b"request-timeout",
    b"forwarded", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto", b"x-forwarded-port", b"x-real-ip",
})  # fmt: skip
KEPT_BACK: Final = HOP_BY_HOP | CREDENTIALS | REPLACED

_smuggled = re.compile(rb"//|\\|%2f|%5c|%00|%(?![0-9a-f]{2})|/(?:\.|%2e){1,2}(?:/|$)|[^\x21-\x7e]", re.IGNORECASE)
_unseen = re.compile(rb"[^\x21-\x7e]")
_plain_id = re.compile(rb"[A-Za-z0-9._-]{8,64}")
_traceparent = re.compile(rb"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}")
_seconds = re.compile(rb"[0-9]{1,5}(?:\.[0-9]{1,3})?")


@dataclass(slots=True)
class Call:
    """A request on its way. `passed` are the headers that may go on, `kept` those that the gateway deals with."""

    scope: Scope
    receive: Receive
    send: Send
    method: str
    request_id: bytes
    began: float
    passed: Headers
    kept: dict[bytes, bytes]
    size: int
    """Characters of all headers."""
    said: Headers = field(default_factory=list[tuple[bytes, bytes]])
    """Headers that the answer carries whatever it is."""
    status: int = 0

    @property
    def path(self) -> str:
        return self.scope["path"]

    @property
    def target(self) -> bytes:
        """Path and query exactly as they were sent."""
        query: bytes = self.scope["query_string"]
        path: bytes = self.scope["raw_path"]
        return path + b"?" + query if query else path

    @property
    def address(self) -> str:
        client = self.scope.get("client")
        return client[0] if client else "unknown"

    @property
    def content_length(self) -> int | None:
        """What the client says it sends; None when it does not say (chunked), 0 when there is no body."""
        length = self.kept.get(b"content-length")
        if length is not None:
            return int(length)
        return None if b"transfer-encoding" in self.kept else 0

    def traceparent(self) -> bytes:
        """The trace this belongs to: the client's, or a new one."""
        given = self.kept.get(b"traceparent", b"")
        if _traceparent.fullmatch(given):
            return given
        return b"00-%032x-%016x-01" % (getrandbits(128) or 1, getrandbits(64) or 1)

    def seconds(self, most: float) -> float:
        """How long the answer may take: the route's time, or less if the client wants it sooner."""
        wanted = self.kept.get(b"request-timeout")
        if wanted is None:
            return most
        if not _seconds.fullmatch(wanted):
            raise HeaderNotUnderstood
        return min(float(wanted), most)

    async def start(self, status: int, headers: Headers) -> None:
        self.status = status
        message: Message = {"type": "http.response.start", "status": status, "headers": headers}
        await self.send(message)


def read(scope: Scope, receive: Receive, send: Send) -> Call:
    """The request's headers, sorted. Check it with `check` before it goes anywhere."""
    passed: Headers = []
    kept: dict[bytes, bytes] = {}
    size = 0
    for pair in scope["headers"]:
        name, value = pair
        size += len(name) + len(value)
        if name in KEPT_BACK:
            kept[name] = kept[name] + b", " + value if name in kept else value
        else:
            passed.append(pair)
    given = kept.get(b"x-request-id", b"")
    request_id = given if _plain_id.fullmatch(given) else str(uuid_utils.uuid7()).encode()
    method = scope["method"]
    if method == "HEAD":
        method = "GET"  # the server leaves the body out, since the scope still says HEAD
    return Call(scope, receive, send, method, request_id, time.perf_counter(), passed, kept, size)


def check(call: Call) -> None:
    """Refuses what is too long, or would mean one thing here and another behind."""
    raw_path: bytes = call.scope["raw_path"]
    if len(raw_path) + len(call.scope["query_string"]) > LONGEST_ADDRESS:
        raise AddressTooLong
    if call.size > LARGEST_HEADERS or len(call.scope["headers"]) > MOST_HEADERS:
        raise HeadersTooLarge
    if not raw_path.startswith(b"/") or _smuggled.search(raw_path) or _unseen.search(call.scope["query_string"]):
        raise AddressNotUnderstood
    kept = call.kept
    if b"authorization" in kept and (b"x-api-key" in kept or b"," in kept[b"authorization"]):
        raise OneCredentialOnly
    if named := named_by_connection(kept.get(b"connection", b"")):
        call.passed = [pair for pair in call.passed if pair[0] not in named]


def named_by_connection(value: bytes) -> frozenset[bytes]:
    """The headers that a Connection header says are for this connection alone."""
    if value in (b"", b"keep-alive", b"close"):
        return frozenset()
    return frozenset(name.strip() for name in value.lower().split(b","))
