"""Queries of bank messages."""

from typing import Any
from uuid import UUID

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.payments.bank_messages.tables import BankMessage, PaymentReport
from services.funding.payments.runs.tables import Payment
from shared.persistence.columns import select_columns
from shared.persistence.fetch import fetch
from shared.problems import NotFound


class BankMessageNotFound(NotFound):
    title = "There is no such bank message"
    detail = "Check the id, or look in /v1/bank-messages."


async def find_message_by_digest(session: AsyncSession, run_id: UUID, sha256: str) -> BankMessage | None:
    """Return the identical message of this run, or None if it was not posted before."""
    statement = select(BankMessage).where(col(BankMessage.run_id) == run_id, col(BankMessage.sha256) == sha256)
    return (await session.scalars(statement)).one_or_none()


async def get_message(session: AsyncSession, message_id: UUID) -> BankMessage:
    """Return one message. Raises BankMessageNotFound."""
    return await fetch(session, BankMessage, message_id, missing=BankMessageNotFound)


def select_messages(run_id: UUID | None) -> SelectOfScalar[BankMessage]:
    """Select the messages, or those about a run."""
    statement = select_model(BankMessage)
    return statement.where(col(BankMessage.run_id) == run_id) if run_id else statement


async def select_reports(session: AsyncSession, message_id: UUID) -> Select[Any]:
    """Select what a message reports of each payment, for a page of them. Raises BankMessageNotFound."""
    await get_message(session, message_id)
    return (
        select_columns(
            col(PaymentReport.id),
            col(PaymentReport.payment_id),
            col(Payment.claim_id),
            col(Payment.end_to_end_id),
            col(PaymentReport.bank_status),
            col(PaymentReport.bank_reason),
            col(PaymentReport.effect),
        )
        .join(Payment, col(Payment.id) == col(PaymentReport.payment_id))
        .where(col(PaymentReport.message_id) == message_id)
    )
