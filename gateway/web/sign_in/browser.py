"""A browser that is signed in: its session cookie, and what it says of itself."""

import hashlib
import secrets
from datetime import timedelta
from urllib.parse import quote, unquote
from uuid import UUID

from fastapi import Request, Response

from gateway.credentials.cache import Identity
from gateway.credentials.sign_in_state import LIFETIME_SECONDS
from gateway.edge.authentication import cookie_name, state_cookie_name
from gateway.identity.devices import Device
from gateway.identity.rules import MAILED_LINK_LIFETIME, SESSION_LIFETIME, START_PAGE
from gateway.settings import GatewaySettings
from gateway.web.layout.local_paths import local_path
from gateway.web.saved_answers.journey import LIFETIME as ANSWERS_LIFETIME

SIGN_IN_PAGE = "/sign-in"
LINK_COOKIE = "impact_link"
NEXT_COOKIE = "impact_next"
MAX_NEXT_LENGTH = 500
"""Of a path that is kept while somebody signs in, percent-encoded: cookies and small forms have to hold it."""
MAX_SIGN_INS = 5
"""How many sign-ins at the identity provider a browser may have begun, as in several tabs."""


def host_cookie(settings: GatewaySettings, name: str) -> str:
    """Return the name of a cookie; with HTTPS its prefix makes browsers refuse it from any other host."""
    return f"__Host-{name}" if settings.secure else name


def settings_of(request: Request) -> GatewaySettings:
    """Return the gateway's settings."""
    return request.app.state.settings


def device_of(request: Request) -> Device:
    """Return the browser and system that send this request."""
    return Device.of(request.headers.get("user-agent", ""))


def session_id_of(request: Request) -> UUID | None:
    """Return the session by which this person calls; None for an identity provider's token, and for a key."""
    identity: Identity = request.scope["impact.identity"]
    return identity.credential_id if identity.caller.kind == "person" else None


def path_after(next_path: str | None) -> str:
    """Return where to go after signing in: a path of this site, and no sign-in page again."""
    path = local_path(next_path, START_PAGE)
    if len(quote(path)) > MAX_NEXT_LENGTH:
        return START_PAGE
    return START_PAGE if path.partition("?")[0] == SIGN_IN_PAGE or path.startswith(f"{SIGN_IN_PAGE}/") else path


def _name_of(request: Request, state: str) -> str:
    return f"{state_cookie_name(settings_of(request))}_{hashlib.sha256(state.encode()).hexdigest()[:16]}"


def state_cookie_of(request: Request, state: str) -> str | None:
    """Return what this browser carries of the sign-in at the identity provider that has this state."""
    cookies: dict[str, str] = request.scope["impact.cookies"]
    return cookies.get(_name_of(request, state))


def set_session_cookie(request: Request, response: Response, token: str) -> None:
    """Sign the browser in. The cookie outlasts the session, so that a form sent after its end is its person's."""
    settings = settings_of(request)
    lifetime = SESSION_LIFETIME + ANSWERS_LIFETIME
    _set_cookie(response, cookie_name(settings), token, lifetime, secure=settings.secure)


def delete_session_cookie(request: Request, response: Response) -> None:
    """Sign the browser out."""
    settings = settings_of(request)
    response.delete_cookie(cookie_name(settings), httponly=True, samesite="lax", secure=settings.secure)


def set_state_cookie(request: Request, response: Response, state: str, sealed: str) -> None:
    """Bind a sign-in at the identity provider to this browser; the oldest goes when there are many."""
    settings, cookies = settings_of(request), request.scope["impact.cookies"]
    begun = [name for name in cookies if name.startswith(f"{state_cookie_name(settings)}_")]
    for name in begun[: 1 - MAX_SIGN_INS]:  # browsers send the oldest first (RFC 6265, section 5.4)
        response.delete_cookie(name, httponly=True, samesite="lax", secure=settings.secure)
    lifetime = timedelta(seconds=LIFETIME_SECONDS)
    _set_cookie(response, _name_of(request, state), sealed, lifetime, secure=settings.secure)


def delete_state_cookie(request: Request, response: Response, state: str) -> None:
    """End that sign-in: nothing that comes back for it later counts."""
    secure = settings_of(request).secure
    response.delete_cookie(_name_of(request, state), httponly=True, samesite="lax", secure=secure)


def link_cookie_of(request: Request) -> str | None:
    """Return the random text that this browser got with the page of a link."""
    cookies: dict[str, str] = request.scope["impact.cookies"]
    return cookies.get(host_cookie(settings_of(request), LINK_COOKIE))


def set_link_cookie(request: Request, response: Response) -> None:
    """Give the browser a random text, by which it gets the result of a link again where the response was lost."""
    value = link_cookie_of(request) or secrets.token_urlsafe(32)
    name, secure = host_cookie(settings_of(request), LINK_COOKIE), settings_of(request).secure
    _set_cookie(response, name, value, MAILED_LINK_LIFETIME, secure=secure)


def next_path_of(request: Request) -> str | None:
    """Return where whoever asked for a link in this browser wanted to go on."""
    cookies: dict[str, str] = request.scope["impact.cookies"]
    return unquote(cookies.get(host_cookie(settings_of(request), NEXT_COOKIE), "")) or None


def set_next_path(request: Request, response: Response, path: str) -> None:
    """Keep in this browser where to go on after signing in by a link: in a mail it would be anybody's text."""
    name, secure = host_cookie(settings_of(request), NEXT_COOKIE), settings_of(request).secure
    _set_cookie(response, name, quote(path), MAILED_LINK_LIFETIME, secure=secure)


def _set_cookie(response: Response, name: str, value: str, lifetime: timedelta, *, secure: bool) -> None:
    max_age = int(lifetime.total_seconds())
    response.set_cookie(name, value, max_age=max_age, httponly=True, samesite="lax", secure=secure)
