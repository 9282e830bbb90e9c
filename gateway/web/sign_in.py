"""Sign-in by a one-time link, and sign-out."""

from html import escape
from typing import Annotated, Any

from fastapi import Depends, Request, Response
from starlette.responses import HTMLResponse, RedirectResponse

from gateway.credentials import cache, revocations
from gateway.credentials.cache import LINK, Identity
from gateway.edge.authentication import cookie_name
from gateway.identity import queries, rules, sessions
from gateway.identity.personas import BY_KEY
from gateway.problems import SignInIsElsewhere
from gateway.settings import GatewaySettings
from gateway.web.page import links, page
from shared import clock
from shared.callers import Anyone, Caller, Role, allow
from shared.http.conditional_requests import create_router
from shared.persistence.unit_of_work import Reading, Transaction
from shared.problems import Problem

router = create_router("/sign-in", "sign-in")
session_router = create_router("/v1/session", "session")

SignedIn = Annotated[Caller, Depends(allow(Role.CONTRIBUTOR))]
LinkProblem = type[rules.NoSuchLink] | type[rules.LinkUsed] | type[rules.LinkExpired]


async def _hashed(request: Request, token: str) -> bytes:
    settings: GatewaySettings = request.app.state.settings
    if settings.oidc_issuer:
        raise SignInIsElsewhere
    return cache.digest(token) if token.startswith(LINK) and len(token) < 100 else b""


Link = Annotated[bytes, Depends(_hashed)]


@router.get("/{token}", include_in_schema=False)
async def show_sign_in(hashed: Link, _caller: Anyone, session: Reading) -> HTMLResponse:
    """One button: a program that previews links presses none, so the link stays good."""
    if error := await _problem_of(session, hashed):
        return _refused(error)
    body = """
<p>Press the button to sign in on this device. The link works once.</p>
<form method="post"><button type="submit">Sign in</button></form>
"""
    return page("Sign in", body)


@router.post("/{token}", include_in_schema=False)
async def sign_in(request: Request, hashed: Link, _caller: Anyone, uow: Transaction) -> Response:
    """The first press makes a session; whoever comes later is told plainly."""
    settings: GatewaySettings = request.app.state.settings
    person_id = await queries.use_link(uow.session, hashed, clock.now())
    person = await queries.person(uow.session, person_id) if person_id else None
    if person is None or (person.persona is not None and not settings.demo):
        return _refused(await _problem_of(uow.session, hashed) or rules.NoSuchLink)
    token = await sessions.add_session(uow.session, person.id)
    answer = RedirectResponse("/welcome", 303, {"Cache-Control": "no-store"})
    answer.set_cookie(
        cookie_name(settings),
        token,
        max_age=int(rules.SESSION_LASTS.total_seconds()),
        httponly=True,
        samesite="lax",
        secure=settings.secure,
    )
    return answer


@session_router.post("/sign-out", status_code=204, summary="Sign out")
async def sign_out(request: Request, _caller: SignedIn, uow: Transaction, response: Response) -> None:
    """End this session, on all devices that share it."""
    await _end(request, uow)
    _forget_cookie(request, response)


async def _end(request: Request, uow: Transaction) -> None:
    identity: Identity = request.scope["impact.identity"]
    if identity.credential is not None and identity.caller.kind == "person":
        await queries.end_session(uow.session, identity.credential, clock.now())
        await revocations.tell(uow.session, identity.credential)


def _forget_cookie(request: Request, response: Response) -> None:
    settings: GatewaySettings = request.app.state.settings
    response.delete_cookie(cookie_name(settings), httponly=True, samesite="lax", secure=settings.secure)


welcome_router = create_router("/welcome", "welcome")


@welcome_router.get("", include_in_schema=False)
async def welcome(caller: Anyone, session: Reading) -> HTMLResponse:
    """Who one is, and three things to look at."""
    person = None if caller.anonymous else await queries.person(session, caller.id)
    if person is None:
        return page("You are not signed in", "<p>Open your sign-in link, or ask for a new one.</p>")
    persona = BY_KEY.get(person.persona or "")
    name = escape(person.name or "yourself")
    look_at = persona.look_at if persona else (("/docs", "Everything that the API can do"),)
    body = f"""
<p>You are <strong>{name[:1].lower() + name[1:]}</strong>. This device stays signed in for twelve hours.</p>
<h2>Things to look at</h2>
{links(look_at)}
<form method="post" action="/welcome/sign-out"><button type="submit">Sign out</button></form>
"""
    return page("You are signed in", body)


@welcome_router.post("/sign-out", include_in_schema=False)
async def leave(request: Request, _caller: SignedIn, uow: Transaction) -> HTMLResponse:
    """Sign out by the page's button."""
    await _end(request, uow)
    answer = page("You are signed out", "<p>Thank you. To come back, ask for a new link.</p>")
    _forget_cookie(request, answer)
    return answer


async def _problem_of(session: Any, hashed: bytes) -> type[Problem] | None:
    link = await queries.link(session, hashed)
    if link is None:
        return rules.NoSuchLink
    state = rules.state_of(used_at=link.used_at, expires_at=link.expires_at, now=clock.now())
    return {"good": None, "used": rules.LinkUsed, "expired": rules.LinkExpired}[state]


def _refused(wrong: type[Problem]) -> HTMLResponse:
    body = f'<p>{escape(wrong.detail)}</p><p><a href="/welcome">See whether you are signed in</a></p>'
    return page(wrong.title, body, status=wrong.status)
