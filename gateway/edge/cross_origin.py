"""Cross-origin resource sharing (the Fetch standard) with the front ends that `CORS_ALLOWED_ORIGINS` names.

Never with cookies: a front end elsewhere sends a token or a key. Starlette's CORSMiddleware keeps only the first of
several Vary headers, by which shared caches tell apart who may see what.
"""

from collections.abc import Iterable
from typing import Final

from gateway.http.request import Headers, ProxiedRequest

PREFLIGHT_SECONDS: Final = 600
METHODS: Final = b"GET, HEAD, POST, PUT, PATCH, DELETE"
REQUEST_HEADERS: Final = (
    b"Authorization, X-API-Key, Content-Type, If-Match, If-None-Match, Idempotency-Key, Invitation, Request-Timeout, "
    b"X-Request-Id, Traceparent"
)
RESPONSE_HEADERS: Final = (
    b"ETag, Location, Link, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id, Idempotency-Replayed, "
    b"Content-Disposition, WWW-Authenticate, Deprecation, Sunset"
)
VARY: Final = (b"vary", b"origin")


class CrossOrigin:
    """Which other origins may call, and what tells their browsers so."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)

    def add_headers(self, request: ProxiedRequest) -> None:
        """Add what every response to this request carries. To strangers nothing but Vary, for shared caches."""
        if not self._origins:
            return
        request.response_headers.append(VARY)
        if (origin := _header(request, b"origin")) in self._origins:
            request.response_headers += [
                (b"access-control-allow-origin", origin),
                (b"access-control-expose-headers", RESPONSE_HEADERS),
            ]

    def preflight_headers(self, request: ProxiedRequest) -> Headers | None:
        """Return what answers a browser that asks whether it may send a request; None for any other request."""
        if request.method != "OPTIONS" or not self._origins or _header(request, b"origin") not in self._origins:
            return None
        if not _header(request, b"access-control-request-method"):
            return None
        return [
            (b"access-control-allow-methods", METHODS),
            (b"access-control-allow-headers", REQUEST_HEADERS),
            (b"access-control-max-age", b"%d" % PREFLIGHT_SECONDS),
        ]


def _header(request: ProxiedRequest, name: bytes) -> bytes:
    return next((value for header, value in request.forwarded_headers if header == name), b"")
