"""What the proof compares the ledger with."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding.accountability.proof.rules import Books, SchemeBook
from services.funding.participation.claims.tables import Claim
from services.funding.programme.programme.tables import Programme, Scheme


async def books(session: AsyncSession) -> Books:
    """What claims, schemes and the programme say of the money, in pence."""
    claims = await session.execute(
        select(col(Claim.status), func.sum(col(Claim.pence)))
        .where(col(Claim.status).in_(("approved", "in_payment", "paid")))
        .group_by(col(Claim.status))
    )
    by_status = {status: int(pence) for status, pence in claims}
    programme = (await session.execute(select(Programme))).scalars().all()
    schemes = (await session.scalars(select(Scheme).order_by(col(Scheme.code)))).all()
    return Books(
        award_pence=sum(row.pence for row in programme),
        unallocated_pence=sum(row.pence - row.allocated_pence for row in programme),
        claims_paid_pence=by_status.get("paid", 0),
        claims_owed_pence=by_status.get("approved", 0) + by_status.get("in_payment", 0),
        schemes=[SchemeBook(scheme.code, scheme.available_pence, scheme.reserved_pence) for scheme in schemes],
    )


async def see_one_moment(session: AsyncSession) -> None:
    """All that this session asks from now on is of the same moment, whatever is paid meanwhile."""
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
