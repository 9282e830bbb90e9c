"""Rows of entitlements."""

from datetime import date, datetime, time
from typing import ClassVar, Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Uuid, text
from sqlmodel import Field

from services.funding.tables import Row
from shared import clock
from shared.persistence.columns import TIMESTAMP, array_of, varchar

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
    """What one person may be paid for one attendance, beside what that attendance says by now.

    Granted: `status`, `minutes`, `held_on`, `starts_at`, `rate_card_id` and `pence`. The record, all null where the
    person did not attend: `attendance_...`. `in_question`: something is claimed, the record was corrected to other
    terms, and a funding officer has to decide.

    Submitted claims ask for `claimed_pence`, never for more than `highest_pence`, the most that was ever granted; for
    more than `pence` only where a funding officer corrected the entitlement after the claim. The bank paid
    `paid_pence`, of which `recovered_pence` came back. `overpaid_pence` is what was paid beyond the entitlement and is
    neither recovered nor written off. All of these count involvement payments, no other costs.
    """

    __tablename__ = "entitlements"

    __table_args__ = (
        CheckConstraint("status IN ('granted', 'withdrawn')", name="status"),
        CheckConstraint("pence >= 0 AND minutes >= 0 AND submitted_claims >= 0", name="not_negative"),
        CheckConstraint(
            "claimed_pence BETWEEN 0 AND highest_pence AND pence <= highest_pence", name="claimed_is_entitled"
        ),
        CheckConstraint("NOT in_question OR submitted_claims > 0", name="question_has_claim"),
        CheckConstraint(
            "recovered_pence >= 0 AND paid_pence - recovered_pence BETWEEN 0 AND claimed_pence", name="paid_is_claimed"
        ),
        CheckConstraint(
            "overpaid_pence >= 0 AND written_off_pence >= 0 AND overpaid_pence + written_off_pence = GREATEST(0, "
            "paid_pence - recovered_pence - CASE WHEN status = 'granted' THEN pence ELSE 0 END)",
            name="overpaid_is_beyond_entitlement",
        ),
        CheckConstraint(
            "num_nulls(attendance_pence, attendance_minutes, attendance_held_on, attendance_rate_card_id) IN (0, 4)",
            name="attendance_is_whole",
        ),
        Index("ix_entitlements_person_id", "person_id", "id"),
        Index("ix_entitlements_in_question", "id", postgresql_where=text("in_question")),
        Index("ix_entitlements_overpaid", "id", postgresql_where=text("overpaid_pence > 0")),
    )

    registration_id: UUID = Field(unique=True)
    assembly_id: UUID = Field(index=True)
    person_id: UUID
    scheme_id: UUID = Field(foreign_key="schemes.id")
    rate_card_id: UUID = Field(foreign_key="rate_cards.id")
    held_on: date
    starts_at: time | None = None
    minutes: int
    pence: int = Field(sa_type=BigInteger)
    highest_pence: int = Field(default=0, sa_type=BigInteger)
    status: EntitlementStatus = Field(default="granted", sa_type=varchar(20))
    granted_at: datetime = Field(default_factory=clock.now, sa_type=TIMESTAMP)
    attendance_rate_card_id: UUID | None = Field(default=None, foreign_key="rate_cards.id")
    attendance_held_on: date | None = None
    attendance_starts_at: time | None = None
    attendance_minutes: int | None = None
    attendance_pence: int | None = Field(default=None, sa_type=BigInteger)
    overlaps: bool = False
    in_question: bool = False
    claimed_pence: int = Field(default=0, sa_type=BigInteger)
    submitted_claims: int = 0
    paid_pence: int = Field(default=0, sa_type=BigInteger)
    recovered_pence: int = Field(default=0, sa_type=BigInteger)
    written_off_pence: int = Field(default=0, sa_type=BigInteger)
    overpaid_pence: int = Field(default=0, sa_type=BigInteger)

    @property
    def entitled_pence(self) -> int:
        """What the person may be paid now: nothing where the entitlement is withdrawn."""
        return self.pence if self.status == "granted" else 0

    @property
    def remaining_pence(self) -> int:
        """What no submitted claim asks for."""
        return max(0, self.entitled_pence - self.claimed_pence)
