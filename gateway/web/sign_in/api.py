"""`/sign-in`, `/welcome` and `/v1/session`: signing in with a one-time link, and signing out."""

from html import escape
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from gateway.credentials.cache import Identity
from gateway.credentials.tokens import LINK_PREFIX, hash_token
from gateway.edge.authentication import cookie_name
from gateway.identity import commands, queries
from gateway.identity.personas import BY_KEY
from gateway.identity.rules import SESSION_LIFETIME
from gateway.problems import SignInIsElsewhere
from gateway.settings import GatewaySettings
from gateway.web.html import link_list
from gateway.web.layout.page import Page, PublicPage, SignedInPage
from shared.callers import Contributor
from shared.http.caching import NO_STORE
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Problem

MAX_TOKEN_LENGTH = 100

router = create_router("", "Session")


async def _link_digest(request: Request, token: str) -> bytes:
    """Return the hash of the link's token; an empty one, which no link has, for what cannot be a token."""
    settings: GatewaySettings = request.app.state.settings
    if settings.oidc_issuer:
        raise SignInIsElsewhere
    return hash_token(token) if token.startswith(LINK_PREFIX) and len(token) < MAX_TOKEN_LENGTH else b""


LinkDigest = Annotated[bytes, Depends(_link_digest)]


@router.get("/sign-in/{token}", include_in_schema=False)
async def show_sign_in(digest: LinkDigest, page: PublicPage, session: Reading) -> HTMLResponse:
    """Show a button. Programs that preview links do not press it, so the link still works for the person."""
    try:
        await queries.check_link_works(session, digest)
    except Problem as error:
        return _refusal_page(page, error)
    body = """
<p>Press the button to sign in on this device. This link works only once.</p>
<form method="post"><button type="submit">Sign in</button></form>
"""
    return page.render_html("Sign in", body)


@router.post("/sign-in/{token}", include_in_schema=False)
async def sign_in(request: Request, digest: LinkDigest, page: PublicPage, uow: Transaction) -> Response:
    """Sign in whoever presses the button first; show everyone after that why the link no longer works."""
    settings: GatewaySettings = request.app.state.settings
    try:
        token = await commands.sign_in_by_link(uow, digest, personas=settings.demo)
    except Problem as error:
        return _refusal_page(page, error)
    response = RedirectResponse("/welcome", 303, NO_STORE.headers)
    response.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(SESSION_LIFETIME.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=settings.secure,
    )
    return response


@router.get("/welcome", include_in_schema=False)
async def show_welcome(page: PublicPage, session: Reading) -> HTMLResponse:
    """Show who is signed in, and the places to look at first."""
    person = await queries.find_person(session, page.caller.id) if page.caller and page.signed_in else None
    if person is None:
        return page.render_html("You are not signed in", "<p>Open your sign-in link, or ask for a new one.</p>")
    persona = BY_KEY.get(person.persona or "")
    name = person.name or "yourself"
    links = persona.links if persona else (("/docs", "API reference"),)
    body = f"""
<p>You are signed in as <strong>{escape(name[:1].lower() + name[1:])}</strong>. You stay signed in on this device for
up to 12 hours.</p>
<h2>Where to start</h2>
{link_list(links)}
<form method="post" action="/welcome/sign-out"><button type="submit">Sign out</button></form>
"""
    return page.render_html("You are signed in", body)


@router.post("/welcome/sign-out", include_in_schema=False)
async def sign_out_of_browser(request: Request, page: SignedInPage, uow: Transaction) -> HTMLResponse:
    """Sign out by the button of the welcome page."""
    await _end_session(request, uow)
    response = page.render_html("You are signed out", "<p>To sign in again, ask for a new sign-in link.</p>")
    _delete_cookie(request, response)
    return response


@router.post("/v1/session/sign-out", status_code=204, summary="Sign out")
async def sign_out(request: Request, _caller: Contributor, uow: Transaction, response: Response) -> None:
    """End the session of this token or cookie, on every device that uses it."""
    await _end_session(request, uow)
    _delete_cookie(request, response)


async def _end_session(request: Request, uow: Transaction) -> None:
    identity: Identity = request.scope["impact.identity"]
    if identity.credential_id is not None and identity.caller.kind == "person":
        await commands.end_session(uow, identity.credential_id)


def _delete_cookie(request: Request, response: Response) -> None:
    settings: GatewaySettings = request.app.state.settings
    response.delete_cookie(cookie_name(settings), httponly=True, samesite="lax", secure=settings.secure)


def _refusal_page(page: Page, error: Problem) -> HTMLResponse:
    body = f'<p>{escape(error.detail)}</p><p><a href="/welcome">Check whether you are signed in</a></p>'
    return page.render_html(error.title, body, status=error.status)
