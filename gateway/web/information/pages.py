"""`/accessibility`, `/privacy`, `/cookies`, `/contact`, and the files that browsers and crawlers look for."""

from fastapi import Request
from starlette.responses import PlainTextResponse, Response

from gateway.edge.authentication import cookie_name as session_cookie
from gateway.edge.authentication import state_cookie_name
from gateway.routes import without_secret
from gateway.settings import GatewaySettings
from gateway.web.layout.assets import asset_hash, file_response, names
from gateway.web.layout.local_paths import local_path
from gateway.web.layout.page import PublicPage
from gateway.web.layout.preferences import COOKIE as PREFERENCES_COOKIE
from gateway.web.questions.own.pages import SEEN_COOKIE
from gateway.web.saved_answers.journey import cookie_name as answers_cookie
from gateway.web.sign_in.browser import LINK_COOKIE, NEXT_COOKIE, host_cookie
from shared import clock
from shared.callers import Anyone
from shared.http.caching import IMMUTABLE, PUBLIC_DAY
from shared.http.conditional_requests import create_router
from shared.problems import NotFound

router = create_router("", "Information")


@router.get("/accessibility", include_in_schema=False)
async def show_accessibility(page: PublicPage) -> Response:
    """Show the accessibility statement."""
    return page.render("information/templates/accessibility.html")


@router.get("/privacy", include_in_schema=False)
async def show_privacy(page: PublicPage) -> Response:
    """Show what is kept of visitors and of people who sign in."""
    return page.render("information/templates/privacy.html")


@router.get("/cookies", include_in_schema=False)
async def show_cookies(request: Request, page: PublicPage) -> Response:
    """Show exactly which cookies are set."""
    settings: GatewaySettings = request.app.state.settings
    return page.render(
        "information/templates/cookies.html",
        preferences=PREFERENCES_COOKIE,
        session=session_cookie(settings),
        organisation=state_cookie_name(settings),
        link=host_cookie(settings, LINK_COOKIE),
        next=host_cookie(settings, NEXT_COOKIE),
        seen=SEEN_COOKIE,
        answers=answers_cookie(settings),
    )


@router.get("/contact", include_in_schema=False)
async def show_contact(request: Request, page: PublicPage, about: str | None = None) -> Response:
    """Show how to reach the centre, also about a page that somebody comes from, unless its address is a secret."""
    settings: GatewaySettings = request.app.state.settings
    path = local_path(about, "")
    shown = path if path == without_secret(path) else ""
    return page.render("information/templates/contact.html", about=shown, address=settings.contact_address)


@router.get("/assets/{hash}/{name}", include_in_schema=False)
async def get_asset(hash: str, name: str, _caller: Anyone) -> Response:
    """Return a style, script or picture. An address with another hash is that of a version that is gone."""
    if name not in names() or hash != asset_hash(name):
        raise NotFound
    return file_response(name, IMMUTABLE)


@router.get("/favicon.ico", include_in_schema=False)
async def get_icon(_caller: Anyone) -> Response:
    """Return the icon, for browsers that ask for it by this name."""
    return file_response("icon.svg", PUBLIC_DAY)


@router.get("/robots.txt", include_in_schema=False)
async def get_robots(request: Request, _caller: Anyone) -> Response:
    """Return what crawlers may read: pages, and neither the API nor what belongs to one person."""
    settings: GatewaySettings = request.app.state.settings
    lines = ("User-agent: *", "Disallow: /v1/", "Disallow: /sign-in", "Disallow: /language/", "Disallow: /welcome", "")
    body = "\n".join([*lines, f"Sitemap: {settings.public_url}/sitemap.xml", ""])
    return PlainTextResponse(body, headers=PUBLIC_DAY.headers)


@router.get("/.well-known/security.txt", include_in_schema=False)
async def get_security_contact(request: Request, _caller: Anyone) -> Response:
    """Return whom to tell of a weakness (RFC 9116)."""
    settings: GatewaySettings = request.app.state.settings
    expires = clock.now().replace(microsecond=0, second=0, minute=0, hour=0)
    lines = (
        f"Contact: {settings.public_url}/contact",
        f"Expires: {expires.replace(year=expires.year + 1, day=min(expires.day, 28)):%Y-%m-%dT%H:%M:%SZ}",
        "Preferred-Languages: en, cy",
        f"Canonical: {settings.public_url}/.well-known/security.txt",
        "",
    )
    return PlainTextResponse("\n".join(lines), headers=PUBLIC_DAY.headers)
