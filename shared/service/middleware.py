"""ASGI: what surrounds every request of a service: its id, its deadline, its figures."""

import asyncio
import logging
import re
import time

import structlog
from prometheus_client import Counter, Histogram
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.persistence.tables import new_id
from shared.problems import TooSlow, Unexpected, instance_of

logger = logging.getLogger(__name__)

REQUESTS = Counter("impact_http_requests_total", "Answered requests", ["service", "method", "route", "status"])
SECONDS = Histogram(
    "impact_http_request_seconds",
    "Time to answer",
    ["service", "method", "route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)
CLIENT_LEFT = 499
"""No status of HTTP, but what proxies call it in their figures."""
PLAIN_ID = re.compile(rb"[A-Za-z0-9._-]{8,64}")


class RequestContext:
    """Outermost: takes `X-Request-Id` and `Request-Timeout` from the gateway, answers 504 when the budget is spent."""

    def __init__(self, app: ASGIApp, service: str, public_url: str, longest: float) -> None:
        self.app, self.service, self.public_url, self.longest = app, service, public_url, longest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers: dict[bytes, bytes] = dict(scope["headers"])
        request_id_header = headers.get(b"x-request-id", b"")
        request_id = request_id_header if PLAIN_ID.fullmatch(request_id_header) else str(new_id()).encode()
        began, status = time.perf_counter(), 500
        started = False

        async def sent(message: Message) -> None:
            nonlocal status, started
            if message["type"] == "http.response.start":
                status, started = message["status"], True
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        structlog.contextvars.bind_contextvars(request_id=request_id.decode())
        try:
            async with asyncio.timeout(self._budget(headers)):
                await self.app(scope, receive, sent)
        except TimeoutError:
            if started:
                raise
            await TooSlow().response(self.public_url, instance_of(scope))(scope, receive, sent)
        except ClientDisconnect:
            status = CLIENT_LEFT  # in the middle of its request: there is nobody to answer, and nothing failed
        except Exception as error:
            logger.exception("unexpected failure: %s", type(error).__name__)
            if started:
                raise
            refusal = Unexpected().response(self.public_url, instance_of(scope), request_id.decode())
            await refusal(scope, receive, sent)
        finally:
            structlog.contextvars.unbind_contextvars("request_id")
            route = getattr(scope.get("route"), "path", "unknown")
            REQUESTS.labels(self.service, scope["method"], route, str(status)).inc()
            SECONDS.labels(self.service, scope["method"], route).observe(time.perf_counter() - began)

    def _budget(self, headers: dict[bytes, bytes]) -> float:
        try:
            return max(0.001, min(float(headers.get(b"request-timeout", b"")), self.longest))
        except ValueError:
            return self.longest
