"""Rows of the programme."""

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from services.funding.tables import Row


class Programme(Row, table=True):
    """The award, and how much of it is allocated to schemes."""

    __tablename__ = "programmes"

    __table_args__ = (
        CheckConstraint("pence >= 0", name="not_negative"),
        CheckConstraint("allocated_pence BETWEEN 0 AND pence", name="within_award"),
        CheckConstraint("starts_on < ends_on", name="days"),
    )

    name: str = Field(max_length=200)
    starts_on: date
    ends_on: date
    pence: int = Field(sa_type=BigInteger)
    allocated_pence: int = Field(default=0, sa_type=BigInteger)


class BudgetYear(Row, table=True):
    """The budget of one year of the programme."""

    __tablename__ = "budget_years"

    __table_args__ = (
        UniqueConstraint("programme_id", "starts_on"),
        CheckConstraint("pence >= 0", name="not_negative"),
        CheckConstraint("starts_on < ends_on", name="days"),
    )

    programme_id: UUID = Field(foreign_key="programmes.id")
    starts_on: date
    ends_on: date
    pence: int = Field(sa_type=BigInteger)
