"""Which accounts each kind of transaction debits and credits. Postings balance by construction; the database checks it.

The award is what the funder gave the programme; payments leave through the bank. Funds are what the money is set aside
for:

    budget      award                 -> unallocated
    allocation  unallocated           -> the scheme's available money
    reserve     available             -> reserved      (an assembly was planned, or its reservation extended)
    release     reserved              -> available     (what an assembly did not need)
    approve     reserved              -> payable       (a claim was approved: it is owed)
    reverse     payable               -> reserved      (an approval was taken back before the claim was paid)
    pay         payable               -> bank          (the bank confirmed)
    void        bank                  -> payable       (a payment did not take place after all: it is owed again)
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import NamedTuple
from uuid import UUID

from services.funding.ledger.ledger.tables import AccountKind, LedgerTransaction, TransactionKind

AWARD, BANK, UNALLOCATED, PAYABLE = "award", "bank", "unallocated", "payable"


def pounds(pence: int) -> str:
    """Return an amount as people read it: £1,234.50."""
    return f"£{pence // 100:,}.{pence % 100:02}"


class PostingEntry(NamedTuple):
    """A debit or a credit of one account, which is named by its code."""

    account: str
    debit_pence: int
    credit_pence: int


@dataclass(frozen=True, slots=True)
class Posting:
    """A balanced transaction that is not written yet: `debit` and `credit` are codes of accounts.

    `occurred_on` is the bank's day, or None for today.
    """

    kind: TransactionKind
    debit: str
    credit: str
    pence: int
    scheme_id: UUID | None = None
    assembly_id: UUID | None = None
    claim_id: UUID | None = None
    approval: int | None = None
    occurred_on: date | None = None
    attempt: int = 0

    def __post_init__(self) -> None:
        if self.pence <= 0:
            raise ValueError("a posting moves at least a penny")
        if self.debit == self.credit:
            raise ValueError("a posting debits one account and credits another")

    def on(self, day: date | None, *, attempt: int) -> "Posting":
        """Return the posting as it occurred on this day, in this attempt to pay the claim."""
        return replace(self, occurred_on=day, attempt=attempt)

    @property
    def entries(self) -> tuple[PostingEntry, PostingEntry]:
        return PostingEntry(self.debit, self.pence, 0), PostingEntry(self.credit, 0, self.pence)


MAX_SCHEME_NAME_LENGTH = 180
"""Characters of a scheme's name in the names of its accounts, which add a suffix and hold 200 characters."""


class NewAccount(NamedTuple):
    """An account to be opened."""

    code: str
    name: str
    kind: AccountKind


@dataclass(frozen=True, slots=True)
class SchemeAccounts:
    """The codes of a scheme's accounts."""

    scheme_id: UUID
    code: str

    @property
    def available(self) -> str:
        return f"scheme:{self.code}:available"

    @property
    def reserved(self) -> str:
        return f"scheme:{self.code}:reserved"

    def new_accounts(self, name: str) -> list[NewAccount]:
        """Return the accounts that a new scheme of this name needs."""
        name = name[:MAX_SCHEME_NAME_LENGTH]
        return [
            NewAccount(self.available, f"{name}: available", "fund"),
            NewAccount(self.reserved, f"{name}: reserved", "fund"),
        ]


def award(pence: int) -> Posting:
    """Record what the funder gave the programme."""
    return Posting("budget", AWARD, UNALLOCATED, pence)


def allocate(scheme: SchemeAccounts, pence: int) -> Posting:
    """Move money into a scheme whose cap was raised."""
    return Posting("allocation", UNALLOCATED, scheme.available, pence, scheme.scheme_id)


def deallocate(scheme: SchemeAccounts, pence: int) -> Posting:
    """Move money out of a scheme whose cap was lowered."""
    return Posting("allocation", scheme.available, UNALLOCATED, pence, scheme.scheme_id)


def reserve(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID) -> Posting:
    """Set money aside for an assembly."""
    return Posting("reserve", scheme.available, scheme.reserved, pence, scheme.scheme_id, assembly_id)


def release(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID) -> Posting:
    """Return to the scheme what an assembly did not need."""
    return Posting("release", scheme.reserved, scheme.available, pence, scheme.scheme_id, assembly_id)


def approve(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID, claim_id: UUID, approval: int) -> Posting:
    """Owe an approved claim. `approval` counts its approvals, from 1: each is posted once, and reversed once."""
    return Posting("approve", scheme.reserved, PAYABLE, pence, scheme.scheme_id, assembly_id, claim_id, approval)


def reverse(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID, claim_id: UUID, approval: int) -> Posting:
    """Reverse an approval of an unpaid claim."""
    return Posting("reverse", PAYABLE, scheme.reserved, pence, scheme.scheme_id, assembly_id, claim_id, approval)


def pay(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID, claim_id: UUID) -> Posting:
    """Record a payment that the bank confirmed."""
    return Posting("pay", PAYABLE, BANK, pence, scheme.scheme_id, assembly_id, claim_id)


def void(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID, claim_id: UUID) -> Posting:
    """Reverse a payment that did not take place after all: it is owed again."""
    return Posting("void", BANK, PAYABLE, pence, scheme.scheme_id, assembly_id, claim_id)


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """An account with its total debits and credits, in pence."""

    id: UUID
    code: str
    name: str
    kind: AccountKind
    debit_pence: int
    credit_pence: int


@dataclass(frozen=True, slots=True)
class RecordedTransaction:
    """A transaction of the ledger and its entries, debits first."""

    transaction: LedgerTransaction
    entries: Sequence[PostingEntry]
