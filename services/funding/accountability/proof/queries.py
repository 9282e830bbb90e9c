"""Queries of the proof: the ledger, and the books that it is compared with."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding.accountability.proof import rules
from services.funding.accountability.proof.rules import Books, Proof, SchemeBook
from services.funding.ledger.ledger.queries import list_account_totals
from services.funding.participation.claims.tables import Claim
from services.funding.programme.programme.tables import Programme
from services.funding.programme.schemes.tables import Scheme


async def get_proof(session: AsyncSession) -> Proof:
    """Return the ledger beside the books, both of the same moment.

    The transaction is REPEATABLE READ, so that a payment which commits between two statements is in both or neither.
    """
    await session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    return rules.prove(await list_account_totals(session), await _books(session))


async def _books(session: AsyncSession) -> Books:
    claims = await session.execute(
        select(col(Claim.status), func.sum(col(Claim.pence)))
        .where(col(Claim.status).in_(("approved", "in_payment", "paid")))
        .group_by(col(Claim.status))
    )
    pence_by_status = {status: int(pence) for status, pence in claims}
    programmes = (await session.scalars(select(Programme))).all()
    schemes = (await session.scalars(select(Scheme).order_by(col(Scheme.code)))).all()
    return Books(
        award_pence=sum(programme.pence for programme in programmes),
        unallocated_pence=sum(programme.pence - programme.allocated_pence for programme in programmes),
        claims_paid_pence=pence_by_status.get("paid", 0),
        claims_owed_pence=pence_by_status.get("approved", 0) + pence_by_status.get("in_payment", 0),
        schemes=[SchemeBook(scheme.code, scheme.available_pence, scheme.reserved_pence) for scheme in schemes],
    )
