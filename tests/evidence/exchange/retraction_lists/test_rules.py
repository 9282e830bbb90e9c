from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.exchange.retraction_lists import rules
from services.evidence.exchange.retraction_lists.rows import LONGEST_ROW, TOO_LONG, UNCLOSED, Row, RowReader
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


def row(text: str) -> Row:
    return Row(text.encode(), 1, len(text), 2)


def understood(text: str) -> Notice | str:
    return rules.understand(row(text), COLUMNS, ",", "Retraction Watch")


def test_a_row_as_the_list_has_it() -> None:
    notice = understood(
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
    refused = understood(text)
    assert isinstance(refused, str)
    assert refused.startswith(reason)


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
    assert rules.day(text) == expected


def test_columns_are_known_by_name_in_any_order_and_with_any_separator() -> None:
    assert rules.header(b"\xef\xbb\xbfRetractionNature;Original Paper DOI;Extra\n") == (
        ["retractionnature", "originalpaperdoi", "extra"],
        ";",
    )
    assert rules.header(b"Title,DOI\n") is None


def cut(content: bytes, size: int) -> list[Row]:
    reader = RowReader()
    rows: list[Row] = []
    for begin in range(0, len(content), size):
        rows.extend(reader.feed(content[begin : begin + size]))
    return [*rows, *reader.finish()]


@given(
    st.lists(st.text(st.sampled_from('ab,;"\n '), max_size=12), max_size=8),
    st.integers(min_value=1, max_value=40),
)
def test_rows_are_the_same_however_the_file_arrives_and_every_byte_belongs_to_one(texts: list[str], size: int) -> None:
    quoted = "".join('"' + text.replace('"', '""') + '"\n' for text in texts).encode()
    rows = cut(quoted, size)
    assert rows == cut(quoted, len(quoted) or 1)
    assert [rules.decoded(row.content) for row in rows] == ['"' + text.replace('"', '""') + '"\n' for text in texts]
    assert [row.end for row in rows][-1:] == ([len(quoted)] if texts else [])


@given(st.binary(max_size=200), st.integers(min_value=1, max_value=50))
def test_no_bytes_stop_the_reader(content: bytes, size: int) -> None:
    rows = cut(content, size)
    assert [row.end for row in rows][-1:] == ([len(content)] if content else [])
    for found in rows:
        rules.understand(found, COLUMNS, ",", "A list")


def test_a_mark_that_is_never_closed_costs_one_row() -> None:
    rows = cut(b'a,"b\nc,d\ne,f\n', 5)
    assert [(row.content, row.broken, row.line) for row in rows] == [
        (b"", UNCLOSED, 1),
        (b"c,d\n", None, 2),
        (b"e,f\n", None, 3),
    ]


def test_a_row_without_end_costs_one_row_and_little_memory() -> None:
    reader = RowReader()
    rows: list[Row] = []
    held = 0
    for _ in range(100):
        rows.extend(reader.feed(b"x" * LONGEST_ROW))
        held = max(held, len(reader._rest))  # pyright: ignore[reportPrivateUsage]  what it keeps is the point
    rows.extend(reader.feed(b"\nnext\n"))
    assert [(row.broken, row.line) for row in rows] == [(TOO_LONG, 1), (None, 2)]
    assert rows[-1].end == 100 * LONGEST_ROW + 6
    assert held <= 2 * LONGEST_ROW


def test_carriage_returns_alone_end_rows_too_wherever_chunks_end() -> None:
    for size in range(1, 6):
        lines = rules.OneLineEnd()
        content = b"a\rb\r\nc\n\rd\r"
        parts = [lines.feed(content[n : n + size]) for n in range(0, len(content), size)]
        assert b"".join((*parts, lines.finish())) == b"a\nb\nc\n\nd\n"
