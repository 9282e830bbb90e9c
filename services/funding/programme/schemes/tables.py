"""Rows of schemes. The database refuses commitments above a scheme's cap."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from services.funding.tables import Row


class Scheme(Row, table=True):
    """A purpose with a cap.

    Money is available, then reserved, then approved (owed). Paid money still counts as approved.
    """

    __tablename__ = "schemes"

    __table_args__ = (
        CheckConstraint("reserved_pence >= 0 AND approved_pence >= 0", name="not_negative"),
        CheckConstraint("reserved_pence + approved_pence <= cap_pence", name="within_cap"),
        CheckConstraint("paid_pence BETWEEN 0 AND approved_pence", name="paid_was_approved"),
        CheckConstraint("promise_working_days BETWEEN 1 AND 60", name="promise"),
        CheckConstraint("code ~ '^[a-z][a-z0-9_]{1,39}$'", name="code"),
    )

    programme_id: UUID = Field(foreign_key="programmes.id")
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=200)
    purpose: str = Field(max_length=2000)
    cap_pence: int = Field(sa_type=BigInteger)
    reserved_pence: int = Field(default=0, sa_type=BigInteger)
    approved_pence: int = Field(default=0, sa_type=BigInteger)
    paid_pence: int = Field(default=0, sa_type=BigInteger)
    promise_working_days: int = 10

    @property
    def available_pence(self) -> int:
        return self.cap_pence - self.reserved_pence - self.approved_pence
