"""The lock under which priorities are calculated."""

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession


async def lock_priorities(session: AsyncSession) -> None:
    """Let nobody else recalculate until this transaction ends: each calculation sees the voices of the one before."""
    await session.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence priorities'))"))
