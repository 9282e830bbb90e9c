"""Queries of the programme."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple
from uuid import UUID
from weakref import WeakKeyDictionary

from sqlalchemy import Engine, case, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col

from services.funding.ledger.ledger.tables import LedgerEntry, LedgerTransaction
from services.funding.programme.programme.rules import Budget, ProgrammeYears, YearSpending
from services.funding.programme.programme.tables import BudgetYear, Programme
from shared.disclosure import PersonPayment, PublicSum, first_open_month, release, threshold

_STATE = text(
    """
    SELECT count(*) AS payments,
        (SELECT id FROM ledger_transactions WHERE kind IN ('pay', 'void') ORDER BY id DESC LIMIT 1) AS latest_id
    FROM ledger_transactions WHERE kind IN ('pay', 'void')
    """
)
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


class PublicSpending(NamedTuple):
    """What is public of each scheme's payments, and of what it was calculated."""

    state: tuple[object, ...]
    by_scheme: Mapping[UUID, Sequence[PublicSum]]


_public_spending: WeakKeyDictionary[Engine, PublicSpending] = WeakKeyDictionary()


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
    programme, years = await _get_programme(session)
    debit = col(LedgerEntry.debit_pence)
    payments = await session.execute(
        select(col(BudgetYear.id), func.sum(case((col(LedgerTransaction.kind) == "pay", debit), else_=-debit)))
        .join(LedgerTransaction, col(LedgerTransaction.occurred_on).between(BudgetYear.starts_on, BudgetYear.ends_on))
        .join(LedgerEntry, col(LedgerEntry.transaction_id) == col(LedgerTransaction.id))
        .where(col(BudgetYear.programme_id) == programme.id, col(LedgerTransaction.kind).in_(("pay", "void")))
        .group_by(col(BudgetYear.id))
    )
    paid_pence = {year_id: int(pence) for year_id, pence in payments}
    return Budget(programme, [YearSpending(year, paid_pence.get(year.id, 0)) for year in years])


async def get_public_spending(session: AsyncSession, today: date) -> Mapping[UUID, Sequence[PublicSum]]:
    """Return what is public of each scheme's payments (docs/disclosure.md). One of which nothing is, is left out.

    Calculated from every payment there is, and so remembered until there is another or a month is closed. The ledger is
    append-only: as many payments, of which this is the latest, are the same payments.
    """
    engine = session.get_bind().engine
    state = (*(await session.execute(_STATE)).one(), first_open_month(today), threshold())
    remembered = _public_spending.get(engine)
    if remembered is None or remembered.state != state:
        remembered = _public_spending[engine] = PublicSpending(state, await _calculate_spending(session, today))
    return remembered.by_scheme


async def _calculate_spending(session: AsyncSession, today: date) -> dict[UUID, list[PublicSum]]:
    by_scheme: dict[UUID, list[PersonPayment]] = defaultdict(list)
    for row in await session.execute(_PAYMENTS):
        by_scheme[row.scheme_id].append(PersonPayment(row.assembly_id, row.person_id, row.month, row.pence))
    return {scheme_id: release(payments, today) for scheme_id, payments in by_scheme.items()}


async def get_public_budget(session: AsyncSession, today: date) -> Budget:
    """Return the programme and its years, each with what became public in it."""
    programme, years = await _get_programme(session)
    batches = [batch for batches in (await get_public_spending(session, today)).values() for batch in batches]
    return Budget(
        programme,
        [
            YearSpending(year, sum(batch.pence for batch in batches if year.starts_on <= batch.month <= year.ends_on))
            for year in years
        ],
    )


async def _get_programme(session: AsyncSession) -> tuple[Programme, Sequence[BudgetYear]]:
    """Return the programme and its years in order."""
    programme = (await session.scalars(select(Programme).order_by(col(Programme.starts_on)).limit(1))).one()
    years = select(BudgetYear).where(col(BudgetYear.programme_id) == programme.id).order_by(col(BudgetYear.starts_on))
    return programme, (await session.scalars(years)).all()
