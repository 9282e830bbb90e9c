"""Whether the ledger balances, and whether it agrees with the rest of the service. Amounts are pence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.funding.ledger.ledger import rules as ledger
from services.funding.ledger.ledger.rules import AccountTotals


class SchemeBook(NamedTuple):
    """The amounts in a scheme's row."""

    code: str
    available_pence: int
    reserved_pence: int


@dataclass(frozen=True, slots=True)
class Books:
    """The amounts in the rows of claims, schemes and the programme."""

    award_pence: int
    unallocated_pence: int
    claims_paid_pence: int
    claims_owed_pence: int
    schemes: Sequence[SchemeBook]


class Reconciliation(NamedTuple):
    """A sum of the ledger and the same sum of the books."""

    name: str
    ledger_pence: int
    books_pence: int

    @property
    def agrees(self) -> bool:
        return self.ledger_pence == self.books_pence


@dataclass(frozen=True, slots=True)
class Proof:
    """All accounts of the ledger, and its sums beside those of the books, of one moment."""

    accounts: Sequence[AccountTotals]
    reconciliations: Sequence[Reconciliation]

    @property
    def total_pence(self) -> int:
        """The balance of all accounts together: zero when the ledger balances."""
        return sum(balance(account) for account in self.accounts)

    @property
    def balances(self) -> bool:
        return self.total_pence == 0

    @property
    def agrees(self) -> bool:
        return all(reconciliation.agrees for reconciliation in self.reconciliations)


def balance(account: AccountTotals) -> int:
    """Return the account's debits less its credits."""
    return account.debit_pence - account.credit_pence


def prove(accounts: Sequence[AccountTotals], books: Books) -> Proof:
    """Compare the ledger with the books."""
    return Proof(accounts, list(reconcile(accounts, books)))


def reconcile(accounts: Sequence[AccountTotals], books: Books) -> Iterator[Reconciliation]:
    """Yield each sum of the ledger beside the same sum of the books."""
    by_code = {account.code: balance(account) for account in accounts}
    yield Reconciliation("award", by_code[ledger.AWARD], books.award_pence)
    yield Reconciliation("unallocated", -by_code[ledger.UNALLOCATED], books.unallocated_pence)
    yield Reconciliation("claims owed", -by_code[ledger.PAYABLE], books.claims_owed_pence)
    yield Reconciliation("claims paid = bank credit", -by_code[ledger.BANK], books.claims_paid_pence)
    for scheme in books.schemes:
        codes = ledger.SchemeAccounts(UUID(int=0), scheme.code)
        yield Reconciliation(codes.available, -by_code[codes.available], scheme.available_pence)
        yield Reconciliation(codes.reserved, -by_code[codes.reserved], scheme.reserved_pence)
