"""ASGI middleware around every request of a service: request id, deadline, metrics, unexpected errors."""

import asyncio
import logging
import re
import time

import structlog
from prometheus_client import Counter, Histogram
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.persistence.tables import new_id
from shared.problems import InternalError, RequestTimedOut, instance_of

logger = logging.getLogger(__name__)

request_counter = Counter(
    "impact_http_requests_total", "Requests by route and status", ["service", "method", "route", "status"]
)
duration_histogram = Histogram(
    "impact_http_request_seconds",
    "Seconds from request to response",
    ["service", "method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
CLIENT_CLOSED_REQUEST = 499
"""Not a status of HTTP, but what proxies record when a client disconnects before the response."""
REQUEST_ID_PATTERN = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class RequestContext:
    """Applies the gateway's `X-Request-Id` and `Request-Timeout`; 504 after the timeout, 500 after any other error."""

    def __init__(self, app: ASGIApp, service: str, public_url: str, max_timeout_seconds: float) -> None:
        self.app, self.service, self.public_url = app, service, public_url
        self.max_timeout_seconds = max_timeout_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id_header = headers.get(b"x-request-id", b"")
        request_id = request_id_header if REQUEST_ID_PATTERN.fullmatch(request_id_header) else str(new_id()).encode()
        started_at, status = time.perf_counter(), 500
        response_started = False

        async def send_with_request_id(message: Message) -> None:
            nonlocal status, response_started
            if message["type"] == "http.response.start":
                status, response_started = message["status"], True
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        try:
            async with asyncio.timeout(self._timeout_seconds(headers)):
                await self.app(scope, receive, send_with_request_id)
        except TimeoutError:
            if response_started:
                raise
            await RequestTimedOut().response(self.public_url, instance_of(scope))(scope, receive, send_with_request_id)
        except ClientDisconnect:
            status = CLIENT_CLOSED_REQUEST  # nobody is left to respond to, and nothing failed
        except Exception as error:
            logger.exception("unexpected failure: %s", type(error).__name__)
            if response_started:
                raise
            response = InternalError().response(self.public_url, instance_of(scope), request_id.decode())
            await response(scope, receive, send_with_request_id)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
            route = getattr(scope.get("route"), "path", "unknown")
            request_counter.labels(self.service, scope["method"], route, str(status)).inc()
            duration_histogram.labels(self.service, scope["method"], route).observe(time.perf_counter() - started_at)

    def _timeout_seconds(self, headers: dict[bytes, bytes]) -> float:
        try:
            return max(0.001, min(float(headers.get(b"request-timeout", b"")), self.max_timeout_seconds))
        except ValueError:
            return self.max_timeout_seconds
