from datetime import date

import pytest

from services.evidence.exchange.retraction_lists import row_parser
from services.evidence.exchange.retraction_lists.csv_rows import CsvRow
from services.evidence.library.retraction_notices.rules import Notice

COLUMNS = [
    "recordid",
    "title",
    "retractiondate",
    "retractiondoi",
    "retractionpubmedid",
    "originalpaperdoi",
    "originalpaperpubmedid",
    "retractionnature",
    "reason",
]


def csv_row(text: str) -> CsvRow:
    return CsvRow(text.encode(), 1, len(text), 2)


def parsed(text: str) -> Notice | str:
    return row_parser.parse_row(csv_row(text), COLUMNS, ",", "Retraction Watch")


def test_a_row_as_the_list_has_it() -> None:
    notice = parsed(
        '1,"A study, with a comma",4/11/2023 0:00,10.5555/NOTICE.1,0,https://doi.org/10.5555/PAPER.1,222,'
        "Expression of concern,+Concerns/Issues About Data;+Error in Analyses;"
    )
    assert isinstance(notice, Notice)
    assert notice.names == (("doi", "10.5555/paper.1"), ("pmid", "222"))
    assert notice.retraction.model_dump(mode="json") == {
        "nature": "expression_of_concern",
        "on": "2023-04-11",
        "notice": {"scheme": "doi", "value": "10.5555/notice.1"},
        "reasons": ["Concerns/Issues About Data", "Error in Analyses"],
        "source": "Retraction Watch",
    }


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("1,T,,,,unavailable,0,Retraction,", "It names no work"),
        ("1,T,,,,10.5555/a,,Vanished,", "RetractionNature says 'Vanished'"),
        ("1,T,,,,10.5555/a,,,", "RetractionNature says nothing"),
        ("1,T,13/45/2020,,,10.5555/a,,Retraction,", "RetractionDate says '13/45/2020'"),
        ("1,T", "It names no work"),
    ],
)
def test_a_row_that_cannot_be_taken_says_why(text: str, reason: str) -> None:
    reason_given = parsed(text)
    assert isinstance(reason_given, str)
    assert reason_given.startswith(reason)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("4/11/2023 0:00", date(2023, 4, 11)),
        ("12/31/1999", date(1999, 12, 31)),
        ("2023-04-11", date(2023, 4, 11)),
        ("2023-04-11T00:00:00Z", date(2023, 4, 11)),
        ("2/30/2020", None),
        ("April 2020", None),
        ("", None),
    ],
)
def test_days_as_such_lists_write_them(text: str, expected: date | None) -> None:
    assert row_parser.parse_date(text) == expected


def test_columns_are_known_by_name_in_any_order_and_with_any_separator() -> None:
    assert row_parser.parse_header(b"\xef\xbb\xbfRetractionNature;Original Paper DOI;Extra\n") == (
        ["retractionnature", "originalpaperdoi", "extra"],
        ";",
    )
    assert row_parser.parse_header(b"Title,DOI\n") is None
