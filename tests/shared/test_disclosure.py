"""No number is shown from which somebody could be recognised, and one setting says how small that is."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from shared import disclosure
from shared.disclosure import AtLeast, FewerThan
from shared.settings import ServiceSettings
from tests.support.settings import settings_for_tests

THRESHOLDS = st.integers(min_value=3, max_value=50)
NUMBERS = st.integers(min_value=0, max_value=500)


@pytest.fixture(autouse=True)
def threshold_as_before() -> Iterator[None]:
    before = disclosure.threshold()
    yield
    disclosure.set_threshold(before)


@given(number=NUMBERS, threshold=THRESHOLDS)
def test_a_number_of_fewer_people_than_the_threshold_is_never_shown(number: int, threshold: int) -> None:
    disclosure.set_threshold(threshold)
    for shown in (disclosure.people_count(number), disclosure.rounded_count(number)):
        if 0 < number < threshold:
            assert shown == FewerThan(fewer_than=threshold)
    assert disclosure.rounded_down(number) == 0 or number >= threshold


@given(number=NUMBERS, threshold=THRESHOLDS)
def test_a_rounded_number_is_never_more_than_the_number_and_less_than_five_from_it(number: int, threshold: int) -> None:
    disclosure.set_threshold(threshold)
    shown = disclosure.rounded_count(number)
    if isinstance(shown, AtLeast):
        assert shown.at_least % 5 == 0
        assert 0 <= number - shown.at_least < 5


def test_nobody_at_all_is_shown_as_none() -> None:
    assert (disclosure.people_count(0), disclosure.rounded_count(0), disclosure.rounded_down(0)) == (0, 0, 0)


def test_what_was_published_under_another_threshold_keeps_it() -> None:
    disclosure.set_threshold(10)
    assert disclosure.people_count(6, 5) == 6
    assert disclosure.people_count(4, 5) == FewerThan(fewer_than=5)


def test_ten_is_the_threshold_where_nothing_is_set_and_less_than_three_is_refused() -> None:
    settings = {name: value for name, value in settings_for_tests().items() if name != "fewest_shown"}
    assert ServiceSettings(service="any", **settings).fewest_shown == 10
    with pytest.raises(ValidationError, match="fewest_shown"):
        ServiceSettings(service="any", **settings, fewest_shown=2)
    with pytest.raises(ValueError, match="FEWEST_SHOWN is 2"):
        disclosure.set_threshold(2)
