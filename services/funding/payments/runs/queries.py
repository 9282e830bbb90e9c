"""Queries of payment runs."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.payments.runs.tables import Payment, PaymentFile, PaymentRun, RunStatus
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
    """Return the payments of a run in order, without those that were taken out of it."""
    statement = _payments(run_id).where(col(Payment.status) != "cancelled").order_by(col(Payment.id))
    return (await session.scalars(statement)).all()


async def find_pending_payment(session: AsyncSession, claim_id: UUID) -> Payment | None:
    """Return the payment of a claim that the bank has not reported on, or None. Lock its run before changing it."""
    statement = select(Payment).where(col(Payment.claim_id) == claim_id, col(Payment.status) == "pending")
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def find_file_of_run(session: AsyncSession, run_id: UUID) -> PaymentFile | None:
    """Return the encrypted file of a run, or None before its release."""
    return (await session.scalars(select(PaymentFile).where(col(PaymentFile.run_id) == run_id))).one_or_none()


def _payments(run_id: UUID) -> SelectOfScalar[Payment]:
    return select_model(Payment).where(col(Payment.run_id) == run_id)
