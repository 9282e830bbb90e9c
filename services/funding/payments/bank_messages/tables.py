"""Rows of bank messages."""

from typing import Literal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.columns import varchar
from shared.persistence.tables import PERSONAL

ReportEffect = Literal["paid", "refused", "duplicate", "contradicts", "repeats", "waiting"]


class BankMessage(Row, table=True):
    """A message of the bank as it came, encrypted in `sealed`. Its digest identifies an identical one.

    `file_status` and `file_reason` are what it reports of the whole file. The numbers count payments: `waiting` are
    those of the run that had no outcome after it.
    """

    __tablename__ = "bank_messages"

    __table_args__ = (UniqueConstraint("run_id", "sha256"),)

    run_id: UUID = Field(foreign_key="payment_runs.id")
    sha256: str = Field(max_length=64)
    message_id: str = Field(max_length=35)
    posted_by: UUID
    file_status: str | None = Field(default=None, max_length=4)
    file_reason: str | None = Field(default=None, max_length=35)
    paid: int
    refused: int
    duplicates: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    contradictions: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    waiting: int
    sealed: bytes = Field(sa_type=LargeBinary, sa_column_kwargs={"info": PERSONAL})


class PaymentReport(Row, table=True):
    """What a message reports of one payment, and what that did. It is never changed."""

    __tablename__ = "payment_reports"

    __table_args__ = (
        CheckConstraint(
            "effect IN ('paid', 'refused', 'duplicate', 'contradicts', 'repeats', 'waiting')", name="effect"
        ),
        UniqueConstraint("message_id", "payment_id"),
        Index("ix_payment_reports_message_id", "message_id", "id"),
    )

    message_id: UUID = Field(foreign_key="bank_messages.id")
    payment_id: UUID = Field(foreign_key="payments.id")
    bank_status: str | None = Field(default=None, max_length=4)
    bank_reason: str | None = Field(default=None, max_length=35)
    effect: ReportEffect = Field(sa_type=varchar(20))
