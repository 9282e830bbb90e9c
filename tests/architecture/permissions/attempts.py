"""Trying an operation as everybody, each time on a thing in the state in which it succeeds."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Final

import httpx
from fastapi import FastAPI

from shared.callers import CALLER_HEADER, Caller, sign
from shared.http.openapi import api_routes
from shared.persistence.tables import new_id
from tests.architecture.permissions.roles import callers
from tests.architecture.permissions.table import Operation, Table
from tests.support.settings import caller_keys

READS: Final = ("GET ", "HEAD ")
ANSWERS: Final = {200, 201, 202, 204, 303, 401, 403, 404}
"""Anything else says that the request was wrong, not that the caller was."""

Prepared = Mapping[str, Any]
"""The parameters of the path by name, and whatever else the body wants to know."""
Prepare = Callable[[Any], Awaitable[Prepared]]


async def nothing(_world: Any) -> Prepared:
    return {}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that succeeds for those who may make it.

    `prepare` makes what it needs; it is asked again after each success that may have changed this.
    """

    operation: str
    prepare: Prepare = nothing
    body: Mapping[str, Any] | Callable[[Prepared], Mapping[str, Any]] | None = None
    """JSON, or what makes it of that which was prepared."""
    content: bytes | Callable[[Prepared], bytes] | None = None
    files: Mapping[str, Any] | None = None
    headers: Callable[[Prepared], Mapping[str, str]] | Mapping[str, str] | None = None

    def __str__(self) -> str:
        return self.operation

    async def send(self, http: httpx.AsyncClient, prepared: Prepared, headers: Mapping[str, str]) -> httpx.Response:
        method, path = self.operation.split()[:2]
        more: dict[str, Any] = {
            name: value(prepared) if callable(value) else value
            for name, value in (("json", self.body), ("content", self.content), ("files", self.files))
            if value is not None
        }
        own = self.headers(prepared) if callable(self.headers) else self.headers or {}
        always = {"Idempotency-Key": f'"{new_id()}"'} if method == "POST" else {}
        if method in {"PUT", "PATCH", "DELETE"}:
            always = {"If-Match": "*"}
        filled = re.sub(r"{(\w+)}", lambda part: str(prepared[part[1]]), path)
        return await http.request(method, filled, headers={**always, **own, **headers}, **more)


@dataclass(frozen=True, slots=True)
class Noun:
    """The attempts on one kind of thing; they share a database, in this order."""

    service: str
    name: str
    attempts: tuple[Attempt, ...]
    scopes: str
    """The family of a partner's scopes that these things take."""
    owner: Caller | None = None
    """Whose the prepared things are; none where they are nobody's."""

    @property
    def operations(self) -> list[Operation]:
        return [Operation(self.service, attempt.operation) for attempt in self.attempts]

    def __str__(self) -> str:
        return f"{self.service} {self.name}"


def operations(service: str, ready: Prepare = nothing) -> Noun:
    """What those who operate a service ask it."""
    attempts = Attempt("GET /health/live"), Attempt("GET /health/ready", ready), Attempt("GET /metrics")
    return Noun(service, "operations", attempts, scopes=service)


async def signed(_world: Any, caller: Caller) -> Mapping[str, str]:
    """What the gateway tells a service of this caller."""
    return {CALLER_HEADER: sign(caller, caller_keys()[0])}


@dataclass(frozen=True, slots=True)
class Api:
    """An API that is tried: what it describes, how it is opened, and how callers prove who they are."""

    described: Callable[[], FastAPI]
    """Without a database."""
    on: Callable[[str], AbstractAsyncContextManager[Any]]
    """A world on the database with this URL; its `app` is what is asked."""
    credentials_of: Callable[[Any, Caller], Awaitable[Mapping[str, str]]] = signed


def endpoints_of(app: FastAPI) -> set[tuple[str, str]]:
    """Method and path of all that a running API describes, and of what it leaves out of its description."""
    described = {(method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item}
    return described | {(method, route.path) for route in api_routes(app.routes) for method in route.methods or ()}


async def try_everything(api: Api, world: Any, noun: Noun, reviewed: Table) -> Table:
    """What everybody is answered. Raises AssertionError when a request is wrong in itself.

    Whom the reviewed table refuses tries first: what was prepared is used up only by those who may.
    """
    table: Table = {}
    transport = httpx.ASGITransport(app=world.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        for attempt, operation in zip(noun.attempts, noun.operations, strict=True):
            may = {column for column, status in reviewed.get(operation, {}).items() if status < 400}
            everybody = sorted(callers(noun.owner, noun.scopes).items(), key=lambda tries: tries[0] in may)
            answers = _answers(api, world, http, attempt, everybody)
            table[operation] = {column: status async for column, status in answers}
    return table


async def _answers(
    api: Api, world: Any, http: httpx.AsyncClient, attempt: Attempt, everybody: Sequence[tuple[str, Caller]]
) -> AsyncIterator[tuple[str, int]]:
    prepared: Prepared | None = None
    for column, caller in everybody:
        if prepared is None:
            prepared = await attempt.prepare(world)
        http.cookies.clear()
        response = await attempt.send(http, prepared, await api.credentials_of(world, caller))
        assert response.status_code in ANSWERS, f"{attempt} as {column}: {response.status_code} {response.text}"
        yield column, response.status_code
        if response.status_code < 400 and not attempt.operation.startswith(READS):
            prepared = None
