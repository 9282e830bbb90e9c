"""Whether the ledger balances, and whether it agrees with what the rest of the service says. Amounts are pence."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple
from uuid import UUID

from services.funding.ledger.ledger import rules as ledger
from services.funding.ledger.ledger.rules import AccountTotals


class SchemeBook(NamedTuple):
    """What a scheme's row says."""

    code: str
    available_pence: int
    reserved_pence: int


@dataclass(frozen=True, slots=True)
class Books:
    """What claims, schemes and the programme say."""

    award_pence: int
    unallocated_pence: int
    claims_paid_pence: int
    claims_owed_pence: int
    schemes: Sequence[SchemeBook]


class Comparison(NamedTuple):
    """Two sums that are to agree."""

    what: str
    ledger_pence: int
    books_pence: int

    @property
    def agrees(self) -> bool:
        return self.ledger_pence == self.books_pence


def balance(account: AccountTotals) -> int:
    """Debit less credit."""
    return account.debit_pence - account.credit_pence


def comparisons(accounts: Sequence[AccountTotals], books: Books) -> Iterator[Comparison]:
    """Each sum of the ledger beside the same sum from elsewhere."""
    by_code = {account.code: balance(account) for account in accounts}
    yield Comparison("award", by_code[ledger.AWARD], books.award_pence)
    yield Comparison("unallocated", -by_code[ledger.UNALLOCATED], books.unallocated_pence)
    yield Comparison("claims owed", -by_code[ledger.PAYABLE], books.claims_owed_pence)
    yield Comparison("claims paid = bank credit", -by_code[ledger.BANK], books.claims_paid_pence)
    for scheme in books.schemes:
        codes = ledger.SchemeAccounts(UUID(int=0), scheme.code)
        yield Comparison(codes.available, -by_code[codes.available], scheme.available_pence)
        yield Comparison(codes.reserved, -by_code[codes.reserved], scheme.reserved_pence)
