"""What taking part is worth on one day."""

from datetime import date

from services.funding.programme.rates.tables import RateCard
from shared.problems import Conflict


class RatesOverlap(Conflict):
    title = "Another rate card holds on some of these days"
    detail = "End the other card first (PATCH its effective_to), or choose other days."


class RateCardInForce(Conflict):
    title = "Days that have passed keep their rate"
    detail = "A rate card can be ended today or later, since people were told its rates until then."


def involvement_pence(card: RateCard, minutes: int) -> int:
    """Pence for this long: started hours, never more than half a day up to `half_day_minutes`; beyond, the day rate.

    Source: the NIHR's payment guidance names an hour, half a day and a day. That a started hour counts in full, and
    where half a day ends, are the centre's own rules, in the person's favour.
    """
    if minutes <= 0:
        return 0
    if minutes > card.half_day_minutes:
        return card.day_pence
    started_hours = -(-minutes // 60)
    return min(started_hours * card.hour_pence, card.half_day_pence)


def end(card: RateCard, effective_to: date | None, *, today: date) -> None:
    """Say until when a card holds. Raises RateCardInForce for a day that has passed."""
    changed = [day for day in (card.effective_to, effective_to) if day is not None]
    if min(changed, default=today) < today:
        raise RateCardInForce
    card.effective_to = effective_to
