"""The ledger, for finance and funding officers."""

from typing import Annotated
from uuid import UUID

from fastapi import Depends, Query

from services.funding.callers import FinanceOrFundingOfficerOrPartner
from services.funding.ledger.ledger import queries
from services.funding.ledger.ledger.tables import TransactionKind
from services.funding.ledger.ledger.views import AccountView, LedgerView, TransactionView
from shared.http.caching import NO_STORE
from shared.http.conditional_requests import create_router
from shared.http.pagination import Page, Paging
from shared.persistence.dependencies import Reading
from shared.problems import documented

router = create_router("/v1/ledger", "Ledger")


@router.get("", response_model=LedgerView, dependencies=[Depends(NO_STORE)])
async def get_ledger(_caller: FinanceOrFundingOfficerOrPartner) -> LedgerView:
    """Return the addresses of accounts, transactions and the proof."""
    return LedgerView()


@router.get("/accounts", response_model=Page[AccountView], dependencies=[Depends(NO_STORE)])
async def list_accounts(
    _caller: FinanceOrFundingOfficerOrPartner, session: Reading, paging: Paging
) -> Page[AccountView]:
    """List the accounts by code, with their total debits and credits."""
    page = await queries.list_accounts(session, paging)
    return Page(items=[AccountView.of(account) for account in page.items], next=page.next, total=page.total)


@router.get("/transactions", response_model=Page[TransactionView], dependencies=[Depends(NO_STORE)])
async def list_transactions(
    _caller: FinanceOrFundingOfficerOrPartner,
    session: Reading,
    paging: Paging,
    claim_id: UUID | None = None,
    assembly_id: UUID | None = None,
    kind: Annotated[TransactionKind | None, Query()] = None,
) -> Page[TransactionView]:
    """List the transactions with their entries, newest first."""
    page = await queries.list_transactions(session, paging, claim_id=claim_id, assembly_id=assembly_id, kind=kind)
    return Page(items=[TransactionView.of(recorded) for recorded in page.items], next=page.next, total=page.total)


@router.get(
    "/transactions/{transaction_id}",
    response_model=TransactionView,
    responses=documented(queries.TransactionNotFound),
    dependencies=[Depends(NO_STORE)],
)
async def get_transaction(
    transaction_id: UUID, _caller: FinanceOrFundingOfficerOrPartner, session: Reading
) -> TransactionView:
    """Return one transaction with its entries."""
    return TransactionView.of(await queries.get_transaction(session, transaction_id))
