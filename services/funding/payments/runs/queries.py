"""Queries of payment runs."""

from collections.abc import Collection, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import Select, func, not_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.participation.claims.statements import INVALID_ENTITLEMENT, PAYMENT_UNCLEAR, READY_TO_PAY
from services.funding.participation.claims.tables import Claim
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.payees.payees.tables import Payee
from services.funding.payments.runs import left_out_claims
from services.funding.payments.runs.tables import Payment, PaymentFile, PaymentRun, RunStatus
from shared.http.pagination import Page, PageRequest, paginate
from shared.persistence.columns import in_array, select_columns
from shared.persistence.fetch import fetch
from shared.problems import NotFound

R = TypeVar("R")


class RunInDoubt(NamedTuple):
    """A run. `in_doubt`: for one of its payments it is open whether its claim was paid, or paid twice."""

    run: PaymentRun
    in_doubt: bool


class PaymentInDoubt(NamedTuple):
    """A payment. `in_doubt`: it is open whether its claim was paid, or paid twice."""

    payment: Payment
    in_doubt: bool


class RunNotFound(NotFound):
    title = "There is no such payment run"
    detail = "Check the id, or look in /v1/payment-runs."


async def lock_run(session: AsyncSession, run_id: UUID) -> PaymentRun:
    """Return the run, and lock it until the transaction ends. Raises RunNotFound."""
    return await fetch(session, PaymentRun, run_id, missing=RunNotFound, lock=True)


async def lock_run_of_message(session: AsyncSession, message_id: str) -> PaymentRun | None:
    """Return the run whose file has this message id, and lock it; or None where there is none."""
    statement = select(PaymentRun).where(col(PaymentRun.message_id) == message_id).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def list_runs(
    session: AsyncSession, paging: PageRequest, *, status: RunStatus | None, needs_attention: bool | None
) -> Page[RunInDoubt]:
    """Return a page of the runs, newest first, or of those with a status, or that need attention or not."""
    statement = select_model(PaymentRun)
    if status:
        statement = statement.where(col(PaymentRun.status) == status)
    if needs_attention is not None:
        in_doubt = or_(col(PaymentRun.file_in_doubt), col(PaymentRun.id).in_(_payments_in_doubt(col(Payment.run_id))))
        statement = statement.where(in_doubt if needs_attention else ~in_doubt)
    page: Page[PaymentRun] = await paginate(
        session, statement, paging, key=(col(PaymentRun.id),), view=_as_is, descending=True
    )
    in_doubt_ids = await list_runs_in_doubt(session, [run.id for run in page.items])
    return Page(items=[RunInDoubt(run, run.id in in_doubt_ids) for run in page.items], next=page.next, total=page.total)


async def list_runs_in_doubt(session: AsyncSession, run_ids: Collection[UUID]) -> set[UUID]:
    """Return which of these runs have a payment in doubt: its own, or another of the same claim."""
    return set(await session.scalars(_payments_in_doubt(col(Payment.run_id)).where(col(Payment.run_id).in_(run_ids))))


async def list_payments_of_run(session: AsyncSession, run_id: UUID, paging: PageRequest) -> Page[PaymentInDoubt]:
    """Return a page of the payments of a run. Raises RunNotFound."""
    await fetch(session, PaymentRun, run_id, missing=RunNotFound)
    page: Page[Payment] = await paginate(session, _payments(run_id), paging, key=(col(Payment.id),), view=_as_is)
    ids = [payment.id for payment in page.items]
    in_doubt = set(await session.scalars(_payments_in_doubt(col(Payment.id)).where(col(Payment.id).in_(ids))))
    items = [PaymentInDoubt(payment, payment.id in in_doubt) for payment in page.items]
    return Page(items=items, next=page.next, total=page.total)


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


def _payments_in_doubt(column: Mapped[UUID]) -> Select[UUID]:
    """Select a column of the payments for which it is open whether their claim was paid, or paid twice."""
    return (
        select(column)
        .join(Claim, col(Claim.id) == col(Payment.claim_id))
        .where(col(Claim.payment_unclear))
        .where(or_(col(Payment.in_doubt).is_not(None), col(Payment.status).in_(("pending", "paid"))))
    )


def _as_is(row: R) -> R:
    return row


async def list_left_out(
    session: AsyncSession, taken: Collection[UUID], limit: int
) -> tuple[list[left_out_claims.ApprovedClaim], int]:
    """Return the approved claims that a run did not take, oldest first and at most `limit`, and how many there are."""
    statement = (
        select_columns(
            col(Claim.id),
            col(Claim.person_id),
            col(Claim.approved_by),
            not_(READY_TO_PAY),
            INVALID_ENTITLEMENT,
            col(Claim.person_id).in_(select(col(Payee.person_id))),
            PAYMENT_UNCLEAR,
            col(Claim.refused_payee_version).is_not(None),
            func.count().over(),
        )
        .join(Entitlement, col(Entitlement.id) == col(Claim.entitlement_id))
        .where(col(Claim.status) == "approved", not_(in_array(col(Claim.id), taken)))
        .order_by(col(Claim.id))
        .limit(limit)
    )
    rows = (await session.execute(statement)).all()
    counts = [count for *_, count in rows]
    return [left_out_claims.ApprovedClaim(*facts) for *facts, _ in rows], max(counts, default=0)


def _payments(run_id: UUID) -> SelectOfScalar[Payment]:
    return select_model(Payment).where(col(Payment.run_id) == run_id)
