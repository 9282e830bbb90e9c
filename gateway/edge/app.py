"""The gateway as an ASGI application: validates, identifies and limits each request before anything answers it."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable
from typing import Final

from starlette.applications import Starlette
from starlette.datastructures import State
from starlette.types import Message, Receive, Scope, Send

from gateway.credentials.cache import CredentialCache, Identity
from gateway.credentials.revocations import collect_revocations
from gateway.credentials.tokens import hash_token
from gateway.edge.authentication import Authentication, is_same_origin, too_many_requests
from gateway.edge.browser_problems import VARY_BY_READER, RenderProblem, is_navigation, show_problems_as_pages
from gateway.edge.compression import compress_response
from gateway.edge.cross_origin import CrossOrigin
from gateway.edge.metrics import metrics
from gateway.edge.proxy import Proxy
from gateway.edge.shared_rate_limits import SharedRateLimiter
from gateway.http.body import ClientDisconnected, RequestBody
from gateway.http.headers import ORIGIN_ALONE, SAFE_IN_BROWSERS, add_security_headers
from gateway.http.internal_routes import is_internal
from gateway.http.request import Headers, ProxiedRequest, parse, validate
from gateway.http_client.client import UpstreamClient
from gateway.problems import BadAnswer, NotFromThisSite
from gateway.rate_limit_policies import RESPONSES, RESPONSES_OF_ADDRESS
from gateway.routes import SAFE_METHODS, Route, RouteTable, without_secret
from gateway.settings import GatewaySettings
from shared import tracing
from shared.http_server.addresses import UNKNOWN_NETWORK, network_of
from shared.http_server.problems import TooManyConnections
from shared.http_server.refusal import HTTPS_ONLY
from shared.problems import InternalError, NotFound, Problem, RequestTimedOut, SignInNeeded

access_log = logging.getLogger("gateway.access")
logger = logging.getLogger(__name__)

SLOW_REQUEST_SECONDS: Final = 1.0
UNKNOWN_ADDRESS: Final = "There is nothing at this address. All addresses are in the API reference (/docs)."

FindPage = Callable[[str, str], str | None]
"""Returns the address of the page that shows what an address under /v1 (path, query) answers, or None."""


class Edge:
    """The gateway as one ASGI application. `pages` answers what the gateway does not send on to a service."""

    def __init__(
        self,
        settings: GatewaySettings,
        pages: Starlette,
        *,
        client: UpstreamClient,
        proxy: Proxy,
        authentication: Authentication,
        credential_cache: CredentialCache,
        limiter: SharedRateLimiter,
        routes: RouteTable,
        max_requests_per_address: int,
        render_problem: RenderProblem,
        find_page: FindPage,
    ) -> None:
        self.pages = pages
        self._render_problem, self._find_page = render_problem, find_page
        self.limiter = limiter
        self._max_requests_per_address = max_requests_per_address
        self.requests_by_network: Counter[str] = Counter()
        """Those under way. Behind a trusted proxy, whose connections are not counted, they stand for its clients."""
        self.proxy = proxy
        self._client, self._routes = client, routes
        self.authentication, self.credential_cache = authentication, credential_cache
        self._public_url = settings.public_url
        self._cross_origin = CrossOrigin(settings.cors_allowed_origins)
        self._default_headers: Headers = [*SAFE_IN_BROWSERS, *([HTTPS_ONLY] if settings.secure else [])]
        self._secret_headers: Headers = [
            ORIGIN_ALONE if header[0] == ORIGIN_ALONE[0] else header for header in self._default_headers
        ]

    @property
    def state(self) -> State:
        """The state of the pages' application, which knows whether the process is about to stop."""
        return self.pages.state

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._handle(parse(scope, receive, send))
        elif scope["type"] == "lifespan":
            try:
                async with self._client:
                    await self.pages(scope, receive, send)
            finally:
                await self.limiter.close()
        else:
            await receive()
            await send({"type": "websocket.close", "code": 1008})

    async def _handle(self, request: ProxiedRequest) -> None:
        is_secret = without_secret(request.path) != request.path
        default_headers = self._secret_headers if is_secret else self._default_headers
        request.response_headers = [(b"x-request-id", request.request_id), *default_headers]
        by_browser = is_navigation(request)
        if by_browser:
            show_problems_as_pages(request, self._render_problem)
        route: Route | None = None
        network = network_of(request.client_address)
        self.requests_by_network[network] += 1
        try:
            if self.requests_by_network[network] > self._max_requests_per_address and network != UNKNOWN_NETWORK:
                raise TooManyConnections(connections=self._max_requests_per_address)
            self._cross_origin.add_headers(request)
            validate(request)
            route = self._routes.find(request.path)
            if route is None or (route.internal_only and not is_internal(request)):
                raise NotFound(UNKNOWN_ADDRESS)
            if await self._answer_at_once(request, by_browser=by_browser):
                return
            self._refuse_other_sites(request, route)
            identity = await self.authentication.identify(request)
            await self._admit(request, route, identity)
            is_page = route.service == "gateway" and not is_secret
            anonymous, impersonal = identity.caller.anonymous, route.impersonal
            compress_response(request, anonymous=anonymous, impersonal=impersonal, is_page=is_page)
            if route.service == "gateway":
                await self._answer_locally(request, route, identity)
            else:
                name = f"{request.method} {route.prefix}"
                with tracing.continue_trace(request.traceparent.decode("latin-1"), name, from_client=True):
                    await self.proxy.forward(request, route, identity)
        except Problem as error:
            await self._refuse(request, error)
        except ClientDisconnected:
            pass
        except Exception as error:
            logger.exception("unexpected failure: %s", type(error).__name__)
            await self._refuse(request, InternalError())
        finally:
            self.requests_by_network[network] -= 1
            if not self.requests_by_network[network]:
                del self.requests_by_network[network]
            self._record(request, route)

    async def _answer_at_once(self, request: ProxiedRequest, *, by_browser: bool) -> bool:
        """Answer a preflight, and send a browser that opens an address of the API to its page.

        Returns whether this was an answer.
        """
        if request.method == "GET" and request.path.startswith("/v1/"):
            request.response_headers.append(VARY_BY_READER)
            query = request.scope["query_string"].decode("latin-1")
            if not by_browser or (page := self._find_page(request.path, query)) is None:
                return False
            status, headers = 303, [(b"location", page.encode())]
        elif (preflight_headers := self._cross_origin.preflight_headers(request)) is not None:
            status, headers = 204, preflight_headers
        else:
            return False
        await request.start_response(status, [*request.response_headers, *headers])
        await request.send({"type": "http.response.body"})
        return True

    def _refuse_other_sites(self, request: ProxiedRequest, route: Route) -> None:
        """Raise NotFromThisSite where a browser sends a form of another website to a page of this one."""
        if (
            route.same_origin
            and request.method not in SAFE_METHODS
            and is_same_origin(request, self._public_url) is False
        ):
            raise NotFromThisSite

    async def _admit(self, request: ProxiedRequest, route: Route, identity: Identity) -> None:
        """Count the request against its rate limit. Raises TooManyRequests, or SignInNeeded for anonymous callers."""
        anonymous = identity.caller.anonymous
        caller = network_of(request.client_address) if anonymous else str(identity.caller.id)
        limit = route.limit(request.method)
        if limit is RESPONSES:
            state = await self.limiter.take(RESPONSES_OF_ADDRESS, caller)
            invitation = next((value for name, value in request.forwarded_headers if name == b"invitation"), None)
            if state.allowed and invitation is not None:
                state = await self.limiter.take(limit, hash_token(invitation.decode("latin-1")).hex())
        else:
            state = await self.limiter.take(limit, caller)
        request.response_headers += state.headers()
        if not state.allowed:
            raise too_many_requests(state)
        if anonymous and not route.open_to_anyone(request.method):
            raise SignInNeeded

    async def _answer_locally(self, request: ProxiedRequest, route: Route, identity: Identity) -> None:
        """Let the gateway's own pages and resources answer. Like a service, they see the signed caller, no credential.

        What they revoke is forgotten here before the response starts.
        """
        seconds = request.timeout_seconds(route.seconds)
        if route.streamed:
            receive = RequestBody(request.receive).channel(request, route.body)
        else:
            receive = await _channel_of_whole_body(request, route, seconds)

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                for id in revoked if message["status"] < 400 else ():
                    self.credential_cache.invalidate(id)
                page_headers: Headers = [header for header in message["headers"] if header[0] != b"x-request-id"]
                request.status = message["status"]
                all_headers = add_security_headers([*request.response_headers, *page_headers], request.status)
                message = {**message, "headers": all_headers}
            await request.send(message)

        headers: Headers = [
            *request.forwarded_headers,
            (b"x-impact-caller", identity.signature),
            (b"x-request-id", request.request_id),
            (b"traceparent", request.traceparent),
            (b"request-timeout", b"%.3f" % seconds),
        ]
        context = {
            "impact.identity": identity,
            "impact.instance": _instance(request),
            "impact.cookies": self.authentication.other_cookies(request),
            "impact.session_digest": self.authentication.session_digest(request),
        }
        scope = {**request.scope, "method": request.method, "headers": headers, **context}
        with collect_revocations() as revoked:
            await self.pages(scope, receive, send)

    async def _refuse(self, request: ProxiedRequest, problem: Problem) -> None:
        """Send the problem, unless the response has already started."""
        log_context = {"request_id": request.request_id.decode()}
        if request.status:
            logger.warning("a response was cut off: %s", problem.slug(), extra=log_context)
            return
        if isinstance(problem, BadAnswer):
            logger.warning("a service broke off its response", extra=log_context)
        response = problem.response(self._public_url, _instance(request))
        headers = add_security_headers([*request.response_headers, *response.raw_headers], problem.status)
        await request.start_response(problem.status, headers)
        await request.send({"type": "http.response.body", "body": response.body})

    def _record(self, request: ProxiedRequest, route: Route | None) -> None:
        """Count the request; log it if it changed something, failed or was slow. The path itself is never logged."""
        seconds = time.perf_counter() - request.started_at
        service, limit = (route.service, route.limit(request.method).name) if route else ("none", "none")
        metrics.record(service, limit, request.method, request.status, seconds)
        if request.status >= 400 or seconds >= SLOW_REQUEST_SECONDS or request.method not in SAFE_METHODS:
            access_log.info(
                "%s %s %s",
                request.method,
                route.prefix if route else "(unknown)",
                request.status or "client left",
                extra={"request_id": request.request_id.decode(), "seconds": round(seconds, 4)},
            )


async def _channel_of_whole_body(request: ProxiedRequest, route: Route, seconds: float) -> Receive:
    """Receive the body, and return the channel that delivers it at once. Raises RequestTimedOut, BodyTooLarge."""
    try:
        async with asyncio.timeout(seconds):
            body = await RequestBody(request.receive).read(request, route.body)
    except TimeoutError:
        raise RequestTimedOut from None
    delivered = False

    async def receive() -> Message:
        nonlocal delivered
        if delivered:
            return await request.receive()
        delivered = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _instance(request: ProxiedRequest) -> str | None:
    """Return the path for a problem's `instance`, or None where a secret stands in it."""
    return request.path if without_secret(request.path) == request.path else None
