"""How the proof is shown."""

from typing import Annotated

from pydantic import Field

from services.funding.accountability.proof import rules
from services.funding.ledger.ledger.rules import AccountTotals
from services.funding.ledger.ledger.tables import AccountKind
from shared.views import Money, View


class Balance(Money):
    """Whole pence of pounds sterling. May be negative."""

    pence: Annotated[int, Field(strict=True)]


class AccountBalance(View):
    """An account of the ledger. `balance` is debit less credit."""

    code: str
    name: str
    kind: AccountKind
    debit: Money
    credit: Money
    balance: Balance

    @classmethod
    def of(cls, account: AccountTotals) -> "AccountBalance":
        return cls(
            code=account.code,
            name=account.name,
            kind=account.kind,
            debit=Money(pence=account.debit_pence),
            credit=Money(pence=account.credit_pence),
            balance=Balance(pence=rules.balance(account)),
        )


class ReconciliationView(View):
    """A sum of the ledger beside the same sum from claims, schemes or the programme."""

    name: str
    ledger: Balance
    books: Balance
    agrees: bool

    @classmethod
    def of(cls, reconciliation: rules.Reconciliation) -> "ReconciliationView":
        return cls(
            name=reconciliation.name,
            ledger=Balance(pence=reconciliation.ledger_pence),
            books=Balance(pence=reconciliation.books_pence),
            agrees=reconciliation.agrees,
        )


class ProofView(View):
    """`balances`: all accounts together add up to exactly zero. `agrees`: every sum agrees with the books."""

    balances: bool
    agrees: bool
    total: Balance
    accounts: list[AccountBalance]
    reconciliation: list[ReconciliationView]

    @classmethod
    def of(cls, proof: rules.Proof) -> "ProofView":
        return cls(
            balances=proof.balances,
            agrees=proof.agrees,
            total=Balance(pence=proof.total_pence),
            accounts=[AccountBalance.of(account) for account in proof.accounts],
            reconciliation=[ReconciliationView.of(reconciliation) for reconciliation in proof.reconciliations],
        )
