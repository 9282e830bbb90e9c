"""`/sign-in` and `/welcome`: signing in by a mailed link or at the identity provider, and signing out."""

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated
from urllib.parse import urlencode

from fastapi import Depends, Request, Response

from gateway.credentials.oidc_client import OidcClient
from gateway.credentials.sign_in_state import open_state
from gateway.credentials.tokens import LINK_PREFIX, derive_session_token, hash_token
from gateway.edge.authentication import too_many_requests
from gateway.edge.shared_rate_limits import SharedRateLimiter
from gateway.identity import commands, queries
from gateway.identity.addresses import MAX_ADDRESS_LENGTH, NotAnAddress, NotPlainAddress, normalise
from gateway.identity.link_mail import LinkMailText
from gateway.identity.link_requests import LinkRequest, LinkRequests
from gateway.identity.personas import BY_KEY, PERSONAS
from gateway.problems import SignInIsElsewhere
from gateway.rate_limit_policies import MAILS_OF_NETWORK
from gateway.web.forms import Form, submitted_form
from gateway.web.layout.callers import is_editor
from gateway.web.layout.languages import text
from gateway.web.layout.page import PublicPage, WebPage
from gateway.web.layout.preferences import CHOICES, set_preferences
from gateway.web.sign_in.browser import (
    SIGN_IN_PAGE,
    delete_session_cookie,
    delete_state_cookie,
    device_of,
    link_cookie_of,
    next_path_of,
    path_after,
    session_id_of,
    set_link_cookie,
    set_next_path,
    set_session_cookie,
    set_state_cookie,
    settings_of,
    state_cookie_of,
)
from shared.callers import Caller
from shared.http.conditional_requests import create_router
from shared.http_server.addresses import network_of
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import Problem

FIELD = "email"
MAX_TOKEN_LENGTH = 100
MAX_TYPED_LENGTH = 2 * MAX_ADDRESS_LENGTH
TEMPLATES = "sign_in/templates"
EDITOR_LINKS = (("/staff", text("Your work")),)
START_LINKS = (
    ("/search", text("Find evidence")),
    ("/questions/ask", text("Ask a question")),
    ("/tell", text("Share what you know")),
    ("/contributions", text("What you told us")),
    ("/learning", text("Learning")),
)

router = create_router("", "Session")


@router.get("/sign-in", include_in_schema=False)
async def show_sign_in(request: Request, page: PublicPage, next: str | None = None) -> Response:
    """Show how one signs in here: by a link to one's address, with the organisation's account, or as a persona."""
    return _sign_in_page(request, page, Form(), path_after(next))


@router.post("/sign-in", include_in_schema=False)
async def sign_in_by_email(request: Request, page: PublicPage) -> Response:
    """Have a link mailed. The response is the same, and as fast, whether or not the address is known."""
    links: LinkRequests | None = request.app.state.link_requests
    if links is None:
        raise SignInIsElsewhere
    form = await submitted_form(request)
    path = path_after(str(form.values.get("next") or ""))
    typed = form.text(FIELD, missing=page.text("Enter your email address"))
    try:
        address = normalise(typed[:MAX_TYPED_LENGTH])
    except NotPlainAddress:
        form.errors.setdefault(
            FIELD,
            page.text("We cannot send email to an address with these letters before the @. Enter another address"),
        )
        return _sign_in_page(request, page, form, path, status=422)
    except NotAnAddress:
        form.errors.setdefault(FIELD, page.text("Enter an email address in the correct format, like name@example.org"))
        return _sign_in_page(request, page, form, path, status=422)
    limiter: SharedRateLimiter = request.app.state.limiter
    state = await limiter.take(MAILS_OF_NETWORK, network_of(request.client.host if request.client else "unknown"))
    if not state.allowed:
        raise too_many_requests(state)
    links.put(LinkRequest(address, _mail_text(page)))
    response = page.redirect("/sign-in/check-your-email")
    set_next_path(request, response, path)
    return response


def _mail_text(page: WebPage) -> LinkMailText:
    subject = page.text("Your link to sign in to IMPACT")
    body = page.text(
        "Open this link to sign in to IMPACT:\n\n{url}\n\n"
        "The link works once, within 30 minutes. After that you can ask for a new one.\n\n"
        "If you did not ask for this link, you do not need to do anything."
        " Nobody can sign in without it. Do not forward this email.\n"
    )
    return LinkMailText(subject, body)


@router.get("/sign-in/check-your-email", include_in_schema=False)
async def show_check_your_email(page: PublicPage) -> Response:
    """Say what happens next, the same for every address."""
    return page.render(f"{TEMPLATES}/check_your_email.html", private=True)


async def _oidc_client(request: Request) -> OidcClient | None:
    return request.app.state.oidc_client


SignInClient = Annotated[OidcClient | None, Depends(_oidc_client)]
"""None where nobody signs in with an organisation's account."""


@router.get("/sign-in/organisation", include_in_schema=False)
async def follow_sign_in(request: Request, client: SignInClient, page: PublicPage, next: str | None = None) -> Response:
    """Send the browser to the identity provider."""
    if client is None:
        return page.redirect(SIGN_IN_PAGE)
    try:
        url, state = await client.begin(path_after(next))
    except Problem as error:
        return _refusal_page(page, error)
    response = page.redirect(url)
    sealed = state.seal(settings_of(request).cursor_key.get_secret_value())
    set_state_cookie(request, response, state.state, sealed)
    return response


@router.get("/sign-in/callback", include_in_schema=False)
async def follow_callback(request: Request, client: SignInClient, page: PublicPage, uow: Transaction) -> Response:
    """Sign in whom the identity provider sends back; say in plain words why it did not work."""
    if client is None:
        return page.redirect(SIGN_IN_PAGE)
    state = open_state(
        state_cookie_of(request, request.query_params.get("state", "")),
        settings_of(request).cursor_key.get_secret_value(),
    )
    try:
        verified = await client.finish(request.query_params, state)
    except Problem as error:
        response = _refusal_page(page, error)
    else:
        person_id, _ = await commands.upsert_person(uow, client.issuer.url, verified.subject, verified.roles)
        token = commands.create_session(uow.session, person_id, device=device_of(request))
        response = page.redirect(path_after(state.path if state else None))
        set_session_cookie(request, response, token)
    if state is not None:
        delete_state_cookie(request, response, state.state)
    return response


async def _link_digest(request: Request, token: str) -> bytes:
    """Return the hash of the link's token; an empty one, which no link has, for what cannot be a token."""
    settings = settings_of(request)
    if settings.oidc_issuer and not settings.sends_links:
        raise SignInIsElsewhere
    return hash_token(token) if token.startswith(LINK_PREFIX) and len(token) < MAX_TOKEN_LENGTH else b""


LinkDigest = Annotated[bytes, Depends(_link_digest)]


@router.get("/sign-in/{token}", include_in_schema=False)
async def show_link(
    request: Request, digest: LinkDigest, page: PublicPage, session: Reading, language: str | None = None
) -> Response:
    """Show a button. Programs that preview links do not press it, so the link still works for the person.

    Another language is chosen at this same address, so that the token stands in no other.
    """
    is_chosen = language in CHOICES["language"]
    if is_chosen:
        page = replace(page, preferences=replace(page.preferences, language=str(language)))
    try:
        await queries.check_link_works(session, digest)
    except Problem as error:
        response = _refusal_page(page, error, language_link=_language_links(request))
    else:
        response = page.render(f"{TEMPLATES}/link.html", private=True, language_link=_language_links(request))
        set_link_cookie(request, response)
    if is_chosen:
        set_preferences(request, response, page.preferences)
    return response


def _language_links(request: Request) -> Callable[[str], str]:
    """Return what makes the addresses of this page in other languages, relative to its own."""
    parameters = {"next": path} if (path := request.query_params.get("next")) else {}
    return lambda language: f"?{urlencode({**parameters, 'language': language}, safe='/')}"


@router.post("/sign-in/{token}", include_in_schema=False)
async def sign_in(
    request: Request, token: str, digest: LinkDigest, page: PublicPage, uow: Transaction, next: str | None = None
) -> Response:
    """Sign in whoever presses the button first; show everyone after that why the link no longer works.

    A session from before in this browser ends: its cookie is replaced.
    """
    browser = link_cookie_of(request)
    try:
        session_token = await commands.sign_in_by_link(
            uow,
            digest,
            personas=settings_of(request).demo,
            device=device_of(request),
            session_token=derive_session_token(token, browser) if browser else None,
            former_session_id=session_id_of(request),
        )
    except Problem as error:
        return _refusal_page(page, error, language_link=_language_links(request))
    response = page.redirect(path_after(next or next_path_of(request)))
    set_session_cookie(request, response, session_token)
    return response


@router.get("/welcome", include_in_schema=False)
async def show_welcome(page: PublicPage, session: Reading) -> Response:
    """Show who is signed in, and the places to look at first."""
    person = await queries.find_person(session, page.caller.id) if page.caller and page.signed_in else None
    persona = BY_KEY.get(person.persona or "") if person else None
    links = persona.links if persona else (*EDITOR_LINKS, *START_LINKS) if is_editor(page.caller) else START_LINKS
    return page.render(f"{TEMPLATES}/welcome.html", private=True, person=person, persona=persona, links=links)


@router.post("/welcome/sign-out", include_in_schema=False)
async def sign_out_of_browser(request: Request, page: PublicPage, uow: Transaction) -> Response:
    """Sign out by the button of every page. Pressed again, it leads to the same page."""
    session_id = session_id_of(request)
    if session_id is not None:
        await commands.end_session(uow, session_id)
    response = replace(page, caller=Caller()).render(f"{TEMPLATES}/signed_out.html", private=True)
    if page.signed_in:  # else another site may have sent this, without the cookie that it would delete
        delete_session_cookie(request, response)
    return response


def _sign_in_page(request: Request, page: WebPage, form: Form, path: str, *, status: int = 200) -> Response:
    settings = settings_of(request)
    return page.render(
        f"{TEMPLATES}/sign_in.html",
        status=status,
        private=True,
        form=form,
        next=path,
        sends_links=settings.sends_links,
        organisation=settings.oidc_name if request.app.state.oidc_client else None,
        personas=PERSONAS if settings.demo else (),
        has_outbox=request.app.state.outbox is not None,
    )


def _refusal_page(page: WebPage, error: Problem, *, language_link: Callable[[str], str] | None = None) -> Response:
    return page.render(
        f"{TEMPLATES}/refused.html",
        status=error.status,
        title=error.title,
        detail=error.detail,
        language_link=language_link,
    )
