"""The gateway's process: builds the application from its parts."""

from functools import partial

from fastapi import FastAPI

from gateway.credentials.cache import CredentialCache
from gateway.credentials.oidc import OidcIssuer
from gateway.credentials.oidc_client import OidcClient
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
from gateway.identity.link_requests import AddressKeys, LinkRequests
from gateway.mail.mailer import Mailer
from gateway.mail.outbox import Outbox
from gateway.mail.smtp import SmtpMailer
from gateway.openapi import MergedDescription
from gateway.rate_limit_policies import MAILS_TO_ADDRESS
from gateway.routes import RouteTable
from gateway.settings import SERVICES, GatewaySettings
from gateway.web.addresses import find_page
from gateway.web.pages.status import StatusMonitor
from gateway.web.path_errors import show_bad_addresses_as_not_found
from gateway.web.problem_page import problem_pages
from gateway.web.routers import ROUTERS
from gateway.web.saved_answers.jobs import delete_expired_answers
from gateway.web.unsaved_forms.unsaved_form import show_unsaved_forms
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
    issuer = _create_issuer(settings)
    mailer = _create_mailer(settings)
    links = _create_link_requests(settings, database, mailer, limiter)
    client = UpstreamClient(AiohttpTransport if settings.upstream_transport == "aiohttp" else ConnectionPool)
    pages = create_service(
        settings,
        ROUTERS,
        jobs={
            "revocations": listen_for_revocations(database.dsn, cache),
            "personas": create_personas(database, demo=settings.demo),
            "expired credentials": delete_expired_credentials(database),
            "expired answers": delete_expired_answers(database),
            "probes": probe_services(client, [settings.url_of(service) for service in SERVICES]),
            "maintenance": partial(run_maintenance, database),
            **({"sign-in mails": links.run} if links else {}),
        },
        checks={"services": monitor.check},
        database=database,
        resources={
            "link_requests": links,
            "limiter": limiter,
            "oidc_client": _create_oidc_client(settings, issuer),
            "outbox": mailer if isinstance(mailer, Outbox) else None,
        },
    )
    describe(pages, "gateway")
    _remove_route(pages, "/openapi.json")
    pages.state.status_monitor = monitor
    show_bad_addresses_as_not_found(pages)
    show_unsaved_forms(pages)
    pages.state.client, pages.state.routes = client, routes
    pages.state.description = MergedDescription(settings, pages.openapi, routes)
    return Edge(
        settings,
        pages,
        client=client,
        proxy=Proxy(settings, client),
        authentication=Authentication(settings, database, cache, limiter, issuer),
        credential_cache=cache,
        limiter=limiter,
        routes=routes,
        max_requests_per_address=HttpLimits().max_connections_per_address,
        render_problem=problem_pages(settings),
        find_page=find_page,
    )


def _create_issuer(settings: GatewaySettings) -> OidcIssuer | None:
    if settings.oidc_issuer is None:
        return None
    roles_claim = settings.oidc_roles_claim if settings.oidc_gives_roles else None
    return OidcIssuer(settings.oidc_issuer, audience=settings.oidc_audience, roles_claim=roles_claim)


def _create_oidc_client(settings: GatewaySettings, issuer: OidcIssuer | None) -> OidcClient | None:
    if issuer is None or not settings.oidc_client_id:
        return None
    return OidcClient(
        issuer,
        settings.oidc_client_id,
        settings.oidc_client_secret,
        settings.oidc_scope,
        f"{settings.public_url}/sign-in/callback",
    )


def _create_mailer(settings: GatewaySettings) -> Mailer | None:
    if settings.smtp_url is not None:
        url, sender = settings.smtp_url.get_secret_value(), settings.mail_from or ""
        return SmtpMailer(url, sender=sender, starttls=settings.smtp_starttls)
    return Outbox() if settings.demo else None


def _create_link_requests(
    settings: GatewaySettings, database: Database, mailer: Mailer | None, limiter: SharedRateLimiter
) -> LinkRequests | None:
    async def may_send(address_digest: bytes) -> bool:
        return (await limiter.take(MAILS_TO_ADDRESS, address_digest.hex())).allowed

    if mailer is None:
        return None
    keys = AddressKeys(settings.address_key, settings.former_address_key)
    return LinkRequests(database, mailer, keys, settings.public_url, may_send)


def _remove_route(pages: FastAPI, path: str) -> None:
    """Remove FastAPI's own description of these pages, which would hide that of the whole API."""
    pages.router.routes[:] = [route for route in pages.router.routes if getattr(route, "path", None) != path]
