"""The proof that the ledger balances, by account, and agrees with claims, schemes and the bank."""

from typing import Annotated

from fastapi import Response
from pydantic import Field

from services.funding.accountability.proof import queries, rules
from services.funding.callers import FinanceOrFundingOfficerOrPartner
from services.funding.ledger.ledger import queries as ledger
from services.funding.ledger.ledger.tables import AccountKind
from shared.http.conditional_requests import create_router
from shared.persistence.unit_of_work import Reading
from shared.views import Money, View

proof_router = create_router("/v1/ledger/proof", "Ledger")


class Balance(Money):
    """Whole pence of pounds sterling, also less than nothing."""

    pence: Annotated[int, Field(strict=True)]


class ProvenAccount(View):
    """`balance` is debit less credit."""

    code: str
    name: str
    kind: AccountKind
    debit: Money
    credit: Money
    balance: Balance


class Reconciled(View):
    """A sum of the ledger beside the same sum from elsewhere."""

    what: str
    ledger: Balance
    books: Balance
    agrees: bool


class ProofView(View):
    """`balances`: all accounts together come to nothing, to the penny. `agrees`: so do all comparisons."""

    balances: bool
    agrees: bool
    total: Balance
    accounts: list[ProvenAccount]
    reconciliation: list[Reconciled]


@proof_router.get("", response_model=ProofView)
async def prove_ledger(_caller: FinanceOrFundingOfficerOrPartner, session: Reading, response: Response) -> ProofView:
    """All accounts add up to zero, and the ledger agrees with what was approved, reserved and paid."""
    await queries.see_one_moment(session)
    accounts = await ledger.totals_by_account(session)
    compared = list(rules.comparisons(accounts, await queries.books(session)))
    total = sum(rules.balance(account) for account in accounts)
    response.headers["Cache-Control"] = "no-store"
    return ProofView(
        balances=total == 0,
        agrees=all(comparison.agrees for comparison in compared),
        total=Balance(pence=total),
        accounts=[
            ProvenAccount(
                code=account.code,
                name=account.name,
                kind=account.kind,
                debit=Money(pence=account.debit_pence),
                credit=Money(pence=account.credit_pence),
                balance=Balance(pence=rules.balance(account)),
            )
            for account in accounts
        ],
        reconciliation=[
            Reconciled(
                what=comparison.what,
                ledger=Balance(pence=comparison.ledger_pence),
                books=Balance(pence=comparison.books_pence),
                agrees=comparison.agrees,
            )
            for comparison in compared
        ],
    )
