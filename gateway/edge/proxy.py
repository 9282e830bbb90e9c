"""Streams requests to the services and their answers back, and stops when either side does."""

import asyncio
import time
from collections.abc import Hashable
from contextlib import nullcontext
from typing import Final

from gateway.edge.authentication import Identity
from gateway.edge.single_flight import SingleFlight, Whole
from gateway.http import request as calls
from gateway.http.body import ClientGone, Incoming
from gateway.http.headers import completed
from gateway.http.request import HOP_BY_HOP, Call, Headers
from gateway.http_client.client import Body, Upstream
from gateway.http_client.connection import Answer
from gateway.problems import BadAnswer
from gateway.routes import Route
from gateway.settings import SERVICES, GatewaySettings
from shared.problems import TooSlow

SMALL: Final = 128 * 1024
"""An answer up to this size is read whole before it is sent on, and may be given to several."""
QUIET_SECONDS: Final = 60.0
"""A service that is silent for this long in the middle of an answer is given up."""

LEFT_OUT: Final = HOP_BY_HOP | {
    b"date",
    b"server",
    b"x-request-id",
    b"x-content-type-options",
    b"strict-transport-security",
}
VARY: Final = (b"vary", b"authorization, x-api-key, cookie")
"""Whoever keeps a public answer must not give it to one who is signed in, and may see more."""
SHARED_BY: Final = (b"accept", b"accept-encoding", b"accept-language", b"if-none-match", b"if-modified-since")
THE_SAME_FOR_NOBODY: Final = frozenset({b"authorization", b"x-api-key", b"cookie"})
"""Where an answer varies by these, all who have not signed in get the same one."""
NOT_SHARED: Final = frozenset({b"range", b"invitation", b"cache-control"})


class Proxy:
    def __init__(self, settings: GatewaySettings, upstream: Upstream) -> None:
        self._origins: dict[str, str] = {service: settings.url_of(service) for service in SERVICES}
        self._upstream = upstream
        self.flights = SingleFlight()

    async def forward(self, call: Call, route: Route, identity: Identity) -> None:
        """Answers the call with what the service answers. Raises a Problem as long as nothing was answered."""
        seconds = call.seconds(route.seconds)
        if seconds <= 0:
            raise TooSlow
        incoming = Incoming(call.receive)
        incoming.watch(seconds)
        try:
            answer = await self._answer(call, route, identity, incoming, seconds)
            incoming.in_time()
            origin = self._origins[route.service].encode()
            headers = _answer_headers(call, answer, origin, private=not identity.caller.anonymous)
            if isinstance(answer, Whole):
                await call.start(answer.status, headers)
                await call.send({"type": "http.response.body", "body": answer.body})
            else:
                await _stream(call, answer, headers)
        except asyncio.CancelledError:
            if not incoming.forgiven():
                raise
            if incoming.late:
                raise TooSlow from None
        except ClientGone:
            pass
        finally:
            incoming.close()

    async def _answer(
        self, call: Call, route: Route, identity: Identity, incoming: Incoming, seconds: float
    ) -> Answer | Whole:
        key = _key(call) if identity.caller.anonymous else None
        if key is not None and (known := await self.flights.join(key)) is not None:
            return known
        body = await incoming.body(call, route.body)
        origin = self._origins[route.service]
        headers = _head(call, identity, seconds, body)
        flight = self.flights.lead(key) if key is not None else None
        with flight or nullcontext():
            answer = await _whole_if_small(await self._upstream.ask(origin, call.method, call.target, headers, body))
            if key is not None and answer.status < 500:
                shared = isinstance(answer, Whole) and _may_be_shared(answer)
                self.flights.learn(key, shared=shared)
                if flight is not None and isinstance(answer, Whole) and shared:
                    flight.land(answer)
            return answer


def _head(call: Call, identity: Identity, seconds: float, body: Body) -> Headers:
    left = max(0.001, seconds - (time.perf_counter() - call.began))
    headers: Headers = [
        *call.passed,
        (b"x-impact-caller", identity.signed),
        (b"x-request-id", call.request_id),
        (b"traceparent", call.traceparent()),
        (b"request-timeout", b"%.3f" % left),
    ]
    if body is not None and not isinstance(body, bytes) and (length := call.kept.get(b"content-length")):
        headers.append((b"content-length", length))
    return headers


def _key(call: Call) -> Hashable | None:
    """What makes two anonymous reads equal, or None for a request that is not to be shared."""
    if call.method != "GET" or b"content-length" in call.kept or b"transfer-encoding" in call.kept:
        return None
    given: dict[bytes, bytes] = dict(call.passed)
    if not NOT_SHARED.isdisjoint(given):
        return None
    return (call.target, *(given.get(name) for name in SHARED_BY))


async def _whole_if_small(answer: Answer) -> Answer | Whole:
    """A small answer is read to its end first: what then breaks can still be told as a problem."""
    for name, value in answer.headers:
        if name == b"content-length":
            if int(value) > SMALL:
                return answer
            break
    else:
        return answer
    try:
        return Whole(answer.status, answer.headers, await answer.whole())
    finally:
        answer.close()


def _may_be_shared(whole: Whole) -> bool:
    """Only what the service calls public, and no different for different askers."""
    said: dict[bytes, bytes] = dict(whole.headers)
    varies = {name.strip() for name in said.get(b"vary", b"").lower().split(b",") if name.strip()}
    return (
        whole.status == 200
        and b"public" in said.get(b"cache-control", b"")
        and b"set-cookie" not in said
        and varies <= THE_SAME_FOR_NOBODY.union(SHARED_BY)
    )


async def _stream(call: Call, answer: Answer, headers: Headers) -> None:
    try:
        await call.start(answer.status, headers)
        if call.scope["method"] == "HEAD":
            await call.send({"type": "http.response.body"})
            return
        more = True
        while more:
            async with asyncio.timeout(QUIET_SECONDS):
                piece, more = await answer.piece()
            await call.send({"type": "http.response.body", "body": piece, "more_body": more})
    except TimeoutError:
        raise BadAnswer from None
    finally:
        answer.close()


def _answer_headers(call: Call, answer: Answer | Whole, origin: bytes, *, private: bool) -> Headers:
    headers = [*call.said]
    left_out = LEFT_OUT
    for pair in answer.headers:
        name, value = pair
        if name in left_out:
            if name == b"connection" and (named := calls.named_by_connection(value)):
                left_out = LEFT_OUT | named
                headers = [kept for kept in headers if kept[0] not in named]
            continue
        if name == b"location" and value.startswith(origin + b"/"):
            headers.append((name, value[len(origin) :]))
        elif name == b"cache-control" and b"public" in value:
            headers.append((name, value.replace(b"public", b"private")) if private else pair)
            headers.append(VARY)
        else:
            headers.append(pair)
    return completed(headers, answer.status)
