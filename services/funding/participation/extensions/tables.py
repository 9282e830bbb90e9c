"""Rows of extensions."""

from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.tables import PERSONAL


class ReservationExtension(Row, table=True):
    """Money that an officer added to a reservation, and why."""

    __tablename__ = "reservation_extensions"

    __table_args__ = (
        CheckConstraint("pence > 0", name="more_than_nothing"),
        Index("ix_reservation_extensions_reservation_id", "reservation_id", "id"),
    )

    reservation_id: UUID = Field(foreign_key="reservations.id")
    pence: int = Field(sa_type=BigInteger)
    reason: str = Field(max_length=2000, sa_column_kwargs={"info": PERSONAL})
    extended_by: UUID
