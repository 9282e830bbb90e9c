"""The gateway's process: builds the application from its parts."""

from functools import partial

from fastapi import FastAPI

from gateway.credentials.cache import CredentialCache
from gateway.credentials.revocations import listen_for_revocations
from gateway.edge.app import Edge
from gateway.edge.authentication import Authentication
from gateway.edge.proxy import Proxy
from gateway.edge.rate_limits import RateLimiter
from gateway.edge.shared_rate_limits import SharedRateLimiter
from gateway.http_client.aiohttp_transport import AiohttpTransport
from gateway.http_client.client import ConnectionPool, UpstreamClient
from gateway.http_client.jobs import probe_services
from gateway.identity.jobs import create_personas, delete_expired_credentials
from gateway.openapi import MergedDescription
from gateway.routes import RouteTable
from gateway.settings import SERVICES, GatewaySettings
from gateway.web.addresses import find_page
from gateway.web.api_client import ApiRefusal, respond_with_refusal
from gateway.web.pages.status import StatusMonitor
from gateway.web.problem_page import problem_pages
from gateway.web.routers import ROUTERS
from shared.http.openapi import describe
from shared.http_server.limits import HttpLimits
from shared.persistence.database import Database
from shared.service.app import create_service
from shared.service.health import database_check
from shared.service.maintenance import run_maintenance


def create_app(settings: GatewaySettings | None = None) -> Edge:
    """Return the gateway as an ASGI application; its settings come from the environment unless they are passed."""
    settings = settings or GatewaySettings.from_environment()
    database = Database(settings.database.get_secret_value(), "gateway", pool=settings.database_pool)
    cache, routes = CredentialCache(), RouteTable()
    limiter = SharedRateLimiter(RateLimiter(settings.rate_limit_factor), settings.rate_limit_store_url)
    monitor = StatusMonitor(settings, database_check(database))
    client = UpstreamClient(AiohttpTransport if settings.upstream_transport == "aiohttp" else ConnectionPool)
    pages = create_service(
        settings,
        ROUTERS,
        jobs={
            "revocations": listen_for_revocations(database.dsn, cache),
            "personas": create_personas(database, demo=settings.demo),
            "expired credentials": delete_expired_credentials(database),
            "probes": probe_services(client, [settings.url_of(service) for service in SERVICES]),
            "maintenance": partial(run_maintenance, database),
        },
        checks={"services": monitor.check},
        database=database,
    )
    describe(pages, "gateway")
    _remove_route(pages, "/openapi.json")
    pages.state.status_monitor = monitor
    pages.add_exception_handler(ApiRefusal, respond_with_refusal)
    pages.state.client, pages.state.routes = client, routes
    pages.state.description = MergedDescription(settings, pages.openapi, routes)
    return Edge(
        settings,
        pages,
        client=client,
        proxy=Proxy(settings, client),
        authentication=Authentication(settings, database, cache, limiter),
        credential_cache=cache,
        limiter=limiter,
        routes=routes,
        max_requests_per_address=HttpLimits().max_connections_per_address,
        render_problem=problem_pages(settings),
        find_page=find_page,
    )


def _remove_route(pages: FastAPI, path: str) -> None:
    """Remove FastAPI's own description of these pages, which would hide that of the whole API."""
    pages.router.routes[:] = [route for route in pages.router.routes if getattr(route, "path", None) != path]
