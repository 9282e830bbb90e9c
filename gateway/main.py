"""The gateway's process: who is calling, how much, where to."""

import asyncio

from fastapi import FastAPI

from gateway.credentials import revocations
from gateway.credentials.cache import Remembered
from gateway.edge.app import Edge
from gateway.edge.authentication import Authentication
from gateway.edge.proxy import Proxy
from gateway.edge.rate_limits import Limits
from gateway.housekeeping import keep_house
from gateway.http_client.client import Upstream
from gateway.identity.queries import make_personas
from gateway.openapi import Descriptions
from gateway.partners import api as partners
from gateway.routes import RouteTable
from gateway.settings import GatewaySettings
from gateway.web import api as web
from gateway.web import sign_in as identity
from gateway.web.status import StatusBoard
from shared.http.openapi import describe
from shared.persistence.unit_of_work import Database
from shared.service.app import create_service
from shared.service.background import Job

ROUTERS = (web.router, identity.router, identity.welcome_router, identity.session_router, partners.router)


def create_app(settings: GatewaySettings | None = None) -> Edge:
    settings = settings or GatewaySettings()  # pyright: ignore[reportCallIssue]  the environment gives the rest
    database = Database(settings.database.get_secret_value(), "gateway", pool=settings.database_pool)
    remembered, limits, routes = Remembered(), Limits(settings.rate_limit_factor), RouteTable()
    board = StatusBoard(settings)
    pages = create_service(
        settings,
        ROUTERS,
        jobs={
            "revocations": revocations.follow(database.dsn, remembered),
            "personas": _personas(settings, database),
            "house": keep_house(database),
        },
        checks={"services": board.check},
        database=database,
    )
    describe(pages, "gateway")
    _leave_out(pages, "/openapi.json")
    pages.state.status_board = board
    pages.state.descriptions = Descriptions(settings, pages.openapi, routes)
    upstream = Upstream()
    return Edge(
        settings,
        pages,
        upstream=upstream,
        proxy=Proxy(settings, upstream),
        authentication=Authentication(settings, database, remembered, limits),
        remembered=remembered,
        limits=limits,
        routes=routes,
    )


def _personas(settings: GatewaySettings, database: Database) -> Job:
    """Makes the personas of a demo once; elsewhere there is nothing to do."""

    async def job(_stop: asyncio.Event) -> None:
        if settings.demo:
            async with database.session() as session, session.begin():
                await make_personas(session)

    return job


def _leave_out(pages: FastAPI, path: str) -> None:
    """The framework's own description of these pages would stand where the whole API's belongs."""
    pages.router.routes[:] = [route for route in pages.router.routes if getattr(route, "path", None) != path]
