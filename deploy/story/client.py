"""Someone who uses the platform through its public API, as a partner's program would."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp
import orjson

from shared.persistence.tables import new_id

T = TypeVar("T")


class Refused(Exception):
    """The platform refused; `problem` is what it said."""

    def __init__(self, method: str, path: str, status: int, problem: dict[str, Any]) -> None:
        self.status, self.problem = status, problem
        fields: list[dict[str, str]] = problem.get("errors") or []
        errors = "; ".join(f"{error['pointer']}: {error['detail']}" for error in fields)
        super().__init__(f"{method} {path}: {status} {problem.get('title', '')}. {problem.get('detail', '')} {errors}")


class NotInTime(Exception):
    """What should have followed did not follow."""


class Visitor:
    """One caller: a session's token, or nobody in particular."""

    def __init__(self, http: aiohttp.ClientSession, gateway: str, token: str | None = None) -> None:
        self._http, self._gateway = http, gateway.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str) -> dict[str, Any]:
        return orjson.loads(await self.send("GET", path))

    async def post(
        self, path: str, body: Any = None, *, paying: bool = False, headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        """`paying` adds the Idempotency-Key that is needed where money moves."""
        all_headers = dict(headers or {})
        if paying:
            all_headers["Idempotency-Key"] = f'"{new_id()}"'
        response = await self.send("POST", path, json=body if body is not None else {}, headers=all_headers)
        return orjson.loads(response) if response else {}

    async def put(self, path: str, body: Any, *, paying: bool = False) -> dict[str, Any]:
        headers = {"Idempotency-Key": f'"{new_id()}"'} if paying else {}
        return orjson.loads(await self.send("PUT", path, json=body, headers=headers))

    async def post_xml(self, path: str, document: bytes) -> dict[str, Any]:
        headers = {"Content-Type": "application/xml", "Idempotency-Key": f'"{new_id()}"'}
        return orjson.loads(await self.send("POST", path, data=document, headers=headers))

    async def upload(self, path: str, name: str, content: bytes, **fields: str) -> dict[str, Any]:
        form = aiohttp.FormData()
        for field, value in fields.items():
            form.add_field(field, value)
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        return orjson.loads(await self.send("POST", path, data=form))

    async def send(self, method: str, path: str, **more: Any) -> bytes:
        """The body of the answer. Raises Refused."""
        headers = {**self._headers, **more.pop("headers", {})}
        url = path if path.startswith("http") else f"{self._gateway}{path}"
        async with self._http.request(method, url, headers=headers, **more) as response:
            body = await response.read()
            if response.status >= 400:
                problem = (
                    orjson.loads(body) if "json" in response.content_type else {"detail": body.decode(errors="replace")}
                )
                raise Refused(method, path, response.status, problem)
            return body


async def follows(what: str, fetch: Callable[[], Awaitable[T]], so: Callable[[T], bool], *, seconds: float = 60) -> T:
    """Ask until it is so: what travels by event takes a moment. Raises NotInTime."""
    end = time.monotonic() + seconds
    while True:
        try:
            seen = await fetch()
            if so(seen):
                return seen
        except Refused as refused:
            if refused.status not in (404, 409, 422):
                raise
            seen = refused
        if time.monotonic() > end:
            raise NotInTime(f"{what} did not follow within {seconds:.0f} s; last seen: {seen}")
        await asyncio.sleep(0.1)
