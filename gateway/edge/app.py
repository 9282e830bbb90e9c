"""The way in: every request is checked, identified and counted here before anything answers it. Pure ASGI."""

import asyncio
import logging
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.credentials import revocations
from gateway.credentials.cache import Identity, Remembered
from gateway.edge.authentication import Authentication, from_this_site, too_many
from gateway.edge.metrics import FIGURES
from gateway.edge.proxy import Proxy
from gateway.edge.rate_limits import Limits, network_of
from gateway.http import request as calls
from gateway.http.body import ClientGone, Incoming
from gateway.http.headers import HTTPS_ONLY, NOSNIFF, completed
from gateway.http.internal_routes import from_inside
from gateway.http.request import Call, Headers
from gateway.http_client.client import Upstream
from gateway.problems import BadAnswer, NotFromThisSite
from gateway.routes import READING, Route, RouteTable
from gateway.settings import GatewaySettings
from shared import tracing
from shared.problems import NotFound, Problem, SignInNeeded, TooSlow, Unexpected

access = logging.getLogger("gateway.access")
logger = logging.getLogger(__name__)

SLOW_SECONDS: Final = 1.0
SECRET_BELOW: Final = ("/sign-in", "/v1/responses")
"""The rest of the path is a link or a token by which somebody comes in."""


class Edge:
    """The gateway as one ASGI app. `pages` is what it answers itself."""

    def __init__(
        self,
        settings: GatewaySettings,
        pages: ASGIApp,
        *,
        upstream: Upstream,
        proxy: Proxy,
        authentication: Authentication,
        remembered: Remembered,
        limits: Limits,
        routes: RouteTable,
    ) -> None:
        self.pages = pages
        self.limits = limits
        self.proxy = proxy
        self._upstream, self._routes = upstream, routes
        self.authentication, self.remembered = authentication, remembered
        self._public_url = settings.public_url
        self._traced = settings.otel_exporter_otlp_endpoint is not None
        self._always: Headers = [NOSNIFF, HTTPS_ONLY] if settings.secure else [NOSNIFF]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(calls.read(scope, receive, send))
        elif scope["type"] == "lifespan":
            async with self._upstream:
                await self.pages(scope, receive, send)
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _answer(self, call: Call) -> None:
        call.said = [(b"x-request-id", call.request_id), *self._always]
        route: Route | None = None
        try:
            calls.check(call)
            route = self._routes.find(call.path)
            if route is None or (route.inside and not from_inside(call)):
                raise NotFound
            if route.browser and call.method not in READING and from_this_site(call, self._public_url) is False:
                raise NotFromThisSite
            identity = await self.authentication.identify(call)
            self._admit(call, route, identity)
            if route.service == "gateway":
                await self._answer_itself(call, route, identity)
            elif self._traced:
                with tracing.continued(call.traceparent().decode(), f"{call.method} {route.prefix}"):
                    call.kept[b"traceparent"] = (tracing.current_traceparent() or "").encode()
                    await self.proxy.forward(call, route, identity)
            else:
                await self.proxy.forward(call, route, identity)
        except Problem as problem:
            await self._refuse(call, route, problem)
        except ClientGone:
            pass
        except Exception as error:
            logger.exception("unexpected failure: %s", type(error).__name__)
            await self._refuse(call, route, Unexpected())
        finally:
            self._count(call, route)

    def _admit(self, call: Call, route: Route, identity: Identity) -> None:
        """Raises TooManyRequests, or SignInNeeded where nobody in particular may come."""
        anonymous = identity.caller.anonymous
        who = network_of(call.address) if anonymous else str(identity.caller.id)
        name = route.limit(call.method)
        if name == "responses":
            verdict = self.limits.take("responses-address", who)
            invitation = next((value for header, value in call.passed if header == b"invitation"), None)
            if verdict.allowed and invitation is not None:
                verdict = self.limits.take(name, str(hash(invitation)))
        else:
            verdict = self.limits.take(name, who)
        call.said += verdict.headers()
        if not verdict.allowed:
            raise too_many(verdict)
        if anonymous and not route.open_to_anyone(call.method):
            raise SignInNeeded

    async def _answer_itself(self, call: Call, route: Route, identity: Identity) -> None:
        """By the gateway's own pages and resources: as a service does, they see the signed caller and no credential."""
        seconds = call.seconds(route.seconds)
        try:
            async with asyncio.timeout(seconds):
                body = await Incoming(call.receive).whole(call, route.body)
        except TimeoutError:
            raise TooSlow from None
        given = False

        async def receive() -> Message:
            nonlocal given
            if given:
                return await call.receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                for id in revoked if message["status"] < 400 else ():
                    self.remembered.forget(id)
                kept: Headers = [pair for pair in message["headers"] if pair[0] != b"x-request-id"]
                call.status = message["status"]
                message = {**message, "headers": completed([*call.said, *kept], call.status)}
            await call.send(message)

        headers: Headers = [
            *call.passed,
            (b"x-impact-caller", identity.signed),
            (b"x-request-id", call.request_id),
            (b"traceparent", call.traceparent()),
            (b"request-timeout", b"%.3f" % seconds),
        ]
        payload = {"impact.identity": identity, "impact.instance": _instance(call, route)}
        scope = {**call.scope, "method": call.method, "headers": headers, **payload}
        with revocations.noted() as revoked:
            await self.pages(scope, receive, send)

    async def _refuse(self, call: Call, route: Route | None, problem: Problem) -> None:
        if call.status:
            logger.warning("an answer was cut off: %s", problem.slug(), extra={"request_id": call.request_id.decode()})
            return
        if isinstance(problem, BadAnswer):
            logger.warning("a service broke off", extra={"request_id": call.request_id.decode()})
        answer = problem.response(self._public_url, _instance(call, route))
        await call.start(problem.status, completed([*call.said, *answer.raw_headers], problem.status))
        await call.send({"type": "http.response.body", "body": answer.body})

    def _count(self, call: Call, route: Route | None) -> None:
        """Figures of every request; a line for what changed something, failed or was slow. Never the path itself."""
        seconds = time.perf_counter() - call.began
        service, limit = (route.service, route.limit(call.method)) if route else ("none", "none")
        FIGURES.count(service, limit, call.method, call.status, seconds)
        if call.status >= 400 or seconds >= SLOW_SECONDS or call.method not in READING:
            access.info(
                "%s %s %s",
                call.method,
                route.prefix if route else "(unknown)",
                call.status or "client left",
                extra={"request_id": call.request_id.decode(), "seconds": round(seconds, 4)},
            )


def _instance(call: Call, route: Route | None) -> str | None:
    """The path that a problem names, unless a secret stands in it."""
    return None if route is not None and route.prefix in SECRET_BELOW else call.path
