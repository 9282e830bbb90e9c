"""Queries of payment runs."""

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import func, not_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.participation.claims.queries import INVALID_ENTITLEMENT
from services.funding.participation.claims.tables import Claim
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.payees.payees.tables import Payee
from services.funding.payments.runs import rules
from services.funding.payments.runs.tables import Payment, PaymentFile, PaymentRun, RunStatus
from shared.persistence.columns import in_array, select_columns
from shared.persistence.fetch import fetch
from shared.problems import NotFound


class RunNotFound(NotFound):
    title = "There is no such payment run"
    detail = "Check the id, or look in /v1/payment-runs."


async def lock_run(session: AsyncSession, run_id: UUID) -> PaymentRun:
    """Return the run, and lock it until the transaction ends. Raises RunNotFound."""
    return await fetch(session, PaymentRun, run_id, missing=RunNotFound, lock=True)


def select_runs(status: RunStatus | None) -> SelectOfScalar[PaymentRun]:
    """Select the runs, or those with a status."""
    statement = select_model(PaymentRun)
    return statement.where(col(PaymentRun.status) == status) if status else statement


async def select_payments_of_run(session: AsyncSession, run_id: UUID) -> SelectOfScalar[Payment]:
    """Select the payments of a run, for a page of them. Raises RunNotFound."""
    await fetch(session, PaymentRun, run_id, missing=RunNotFound)
    return _payments(run_id)


async def list_payments(session: AsyncSession, run_id: UUID) -> Sequence[Payment]:
    """Return all payments of a run in order."""
    return (await session.scalars(_payments(run_id).order_by(col(Payment.id)))).all()


async def find_file_of_run(session: AsyncSession, run_id: UUID) -> PaymentFile | None:
    """Return the encrypted file of a run, or None before its release."""
    return (await session.scalars(select(PaymentFile).where(col(PaymentFile.run_id) == run_id))).one_or_none()


async def list_left_out(
    session: AsyncSession, taken: Collection[UUID], limit: int
) -> tuple[list[rules.ApprovedClaim], int]:
    """Return the approved claims that a run did not take, oldest first and at most `limit`, and how many there are."""
    statement = (
        select_columns(
            col(Claim.id),
            col(Claim.person_id),
            col(Claim.approved_by),
            col(Claim.needs_attention),
            INVALID_ENTITLEMENT,
            col(Claim.person_id).in_(select(col(Payee.person_id))),
            func.count().over(),
        )
        .join(Entitlement, col(Entitlement.id) == col(Claim.entitlement_id))
        .where(col(Claim.status) == "approved", not_(in_array(col(Claim.id), taken)))
        .order_by(col(Claim.id))
        .limit(limit)
    )
    rows = (await session.execute(statement)).all()
    counts = [count for *_, count in rows]
    return [rules.ApprovedClaim(*facts) for *facts, _ in rows], max(counts, default=0)


def _payments(run_id: UUID) -> SelectOfScalar[Payment]:
    return select_model(Payment).where(col(Payment.run_id) == run_id)
