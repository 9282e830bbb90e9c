"""A gateway before a stub service, on a database of its own."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any, Final

import httpx
from sqlalchemy import text

from gateway.edge.app import Edge
from gateway.identity.sessions import issue_link, issue_session
from gateway.main import create_app
from gateway.settings import GatewaySettings
from shared.http_server.limits import HttpLimits
from shared.http_server.protocol import http_protocol
from shared.http_server.server import HttpServer
from shared.persistence.database import Database
from tests.conftest import FreshDatabase
from tests.gateway.servers import StubService, open_socket, serve, url_of
from tests.support.settings import caller_keys, settings_for_tests


@dataclass
class Gateway:
    url: str
    service: StubService
    database_url: str
    app: Edge
    http: httpx.AsyncClient

    async def token(self, persona: str) -> dict[str, str]:
        """Return the headers of a caller who is this persona."""
        return {"Authorization": f"Bearer {await issue_session(self.database_url, persona)}"}

    async def link(self, persona: str) -> str:
        """Return the URL of a new sign-in link."""
        return await issue_link(self.database_url, persona, self.url)

    async def sql(self, statement: str, **values: Any) -> Sequence[Any]:
        """Execute this in the gateway's database, as another process would; returns the first column of the rows."""
        database = Database(self.database_url, "gateway", pool=1)
        async with database.engine.begin() as connection:
            result = await connection.execute(text(statement), values)
            column: Sequence[Any] = result.scalars().all() if result.returns_rows else ()
        await database.close()
        return column


BROWSER: Final = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
"""The headers of a browser that opens an address."""

StartGateway = Callable[..., Awaitable[Gateway]]


def settings(database_url: str, service_url: str, **other: Any) -> GatewaySettings:
    payload = {
        **settings_for_tests(),
        "caller_private_key": caller_keys()[0],
        "gateway_database_url": database_url,
        **{f"{service}_url": service_url for service in ("evidence", "engagement", "funding")},
        "demo": True,
        **other,
    }
    return GatewaySettings.model_validate(payload)


@asynccontextmanager
async def gateway_before(
    service_url: str, database_url: str, service: StubService, limits: HttpLimits | None = None, **other: Any
) -> AsyncGenerator[Gateway]:
    bound = open_socket()
    app = create_app(settings(database_url, service_url, **{"public_url": url_of(bound), **other}))
    async with serve(app, bound, limits) as url, httpx.AsyncClient(base_url=url, timeout=20) as http:
        yield Gateway(url, service, database_url, app, http)


@asynccontextmanager
async def gateways(fresh_database: FreshDatabase) -> AsyncGenerator[StartGateway]:
    """Yield a function that starts gateways with these settings, each before a stub service, until the block ends."""
    async with AsyncExitStack() as stack:

        async def start(**other: Any) -> Gateway:
            service = StubService()
            behind_gateway = http_protocol(HttpServer(HttpLimits().behind_gateway(), "http://service"))
            service_url = other.pop("service_url", None) or await stack.enter_async_context(
                serve(service, open_socket(), http=behind_gateway)
            )
            database_url = await fresh_database("gateway")
            return await stack.enter_async_context(gateway_before(service_url, database_url, service, **other))

        yield start


async def wait_until(condition: Callable[[], bool], seconds: float = 5) -> None:
    """Wait for what another task or process is about to do. Raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not condition():  # noqa: ASYNC110  what is awaited tells no one
            await asyncio.sleep(0.005)
