"""What can be asked of payments."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.payments.runs.tables import BankAnswer, Payment, PaymentFile, PaymentRun, RunStatus
from shared.problems import NotFound


class RunNotFound(NotFound):
    title = "This payment run does not exist"
    detail = "Look at /v1/payment-runs for those that there are."


async def lock_run(session: AsyncSession, run_id: UUID) -> PaymentRun:
    """Whoever moves a run holds its row. Raises RunNotFound."""
    found = await session.get(PaymentRun, run_id, with_for_update=True, populate_existing=True)
    if found is None:
        raise RunNotFound
    return found


async def run(session: AsyncSession, run_id: UUID) -> PaymentRun:
    """Raises RunNotFound."""
    found = await session.get(PaymentRun, run_id)
    if found is None:
        raise RunNotFound
    return found


def runs(status: RunStatus | None) -> SelectOfScalar[PaymentRun]:
    statement = select_model(PaymentRun)
    return statement.where(col(PaymentRun.status) == status) if status else statement


def payments_in(run_id: UUID) -> SelectOfScalar[Payment]:
    return select_model(Payment).where(col(Payment.run_id) == run_id)


async def payments_of(session: AsyncSession, run_id: UUID) -> Sequence[Payment]:
    return (await session.scalars(payments_in(run_id).order_by(col(Payment.id)))).all()


async def file_of(session: AsyncSession, run_id: UUID) -> PaymentFile | None:
    return (await session.scalars(select(PaymentFile).where(col(PaymentFile.run_id) == run_id))).one_or_none()


async def answer_of(session: AsyncSession, run_id: UUID, sha256: str) -> BankAnswer | None:
    """The very same answer, if it was posted before."""
    statement = select(BankAnswer).where(col(BankAnswer.run_id) == run_id, col(BankAnswer.sha256) == sha256)
    return (await session.scalars(statement)).one_or_none()
