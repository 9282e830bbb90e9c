"""Sessions and one-time links of personas, which the `impact` command issues in a demo."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from sqlalchemy.ext.asyncio import AsyncSession

from gateway.identity.commands import create_link, create_session, upsert_personas
from gateway.identity.personas import BY_KEY, Persona
from gateway.identity.rules import require_demo
from shared.persistence.database import Database
from shared.settings import EnvironmentSettings


class _DemoSettings(EnvironmentSettings):
    demo: bool = False
    oidc_issuer: str | None = None


async def issue_session(database_url: str, persona_key: str) -> str:
    """Return a bearer token for this persona, valid for twelve hours.

    Raises NotADemo, or LookupError for an unknown persona.
    """
    async with _persona_session(database_url, persona_key) as (session, persona):
        return create_session(session, persona.id)


async def issue_link(database_url: str, persona_key: str, public_url: str) -> str:
    """Return the URL of a page that signs the persona in, once, within a day. Raises as `issue_session` does."""
    async with _persona_session(database_url, persona_key) as (session, persona):
        return f"{public_url.rstrip('/')}/sign-in/{create_link(session, persona.id)}"


@asynccontextmanager
async def _persona_session(database_url: str, persona_key: str) -> AsyncGenerator[tuple[AsyncSession, Persona]]:
    settings = _DemoSettings.from_environment()
    require_demo(demo=settings.demo, issuer=settings.oidc_issuer)
    if persona_key not in BY_KEY:
        raise LookupError(f"There is no persona {persona_key}. Choose one of {', '.join(BY_KEY)}.")
    database = Database(database_url, "gateway", pool=1)
    try:
        async with database.session() as session, session.begin():
            await upsert_personas(session)
            yield session, BY_KEY[persona_key]
    finally:
        await database.close()
