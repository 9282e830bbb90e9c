"""Streams requests to the services and their responses back, and stops when either side does."""

import asyncio
import time
from collections.abc import Hashable
from contextlib import nullcontext
from typing import Final

from gateway.credentials.cache import Identity
from gateway.edge.single_flight import BufferedResponse, SingleFlight
from gateway.http.body import ClientDisconnected, RequestBody
from gateway.http.headers import add_security_headers
from gateway.http.request import HOP_BY_HOP, Headers, ProxiedRequest, connection_options
from gateway.http_client.client import Payload, UpstreamClient
from gateway.http_client.response import UpstreamResponse
from gateway.problems import BadAnswer
from gateway.routes import Route
from gateway.settings import SERVICES, GatewaySettings
from shared import tracing
from shared.problems import RequestTimedOut

MAX_BUFFERED_BYTES: Final = 128 * 1024
"""A response up to this size is read whole before it is sent on, and may be sent to several clients."""
READ_TIMEOUT_SECONDS: Final = 60.0
"""How long a service may be silent in the middle of a streamed response."""

DROPPED_HEADERS: Final = HOP_BY_HOP | {
    b"date",
    b"server",
    b"x-request-id",
    b"x-content-type-options",
    b"x-frame-options",
    b"referrer-policy",
    b"strict-transport-security",
}
"""Of a service's response: the gateway or its server sets these."""
BODILESS_STATUSES: Final = frozenset({204, 304})
"""Their Content-Length, where there is one, is that of another response (RFC 9110, section 8.6)."""
VARY: Final = (b"vary", b"authorization, x-api-key, cookie")
"""A cache that keeps a public response must not give it to someone who is signed in, and may see more."""
NEGOTIATED_BY: Final = frozenset({
    b"accept", b"accept-encoding", b"accept-language", b"if-none-match", b"if-modified-since",
})  # fmt: skip
"""Request headers that make responses to anonymous callers differ."""
CREDENTIAL_HEADERS: Final = frozenset({b"authorization", b"x-api-key", b"cookie"})
"""What varies by these is the same for all who are anonymous."""
NOT_COALESCED: Final = frozenset({b"range", b"invitation", b"cache-control"})
"""A request with one of these is never shared."""


class Proxy:
    """Sends requests on to the services."""

    def __init__(self, settings: GatewaySettings, client: UpstreamClient) -> None:
        self._origins: dict[str, str] = {service: settings.url_of(service) for service in SERVICES}
        self._client = client
        self.flights = SingleFlight()

    async def forward(self, request: ProxiedRequest, route: Route, identity: Identity) -> None:
        """Answer the request with what the service answers. Raises a Problem only before the response has started."""
        seconds = request.timeout_seconds(route.seconds)
        if seconds <= 0:
            raise RequestTimedOut
        body = RequestBody(request.receive)
        body.cancel_after(seconds)
        try:
            response = await self._fetch(request, route, identity, body, seconds)
            body.clear_deadline()
            origin = self._origins[route.service].encode()
            headers = _response_headers(request, response, origin, private=not identity.caller.anonymous)
            if isinstance(response, BufferedResponse):
                await request.start_response(response.status, headers)
                await request.send({"type": "http.response.body", "body": response.body})
            else:
                await _stream(request, response, headers)
        except asyncio.CancelledError:
            if not body.absorb_cancellation():
                raise
            if body.timed_out:
                raise RequestTimedOut from None
        except ClientDisconnected:
            pass
        finally:
            body.close()

    async def _fetch(
        self, request: ProxiedRequest, route: Route, identity: Identity, body: RequestBody, seconds: float
    ) -> UpstreamResponse | BufferedResponse:
        key = _coalescing_key(request) if identity.caller.anonymous else None
        if key is not None and (shared := await self.flights.join(key)) is not None:
            return shared
        payload = await body.open(request, route.body)
        origin = self._origins[route.service]
        headers = _request_headers(request, identity, seconds, payload)
        flight = self.flights.lead(key) if key is not None else None
        with flight or nullcontext():
            response = await _buffer_if_small(
                await self._client.request(origin, request.method, request.target, headers, payload)
            )
            if key is not None and response.status < 500:
                shareable = isinstance(response, BufferedResponse) and _is_shareable(response)
                self.flights.record_shareable(key, shareable)
                if flight is not None and isinstance(response, BufferedResponse) and shareable:
                    flight.share(response)
            return response


def _request_headers(request: ProxiedRequest, identity: Identity, seconds: float, payload: Payload) -> Headers:
    remaining = max(0.001, seconds - (time.perf_counter() - request.started_at))
    headers: Headers = [
        *request.forwarded_headers,
        (b"x-impact-caller", identity.signature),
        (b"x-request-id", request.request_id),
        (b"traceparent", (tracing.current_traceparent() or "").encode()),
        (b"request-timeout", b"%.3f" % remaining),
    ]
    is_stream = payload is not None and not isinstance(payload, bytes)
    if is_stream and (length := request.consumed_headers.get(b"content-length")):
        headers.append((b"content-length", length))
    return headers


def _coalescing_key(request: ProxiedRequest) -> Hashable | None:
    """Return what makes two anonymous reads equal, or None for a request that must not be shared."""
    consumed = request.consumed_headers
    if request.method != "GET" or b"content-length" in consumed or b"transfer-encoding" in consumed:
        return None
    if any(name in NOT_COALESCED for name, _ in request.forwarded_headers):
        return None
    return (request.target, *(header for header in request.forwarded_headers if header[0] in NEGOTIATED_BY))


async def _buffer_if_small(response: UpstreamResponse) -> UpstreamResponse | BufferedResponse:
    """Read a small response to its end first: if it breaks off, the client can still be sent a problem."""
    for name, value in response.headers:
        if name == b"content-length":
            if int(value) > MAX_BUFFERED_BYTES:
                return response
            break
    else:
        return response
    try:
        return BufferedResponse(response.status, response.headers, await response.read())
    finally:
        response.close()


def _is_shareable(response: BufferedResponse) -> bool:
    """Return whether the service calls the response public, and it is the same for all anonymous callers."""
    headers: dict[bytes, bytes] = dict(response.headers)
    varies_by = {name.strip() for name in headers.get(b"vary", b"").lower().split(b",") if name.strip()}
    return (
        response.status == 200
        and b"public" in headers.get(b"cache-control", b"")
        and b"set-cookie" not in headers
        and varies_by <= CREDENTIAL_HEADERS.union(NEGOTIATED_BY)
    )


async def _stream(request: ProxiedRequest, response: UpstreamResponse, headers: Headers) -> None:
    """Send a response on chunk by chunk. Raises BadAnswer when the service breaks off or falls silent."""
    try:
        await request.start_response(response.status, headers)
        if request.scope["method"] == "HEAD":
            await request.send({"type": "http.response.body"})
            return
        more = True
        while more:
            async with asyncio.timeout(READ_TIMEOUT_SECONDS):
                chunk, more = await response.read_chunk()
            await request.send({"type": "http.response.body", "body": chunk, "more_body": more})
    except TimeoutError:
        raise BadAnswer from None
    finally:
        response.close()


def _response_headers(
    request: ProxiedRequest, response: UpstreamResponse | BufferedResponse, origin: bytes, *, private: bool
) -> Headers:
    """Return the service's headers without those of its connection, and with those of the gateway.

    A Location within the service becomes a path. With `private`, what was public may be kept by the browser alone.
    """
    headers = [*request.response_headers]
    dropped = DROPPED_HEADERS | {b"content-length"} if response.status in BODILESS_STATUSES else DROPPED_HEADERS
    for header in response.headers:
        name, value = header
        if name in dropped:
            if name == b"connection" and (options := connection_options(value)):
                dropped = dropped | options
                headers = [earlier for earlier in headers if earlier[0] not in options]
            continue
        if name == b"location" and value.startswith(origin + b"/"):
            headers.append((name, value[len(origin) :]))
        elif name == b"cache-control" and b"public" in value:
            headers.append((name, value.replace(b"public", b"private")) if private else header)
            headers.append(VARY)
        else:
            headers.append(header)
    return add_security_headers(headers, response.status)
