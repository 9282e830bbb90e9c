"""The ledger, for those who answer for the money."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query
from sqlmodel import col

from services.funding import caching
from services.funding.callers import FinanceOrFundingOfficerOrPartner
from services.funding.ledger.ledger import queries
from services.funding.ledger.ledger.tables import AccountKind, LedgerAccount, LedgerTransaction, TransactionKind
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging, paginate
from shared.persistence.unit_of_work import Reading
from shared.problems import documented
from shared.views import Money, View

ledger_router = create_router("/v1/ledger", "Ledger")


class LedgerView(View):
    """Where to look."""

    accounts: str = "/v1/ledger/accounts"
    transactions: str = "/v1/ledger/transactions"
    proof: str = "/v1/ledger/proof"


class AccountView(View):
    """An account and the sums of its two sides."""

    id: UUID
    code: str
    name: str
    kind: AccountKind
    debit: Money
    credit: Money


class EntryView(View):
    account: str
    debit: Money
    credit: Money


class TransactionView(View):
    """A money fact and its entries, which balance."""

    id: UUID
    kind: TransactionKind
    occurred_on: date
    posted_at: datetime
    scheme_id: UUID | None
    assembly_id: UUID | None
    claim_id: UUID | None
    entries: list[EntryView]

    @classmethod
    def of(cls, transaction: LedgerTransaction, entries: Sequence[queries.ToldEntry]) -> "TransactionView":
        return cls(
            id=transaction.id,
            kind=transaction.kind,
            occurred_on=transaction.occurred_on,
            posted_at=transaction.created_at,
            scheme_id=transaction.scheme_id,
            assembly_id=transaction.assembly_id,
            claim_id=transaction.claim_id,
            entries=[
                EntryView(
                    account=entry.account, debit=Money(pence=entry.debit_pence), credit=Money(pence=entry.credit_pence)
                )
                for entry in entries
            ],
        )


@ledger_router.get("", response_model=LedgerView, dependencies=[Depends(caching.private)])
async def show_ledger(_caller: FinanceOrFundingOfficerOrPartner) -> LedgerView:
    """Where accounts, transactions and the proof are."""
    return LedgerView()


@ledger_router.get("/accounts", response_model=Page[AccountView], dependencies=[Depends(caching.private)])
async def list_accounts(
    _caller: FinanceOrFundingOfficerOrPartner, session: Reading, paging: Paging
) -> Page[AccountView]:
    """Accounts by code, with the sums of their sides."""
    page = await paginate(session, queries.accounts(), paging, key=(col(LedgerAccount.code),), view=_without_sums)
    sums = await queries.totals_of(session, [account.id for account in page.items])
    nothing = (0, 0)
    for account in page.items:
        debit, credit = sums.get(account.id, nothing)
        account.debit, account.credit = Money(pence=debit), Money(pence=credit)
    return page


@ledger_router.get("/transactions", response_model=Page[TransactionView], dependencies=[Depends(caching.private)])
async def list_transactions(
    _caller: FinanceOrFundingOfficerOrPartner,
    session: Reading,
    paging: Paging,
    claim_id: UUID | None = None,
    assembly_id: UUID | None = None,
    kind: Annotated[TransactionKind | None, Query()] = None,
) -> Page[TransactionView]:
    """Money facts, newest first."""
    wanted = queries.transactions(claim_id=claim_id, assembly_id=assembly_id, kind=kind)
    shown: list[LedgerTransaction] = []

    def seen(transaction: LedgerTransaction) -> TransactionView:
        shown.append(transaction)
        return TransactionView.of(transaction, [])

    page = await paginate(session, wanted, paging, key=(col(LedgerTransaction.id),), view=seen, descending=True)
    entries = await queries.entries_of(session, [transaction.id for transaction in shown])
    page.items = [TransactionView.of(transaction, entries[transaction.id]) for transaction in shown]
    return page


@ledger_router.get(
    "/transactions/{transaction_id}",
    response_model=TransactionView,
    responses=documented(queries.TransactionNotFound),
    dependencies=[Depends(caching.private)],
)
async def show_transaction(
    transaction_id: UUID, _caller: FinanceOrFundingOfficerOrPartner, session: Reading
) -> TransactionView:
    """One money fact."""
    transaction = await queries.transaction(session, transaction_id)
    entries = await queries.entries_of(session, [transaction_id])
    return TransactionView.of(transaction, entries[transaction_id])


def _without_sums(account: LedgerAccount) -> AccountView:
    nothing = Money(pence=0)
    return AccountView(
        id=account.id, code=account.code, name=account.name, kind=account.kind, debit=nothing, credit=nothing
    )
