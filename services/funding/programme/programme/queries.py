"""Queries of the programme."""

from sqlalchemy import case, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding.ledger.ledger.tables import LedgerEntry, LedgerTransaction
from services.funding.programme.programme.rules import Budget, ProgrammeYears, YearSpending
from services.funding.programme.programme.tables import BudgetYear, Programme


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
