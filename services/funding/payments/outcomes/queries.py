"""Queries of payments in doubt."""

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding.payments.runs.tables import Payment


async def list_claims_in_doubt(
    session: AsyncSession, claim_ids: Collection[UUID], *, besides: Collection[UUID]
) -> set[UUID]:
    """Return which of these locked claims have a payment in doubt besides these payments."""
    statement = select(col(Payment.claim_id)).where(
        col(Payment.claim_id).in_(claim_ids), col(Payment.in_doubt).is_not(None), col(Payment.id).not_in(besides)
    )
    return set(await session.scalars(statement))
