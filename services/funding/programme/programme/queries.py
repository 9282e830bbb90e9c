"""What can be asked of the programme."""

from collections.abc import Iterable, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.ledger.ledger.tables import LedgerEntry, LedgerTransaction
from services.funding.programme.programme.tables import BudgetYear, Programme, Scheme
from shared.problems import NotFound


class SchemeNotFound(NotFound):
    title = "This scheme does not exist"
    detail = "Look at /v1/schemes for those that there are."


async def programme(session: AsyncSession) -> Programme:
    """The one programme."""
    return (await session.execute(select(Programme).order_by(col(Programme.starts_on)).limit(1))).scalar_one()


async def lock_programme(session: AsyncSession) -> Programme:
    statement = select(Programme).order_by(col(Programme.starts_on)).limit(1).with_for_update()
    return (await session.execute(statement.execution_options(populate_existing=True))).scalar_one()


async def budget_years(session: AsyncSession, programme_id: UUID) -> Sequence[BudgetYear]:
    statement = select(BudgetYear).where(col(BudgetYear.programme_id) == programme_id)
    return (await session.scalars(statement.order_by(col(BudgetYear.starts_on)))).all()


async def paid_by_year(session: AsyncSession, programme_id: UUID) -> dict[UUID, int]:
    """Pence that the bank confirmed in each budget year, by the year's id."""
    found = await session.execute(
        select(col(BudgetYear.id), func.sum(col(LedgerEntry.debit_pence)))
        .join(LedgerTransaction, col(LedgerTransaction.occurred_on).between(BudgetYear.starts_on, BudgetYear.ends_on))
        .join(LedgerEntry, col(LedgerEntry.transaction_id) == col(LedgerTransaction.id))
        .where(col(BudgetYear.programme_id) == programme_id, col(LedgerTransaction.kind) == "pay")
        .group_by(col(BudgetYear.id))
    )
    return {id: int(pence) for id, pence in found}


def schemes() -> SelectOfScalar[Scheme]:
    return select_model(Scheme)


async def scheme(session: AsyncSession, scheme_id: UUID) -> Scheme:
    """Raises SchemeNotFound."""
    found = await session.get(Scheme, scheme_id)
    if found is None:
        raise SchemeNotFound
    return found


async def lock_scheme(session: AsyncSession, scheme_id: UUID) -> Scheme:
    """Whoever moves a scheme's money holds its row. Raises SchemeNotFound.

    It keeps others from the money, not from adding what belongs to the scheme: whoever adds an entitlement in the midst
    of other work could else wait for one who waits for that.
    """
    found = await session.get(Scheme, scheme_id, with_for_update={"key_share": True}, populate_existing=True)
    if found is None:
        raise SchemeNotFound
    return found


async def lock_scheme_by_code(session: AsyncSession, code: str) -> Scheme | None:
    statement = select(Scheme).where(col(Scheme.code) == code).with_for_update(key_share=True)
    return (await session.scalars(statement.execution_options(populate_existing=True))).one_or_none()


async def lock_schemes(session: AsyncSession, scheme_ids: Iterable[UUID]) -> dict[UUID, Scheme]:
    """Several at once, always in the same order, so that no two commands wait for each other."""
    statement = select(Scheme).where(col(Scheme.id).in_(set(scheme_ids))).order_by(col(Scheme.id))
    found = await session.scalars(statement.with_for_update(key_share=True).execution_options(populate_existing=True))
    return {scheme.id: scheme for scheme in found}


async def scheme_id_by_code(session: AsyncSession, code: str) -> UUID | None:
    return await session.scalar(select(col(Scheme.id)).where(col(Scheme.code) == code))
