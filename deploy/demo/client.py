"""A client of the platform's public API, as a partner's program would be."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import aiohttp
import orjson

from shared.persistence.tables import new_id

T = TypeVar("T")


class RequestRefused(Exception):
    """The platform refused a request; `problem` is its problem document."""

    def __init__(self, method: str, path: str, status: int, problem: dict[str, Any]) -> None:
        self.status, self.problem = status, problem
        fields: list[dict[str, str]] = problem.get("errors") or []
        errors = "; ".join(f"{error['pointer']}: {error['detail']}" for error in fields)
        super().__init__(f"{method} {path}: {status} {problem.get('title', '')}. {problem.get('detail', '')} {errors}")


class ConditionTimeout(Exception):
    """A condition did not become true in time."""


class PublicClient:
    """Requests of one caller: with a session's token, or anonymous."""

    def __init__(self, http: aiohttp.ClientSession, gateway: str, token: str | None = None) -> None:
        self._http, self._gateway = http, gateway.rstrip("/")
        self._headers = {"Authorization": f"Bearer {token}"} if token else {}

    async def get(self, path: str) -> dict[str, Any]:
        return orjson.loads(await self.send("GET", path))

    async def post(
        self, path: str, body: object = None, *, idempotent: bool = False, headers: Mapping[str, str] | None = None
    ) -> dict[str, Any]:
        """Send a POST. `idempotent` adds the Idempotency-Key that is required where money moves."""
        all_headers = dict(headers or {})
        if idempotent:
            all_headers["Idempotency-Key"] = f'"{new_id()}"'
        response = await self.send("POST", path, json=body if body is not None else {}, headers=all_headers)
        return orjson.loads(response) if response else {}

    async def patch(self, path: str, change: object) -> dict[str, Any]:
        """Change whatever version there is."""
        return orjson.loads(await self.send("PATCH", path, json=change, headers={"If-Match": "*"}))

    async def command(self, resource: str, verb: str, body: object = None) -> dict[str, Any]:
        """Send a command that moves money, on the resource as the caller has just read it (`If-Match`)."""
        _, read = await self._request("GET", resource)
        headers = {"If-Match": read["ETag"]}
        return await self.post(f"{resource}/{verb}", body, idempotent=True, headers=headers)

    async def put(self, path: str, body: object, *, idempotent: bool = False) -> dict[str, Any]:
        headers = {"Idempotency-Key": f'"{new_id()}"'} if idempotent else {}
        return orjson.loads(await self.send("PUT", path, json=body, headers=headers))

    async def post_xml(self, path: str, document: bytes) -> dict[str, Any]:
        headers = {"Content-Type": "application/xml", "Idempotency-Key": f'"{new_id()}"'}
        return orjson.loads(await self.send("POST", path, data=document, headers=headers))

    async def upload(
        self, path: str, name: str, content: bytes, *, headers: Mapping[str, str] | None = None, **fields: str
    ) -> dict[str, Any]:
        form = aiohttp.FormData()
        for field, value in fields.items():
            form.add_field(field, value)
        form.add_field("file", content, filename=name, content_type="application/octet-stream")
        return orjson.loads(await self.send("POST", path, data=form, headers=headers))

    async def send(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        data: bytes | aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """Send a request and return the body of the response. Raises RequestRefused."""
        body, _ = await self._request(method, path, json=json, data=data, headers=headers)
        return body

    async def _request(
        self,
        method: str,
        path: str,
        *,
        json: object = None,
        data: bytes | aiohttp.FormData | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> tuple[bytes, Mapping[str, str]]:
        """Send a request and return body and headers of the response. Raises RequestRefused."""
        url = path if path.startswith("http") else f"{self._gateway}{path}"
        all_headers = {**self._headers, **(headers or {})}
        async with self._http.request(method, url, headers=all_headers, json=json, data=data) as response:
            body = await response.read()
            if response.status >= 400:
                problem = (
                    orjson.loads(body) if "json" in response.content_type else {"detail": body.decode(errors="replace")}
                )
                raise RequestRefused(method, path, response.status, problem)
            return body, response.headers


async def poll_until(
    description: str, fetch: Callable[[], Awaitable[T]], condition: Callable[[T], bool], *, seconds: float = 60
) -> T:
    """Fetch until the condition holds, since effects of events take a moment. Raises ConditionTimeout.

    Refusals with 404, 409 and 422 are retried.
    """
    deadline = time.monotonic() + seconds
    while True:
        try:
            value = await fetch()
            if condition(value):
                return value
        except RequestRefused as error:
            if error.status not in (404, 409, 422):
                raise
            value = error
        if time.monotonic() > deadline:
            raise ConditionTimeout(f"{description} did not follow within {seconds:.0f} s; last seen: {value}")
        await asyncio.sleep(0.1)
