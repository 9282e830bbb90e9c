"""`/v1/sessions` and `/v1/session`: where one is signed in, and signing out."""

from uuid import UUID

from fastapi import Depends, Request, Response

from gateway.identity import commands, queries
from gateway.identity.rules import SessionNotFound
from gateway.web.sign_in.browser import delete_session_cookie, session_id_of
from gateway.web.sign_in.views import SessionView
from shared.callers import Contributor
from shared.http.caching import NO_STORE
from shared.http.conditional_requests import create_router
from shared.http.etags import IfMatch, set_etag
from shared.http.pagination import Page, Paging
from shared.persistence.dependencies import Reading, Transaction
from shared.problems import PreconditionFailed, PreconditionRequired, documented

router = create_router("/v1", "Session")


@router.get("/sessions", dependencies=[Depends(NO_STORE)])
async def list_sessions(request: Request, caller: Contributor, session: Reading, paging: Paging) -> Page[SessionView]:
    """List the sessions in which you are signed in, the newest first."""
    page = await queries.list_sessions(session, caller.id, paging)
    current_id = session_id_of(request)
    return Page(items=[SessionView.of(row, current_id) for row in page.items], next=page.next, total=page.total)


@router.get("/sessions/{session_id}", dependencies=[Depends(NO_STORE)], responses=documented(SessionNotFound))
async def get_session(
    request: Request, session_id: UUID, caller: Contributor, session: Reading, response: Response
) -> SessionView:
    """Get one of your sessions."""
    row = await queries.get_session(session, session_id, caller.id)
    set_etag(response, row)
    return SessionView.of(row, session_id_of(request))


@router.delete(
    "/sessions/{session_id}",
    status_code=204,
    responses=documented(SessionNotFound, PreconditionRequired, PreconditionFailed),
)
async def delete_session(
    request: Request, session_id: UUID, caller: Contributor, match: IfMatch, uow: Transaction, response: Response
) -> None:
    """End one of your sessions, wherever it is used. It stops working at once."""
    match.check(await queries.get_session(uow.session, session_id, caller.id, lock=True))
    await commands.end_session(uow, session_id)
    if session_id == session_id_of(request):
        delete_session_cookie(request, response)


@router.post("/session/sign-out", status_code=204, summary="Sign out")
async def sign_out(request: Request, _caller: Contributor, uow: Transaction, response: Response) -> None:
    """End the session of this token or cookie, on every device that uses it."""
    session_id = session_id_of(request)
    if session_id is not None:
        await commands.end_session(uow, session_id)
    delete_session_cookie(request, response)


@router.post("/session/sign-out-everywhere", status_code=204, summary="Sign out everywhere")
async def sign_out_everywhere(request: Request, caller: Contributor, uow: Transaction, response: Response) -> None:
    """End all of your sessions, this one too. An identity provider's access token works until it expires."""
    await commands.sign_out_everywhere(uow.session, caller.id)
    delete_session_cookie(request, response)
