"""A browser that is signed in: its session cookie, and what it says of itself."""

from datetime import timedelta
from uuid import UUID

from fastapi import Request, Response

from gateway.credentials.cache import Identity
from gateway.credentials.sign_in_state import LIFETIME_SECONDS
from gateway.edge.authentication import cookie_name, state_cookie_name
from gateway.identity.devices import Device
from gateway.identity.rules import SESSION_LIFETIME, START_PAGE
from gateway.settings import GatewaySettings
from gateway.web.layout.local_paths import local_path

SIGN_IN_PAGE = "/sign-in"


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
    return START_PAGE if path.partition("?")[0] == SIGN_IN_PAGE or path.startswith(f"{SIGN_IN_PAGE}/") else path


def state_cookie_of(request: Request) -> str | None:
    """Return what this browser carries of a sign-in at the identity provider."""
    cookies: dict[str, str] = request.scope["impact.cookies"]
    return cookies.get(state_cookie_name(settings_of(request)))


def set_session_cookie(request: Request, response: Response, token: str) -> None:
    """Sign the browser in."""
    settings = settings_of(request)
    _set_cookie(response, cookie_name(settings), token, SESSION_LIFETIME, secure=settings.secure)


def delete_session_cookie(request: Request, response: Response) -> None:
    """Sign the browser out."""
    settings = settings_of(request)
    response.delete_cookie(cookie_name(settings), httponly=True, samesite="lax", secure=settings.secure)


def set_state_cookie(request: Request, response: Response, sealed: str) -> None:
    """Bind a sign-in at the identity provider to this browser."""
    settings = settings_of(request)
    lifetime = timedelta(seconds=LIFETIME_SECONDS)
    _set_cookie(response, state_cookie_name(settings), sealed, lifetime, secure=settings.secure)


def delete_state_cookie(request: Request, response: Response) -> None:
    """End that sign-in: nothing that comes back for it later counts."""
    settings = settings_of(request)
    response.delete_cookie(state_cookie_name(settings), httponly=True, samesite="lax", secure=settings.secure)


def _set_cookie(response: Response, name: str, value: str, lifetime: timedelta, *, secure: bool) -> None:
    max_age = int(lifetime.total_seconds())
    response.set_cookie(name, value, max_age=max_age, httponly=True, samesite="lax", secure=secure)
