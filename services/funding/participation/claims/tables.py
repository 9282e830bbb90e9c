"""Rows of claims."""

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, UniqueConstraint, Uuid, text
from sqlmodel import Field, Relationship

from services.funding.programme.cost_limits.tables import CostKind
from services.funding.tables import Row
from shared import clock
from shared.persistence.columns import TIMESTAMP, array_of, varchar
from shared.persistence.tables import PERSONAL

ClaimStatus = Literal["draft", "submitted", "returned", "refused", "approved", "in_payment", "paid"]
Step = Literal[
    "submitted",
    "returned",
    "refused",
    "approved",
    "in_payment",
    "payment_stopped",
    "payment_refused",
    "payment_unclear",
    "payment_confirmed",
    "payment_voided",
    "paid",
]
StepRole = Literal["claimant", "approver", "finance", "bank"]


class Claim(Row, table=True):
    """A person's request for payment for one attendance. It was approved `approvals` times, also where taken back.

    `needs_attention`: the bank refused the payment, with the ISO 20022 reason code `bank_reason`, or it is unclear
    whether the bank paid (`payment_unclear`): nothing is paid until a person has resolved it, or has corrected the bank
    details that were refused (`refused_payee_version`, where other details can mend it). `file_in_doubt`: the bank
    reported of the whole file what leaves the payment in it open, as that it refused the file. What else needs
    attention is in `statements`. `voided_payments` counts the payments that were recorded and did not take place.
    `beyond_reservation`: it was submitted when its assembly's reservation had less left, which holds nothing for it.
    `attendance_recorded_by`: who had recorded or corrected the attendance when the claim was approved.
    """

    __tablename__ = "claims"

    __table_args__ = (
        CheckConstraint(
            "status IN ('draft', 'submitted', 'returned', 'refused', 'approved', 'in_payment', 'paid')", name="status"
        ),
        CheckConstraint("pence >= 0 AND involvement_pence BETWEEN 0 AND pence", name="not_negative"),
        CheckConstraint("approved_by IS NULL OR approved_by <> person_id", name="someone_else_approves"),
        CheckConstraint(
            "status NOT IN ('approved', 'in_payment', 'paid') OR approved_by IS NOT NULL", name="approved_by_someone"
        ),
        CheckConstraint(
            "approved_by IS NULL OR approved_by <> ALL (attendance_recorded_by)", name="recorder_does_not_approve"
        ),
        CheckConstraint("status IN ('draft', 'returned') OR promised_on IS NOT NULL", name="promised"),
        CheckConstraint("(status = 'paid') = (paid_on IS NOT NULL)", name="paid_on"),
        CheckConstraint(
            "NOT payment_unclear OR (needs_attention AND status <> 'draft')", name="unclear_needs_attention"
        ),
        CheckConstraint("status = 'submitted' OR NOT beyond_reservation", name="reserved_before_approval"),
        CheckConstraint("NOT file_in_doubt OR status = 'in_payment'", name="file_of_payment"),
        Index("ix_claims_person_id", "person_id", "id"),
        Index("ix_claims_beyond_reservation", "id", postgresql_where=text("beyond_reservation")),
        Index("ix_claims_status", "status", "id"),
        Index("ix_claims_payment_unclear", "id", postgresql_where=text("payment_unclear")),
    )

    person_id: UUID
    entitlement_id: UUID = Field(foreign_key="entitlements.id", index=True)
    assembly_id: UUID = Field(index=True)
    scheme_id: UUID = Field(foreign_key="schemes.id")
    status: ClaimStatus = Field(default="draft", sa_type=varchar(20))
    pence: int = Field(default=0, sa_type=BigInteger)
    involvement_pence: int = Field(default=0, sa_type=BigInteger)
    promised_on: date | None = None
    approved_by: UUID | None = None
    approvals: int = 0
    attendance_recorded_by: list[UUID] = Field(
        default_factory=list[UUID], sa_type=array_of(Uuid), sa_column_kwargs={"server_default": text("'{}'")}
    )
    paid_on: date | None = None
    needs_attention: bool = False
    bank_reason: str | None = Field(default=None, max_length=35)
    refused_payee_version: int | None = None
    payment_unclear: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    voided_payments: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    edits: int = 0
    beyond_reservation: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    file_in_doubt: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})


class ClaimLine(Row, table=True):
    """One cost. Its description is personal: it is in no event, log or audit entry."""

    __tablename__ = "claim_lines"

    __table_args__ = (
        CheckConstraint("pence > 0", name="more_than_nothing"),
        CheckConstraint(
            "kind IN ('involvement_payment', 'travel', 'replacement_care', 'personal_assistant', 'backfill', "
            "'access_cost', 'device_or_data')",
            name="kind",
        ),
        UniqueConstraint("claim_id", "position", deferrable=True, initially="DEFERRED"),
        Index("ix_claim_lines_cost", "spent_on", "kind", "pence"),
    )

    claim_id: UUID = Field(foreign_key="claims.id", ondelete="CASCADE")
    position: int
    kind: CostKind = Field(sa_type=varchar(30))
    description: str | None = Field(default=None, max_length=500, sa_column_kwargs={"info": PERSONAL})
    pence: int = Field(sa_type=BigInteger)
    spent_on: date


class ClaimReason(Row, table=True):
    """The reason of a step, in a row of its own so that it can be erased while the step stays."""

    __tablename__ = "claim_reasons"

    step_id: UUID = Field(foreign_key="claim_steps.id", unique=True)
    reason: str = Field(max_length=2000, sa_column_kwargs={"info": PERSONAL})


class ClaimStep(Row, table=True):
    """One step in a claim's history. Append-only: the database refuses to change or delete steps.

    `duplicates_checked`: the claims with a cost that this one may repeat, which its approver looked at.
    """

    __tablename__ = "claim_steps"

    __table_args__ = (
        CheckConstraint(
            "step IN ('submitted', 'returned', 'refused', 'approved', 'in_payment', 'payment_stopped', "
            "'payment_refused', 'payment_unclear', 'payment_confirmed', 'payment_voided', 'paid')",
            name="step",
        ),
        CheckConstraint("role IN ('claimant', 'approver', 'finance', 'bank')", name="role"),
        Index("ix_claim_steps_claim_id", "claim_id", "id"),
    )

    claim_id: UUID = Field(foreign_key="claims.id")
    step: Step = Field(sa_type=varchar(20))
    role: StepRole = Field(sa_type=varchar(20))
    performed_by: UUID
    performed_at: datetime = Field(default_factory=clock.now, sa_type=TIMESTAMP)
    duplicates_checked: list[UUID] = Field(
        default_factory=list[UUID], sa_type=array_of(Uuid), sa_column_kwargs={"server_default": text("'{}'")}
    )
    reason_row: ClaimReason | None = Relationship(sa_relationship_kwargs={"lazy": "joined", "uselist": False})

    @property
    def reason(self) -> str | None:
        """None where none was given, or it was erased."""
        return self.reason_row.reason if self.reason_row else None
