"""The proof that the ledger balances, by account, and agrees with claims, schemes and the bank."""

from fastapi import Response

from services.funding.ledger import queries as ledger
from services.funding.ledger.api import Accountable
from services.funding.ledger.tables import AccountKind
from services.funding.proof import queries, rules
from shared.database import Reading
from shared.http import View, router

proof_router = router("/v1/ledger/proof", "Ledger")


class ProvenAccount(View):
    """Sums in whole pence; `balance_pence` is debit less credit."""

    code: str
    name: str
    kind: AccountKind
    debit_pence: int
    credit_pence: int
    balance_pence: int


class Reconciled(View):
    """A sum of the ledger beside the same sum from elsewhere, in whole pence."""

    what: str
    ledger_pence: int
    books_pence: int
    agrees: bool


class ProofView(View):
    """`balances`: all accounts together come to nothing, to the penny. `agrees`: so do all comparisons."""

    currency: str = "GBP"
    balances: bool
    agrees: bool
    total_pence: int
    accounts: list[ProvenAccount]
    reconciliation: list[Reconciled]


@proof_router.get("", response_model=ProofView)
async def prove_ledger(_caller: Accountable, session: Reading, response: Response) -> ProofView:
    """All accounts add up to zero, and the ledger agrees with what was approved, reserved and paid."""
    await queries.see_one_moment(session)
    accounts = await ledger.totals_by_account(session)
    compared = list(rules.comparisons(accounts, await queries.books(session)))
    total = sum(rules.balance(account) for account in accounts)
    response.headers["Cache-Control"] = "no-store"
    return ProofView(
        balances=total == 0,
        agrees=all(comparison.agrees for comparison in compared),
        total_pence=total,
        accounts=[
            ProvenAccount(
                code=account.code,
                name=account.name,
                kind=account.kind,
                debit_pence=account.debit_pence,
                credit_pence=account.credit_pence,
                balance_pence=rules.balance(account),
            )
            for account in accounts
        ],
        reconciliation=[
            Reconciled(
                what=comparison.what,
                ledger_pence=comparison.ledger_pence,
                books_pence=comparison.books_pence,
                agrees=comparison.agrees,
            )
            for comparison in compared
        ],
    )
