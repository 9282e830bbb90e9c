"""Compression (gzip) of what everybody may read, and of pages that no other site can have asked for.

The length of a compressed response tells what is in it: where it holds something of the caller beside something
that another site chose, that could be guessed byte by byte (BREACH). So responses are compressed for anonymous callers,
where the service calls them public; and pages that hold nothing of their caller but who has signed in. A page shows its
query too, which another site may choose: for somebody who has signed in, one with a query is compressed only where the
browser says that a page of this site asks for it (Sec-Fetch-Site, which no script can set). Where it says so, pages of
what is the caller's own or their work are compressed too: no other site has chosen anything in such a request.
"""

import re
import zlib
from typing import Final

from starlette.types import Message, Send

from gateway.http.request import Headers, ProxiedRequest

MIN_BYTES: Final = 1024
"""A smaller response gains nothing: it fits into one packet."""
LEVEL: Final = 4
GZIP: Final = 16 + zlib.MAX_WBITS
"""As the `wbits` of zlib."""
VARY: Final = (b"vary", b"accept-encoding")

_text = re.compile(
    rb"text/(?!event-stream)|application/(?:[\w.-]+\+)?(?:json|xml|yaml|x-research-info-systems)|image/svg"
)


def accepts_gzip(accept_encoding: bytes) -> bool:
    """Return whether the client takes gzip: it names it, and not with the weight 0."""
    for part in accept_encoding.lower().split(b","):
        coding, _, weight = part.partition(b";")
        if coding.strip() == b"gzip":
            return not re.fullmatch(rb"\s*q\s*=\s*0(?:\.0*)?\s*", weight)
    return False


def gzip(body: bytes) -> bytes:
    """Return the body in the format gzip, always the same for the same body."""
    compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)
    return compressor.compress(body) + compressor.flush()


def compress_response(request: ProxiedRequest, *, anonymous: bool, impersonal: bool, is_page: bool) -> None:
    """Have the response to a GET compressed if it may be and the client takes it.

    For a caller who is not anonymous that is an `impersonal` one to a request that no other site can have made up, or
    the response to one that a page of this site made, where `is_page`.
    """
    if not (anonymous or impersonal or is_page):
        return
    headers: dict[bytes, bytes] = dict(request.forwarded_headers)
    is_our_own = headers.get(b"sec-fetch-site") == b"same-origin"
    asked_by_own_page = is_page and is_our_own
    if (
        (anonymous or asked_by_own_page or (impersonal and (is_our_own or not request.scope["query_string"])))
        and request.scope["method"] == "GET"
        and b"invitation" not in headers
        and accepts_gzip(headers.get(b"accept-encoding", b""))
    ):
        request.send = Compression(request.send, also_private=impersonal or asked_by_own_page)


class Compression:
    """The send channel of a request. The start of the response waits for the first part of its body."""

    def __init__(self, send: Send, *, also_private: bool) -> None:
        self._send, self._also_private = send, also_private
        self._start: Message | None = None
        self._compresses = False
        self._compressor = zlib.compressobj(LEVEL, zlib.DEFLATED, GZIP)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            if message["status"] == 200 and _is_compressible(message["headers"], also_private=self._also_private):
                self._start = message
            else:
                await self._send(message)
            return
        body, more = message.get("body", b""), message.get("more_body", False)
        if self._start is not None:
            start, self._start = self._start, None
            if more or len(body) >= MIN_BYTES:
                self._compresses = True
                body = self._compress(body, more=more)
                start = {**start, "headers": _compressed_headers(start["headers"], None if more else len(body))}
            await self._send(start)
        elif self._compresses:
            body = self._compress(body, more=more)
        await self._send({"type": "http.response.body", "body": body, "more_body": more})

    def _compress(self, body: bytes, *, more: bool) -> bytes:
        compressed = self._compressor.compress(body)
        return compressed if more else compressed + self._compressor.flush()


def _is_compressible(headers: Headers, *, also_private: bool) -> bool:
    is_allowed, is_text = also_private, False
    for name, value in headers:
        if name == b"content-type":
            is_text = _text.match(value) is not None
        elif name == b"cache-control":
            is_allowed = is_allowed or b"public" in value
            if b"no-transform" in value:
                return False
        elif name == b"content-encoding" or (name == b"set-cookie" and not also_private):
            return False
    return is_allowed and is_text


def _compressed_headers(headers: Headers, length: int | None) -> Headers:
    """Return the headers of the compressed response: other bytes, so its ETag is a weak one (RFC 9110, section 8.8)."""
    compressed: Headers = [(b"content-encoding", b"gzip"), VARY]
    if length is not None:
        compressed.append((b"content-length", b"%d" % length))
    for name, value in headers:
        if name == b"etag" and not value.startswith(b"W/"):
            compressed.append((name, b"W/" + value))
        elif name != b"content-length":
            compressed.append((name, value))
    return compressed
