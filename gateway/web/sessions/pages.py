"""`/sessions`: where one is signed in, and ending it there or everywhere."""

from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Request, Response

from gateway.identity import commands, queries
from gateway.identity.tables import Session
from gateway.web.layout.page import PublicPage, SignedInPage
from gateway.web.sign_in.browser import delete_session_cookie, session_id_of
from shared.callers import NOBODY
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Reading, Transaction

LONDON: Final = ZoneInfo("Europe/London")

router = create_router("", "Session")


class ShownSession(NamedTuple):
    """A session as the page shows it."""

    row: Session
    current: bool

    @staticmethod
    def time(moment: datetime) -> str:
        """Return the time of day in London."""
        return f"{moment.astimezone(LONDON):%H:%M}"


@router.get("/sessions", include_in_schema=False)
async def show_sessions(request: Request, page: SignedInPage, session: Reading, ended: bool = False) -> Response:
    """Show where the person is signed in."""
    current_id = session_id_of(request)
    rows = await queries.all_sessions(session, page.caller.id if page.caller else NOBODY)
    shown = [ShownSession(row, row.id == current_id) for row in rows]
    return page.render("sessions/templates/sessions.html", sessions=shown, ended=ended)


@router.post("/sessions/{session_id}/end", include_in_schema=False)
async def revoke_session(request: Request, session_id: UUID, page: PublicPage, uow: Transaction) -> Response:
    """End one of the person's sessions. Pressed again, it leads to the same page."""
    if not page.signed_in:
        return page.redirect("/welcome")  # they ended the one of this browser
    await queries.check_own_session(uow.session, session_id, page.caller.id if page.caller else NOBODY)
    await commands.end_session(uow, session_id)
    if session_id != session_id_of(request):
        return page.redirect("/sessions", ended="true")
    response = page.redirect("/welcome")
    delete_session_cookie(request, response)
    return response


@router.post("/sessions/sign-out-everywhere", include_in_schema=False)
async def sign_out_everywhere(request: Request, page: SignedInPage, uow: Transaction) -> Response:
    """End all of the person's sessions, and links that were mailed to them."""
    await commands.sign_out_everywhere(uow.session, page.caller.id if page.caller else NOBODY)
    response = page.redirect("/welcome")
    delete_session_cookie(request, response)
    return response
