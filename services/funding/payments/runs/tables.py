"""Rows of payment runs.

The database refuses a claim in two active runs, one person in two of the roles of claimant, approver and payer, and a
run that its maker releases.
"""

from datetime import date, datetime
from typing import Literal
from uuid import UUID, uuid4

from sqlalchemy import BigInteger, CheckConstraint, Index, LargeBinary, text
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.columns import TIMESTAMP, varchar
from shared.persistence.tables import PERSONAL

RunStatus = Literal["draft", "released", "settled", "cancelled"]
PaymentStatus = Literal["pending", "paid", "refused", "cancelled"]
PaymentDoubt = Literal["duplicate", "contradiction"]


class PaymentRun(Row, table=True):
    """A batch of approved claims. It is released once, and settled when each payment is paid or refused.

    A claim whose approval is taken back leaves its draft run and counts in it no more. A run left empty is cancelled.
    `bank_status` and `bank_reason` are what the bank reported of the whole file, which changes no payment;
    `file_in_doubt` where its payments do not bear that out. `revision` counts messages and resolutions.
    """

    __tablename__ = "payment_runs"

    __table_args__ = (
        CheckConstraint("status IN ('draft', 'released', 'settled', 'cancelled')", name="status"),
        CheckConstraint(
            "(pence > 0 AND claims > 0) OR (pence = 0 AND claims = 0 AND status = 'cancelled')",
            name="more_than_nothing",
        ),
        CheckConstraint("status NOT IN ('released', 'settled') OR released_by IS NOT NULL", name="released_by_someone"),
        CheckConstraint("released_by IS NULL OR released_by <> created_by", name="someone_else_releases"),
    )

    status: RunStatus = Field(default="draft", sa_type=varchar(20))
    message_id: str = Field(max_length=35, unique=True)
    claims: int
    pence: int = Field(sa_type=BigInteger)
    created_by: UUID
    released_by: UUID | None = None
    released_at: datetime | None = Field(default=None, sa_type=TIMESTAMP)
    execute_on: date | None = None
    bank_status: str | None = Field(default=None, max_length=4)
    bank_reason: str | None = Field(default=None, max_length=35)
    file_in_doubt: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    revision: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})


class PaymentFile(Row, table=True):
    """The pain.001 file of a run, encrypted in `sealed`."""

    __tablename__ = "payment_files"

    run_id: UUID = Field(foreign_key="payment_runs.id", unique=True)
    sealed: bytes = Field(sa_type=LargeBinary, sa_column_kwargs={"info": PERSONAL})
    sha256: str = Field(max_length=64)


class Payment(Row, table=True):
    """One claim in one run. `bank_status` and `bank_reason` are what the bank reported of it, by its codes.

    `payee_version`: the version of the bank details that it was released with.

    `in_doubt`: the bank's reports do not settle whether it is paid. `duplicate`: refused because the bank has an
    earlier instruction; `contradiction`: reported otherwise than its status. A person resolves it (`resolved_by`).
    """

    __tablename__ = "payments"

    __table_args__ = (
        CheckConstraint("status IN ('pending', 'paid', 'refused', 'cancelled')", name="status"),
        CheckConstraint("pence > 0", name="more_than_nothing"),
        CheckConstraint(
            "created_by <> claimed_by AND created_by <> approved_by AND approved_by <> claimed_by",
            name="segregation_of_duties",
        ),
        CheckConstraint(
            "resolved_by IS NULL OR (released_by IS NOT NULL AND resolved_by <> released_by"
            " AND resolved_by <> claimed_by AND resolved_by <> approved_by)",
            name="someone_else_resolves",
        ),
        CheckConstraint(
            "in_doubt IS NULL OR (in_doubt = 'duplicate' AND status = 'pending')"
            " OR (in_doubt = 'contradiction' AND status IN ('paid', 'refused'))",
            name="in_doubt",
        ),
        Index(
            "uq_payments_one_active_run",
            "claim_id",
            unique=True,
            postgresql_where=text("status IN ('pending', 'paid')"),
        ),
        Index("ix_payments_run_id", "run_id", "id"),
        Index("ix_payments_claim_id", "claim_id", "id"),
    )

    run_id: UUID = Field(foreign_key="payment_runs.id")
    claim_id: UUID = Field(foreign_key="claims.id")
    claimed_by: UUID
    approved_by: UUID
    created_by: UUID
    pence: int = Field(sa_type=BigInteger)
    payee_version: int | None = None
    end_to_end_id: str = Field(max_length=18, unique=True)
    uetr: UUID = Field(default_factory=uuid4, unique=True)
    status: PaymentStatus = Field(default="pending", sa_type=varchar(20))
    bank_status: str | None = Field(default=None, max_length=4)
    bank_reason: str | None = Field(default=None, max_length=35)
    in_doubt: PaymentDoubt | None = Field(default=None, sa_type=varchar(20))
    released_by: UUID | None = None
    resolved_by: UUID | None = None
