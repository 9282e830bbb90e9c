"""What each money fact does to the accounts. Every posting balances by construction; the database checks it again.

The award is what the funder gave the programme; the bank is drawn on it. Funds are what the money is set aside for:

    budget      award                 -> unallocated
    allocation  unallocated           -> the scheme's available money
    reserve     available             -> reserved      (an assembly was planned, or a claim needs more than it planned)
    release     reserved              -> available     (what an assembly did not need)
    approve     reserved              -> payable       (a claim was approved: it is owed)
    reverse     payable               -> reserved      (an approved claim was refused after all, before it was paid)
    pay         payable               -> bank          (the bank confirmed)
"""

from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.funding.ledger.ledger.tables import AccountKind, TransactionKind

AWARD, BANK, UNALLOCATED, PAYABLE = "award", "bank", "unallocated", "payable"


class Entry(NamedTuple):
    """One side: pence of pounds sterling."""

    account: str
    debit_pence: int
    credit_pence: int


@dataclass(frozen=True, slots=True)
class Posting:
    """One balanced transaction to be: `pence` moves from the debited to the credited account."""

    kind: TransactionKind
    debit: str
    credit: str
    pence: int
    scheme_id: UUID | None = None
    assembly_id: UUID | None = None
    claim_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.pence <= 0:
            raise ValueError("a money fact moves at least a penny")
        if self.debit == self.credit:
            raise ValueError("money moves between two accounts")

    @property
    def entries(self) -> tuple[Entry, Entry]:
        return Entry(self.debit, self.pence, 0), Entry(self.credit, 0, self.pence)


LONGEST_NAME = 180
"""Of a scheme in the names of its accounts, which say more beside it and have room for 200 characters."""


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

    def to_open(self, name: str) -> list[tuple[str, str, AccountKind]]:
        """Code, name and kind of the accounts that a new scheme needs."""
        name = name[:LONGEST_NAME]
        return [(self.available, f"{name}: available", "fund"), (self.reserved, f"{name}: reserved", "fund")]


def award(pence: int) -> Posting:
    return Posting("budget", AWARD, UNALLOCATED, pence)


def allocate(scheme: SchemeAccounts, pence: int) -> Posting:
    return Posting("allocation", UNALLOCATED, scheme.available, pence, scheme.scheme_id)


def take_back(scheme: SchemeAccounts, pence: int) -> Posting:
    """A cap was lowered."""
    return Posting("allocation", scheme.available, UNALLOCATED, pence, scheme.scheme_id)


def reserve(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID, claim_id: UUID | None = None) -> Posting:
    return Posting("reserve", scheme.available, scheme.reserved, pence, scheme.scheme_id, assembly_id, claim_id)


def release(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID) -> Posting:
    return Posting("release", scheme.reserved, scheme.available, pence, scheme.scheme_id, assembly_id)


def approve(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID, claim_id: UUID) -> Posting:
    return Posting("approve", scheme.reserved, PAYABLE, pence, scheme.scheme_id, assembly_id, claim_id)


def reverse(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID, claim_id: UUID) -> Posting:
    return Posting("reverse", PAYABLE, scheme.reserved, pence, scheme.scheme_id, assembly_id, claim_id)


def pay(scheme: SchemeAccounts, pence: int, *, assembly_id: UUID, claim_id: UUID) -> Posting:
    return Posting("pay", PAYABLE, BANK, pence, scheme.scheme_id, assembly_id, claim_id)


@dataclass(frozen=True, slots=True)
class AccountTotals:
    """An account and the sums of its two sides, in pence."""

    id: UUID
    code: str
    name: str
    kind: AccountKind
    debit_pence: int
    credit_pence: int
