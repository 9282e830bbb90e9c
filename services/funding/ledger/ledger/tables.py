"""Rows of the ledger. The database refuses to change or delete them, and refuses transactions that do not balance."""

from datetime import date
from typing import ClassVar, Literal
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, text
from sqlmodel import Field

from services.funding.tables import Row
from shared.persistence.columns import varchar

AccountKind = Literal["asset", "liability", "fund"]
TransactionKind = Literal["budget", "allocation", "reserve", "release", "approve", "reverse", "pay", "void"]


class LedgerAccount(Row, table=True):
    """An account, named by its code: `bank`, `payable`, `scheme:participation:available`."""

    __tablename__ = "ledger_accounts"

    __audited__: ClassVar[bool] = False
    __table_args__ = (CheckConstraint("kind IN ('asset', 'liability', 'fund')", name="kind"),)

    code: str = Field(max_length=80, unique=True)
    name: str = Field(max_length=200)
    kind: AccountKind = Field(sa_type=varchar(20))


class LedgerTransaction(Row, table=True):
    """One transaction and what it concerns. `posted_in` is the id of the database transaction that wrote it.

    `approval` counts the approvals of a claim, so that each is posted once and reversed once. `attempt` counts the
    voided payments of the claim before: in each attempt, a claim is paid once.
    """

    __tablename__ = "ledger_transactions"

    __audited__: ClassVar[bool] = False
    __table_args__ = (
        CheckConstraint(
            "kind IN ('budget', 'allocation', 'reserve', 'release', 'approve', 'reverse', 'pay', 'void')", name="kind"
        ),
        CheckConstraint("kind NOT IN ('approve', 'reverse', 'pay', 'void') OR claim_id IS NOT NULL", name="claim"),
        CheckConstraint("kind NOT IN ('approve', 'reverse') OR coalesce(approval, 0) > 0", name="approval"),
        Index(
            "uq_ledger_transactions_once_per_approval",
            "kind",
            "claim_id",
            "approval",
            unique=True,
            postgresql_where=text("kind IN ('approve', 'reverse')"),
        ),
        Index(
            "uq_ledger_transactions_once_per_claim",
            "kind",
            "claim_id",
            "attempt",
            unique=True,
            postgresql_where=text("kind IN ('pay', 'void')"),
        ),
        Index("ix_ledger_transactions_claim_id", "claim_id", postgresql_where=text("claim_id IS NOT NULL")),
        Index("ix_ledger_transactions_assembly_id", "assembly_id", postgresql_where=text("assembly_id IS NOT NULL")),
    )

    kind: TransactionKind = Field(sa_type=varchar(20))
    occurred_on: date = Field(index=True)
    scheme_id: UUID | None = None
    assembly_id: UUID | None = None
    claim_id: UUID | None = None
    approval: int | None = None
    attempt: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    posted_in: int | None = Field(
        default=None,
        sa_type=BigInteger,
        nullable=False,
        sa_column_kwargs={"server_default": text("(pg_current_xact_id()::text)::bigint")},
    )


class LedgerEntry(Row, table=True):
    """A debit or a credit of one account: exactly one of the two amounts is above zero."""

    __tablename__ = "ledger_entries"

    __audited__: ClassVar[bool] = False
    __table_args__ = (
        CheckConstraint("debit_pence >= 0 AND credit_pence >= 0", name="not_negative"),
        CheckConstraint("(debit_pence = 0) <> (credit_pence = 0)", name="one_side"),
    )

    transaction_id: UUID = Field(foreign_key="ledger_transactions.id", index=True)
    account_id: UUID = Field(foreign_key="ledger_accounts.id", index=True)
    debit_pence: int = Field(default=0, sa_type=BigInteger)
    credit_pence: int = Field(default=0, sa_type=BigInteger)
