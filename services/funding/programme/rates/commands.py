"""Changes of rate cards."""

from uuid import UUID

from services.funding.programme.rates import queries, rules
from services.funding.programme.rates.tables import RateCard
from services.funding.programme.rates.views import NewRateCard, RateCardChange
from shared import clock
from shared.http.etags import Match
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def create_rate_card(uow: UnitOfWork, new: NewRateCard) -> RateCard:
    """Add a rate card. Raises RatesOverlap."""
    card = new.row()
    if await queries.overlaps_another(uow.session, card):
        raise rules.RatesOverlap
    uow.save(card)
    return card


async def update_rate_card(uow: UnitOfWork, rate_card_id: UUID, change: RateCardChange, match: Match) -> RateCard:
    """Set the last day of a rate card. Raises RateCardNotFound, RateCardInForce, RateCardEndsTooEarly, RatesOverlap."""
    card = await fetch(uow.session, RateCard, rate_card_id, missing=queries.RateCardNotFound)
    match.check(card)
    rules.set_last_day(card, change.effective_to, today=clock.today())
    if await queries.overlaps_another(uow.session, card):
        raise rules.RatesOverlap
    return card
