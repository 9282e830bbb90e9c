"""Sessions and one-time links for personas, as the `impact` command issues them in a demo."""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Self
from uuid import UUID

from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.ext.asyncio import AsyncSession

from gateway.credentials import cache
from gateway.identity import queries, rules
from gateway.identity.personas import BY_KEY, Persona
from gateway.identity.tables import OneTimeLink, Session
from shared import clock
from shared.persistence.unit_of_work import Database


class _Demo(BaseSettings):
    model_config = SettingsConfigDict(extra="ignore")

    demo: bool = False
    oidc_issuer: str | None = None

    @classmethod
    def from_surroundings(cls) -> Self:
        folder = os.environ.get("SECRETS_DIR")
        return cls(_secrets_dir=folder if folder and Path(folder).is_dir() else None)  # pyright: ignore[reportCallIssue]  BaseSettings takes it


async def issue_session(database_url: str, persona_key: str) -> str:
    """A bearer token that lasts twelve hours. Raises NotADemo, or LookupError for an unknown persona."""
    async with _demo(database_url, persona_key) as (session, persona):
        return await add_session(session, persona.id)


async def issue_link(database_url: str, persona_key: str, public_url: str) -> str:
    """The address of a page that signs the persona in, once, within a day. Raises as `issue_session` does."""
    async with _demo(database_url, persona_key) as (session, persona):
        token = cache.make(cache.LINK)
        expires = clock.now() + rules.LINK_LASTS
        session.add(OneTimeLink(digest=cache.digest(token), person_id=persona.id, expires_at=expires))
        return f"{public_url.rstrip('/')}/sign-in/{token}"


async def add_session(session: AsyncSession, person_id: UUID, lasts: timedelta = rules.SESSION_LASTS) -> str:
    """A new session of this person; the caller commits."""
    token = cache.make(cache.SESSION)
    expires = clock.now() + lasts
    session.add(Session(digest=cache.digest(token), person_id=person_id, expires_at=expires))
    return token


@asynccontextmanager
async def _demo(database_url: str, persona_key: str) -> AsyncGenerator[tuple[AsyncSession, Persona]]:
    told = _Demo.from_surroundings()
    rules.refuse_unless_demo(demo=told.demo, issuer=told.oidc_issuer)
    if persona_key not in BY_KEY:
        raise LookupError(f"There is no persona {persona_key}. One can be: {', '.join(BY_KEY)}.")
    database = Database(database_url, "gateway", pool=1)
    try:
        async with database.session() as session, session.begin():
            await queries.make_personas(session)
            yield session, BY_KEY[persona_key]
    finally:
        await database.close()
