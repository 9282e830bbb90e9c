"""Rows of bank messages."""

from uuid import UUID

from sqlalchemy import LargeBinary, UniqueConstraint
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.tables import PERSONAL


class BankMessage(Row, table=True):
    """A message of the bank as it came, encrypted in `sealed`. Its digest identifies an identical one."""

    __tablename__ = "bank_messages"

    __table_args__ = (UniqueConstraint("run_id", "sha256"),)

    run_id: UUID = Field(foreign_key="payment_runs.id")
    sha256: str = Field(max_length=64)
    message_id: str = Field(max_length=35)
    posted_by: UUID
    paid: int
    refused: int
    waiting: int
    sealed: bytes = Field(sa_type=LargeBinary, sa_column_kwargs={"info": PERSONAL})
