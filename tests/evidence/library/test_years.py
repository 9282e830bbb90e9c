"""An account and a practice are of the years that they are about, research of the year in which it came out."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.evidence.library.years import dates_of, years_of

SHOWN = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("way", "details", "dates"),
    [
        ("research", {"published_on": "2016-05", "period": {"from": "2010", "to": "2011"}}, ("published", "2016-05")),
        ("research", {"published_on": None, "period": {"from": "2010", "to": "2011"}}, None),
        ("lived_experience", {"period": {"from": "2015", "to": "2016-02"}}, ("about", "2015", "2016-02")),
        ("practice_knowledge", {"period": {"from": "2021-02", "to": None}}, ("about", "2021-02", "2026-03-01")),
        ("practice_knowledge", {"period": {"from": "2027"}}, ("about", "2027")),
        ("lived_experience", {"period": {"to": "2016"}}, ("about", "2016")),
        ("lived_experience", {"period": None}, ("shown_here", "2026-03-01")),
        ("practice_knowledge", {}, ("shown_here", "2026-03-01")),
    ],
)
def test_the_dates_of_an_item_say_what_they_are(
    way: str, details: dict[str, Any], dates: tuple[str, ...] | None
) -> None:
    expected = None if dates is None else (dates[0], dates[1], dates[-1])
    assert dates_of(way, details, SHOWN) == expected


def test_a_draft_that_names_no_time_has_no_years() -> None:
    assert years_of("lived_experience", {}, None) is None
    assert years_of("lived_experience", {"period": {"from": "2015"}}, None) == years_of(
        "lived_experience", {"period": {"from": "2015", "to": "2015"}}, None
    )


def test_a_moment_is_of_the_day_that_it_is_in_utc() -> None:
    shown = datetime.fromisoformat("2027-01-01T00:30:00+01:00")
    years = years_of("practice_knowledge", {}, shown)
    assert years is not None
    assert (years.kind, years.first, years.last) == ("shown_here", 2026, 2026)
