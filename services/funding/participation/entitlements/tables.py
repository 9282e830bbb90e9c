"""Rows of entitlements."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Uuid, text
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.columns import array_of, varchar

EntitlementStatus = Literal["granted", "withdrawn"]


class Attendance(Row, table=True):
    """The last recorded sequence of a registration, so that an older event never undoes a later one.

    `recorded_by`: everyone who recorded or corrected it.
    """

    __tablename__ = "attendances"

    __audited__: ClassVar[bool] = False

    registration_id: UUID = Field(unique=True)
    last_sequence: int = 0
    recorded_by: list[UUID] = Field(
        default_factory=list[UUID], sa_type=array_of(Uuid), sa_column_kwargs={"server_default": text("'{}'")}
    )


class Entitlement(Row, table=True):
    """What one person may be paid for one attendance. Submitted claims ask for `claimed_pence` of `pence`.

    `in_question`: the attendance was corrected after something was claimed, and a funding officer has to decide.
    """

    __tablename__ = "entitlements"

    __table_args__ = (
        CheckConstraint("status IN ('granted', 'withdrawn')", name="status"),
        CheckConstraint("pence >= 0 AND minutes >= 0 AND submitted_claims >= 0", name="not_negative"),
        CheckConstraint("claimed_pence BETWEEN 0 AND pence", name="claimed_is_entitled"),
        Index("ix_entitlements_person_id", "person_id", "id"),
        Index("ix_entitlements_in_question", "id", postgresql_where=text("in_question")),
    )

    registration_id: UUID = Field(unique=True)
    assembly_id: UUID = Field(index=True)
    person_id: UUID
    scheme_id: UUID = Field(foreign_key="schemes.id")
    rate_card_id: UUID = Field(foreign_key="rate_cards.id")
    held_on: date
    minutes: int
    pence: int = Field(sa_type=BigInteger)
    status: EntitlementStatus = Field(default="granted", sa_type=varchar(20))
    in_question: bool = False
    claimed_pence: int = Field(default=0, sa_type=BigInteger)
    submitted_claims: int = 0
