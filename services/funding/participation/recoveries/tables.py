"""Rows of recoveries."""

from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.columns import varchar
from shared.persistence.tables import PERSONAL

RecoveryOutcome = Literal["recovered", "written_off"]


class Recovery(Row, table=True):
    """How a part of an overpayment was closed. Nothing moves in the ledger: the money came back elsewhere, or never."""

    __tablename__ = "recoveries"

    __table_args__ = (
        CheckConstraint("outcome IN ('recovered', 'written_off')", name="outcome"),
        CheckConstraint("pence > 0", name="more_than_nothing"),
        CheckConstraint("recorded_by <> person_id", name="someone_else_records"),
    )

    entitlement_id: UUID = Field(foreign_key="entitlements.id", index=True)
    person_id: UUID
    outcome: RecoveryOutcome = Field(sa_type=varchar(20))
    pence: int = Field(sa_type=BigInteger)
    reason: str = Field(max_length=2000, sa_column_kwargs={"info": PERSONAL})
    recorded_by: UUID
