"""Requests that are repeated when the connection is cut, and what was answered to them."""

import asyncio
import random
import re
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import aiohttp

from shared.callers import CALLER_HEADER, Caller, sign
from shared.persistence.tables import new_id
from tests.faults.fleet import Fleet
from tests.support.settings import caller_keys

CUT_PROBABILITY = 0.04
"""Of a POST whose sender hangs up after a few milliseconds, and repeats it."""
REPEAT_PROBABILITY = 0.05
"""Of an accepted POST that is sent once more, although its answer came."""
ANSWER_TIMEOUT_SECONDS = 20.0
GIVE_UP_SECONDS = 90.0
ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class MoneyResponse(NamedTuple):
    """An answer; `status` 0 where a change without an Idempotency-Key was cut, and may have had its effect."""

    status: int
    body: Any
    etag: str = ""

    @property
    def accepted(self) -> bool:
        return 200 <= self.status < 300

    @property
    def reason(self) -> str:
        """The last segment of a problem's type."""
        return str(self.body["type"]).rsplit("/", 1)[-1]


class AcceptedPost(NamedTuple):
    """A POST that was accepted, as it was sent and answered."""

    kind: str
    caller: Caller
    service: str
    path: str
    key: str
    content: dict[str, Any]
    response: MoneyResponse


@dataclass
class Journal:
    """What was sent and answered."""

    requests: int = 0
    cut: int = 0
    unreachable: int = 0
    accepted: Counter[str] = field(default_factory=Counter[str])
    refused: Counter[str] = field(default_factory=Counter[str])
    failures: list[str] = field(default_factory=list[str])
    posts: list[AcceptedPost] = field(default_factory=list[AcceptedPost])


@dataclass
class MoneyClient:
    """Requests to the services, signed as the gateway signs them."""

    http: aiohttp.ClientSession
    fleet: Fleet
    chance: random.Random
    journal: Journal = field(default_factory=Journal)
    cuts: bool = True

    async def get(self, caller: Caller, path: str, service: str = "funding") -> MoneyResponse:
        return await self._repeat(caller, "GET", service, path, {})

    async def items(self, caller: Caller, path: str, service: str = "funding") -> list[Any]:
        """Return all items of a list that may have several pages; none where it is refused."""
        items: list[Any] = []
        next_path: str | None = path
        while next_path:
            response = await self.get(caller, next_path, service)
            if not response.accepted:
                return items
            items += response.body["items"]
            next_url: str | None = response.body["next"]
            next_path = next_url[next_url.index("/v1/") :] if next_url else None
        return items

    async def post(
        self, caller: Caller, path: str, body: Any = None, *, match: str = "", service: str = "funding"
    ) -> MoneyResponse:
        """Send a POST until it is answered, each time with the same Idempotency-Key. A body of bytes is XML."""
        content = {"data": body} if isinstance(body, bytes) else {"json": body}
        headers = {"If-Match": match} if match else {}
        if isinstance(body, bytes):
            headers["Content-Type"] = "application/xml"
        key = str(new_id())
        sent = content | {"headers": headers}
        response = await self._repeat(caller, "POST", service, path, sent, key)
        if response.accepted:
            post = AcceptedPost(_kind("POST", path, body), caller, service, path, key, sent, response)
            self.journal.posts.append(post)
            if self.chance.random() < REPEAT_PROBABILITY:
                await self.replay(post)
        self._count("POST", path, body, response)
        return response

    async def change(
        self, caller: Caller, method: str, path: str, body: Any = None, *, match: str, service: str = "funding"
    ) -> MoneyResponse:
        """Send a PUT, PATCH or DELETE once: it has no Idempotency-Key, and its ETag keeps it from a second effect."""
        content = {"json": body, "headers": {"If-Match": match}}
        try:
            response = await self._send(caller, method, service, path, content, None, ANSWER_TIMEOUT_SECONDS)
        except aiohttp.ClientConnectorError:
            self.journal.unreachable += 1
            return MoneyResponse(0, None)
        except (aiohttp.ClientError, TimeoutError):
            self.journal.cut += 1
            return MoneyResponse(0, None)
        self._count(method, path, body, response)
        return response

    async def replay(self, post: AcceptedPost) -> bool:
        """Send an accepted POST again. Returns whether the answer is the same, which it was stored with its effect."""
        response = await self._repeat(post.caller, "POST", post.service, post.path, post.content, post.key)
        same = (response.status, response.body) == (post.response.status, post.response.body)
        if not same:
            self.journal.failures.append(f"{post.kind} was accepted, and when repeated answered {response}")
        return same

    async def _repeat(
        self, caller: Caller, method: str, service: str, path: str, content: dict[str, Any], key: str | None = None
    ) -> MoneyResponse:
        give_up = time.monotonic() + GIVE_UP_SECONDS
        while True:
            hang_up = self.cuts and key is not None and self.chance.random() < CUT_PROBABILITY
            seconds = self.chance.uniform(0.001, 0.03) if hang_up else ANSWER_TIMEOUT_SECONDS
            try:
                response = await self._send(caller, method, service, path, content, key, seconds)
                if response.status != 503 and (response.status != 409 or response.reason != "request-in-progress"):
                    return response
            except aiohttp.ClientConnectorError:
                self.journal.unreachable += 1
            except (aiohttp.ClientError, TimeoutError):
                self.journal.cut += 1
            assert time.monotonic() < give_up, f"{method} {path} was not answered"
            await asyncio.sleep(0.05)

    async def _send(
        self,
        caller: Caller,
        method: str,
        service: str,
        path: str,
        content: dict[str, Any],
        key: str | None,
        seconds: float,
    ) -> MoneyResponse:
        self.journal.requests += 1
        headers = {CALLER_HEADER: sign(caller, caller_keys()[0])} | content.get("headers", {})
        if key is not None:
            headers["Idempotency-Key"] = f'"{key}"'
        url = self.fleet.url(service) + path
        async with (
            asyncio.timeout(seconds),
            self.http.request(method, url, **content | {"headers": headers}) as response,
        ):
            is_json = "json" in response.content_type
            body = await response.json(content_type=None) if is_json else await response.read()
            if response.status >= 500 and response.status != 503:
                self.journal.failures.append(f"{method} {path}: {response.status} {body}")
            return MoneyResponse(response.status, body, response.headers.get("ETag", ""))

    def _count(self, method: str, path: str, body: Any, response: MoneyResponse) -> None:
        if response.accepted:
            self.journal.accepted[_kind(method, path, body)] += 1
        elif response.status:
            self.journal.refused[response.reason] += 1


def _kind(method: str, path: str, body: Any) -> str:
    """Return what a request does: `POST claims/submit`, `POST claims/decisions approved`."""
    steps = [part for part in path.removeprefix("/v1/").split("?")[0].split("/") if not ID.fullmatch(part)]
    fields = ("decision", "resolution", "outcome")
    detail = [] if body is None or isinstance(body, bytes) else [str(body[name]) for name in fields if name in body]
    return " ".join([method, "/".join(steps), *detail])
