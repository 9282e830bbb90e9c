from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.funding.programme.rates import rules
from services.funding.programme.rates.tables import RateCard

TODAY = date(2026, 11, 23)


def card(**more: object) -> RateCard:
    values = {
        "name": "Rates",
        "hour_pence": 2_750,
        "half_day_pence": 8_250,
        "day_pence": 16_500,
        "effective_from": date(2025, 12, 16),
        "effective_to": None,
        "source": "a test",
        "certainty": "invented",
    }
    return RateCard.model_validate(values | more)


@pytest.mark.parametrize(
    ("minutes", "pence"),
    [
        (0, 0),
        (1, 2_750),
        (60, 2_750),
        (61, 5_500),
        (120, 5_500),
        (180, 8_250),
        (181, 8_250),
        (240, 8_250),
        (241, 16_500),
        (480, 16_500),
        (1_440, 16_500),
    ],
)
def test_started_hours_count_until_half_a_day_and_then_the_day(minutes: int, pence: int) -> None:
    assert rules.involvement_pence(card(), minutes) == pence


@given(st.integers(0, 2_000), st.integers(0, 2_000))
def test_staying_longer_never_pays_less(minutes: int, other_minutes: int) -> None:
    shorter, longer = sorted((minutes, other_minutes))
    assert rules.involvement_pence(card(), shorter) <= rules.involvement_pence(card(), longer)


def test_a_card_is_ended_today_or_later_and_may_be_opened_again() -> None:
    current = card()
    rules.set_last_day(current, TODAY, today=TODAY)
    assert current.effective_to == TODAY
    rules.set_last_day(current, None, today=TODAY)
    assert current.effective_to is None


@pytest.mark.parametrize("end", [None, TODAY, TODAY + timedelta(days=9)])
def test_a_card_that_has_ended_stays_ended(end: date | None) -> None:
    with pytest.raises(rules.RateCardInForce):
        rules.set_last_day(card(effective_to=TODAY - timedelta(days=1)), end, today=TODAY)


def test_a_card_is_not_ended_in_the_past() -> None:
    with pytest.raises(rules.RateCardInForce):
        rules.set_last_day(card(), TODAY - timedelta(days=1), today=TODAY)


def test_a_card_does_not_end_before_it_begins() -> None:
    coming = card(effective_from=TODAY + timedelta(days=2))
    with pytest.raises(rules.RateCardEndsTooEarly):
        rules.set_last_day(coming, TODAY + timedelta(days=1), today=TODAY)
    rules.set_last_day(coming, TODAY + timedelta(days=2), today=TODAY)
    assert coming.effective_to == coming.effective_from
