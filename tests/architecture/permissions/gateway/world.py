"""The gateway: attempts on its pages, sign-in and partners' keys, with real sessions and keys."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI

from gateway.credentials.tokens import LIVE_KEY_PREFIX, create_token, hash_token
from gateway.edge.app import Edge
from gateway.identity.commands import create_session
from gateway.identity.tables import Person
from gateway.main import create_app
from gateway.partners.tables import ApiClient, ApiKey
from gateway.settings import GatewaySettings
from shared.callers import Caller, Role, person
from shared.persistence.database import Database
from shared.persistence.tables import Row, new_id
from tests.architecture.apps import UNREACHABLE_DATABASE_URL
from tests.architecture.permissions.services_before_pages import answer_for_pages
from tests.gateway.servers import open_socket, serve
from tests.support.settings import caller_keys, settings_for_tests

DEVELOPER: Final = person(new_id(), Role.PARTNER)
ADMINISTRATOR: Final = person(new_id(), Role.ADMINISTRATOR)
"""The owner of the partners' keys: an administrator may give every scope."""
CLIENT: Final = {"name": "Our case system", "mode": "live", "scopes": ["evidence:read"]}


@dataclass(frozen=True, slots=True)
class GatewayWorld:
    app: Edge
    database: Database

    async def add(self, row: Row) -> None:
        """Save the row, unless it exists."""
        async with self.database.session() as session, session.begin():
            if await session.get(type(row), row.id) is None:
                session.add(row)

    async def signed_in(self, caller: Caller) -> Mapping[str, str]:
        """Return the headers of a new session of this person, or of a new key of this client."""
        if caller.anonymous:
            return {}
        if caller.kind == "client":
            key = create_token(LIVE_KEY_PREFIX)
            await self.add(person_row(ADMINISTRATOR))
            scopes = sorted(caller.scopes)
            await self.add(ApiClient(id=caller.id, owner_id=ADMINISTRATOR.id, name="A", mode="live", scopes=scopes))
            await self.add(ApiKey(client_id=caller.id, digest=hash_token(key), hint=key[:16]))
            return {"X-API-Key": key}
        await self.add(person_row(caller))
        async with self.database.session() as session, session.begin():
            return {"Authorization": f"Bearer {create_session(session, caller.id)}"}


def person_row(caller: Caller) -> Person:
    return Person(id=caller.id, roles=sorted(caller.roles - {Role.CONTRIBUTOR}))


def app_of(database_url: str, service_url: str) -> Edge:
    values = {
        **settings_for_tests(),
        "caller_private_key": caller_keys()[0],
        "gateway_database_url": database_url,
        **{f"{service}_url": service_url for service in ("evidence", "engagement", "funding")},
        "rate_limit_factor": 100,
        "demo": True,
    }
    return create_app(GatewaySettings.model_validate(values))


def pages_of(edge: Edge) -> FastAPI:
    """Return the app of the paths that the gateway serves itself."""
    assert isinstance(edge.pages, FastAPI)
    return edge.pages


def described() -> FastAPI:
    return pages_of(app_of(UNREACHABLE_DATABASE_URL, "http://127.0.0.1:1"))


@asynccontextmanager
async def gateway_on(url: str) -> AsyncGenerator[GatewayWorld]:
    """Open a gateway before services in which there is one of each thing that pages show."""
    async with serve(answer_for_pages, open_socket()) as service_url:
        edge = app_of(url, service_url)
        database: Database = pages_of(edge).state.database
        try:
            yield GatewayWorld(edge, database)
        finally:
            await database.close()
