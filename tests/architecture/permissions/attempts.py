"""Try an operation as every kind of caller, each time on a resource in the state in which it succeeds."""

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
EXPECTED_STATUSES: Final = {200, 201, 202, 204, 303, 401, 403, 404}
"""Any other status means that the request was invalid, and says nothing about the caller's rights."""

Prepared = Mapping[str, Any]
"""Parameters of the path by name, and values that the body needs."""
Prepare = Callable[[Any], Awaitable[Prepared]]


async def prepare_nothing(_world: Any) -> Prepared:
    return {}


@dataclass(frozen=True, slots=True)
class Attempt:
    """A request that succeeds for the callers who may send it.

    `prepare` creates the resources that it needs, and runs again after each success that may have changed them.
    """

    operation: str
    prepare: Prepare = prepare_nothing
    body: Mapping[str, Any] | Callable[[Prepared], Mapping[str, Any]] | None = None
    """JSON, or a function that returns it for the prepared values."""
    content: bytes | Callable[[Prepared], bytes] | None = None
    files: Mapping[str, Any] | None = None
    headers: Callable[[Prepared], Mapping[str, str]] | Mapping[str, str] | None = None
    read_at: str | None = None
    """Where the ETag is read that the command takes, unless it is the path without the command."""

    def __str__(self) -> str:
        return self.operation

    async def send(self, http: httpx.AsyncClient, prepared: Prepared, headers: Mapping[str, str]) -> httpx.Response:
        method, path = self.operation.split()[:2]
        content: dict[str, Any] = {
            name: value(prepared) if callable(value) else value
            for name, value in (("json", self.body), ("content", self.content), ("files", self.files))
            if value is not None
        }
        own_headers = self.headers(prepared) if callable(self.headers) else self.headers or {}
        default_headers = {"If-Match": "*"} if method != "GET" else {}
        if method == "POST":
            default_headers["Idempotency-Key"] = f'"{new_id()}"'
        filled_path = _fill(path, prepared)
        sent_headers = {**default_headers, **own_headers, **headers}
        response = await http.request(method, filled_path, headers=sent_headers, **content)
        if response.status_code != 428:
            return response
        # Nobody does this unseen: with the ETag of what this caller reads.
        resource_path = path.rpartition("/")[0] if method == "POST" else path
        resource = await http.get(_fill(self.read_at or resource_path, prepared), headers=headers)
        sent_headers["If-Match"] = resource.headers.get("ETag", '"0"')
        return await http.request(method, filled_path, headers=sent_headers, **content)


def _fill(path: str, prepared: Prepared) -> str:
    return re.sub(r"{(\w+)}", lambda parameter: str(prepared[parameter[1]]), path)


@dataclass(frozen=True, slots=True)
class Noun:
    """The attempts on one kind of resource; they share a database, in this order."""

    service: str
    name: str
    attempts: tuple[Attempt, ...]
    scopes: str
    """The family of partners' scopes that applies to these resources."""
    owner: Caller | None = None
    """The owner of the prepared resources, or None."""

    @property
    def operations(self) -> list[Operation]:
        return [Operation(self.service, attempt.operation) for attempt in self.attempts]

    def __str__(self) -> str:
        return f"{self.service} {self.name}"


def operations(service: str, ready: Prepare = prepare_nothing) -> Noun:
    """Return the attempts on health checks and metrics."""
    attempts = Attempt("GET /health/live"), Attempt("GET /health/ready", ready), Attempt("GET /metrics")
    return Noun(service, "operations", attempts, scopes=service)


async def caller_headers(_world: Any, caller: Caller) -> Mapping[str, str]:
    """Return the header by which the gateway identifies this caller to a service."""
    return {CALLER_HEADER: sign(caller, caller_keys()[0])}


@dataclass(frozen=True, slots=True)
class TriedApi:
    """An API under test: its description, how it is opened, and how callers authenticate."""

    describe: Callable[[], FastAPI]
    """Creates the app without a database."""
    open_world: Callable[[str], AbstractAsyncContextManager[Any]]
    """Opens a world on the database with this URL; its `app` receives the requests."""
    credentials_of: Callable[[Any, Caller], Awaitable[Mapping[str, str]]] = caller_headers


def endpoints_of(app: FastAPI) -> set[tuple[str, str]]:
    """Return method and path of all endpoints of an app, including those that its description leaves out."""
    described = {(method.upper(), path) for path, item in app.openapi()["paths"].items() for method in item}
    return described | {(method, route.path) for route in api_routes(app.routes) for method in route.methods or ()}


async def try_everything(api: TriedApi, world: Any, noun: Noun, reviewed: Table) -> Table:
    """Send every attempt as every caller. Returns the statuses. Raises AssertionError when a request is invalid.

    Callers whom the reviewed table refuses come first, since a success may use up what was prepared.
    """
    table: Table = {}
    transport = httpx.ASGITransport(app=world.app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        for attempt, operation in zip(noun.attempts, noun.operations, strict=True):
            allowed_columns = {column for column, status in reviewed.get(operation, {}).items() if status < 400}
            callers_by_column = sorted(
                callers(noun.owner, noun.scopes).items(),
                key=lambda column_and_caller: column_and_caller[0] in allowed_columns,
            )
            statuses = _try_operation(api, world, http, attempt, callers_by_column)
            table[operation] = {column: status async for column, status in statuses}
    return table


async def _try_operation(
    api: TriedApi,
    world: Any,
    http: httpx.AsyncClient,
    attempt: Attempt,
    callers_by_column: Sequence[tuple[str, Caller]],
) -> AsyncIterator[tuple[str, int]]:
    prepared: Prepared | None = None
    for column, caller in callers_by_column:
        if prepared is None:
            prepared = await attempt.prepare(world)
        http.cookies.clear()
        response = await attempt.send(http, prepared, await api.credentials_of(world, caller))
        assert response.status_code in EXPECTED_STATUSES, (
            f"{attempt} as {column}: {response.status_code} {response.text}"
        )
        yield column, response.status_code
        if response.status_code < 400 and not attempt.operation.startswith(READS):
            prepared = None
