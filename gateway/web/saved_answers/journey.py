"""The answers of one journey in the browser that sends a request: kept, shown again, done, deleted."""

import logging
import re
import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from fastapi import Request
from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from starlette.responses import RedirectResponse, Response

from gateway.credentials.cache import Identity
from gateway.credentials.tokens import hash_token
from gateway.identity.tables import Session
from gateway.settings import GatewaySettings
from gateway.web.layout.page import WebPage
from gateway.web.saved_answers.content import Content
from gateway.web.saved_answers.tables import SavedAnswers
from shared import clock
from shared.callers import Caller, person
from shared.encryption import DecryptionError
from shared.persistence.database import Database
from shared.persistence.tables import new_id

COOKIE: Final = "impact_answers"
LIFETIME: Final = timedelta(hours=24)
"""From when they were begun. Idempotency records live as long from when they were made, which is later: so a key that
was sent once never loses its record while it may be sent again."""

_token = re.compile(r"[A-Za-z0-9_-]{43}")
_AnyResponse = TypeVar("_AnyResponse", bound=Response)
logger = logging.getLogger(__name__)


def cookie_name(settings: GatewaySettings) -> str:
    """Return the name of the cookie; with HTTPS its prefix makes browsers refuse it from any other host."""
    return f"__Host-{COOKIE}" if settings.secure else COOKIE


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers as this caller may see them.

    `key` is the Idempotency-Key of the request that sends them; `result` is the path of the page that shows what came
    of that, and None until then.
    """

    key: str
    values: dict[str, Any]
    result: str | None
    expires_at: datetime


class Journey:
    """The answers of one journey, kept for a day for the browser that sends this request.

    Whoever is signed in when they are saved, or was until their session ended, owns them: nobody else sees them, in
    this browser either.
    """

    def __init__(self, request: Request, name: str) -> None:
        self._settings: GatewaySettings = request.app.state.settings
        self._database: Database = request.app.state.database
        identity: Identity = request.scope["impact.identity"]
        self._caller = identity.caller
        self._name = name
        token = request.scope["impact.cookies"].get(cookie_name(self._settings), "")
        self._token: str | None = token if _token.fullmatch(token) else None
        self._session_digest: bytes | None = request.scope.get("impact.session_digest")

    async def load(self) -> Answers | None:
        """Return the answers so far; None where there are none, or none for this caller."""
        if self._token is None:
            return None
        async with self._database.session() as session:
            row = await session.scalar(self._row())
        content = row and self._content(row)
        if row is None or content is None or not content.shown_to(self._caller):
            return None
        return Answers(content.key, content.values, content.result, row.expires_at)

    async def begin(self, **values: object) -> None:
        """Begin anew, with a new key. What this browser kept of the journey before is gone."""
        async with self._database.session() as session, session.begin():
            content = Content().with_answers(self._caller, values)
            await self._store(session, content, clock.now() + LIFETIME)

    async def save(self, **values: object) -> None:
        """Add these answers to those so far, or begin with them.

        Save what was sent as it was sent, also where it is not valid, so that the form shows it again. Answers of
        somebody else give way; where nobody is or was signed in, they belong to whoever began.
        """
        async with self._database.session() as session, session.begin():
            caller = await self._sender(session)
            row = await session.scalar(self._row().with_for_update()) if self._token else None
            content = row and self._content(row)
            if row is None or content is None or not content.kept_for(caller):
                content, expires_at = Content(), clock.now() + LIFETIME
            else:
                expires_at = row.expires_at
            await self._store(session, content.with_answers(caller, values), expires_at)

    async def finish(self, key: str, result: str) -> None:
        """Forget the answers that were sent with this key, and keep where that led (the path of a page)."""
        if self._token is None:
            return
        async with self._database.session() as session, session.begin():
            row = await session.scalar(self._row().with_for_update())
            content = row and self._content(row)
            if row and content and content.key == key and content.shown_to(self._caller):
                await self._store(session, content.done(result), row.expires_at)

    async def delete(self) -> None:
        """Delete the answers of this browser, of all journeys."""
        if self._token is not None:
            async with self._database.session() as session, session.begin():
                await session.execute(delete(SavedAnswers).where(col(SavedAnswers.digest) == hash_token(self._token)))

    def keep(self, response: _AnyResponse) -> _AnyResponse:
        """Give the browser the cookie by which it gets its answers back. Return every response so after a change."""
        if self._token is not None:
            seconds, secure = int(LIFETIME.total_seconds()), self._settings.secure
            response.set_cookie(
                cookie_name(self._settings), self._token, max_age=seconds, httponly=True, samesite="lax", secure=secure
            )
        return response

    def forget(self, response: _AnyResponse) -> _AnyResponse:
        """Take the cookie back from the browser."""
        response.delete_cookie(cookie_name(self._settings), httponly=True, samesite="lax", secure=self._settings.secure)
        return response

    def sign_in(self, page: WebPage) -> RedirectResponse:
        """Return the redirect to sign in and then back to this page, for a form whose sender is not signed in."""
        return self.keep(page.redirect("/sign-in", next=page.here))

    async def _sender(self, session: AsyncSession) -> Caller:
        """Return the caller, or the person of a session that has ended in this browser, whose form this is."""
        if not self._caller.anonymous or self._session_digest is None:
            return self._caller
        of_session = select(col(Session.person_id)).where(col(Session.digest) == self._session_digest)
        person_id = await session.scalar(of_session)
        return person(person_id) if person_id else self._caller

    def _row(self) -> Any:  # noqa: ANN401  a SELECT, whose type SQLAlchemy and SQLModel name differently
        digest = hash_token(self._token or "")
        return select(SavedAnswers).where(
            col(SavedAnswers.digest) == digest,
            col(SavedAnswers.journey) == self._name,
            col(SavedAnswers.expires_at) > clock.now(),
        )

    def _content(self, row: SavedAnswers) -> Content | None:
        """Return the content of a row of this browser; None where it was altered."""
        try:
            return Content.decrypt(self._token or "", self._associated_data(), row.content)
        except DecryptionError:
            logger.warning("saved answers of %s cannot be read", self._name)
            return None

    async def _store(self, session: AsyncSession, content: Content, expires_at: datetime) -> None:
        if self._token is None:
            self._token = secrets.token_urlsafe(32)
        values = {"content": content.encrypt(self._token, self._associated_data()), "expires_at": expires_at}
        insertion = insert(SavedAnswers).values(
            id=new_id(), digest=hash_token(self._token), journey=self._name, **values
        )
        await session.execute(insertion.on_conflict_do_update(index_elements=["digest", "journey"], set_=values))

    def _associated_data(self) -> bytes:
        return hash_token(self._token or "") + self._name.encode()


def journey(name: str) -> Callable[[Request], Awaitable[Journey]]:
    """Return the dependency that opens a journey: `TellJourney = Annotated[Journey, Depends(journey("tell"))]`."""

    async def open_journey(request: Request) -> Journey:
        return Journey(request, name)

    return open_journey
