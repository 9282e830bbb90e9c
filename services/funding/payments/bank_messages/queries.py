"""Queries of bank messages."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding.payments.bank_messages.tables import BankMessage


async def find_message_by_digest(session: AsyncSession, run_id: UUID, sha256: str) -> BankMessage | None:
    """Return the identical message of this run, or None if it was not posted before."""
    statement = select(BankMessage).where(col(BankMessage.run_id) == run_id, col(BankMessage.sha256) == sha256)
    return (await session.scalars(statement)).one_or_none()
