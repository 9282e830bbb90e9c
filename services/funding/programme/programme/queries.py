"""Queries of the programme."""

from collections import defaultdict
from datetime import date
from uuid import UUID

from sqlalchemy import case, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding.ledger.ledger.tables import LedgerEntry, LedgerTransaction
from services.funding.programme.programme.rules import Budget, ProgrammeYears, YearSpending
from services.funding.programme.programme.tables import BudgetYear, Programme
from shared.disclosure import PersonPayment, PublicSum, release

_PAYMENTS = text(
    """
    SELECT t.scheme_id, t.assembly_id, c.person_id,
        date_trunc('month', t.created_at AT TIME ZONE 'Europe/London')::date AS month,
        sum(CASE t.kind WHEN 'pay' THEN e.debit_pence ELSE -e.debit_pence END)::bigint AS pence
    FROM ledger_transactions t JOIN ledger_entries e ON e.transaction_id = t.id JOIN claims c ON c.id = t.claim_id
    WHERE t.kind IN ('pay', 'void') GROUP BY 1, 2, 3, 4
    """
)
"""By the month in which it was recorded, not that in which it occurred: what comes late changes no closed month."""


async def lock_programme(session: AsyncSession) -> Programme:
    """Return the programme, and lock it until the transaction ends."""
    statement = select(Programme).order_by(col(Programme.starts_on)).limit(1).with_for_update()
    return (await session.scalars(statement.execution_options(populate_existing=True))).one()


async def get_programme_years(session: AsyncSession) -> ProgrammeYears:
    """Return the programme's first and last day."""
    days = select(col(Programme.starts_on), col(Programme.ends_on)).order_by(col(Programme.starts_on)).limit(1)
    return ProgrammeYears(*(await session.execute(days)).one())


async def get_budget(session: AsyncSession) -> Budget:
    """Return the programme and its years, each with what the bank paid in it, less what was voided."""
    programme = (await session.scalars(select(Programme).order_by(col(Programme.starts_on)).limit(1))).one()
    debit = col(LedgerEntry.debit_pence)
    payments = await session.execute(
        select(col(BudgetYear.id), func.sum(case((col(LedgerTransaction.kind) == "pay", debit), else_=-debit)))
        .join(LedgerTransaction, col(LedgerTransaction.occurred_on).between(BudgetYear.starts_on, BudgetYear.ends_on))
        .join(LedgerEntry, col(LedgerEntry.transaction_id) == col(LedgerTransaction.id))
        .where(col(BudgetYear.programme_id) == programme.id, col(LedgerTransaction.kind).in_(("pay", "void")))
        .group_by(col(BudgetYear.id))
    )
    paid_pence = {year_id: int(pence) for year_id, pence in payments}
    years = await session.scalars(
        select(BudgetYear).where(col(BudgetYear.programme_id) == programme.id).order_by(col(BudgetYear.starts_on))
    )
    return Budget(programme, [YearSpending(year, paid_pence.get(year.id, 0)) for year in years])


async def get_public_spending(session: AsyncSession, today: date) -> dict[UUID, list[PublicSum]]:
    """Return what is public of each scheme's payments (docs/disclosure.md). One of which nothing is, is left out."""
    by_scheme: dict[UUID, list[PersonPayment]] = defaultdict(list)
    for row in await session.execute(_PAYMENTS):
        by_scheme[row.scheme_id].append(PersonPayment(row.assembly_id, row.person_id, row.month, row.pence))
    return {scheme_id: release(payments, today) for scheme_id, payments in by_scheme.items()}


async def get_public_budget(session: AsyncSession, today: date) -> Budget:
    """Return the programme and its years, each with what became public in it."""
    budget = await get_budget(session)
    batches = [batch for batches in (await get_public_spending(session, today)).values() for batch in batches]
    years = [
        YearSpending(year, sum(batch.pence for batch in batches if year.starts_on <= batch.month <= year.ends_on))
        for year, _ in budget.years
    ]
    return Budget(budget.programme, years)
