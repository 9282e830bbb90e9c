from datetime import date

import pytest

from services.funding.payments.iso20022 import days, reasons


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027-03-31T23:30:00Z", date(2027, 4, 1)),
        ("2027-03-27T23:30:00Z", date(2027, 3, 27)),
        ("2027-03-31T23:30:00+01:00", date(2027, 3, 31)),
        ("2027-03-31T23:30:00-05:00", date(2027, 4, 1)),
        ("2027-03-31T24:00:00", date(2027, 4, 1)),
        ("2027-07-01T00:00:00.000000001", date(2027, 7, 1)),
    ],
)
def test_a_moment_is_on_its_day_in_london_also_in_summer_and_at_midnight(text: str, day: date) -> None:
    assert days.parse_moment(text) == day


@pytest.mark.parametrize("text", ["2027-03-31", "2027-03-31Z", "2027-03-31+13:00"])
def test_a_day_is_the_one_that_the_bank_names(text: str) -> None:
    assert days.parse_day(text) == date(2027, 3, 31)


@pytest.mark.parametrize("text", ["", "20270331", "2027-W13-3", "31/03/2027", "2027-02-30", "2027-03-31T10:00:00"])
def test_what_is_no_day_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        days.parse_day(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2027-03-31",
        "2027-03-31 10:00:00",
        "2027-03-31T25:00:00Z",
        "9999-12-31T24:00:00",
        "9999-12-31T23:00:00-05:00",
        "0001-01-01T00:00:00+05:00",
    ],
)
def test_what_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        days.parse_moment(text)


def test_reasons_are_told_in_plain_words() -> None:
    assert reasons.explain("AC04") == "This account is closed."
    assert reasons.explain("XX99") == "The bank gave the reason XX99."
    duplicates = {code for code, reason in reasons.STATUS_REASONS.items() if reason.duplicate}
    assert duplicates == {"AM05", "DU01", "DU02", "DU03", "DU04", "DU05", "DUPL"}
