"""Queries of the ledger."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple, TypeVar
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import select as select_model

from services.funding.ledger.ledger.rules import AccountTotals, PostingEntry, RecordedTransaction
from services.funding.ledger.ledger.tables import LedgerAccount, LedgerEntry, LedgerTransaction, TransactionKind
from shared.http.pagination import Page, PageRequest, paginate
from shared.persistence.fetch import fetch
from shared.problems import NotFound

R = TypeVar("R")


class TransactionNotFound(NotFound):
    title = "There is no such ledger transaction"
    detail = "Check the id, or look in /v1/ledger/transactions."


class Sums(NamedTuple):
    """Total debits and credits of an account, in pence."""

    debit_pence: int
    credit_pence: int


NO_ENTRIES = Sums(0, 0)


async def list_account_ids(session: AsyncSession, codes: Iterable[str]) -> dict[str, UUID]:
    """Return the ids of these accounts by code. Raises LookupError when one was never opened."""
    requested = set(codes)
    rows = await session.execute(
        select(col(LedgerAccount.code), col(LedgerAccount.id)).where(col(LedgerAccount.code).in_(requested))
    )
    ids = dict(rows.all())
    if missing := requested - ids.keys():
        raise LookupError(f"no ledger account is called {', '.join(sorted(missing))}")
    return ids


async def list_account_totals(session: AsyncSession) -> list[AccountTotals]:
    """Return every account by code with its totals, also accounts without entries."""
    debit = func.coalesce(func.sum(col(LedgerEntry.debit_pence)), 0)
    credit = func.coalesce(func.sum(col(LedgerEntry.credit_pence)), 0)
    rows = await session.execute(
        select(LedgerAccount, debit, credit)
        .outerjoin(LedgerEntry, col(LedgerEntry.account_id) == col(LedgerAccount.id))
        .group_by(col(LedgerAccount.id))
        .order_by(col(LedgerAccount.code))
    )
    return [_totals(account, Sums(int(debits), int(credits))) for account, debits, credits in rows]


async def list_accounts(session: AsyncSession, paging: PageRequest) -> Page[AccountTotals]:
    """Return a page of accounts by code, with their totals."""
    accounts: Page[LedgerAccount] = await paginate(
        session, select_model(LedgerAccount), paging, key=(col(LedgerAccount.code),), view=_as_is
    )
    sums = await _sums_by_account(session, [account.id for account in accounts.items])
    totals = [_totals(account, sums.get(account.id, NO_ENTRIES)) for account in accounts.items]
    return Page(items=totals, next=accounts.next, total=accounts.total)


async def list_transactions(
    session: AsyncSession,
    paging: PageRequest,
    *,
    claim_id: UUID | None,
    assembly_id: UUID | None,
    kind: TransactionKind | None,
) -> Page[RecordedTransaction]:
    """Return a page of transactions with their entries, newest first."""
    statement = select_model(LedgerTransaction)
    if claim_id:
        statement = statement.where(col(LedgerTransaction.claim_id) == claim_id)
    if assembly_id:
        statement = statement.where(col(LedgerTransaction.assembly_id) == assembly_id)
    if kind:
        statement = statement.where(col(LedgerTransaction.kind) == kind)
    transactions: Page[LedgerTransaction] = await paginate(
        session, statement, paging, key=(col(LedgerTransaction.id),), view=_as_is, descending=True
    )
    recorded = await _with_entries(session, transactions.items)
    return Page(items=recorded, next=transactions.next, total=transactions.total)


async def get_transaction(session: AsyncSession, transaction_id: UUID) -> RecordedTransaction:
    """Return one transaction with its entries. Raises TransactionNotFound."""
    transaction = await fetch(session, LedgerTransaction, transaction_id, missing=TransactionNotFound)
    return (await _with_entries(session, [transaction]))[0]


async def _sums_by_account(session: AsyncSession, account_ids: Sequence[UUID]) -> dict[UUID, Sums]:
    """Return the totals of these accounts by id, without those that have no entries."""
    rows = await session.execute(
        select(
            col(LedgerEntry.account_id),
            func.sum(col(LedgerEntry.debit_pence)),
            func.sum(col(LedgerEntry.credit_pence)),
        )
        .where(col(LedgerEntry.account_id).in_(account_ids))
        .group_by(col(LedgerEntry.account_id))
    )
    return {id: Sums(int(debits), int(credits)) for id, debits, credits in rows}


async def _with_entries(session: AsyncSession, transactions: Sequence[LedgerTransaction]) -> list[RecordedTransaction]:
    """Add to each transaction its entries: debits first, then by account code."""
    rows = await session.execute(
        select(
            col(LedgerEntry.transaction_id),
            col(LedgerAccount.code),
            col(LedgerEntry.debit_pence),
            col(LedgerEntry.credit_pence),
        )
        .join(LedgerAccount, col(LedgerAccount.id) == col(LedgerEntry.account_id))
        .where(col(LedgerEntry.transaction_id).in_([transaction.id for transaction in transactions]))
        .order_by(col(LedgerEntry.debit_pence).desc(), col(LedgerAccount.code))
    )
    entries: dict[UUID, list[PostingEntry]] = {transaction.id: [] for transaction in transactions}
    for transaction_id, account, debit_pence, credit_pence in rows:
        entries[transaction_id].append(PostingEntry(account, debit_pence, credit_pence))
    return [RecordedTransaction(transaction, entries[transaction.id]) for transaction in transactions]


def _totals(account: LedgerAccount, sums: Sums) -> AccountTotals:
    return AccountTotals(account.id, account.code, account.name, account.kind, sums.debit_pence, sums.credit_pence)


def _as_is(row: R) -> R:
    return row
