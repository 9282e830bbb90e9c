"""What can be asked of rates."""

from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, or_, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar
from sqlmodel.sql.expression import select as select_model

from services.funding.programme.rates.tables import RateCard
from shared.problems import NotFound


class RateCardNotFound(NotFound):
    title = "This rate card does not exist"
    detail = "Look at /v1/rate-cards for those that there are."


def rate_cards(on: date | None = None) -> SelectOfScalar[RateCard]:
    """All, or the one of a day."""
    statement = select_model(RateCard)
    return statement.where(*_holds_on(on)) if on else statement


async def overlapping(session: AsyncSession, card: RateCard) -> bool:
    """Whether another card holds on any of this card's days."""
    begins_before_the_end = col(RateCard.effective_from) <= card.effective_to if card.effective_to else true()
    ends_after_the_beginning = or_(
        col(RateCard.effective_to).is_(None), col(RateCard.effective_to) >= card.effective_from
    )
    statement = select(col(RateCard.id)).where(
        col(RateCard.id) != card.id, begins_before_the_end, ends_after_the_beginning
    )
    with session.no_autoflush:
        return await session.scalar(statement.limit(1)) is not None


async def rate_card(session: AsyncSession, rate_card_id: UUID) -> RateCard:
    """Raises RateCardNotFound."""
    found = await session.get(RateCard, rate_card_id)
    if found is None:
        raise RateCardNotFound
    return found


def _holds_on(day: date) -> tuple[ColumnElement[bool], ...]:
    return (
        col(RateCard.effective_from) <= day,
        or_(col(RateCard.effective_to).is_(None), col(RateCard.effective_to) >= day),
    )
