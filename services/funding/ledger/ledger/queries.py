"""What can be asked of the ledger."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.ledger.ledger.rules import AccountTotals
from services.funding.ledger.ledger.tables import LedgerAccount, LedgerEntry, LedgerTransaction
from shared.problems import NotFound


class TransactionNotFound(NotFound):
    title = "This ledger transaction does not exist"


@dataclass(frozen=True, slots=True)
class ToldEntry:
    """An entry with its account's code."""

    transaction_id: UUID
    account: str
    debit_pence: int
    credit_pence: int


async def account_ids(session: AsyncSession, codes: Iterable[str]) -> dict[str, UUID]:
    """The ids of these accounts by code. Raises LookupError when one was never opened."""
    wanted = set(codes)
    found = await session.execute(
        select(col(LedgerAccount.code), col(LedgerAccount.id)).where(col(LedgerAccount.code).in_(wanted))
    )
    ids = dict(found.all())
    if missing := wanted - ids.keys():
        raise LookupError(f"no ledger account is called {', '.join(sorted(missing))}")
    return ids


async def totals_by_account(session: AsyncSession) -> list[AccountTotals]:
    """Every account with its sums: those without entries too."""
    debit = func.coalesce(func.sum(col(LedgerEntry.debit_pence)), 0)
    credit = func.coalesce(func.sum(col(LedgerEntry.credit_pence)), 0)
    found = await session.execute(
        select(LedgerAccount, debit, credit)
        .outerjoin(LedgerEntry, col(LedgerEntry.account_id) == col(LedgerAccount.id))
        .group_by(col(LedgerAccount.id))
        .order_by(col(LedgerAccount.code))
    )
    return [
        AccountTotals(account.id, account.code, account.name, account.kind, int(debited), int(credited))
        for account, debited, credited in found
    ]


async def totals_of(session: AsyncSession, accounts: Sequence[UUID]) -> dict[UUID, tuple[int, int]]:
    """Debit and credit pence of these accounts."""
    found = await session.execute(
        select(
            col(LedgerEntry.account_id),
            func.sum(col(LedgerEntry.debit_pence)),
            func.sum(col(LedgerEntry.credit_pence)),
        )
        .where(col(LedgerEntry.account_id).in_(accounts))
        .group_by(col(LedgerEntry.account_id))
    )
    return {id: (int(debit), int(credit)) for id, debit, credit in found}


def accounts() -> SelectOfScalar[LedgerAccount]:
    return select_model(LedgerAccount)


def transactions(
    *, claim_id: UUID | None, assembly_id: UUID | None, kind: str | None
) -> SelectOfScalar[LedgerTransaction]:
    statement = select_model(LedgerTransaction)
    if claim_id:
        statement = statement.where(col(LedgerTransaction.claim_id) == claim_id)
    if assembly_id:
        statement = statement.where(col(LedgerTransaction.assembly_id) == assembly_id)
    if kind:
        statement = statement.where(col(LedgerTransaction.kind) == kind)
    return statement


async def entries_of(session: AsyncSession, transaction_ids: Sequence[UUID]) -> dict[UUID, list[ToldEntry]]:
    found = await session.execute(
        select(
            col(LedgerEntry.transaction_id),
            col(LedgerAccount.code),
            col(LedgerEntry.debit_pence),
            col(LedgerEntry.credit_pence),
        )
        .join(LedgerAccount, col(LedgerAccount.id) == col(LedgerEntry.account_id))
        .where(col(LedgerEntry.transaction_id).in_(transaction_ids))
        .order_by(col(LedgerEntry.debit_pence).desc(), col(LedgerAccount.code))
    )
    told: dict[UUID, list[ToldEntry]] = {id: [] for id in transaction_ids}
    for row in found:
        told[row[0]].append(ToldEntry(*row))
    return told


async def transaction(session: AsyncSession, transaction_id: UUID) -> LedgerTransaction:
    """Raises TransactionNotFound."""
    found = await session.get(LedgerTransaction, transaction_id)
    if found is None:
        raise TransactionNotFound
    return found
