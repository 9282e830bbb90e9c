import pytest

from services.evidence.exchange.readers.fields import dates


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("1948/07//", "1948-07"),
        ("2014//", "2014"),
        ("2012/07/03", "2012-07-03"),
        ("2021/02/01/", "2021-02-01"),
        ("2019///", "2019"),
        ("2014///nan", "2014"),
        ("2014-8-9", "2014-08-09"),
        ("2018 Mar 1", "2018-03-01"),
        ("1 March 2018", "2018-03-01"),
        ("Spring 2010", "2010"),
        ("2010/13/45", "2010"),
        ("2019/02/30", "2019-02"),
        ("20190431", "2019-04"),
        ("10 15", None),
        ("Jun", None),
        ("", None),
    ],
)
def test_dates_are_read_as_far_as_they_say_something(text: str, date: str | None) -> None:
    assert dates.parse_partial_date(text) == date
