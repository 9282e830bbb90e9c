"""The involvement rate of a day, and when a rate card may end."""

from datetime import date

from services.funding.programme.rates.tables import RateCard
from shared.problems import Conflict, Invalid


class RatesOverlap(Conflict):
    title = "Another rate card applies on some of these days"
    detail = "End the other card first (PATCH its effective_to), or choose other days."


class RateCardInForce(Conflict):
    title = "Past days keep their rate"
    detail = "A rate card can be ended today or later, since its rates applied until now."


class RateCardEndsTooEarly(Invalid):
    pointer = "/effective_to"
    title = "This rate card would end before it begins"
    detail = "Its last day is its `effective_from` or later. Give such a day."


def involvement_pence(card: RateCard, minutes: int) -> int:
    """Return the involvement payment in pence for an attendance of so many minutes.

    Each started hour counts in full, up to the half-day rate. An attendance longer than `half_day_minutes` is paid the
    day rate. Source: the NIHR's payment guidance names an hour, half a day and a day. That a started hour counts in
    full, and where half a day ends, are the centre's own rules, in the person's favour.
    """
    if minutes <= 0:
        return 0
    if minutes > card.half_day_minutes:
        return card.day_pence
    started_hours = -(-minutes // 60)
    return min(started_hours * card.hour_pence, card.half_day_pence)


def set_last_day(card: RateCard, effective_to: date | None, *, today: date) -> None:
    """Set the last day of a card.

    Raises RateCardInForce where the old or the new last day has passed, RateCardEndsTooEarly.
    """
    last_days = [day for day in (card.effective_to, effective_to) if day is not None]
    if min(last_days, default=today) < today:
        raise RateCardInForce
    if effective_to is not None and effective_to < card.effective_from:
        raise RateCardEndsTooEarly
    card.effective_to = effective_to
