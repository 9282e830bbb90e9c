"""One service on its own database, and requests to it as any caller."""

import copy
import importlib
from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import httpx
from fastapi import FastAPI
from sqlalchemy import select, text
from starlette.datastructures import State

from shared import clock
from shared.callers import CALLER_HEADER, Caller, sign
from shared.event_log.protocol import Partition, Record
from shared.events.event import Envelope, Event, published_events
from shared.messaging.dispatcher import EventDispatcher, ReceivedEvent
from shared.persistence.database import Database
from shared.persistence.platform_tables import outbox
from shared.persistence.tables import new_id
from shared.settings import ServiceSettings
from tests.support.settings import caller_keys, settings_for_tests

UNREACHABLE_DATABASE_URL = "postgresql://nobody:nothing@127.0.0.1:1/nowhere"


@dataclass(frozen=True, slots=True)
class World:
    """One service, and requests to it as any caller. Each service has a subclass with steps that its tests share."""

    service: ClassVar[str]
    app: FastAPI

    @property
    def database(self) -> Database:
        return self.app.state.database

    def client_for(self, caller: Caller) -> httpx.AsyncClient:
        """Return a client whose requests come from this caller."""
        return client(self.app, caller)

    async def call(self, caller: Caller, method: str, path: str, body: Any = None, **headers: str) -> httpx.Response:
        """Send one request. `body` is sent as JSON, unless it is bytes; `_` in the name of a header stands for `-`."""
        content: dict[str, Any] = {"content": body} if isinstance(body, bytes) else {"json": body}
        header_fields = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client_for(caller) as http:
            return await http.request(method, path, headers=header_fields, **content)

    async def json(self, caller: Caller, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Send a request that must succeed, and return the JSON of the response, or None where it has no body."""
        response = await self.call(caller, method, path, body, **more)
        assert response.is_success, response.text
        return response.json() if response.content else None

    async def problem(self, caller: Caller, method: str, path: str, body: Any = None, **more: Any) -> Any:
        """Send a request that must be refused, and return the problem document."""
        response = await self.call(caller, method, path, body, **more)
        assert response.headers["content-type"] == "application/problem+json", response.text
        return response.json()

    async def rows(self, sql: str, **values: Any) -> list[dict[str, Any]]:
        async with self.database.engine.connect() as connection:
            return [dict(row) for row in (await connection.execute(text(sql), values)).mappings()]

    async def events(self) -> Sequence[Event]:
        """Return the events in the outbox, in order."""
        return await outbox_events(self.database)

    async def handle(self, event: Event, sequence: int = 1, id: UUID | None = None, at: datetime | None = None) -> None:
        """Handle an event as the worker does: in one transaction, with an inbox row."""
        await self.handle_all([(event, id or new_id())], sequence, at)

    async def handle_all(
        self, events: Sequence[tuple[Event, UUID]], sequence: int = 1, at: datetime | None = None
    ) -> None:
        """Handle a batch of events with their ids, in one transaction."""
        dispatcher = EventDispatcher(self.database, importlib.import_module(f"services.{self.service}.worker").HANDLERS)
        received = [
            ReceivedEvent(
                Record(Partition(event.topic, 0), 0, str(event.key).encode(), b"", ()),
                Envelope(id, "/test", event.event_type, at or clock.now(), event.key, sequence),
                event,
            )
            for event, id in events
        ]
        async with self.database.transaction() as uow:
            await dispatcher.handle_in(uow, received)


W = TypeVar("W", bound=World)


@asynccontextmanager
async def open_world(kind: type[W], url: str, **settings: Any) -> AsyncGenerator[W]:
    """Create the service as another process would, with its own connections to this database."""
    app = create_app(kind.service, url, **settings)
    try:
        yield kind(app)
    finally:
        await app.state.database.close()


@asynccontextmanager
async def open_world_with_jobs(kind: type[W], url: str, **settings: Any) -> AsyncGenerator[W]:
    """Create the service with its background jobs running."""
    app = create_app(kind.service, url, **settings)
    async with run_lifespan(app):
        yield kind(app)


def world_on_database(kind: type[W], database: Database, **settings: Any) -> W:
    """Return the service on these connections, with new application state, so that nothing of another test is left."""
    service_settings = settings_of(kind.service, database.url, **settings)
    app = copy.copy(_shared_app(kind.service))
    app.dependency_overrides = {}
    app.state = State({"settings": service_settings, "database": database, "draining": False})
    for name, resource in resources_of(kind.service, service_settings, database).items():
        setattr(app.state, name, resource)
    return kind(app)


def create_app(service: str, url: str, **settings: Any) -> FastAPI:
    """Create the app of the service as production does."""
    return importlib.import_module(f"services.{service}.main").create_app(settings_of(service, url, **settings))


def settings_of(service: str, url: str, **settings: Any) -> ServiceSettings:
    module = importlib.import_module(f"services.{service}.settings")
    values = {**settings_for_tests(), f"{service}_database_url": url, **settings}
    return getattr(module, f"{service.capitalize()}Settings")(**values)


def resources_of(service: str, settings: ServiceSettings, database: Database) -> dict[str, Any]:
    main = importlib.import_module(f"services.{service}.main")
    return main.resources(settings, database) if hasattr(main, "resources") else {}


async def outbox_events(database: Database) -> Sequence[Event]:
    """Return the events in the outbox, in order."""
    async with database.engine.connect() as connection:
        rows = (await connection.execute(select(outbox).order_by(outbox.c.id))).all()
    return [published_events()[row.type].model_validate_json(row.data) for row in rows]


@cache
def _shared_app(service: str) -> FastAPI:
    """Return the service's app, whose routes and middleware are built once in a process, since they take long."""
    app = create_app(service, UNREACHABLE_DATABASE_URL)
    app.middleware_stack = app.build_middleware_stack()
    return app


@asynccontextmanager
async def run_lifespan(app: FastAPI) -> AsyncGenerator[FastAPI]:
    """Run the app's lifespan: database, jobs and resources."""
    async with app.router.lifespan_context(app):
        yield app


def client(app: FastAPI, caller: Caller | None = None, **headers: str) -> httpx.AsyncClient:
    """Return a client whose requests are signed as the gateway signs them for this caller (None: anonymous)."""
    signed = sign(caller or Caller(), caller_keys()[0])
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
    return httpx.AsyncClient(
        transport=transport, base_url="http://testserver", headers={CALLER_HEADER: signed, **headers}
    )
