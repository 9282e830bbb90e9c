"""Queries of cost limits."""

from datetime import date

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.programme.cost_limits.tables import CostKind, CostLimit
from shared.problems import NotFound


class CostLimitNotFound(NotFound):
    title = "There is no such cost limit"
    detail = "Check the id, or look in /v1/cost-limits."


def select_cost_limits(*, on: date | None = None, kind: CostKind | None = None) -> SelectOfScalar[CostLimit]:
    """Select all limits, those that apply at meetings on a day, or those of one kind of cost."""
    statement = select_model(CostLimit)
    if on:
        statement = statement.where(*_applies_on(on))
    return statement.where(col(CostLimit.kind) == kind) if kind else statement


async def get_limits(session: AsyncSession, held_on: date) -> dict[CostKind, CostLimit]:
    """Return the limits that apply at meetings on this day, by kind of cost."""
    return {limit.kind: limit for limit in await session.scalars(select_cost_limits(on=held_on))}


async def overlaps_another(session: AsyncSession, limit: CostLimit) -> bool:
    """Return whether another limit for the same kind applies on any of this limit's days."""
    starts_before_the_end = col(CostLimit.effective_from) <= limit.effective_to if limit.effective_to else true()
    ends_after_the_start = or_(
        col(CostLimit.effective_to).is_(None), col(CostLimit.effective_to) >= limit.effective_from
    )
    statement = select(col(CostLimit.id)).where(
        col(CostLimit.id) != limit.id,
        col(CostLimit.kind) == limit.kind,
        starts_before_the_end,
        ends_after_the_start,
    )
    with session.no_autoflush:
        return await session.scalar(statement.limit(1)) is not None


def _applies_on(day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        col(CostLimit.effective_from) <= day,
        or_(col(CostLimit.effective_to).is_(None), col(CostLimit.effective_to) >= day),
    )
