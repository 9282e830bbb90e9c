"""Queries of rate cards."""

from datetime import date

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.programme.rates.tables import RateCard
from shared.problems import NotFound


class RateCardNotFound(NotFound):
    title = "There is no such rate card"
    detail = "Check the id, or look in /v1/rate-cards."


def select_rate_cards(on: date | None = None) -> SelectOfScalar[RateCard]:
    """Select all rate cards, or the one that applies on a day."""
    statement = select_model(RateCard)
    return statement.where(*_applies_on(on)) if on else statement


async def overlaps_another(session: AsyncSession, card: RateCard) -> bool:
    """Return whether another card applies on any of this card's days."""
    starts_before_the_end = col(RateCard.effective_from) <= card.effective_to if card.effective_to else true()
    ends_after_the_start = or_(col(RateCard.effective_to).is_(None), col(RateCard.effective_to) >= card.effective_from)
    statement = select(col(RateCard.id)).where(col(RateCard.id) != card.id, starts_before_the_end, ends_after_the_start)
    with session.no_autoflush:
        return await session.scalar(statement.limit(1)) is not None


def _applies_on(day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        col(RateCard.effective_from) <= day,
        or_(col(RateCard.effective_to).is_(None), col(RateCard.effective_to) >= day),
    )
