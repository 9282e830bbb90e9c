"""`/sign-in` and `/welcome`: signing in by a link or at the identity provider, and signing out."""

from html import escape
from typing import Annotated

from fastapi import Depends, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from gateway.credentials.oidc_client import OidcClient
from gateway.credentials.sign_in_state import open_state
from gateway.credentials.tokens import LINK_PREFIX, hash_token
from gateway.identity import commands, queries
from gateway.identity.personas import BY_KEY
from gateway.identity.rules import local_path
from gateway.problems import SignInIsElsewhere
from gateway.web.html import link_list, render_page
from gateway.web.sign_in.browser import (
    delete_session_cookie,
    delete_state_cookie,
    device_of,
    session_id_of,
    set_session_cookie,
    set_state_cookie,
    settings_of,
)
from shared.callers import Anyone, Contributor
from shared.http.caching import NO_STORE
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Problem

MAX_TOKEN_LENGTH = 100

router = create_router("", "Session")


async def _oidc_client(request: Request) -> OidcClient:
    client: OidcClient | None = request.app.state.oidc_client
    if client is None:
        raise SignInIsElsewhere(
            "There is no sign-in by an organisation's account here. Sign in by your e-mail address."
        )
    return client


SignInClient = Annotated[OidcClient, Depends(_oidc_client)]


@router.get("/sign-in/organisation", include_in_schema=False)
async def follow_sign_in(request: Request, client: SignInClient, _caller: Anyone, next: str | None = None) -> Response:
    """Send the browser to the identity provider."""
    url, state = await client.begin(local_path(next))
    response = RedirectResponse(url, 303, NO_STORE.headers)
    set_state_cookie(request, response, state.seal(settings_of(request).cursor_key.get_secret_value()))
    return response


@router.get("/sign-in/callback", include_in_schema=False)
async def follow_callback(request: Request, client: SignInClient, _caller: Anyone, uow: Transaction) -> Response:
    """Sign in whom the identity provider sends back."""
    secret = settings_of(request).cursor_key.get_secret_value()
    state = open_state(request.scope["impact.sign_in_cookie"], secret)
    verified = await client.finish(request.query_params, state)
    person_id, _ = await commands.upsert_person(uow, client.issuer.url, verified.subject, verified.roles)
    token = commands.create_session(uow.session, person_id, device=device_of(request))
    response = RedirectResponse(local_path(state and state.path), 303, NO_STORE.headers)
    delete_state_cookie(request, response)
    set_session_cookie(request, response, token)
    return response


async def _link_digest(request: Request, token: str) -> bytes:
    """Return the hash of the link's token; an empty one, which no link has, for what cannot be a token."""
    settings = settings_of(request)
    if settings.oidc_issuer and not settings.sends_links:
        raise SignInIsElsewhere
    return hash_token(token) if token.startswith(LINK_PREFIX) and len(token) < MAX_TOKEN_LENGTH else b""


LinkDigest = Annotated[bytes, Depends(_link_digest)]


@router.get("/sign-in/{token}", include_in_schema=False)
async def show_sign_in(digest: LinkDigest, _caller: Anyone, session: Reading) -> HTMLResponse:
    """Show a button. Programs that preview links do not press it, so the link still works for the person."""
    try:
        await queries.check_link_works(session, digest)
    except Problem as error:
        return _refusal_page(error)
    body = """
<p>Press the button to sign in on this device. This link works only once.</p>
<form method="post"><button type="submit">Sign in</button></form>
"""
    return render_page("Sign in", body)


@router.post("/sign-in/{token}", include_in_schema=False)
async def sign_in(
    request: Request, digest: LinkDigest, _caller: Anyone, uow: Transaction, next: str | None = None
) -> Response:
    """Sign in whoever presses the button first; show everyone after that why the link no longer works."""
    personas = settings_of(request).demo
    try:
        token = await commands.sign_in_by_link(uow, digest, personas=personas, device=device_of(request))
    except Problem as error:
        return _refusal_page(error)
    response = RedirectResponse(local_path(next), 303, NO_STORE.headers)
    set_session_cookie(request, response, token)
    return response


@router.get("/welcome", include_in_schema=False)
async def show_welcome(caller: Anyone, session: Reading) -> HTMLResponse:
    """Show who is signed in, and the places to look at first."""
    person = None if caller.anonymous else await queries.find_person(session, caller.id)
    if person is None:
        return render_page("You are not signed in", "<p>Open your sign-in link, or ask for a new one.</p>")
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
    return render_page("You are signed in", body)


@router.post("/welcome/sign-out", include_in_schema=False)
async def sign_out_of_browser(request: Request, _caller: Contributor, uow: Transaction) -> HTMLResponse:
    """Sign out by the button of the welcome page."""
    session_id = session_id_of(request)
    if session_id is not None:
        await commands.end_session(uow, session_id)
    response = render_page("You are signed out", "<p>To sign in again, ask for a new sign-in link.</p>")
    delete_session_cookie(request, response)
    return response


def _refusal_page(error: Problem) -> HTMLResponse:
    body = f'<p>{escape(error.detail)}</p><p><a href="/welcome">Check whether you are signed in</a></p>'
    return render_page(error.title, body, status=error.status)
