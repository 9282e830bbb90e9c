"""Rows of reservations."""

from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.columns import varchar

ReservationStatus = Literal["reserved", "refused", "released"]


class Reservation(Row, table=True):
    """Money set aside for an assembly. Submitted claims hold `held_pence` of `pence`.

    Approved money leaves both and is counted in `approved_pence`.
    """

    __tablename__ = "reservations"

    __table_args__ = (
        CheckConstraint("status IN ('reserved', 'refused', 'released')", name="status"),
        CheckConstraint("held_pence BETWEEN 0 AND pence", name="held_is_reserved"),
        CheckConstraint("approved_pence >= 0 AND planned_pence >= 0", name="not_negative"),
        CheckConstraint("status <> 'refused' OR pence + approved_pence = 0", name="refused_holds_nothing"),
    )

    assembly_id: UUID = Field(unique=True)
    scheme_id: UUID | None = Field(default=None, foreign_key="schemes.id", index=True)
    scheme_code: str = Field(max_length=80)
    status: ReservationStatus = Field(sa_type=varchar(20))
    planned_pence: int = Field(sa_type=BigInteger)
    pence: int = Field(default=0, sa_type=BigInteger)
    held_pence: int = Field(default=0, sa_type=BigInteger)
    approved_pence: int = Field(default=0, sa_type=BigInteger)
    last_sequence: int = 0

    @property
    def free_pence(self) -> int:
        """What no claim holds."""
        return self.pence - self.held_pence
