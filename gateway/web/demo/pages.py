"""`/demo`: signing in as a persona, and the mails that would have been sent. Outside a demo there is neither."""

from typing import Annotated

from fastapi import Depends, Request, Response

from gateway.identity import commands
from gateway.identity.personas import BY_KEY
from gateway.mail.outbox import Outbox
from gateway.web.forms import submitted_form
from gateway.web.layout.page import PublicPage
from gateway.web.sign_in.browser import device_of, path_after, set_session_cookie, settings_of
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Transaction
from shared.problems import NotFound

router = create_router("", "Demo")


async def _require_demo(request: Request) -> None:
    if not settings_of(request).demo:
        raise NotFound


async def _outbox(request: Request) -> Outbox:
    outbox: Outbox | None = request.app.state.outbox
    if outbox is None:
        raise NotFound
    return outbox


@router.get("/demo/outbox", include_in_schema=False, dependencies=[Depends(_require_demo)])
async def show_outbox(page: PublicPage, outbox: Annotated[Outbox, Depends(_outbox)]) -> Response:
    """Show the mails that would have been sent, the newest first."""
    return page.render("demo/templates/outbox.html", private=True, mails=outbox.mails)


@router.post("/demo/sign-in", include_in_schema=False, dependencies=[Depends(_require_demo)])
async def sign_in_as_persona(request: Request, page: PublicPage, uow: Transaction) -> Response:
    """Sign in as a persona."""
    form = await submitted_form(request)
    persona = BY_KEY.get(str(form.values.get("persona") or ""))
    if persona is None:
        raise NotFound
    await commands.upsert_personas(uow.session)  # in the first moments of a demo there are none yet
    token = commands.create_session(uow.session, persona.id, device=device_of(request))
    response = page.redirect(path_after(str(form.values.get("next") or "")))
    set_session_cookie(request, response, token)
    return response
