from collections.abc import AsyncIterator

from hypothesis import given
from hypothesis import strategies as st

from services.evidence.exchange.retraction_lists.csv_rows import (
    MAX_ROW_BYTES,
    TOO_LONG,
    UNCLOSED,
    CsvRow,
    CsvRowSplitter,
    with_line_feeds,
)
from services.evidence.exchange.retraction_lists.row_parser import decode, parse_row


def split(content: bytes, size: int) -> list[CsvRow]:
    splitter = CsvRowSplitter()
    rows: list[CsvRow] = []
    for begin in range(0, len(content), size):
        rows.extend(splitter.feed(content[begin : begin + size]))
    return [*rows, *splitter.finish()]


@given(
    st.lists(st.text(st.sampled_from('ab,;"\n '), max_size=12), max_size=8),
    st.integers(min_value=1, max_value=40),
)
def test_rows_are_the_same_however_the_file_arrives_and_every_byte_belongs_to_one(texts: list[str], size: int) -> None:
    quoted = "".join('"' + text.replace('"', '""') + '"\n' for text in texts).encode()
    rows = split(quoted, size)
    assert rows == split(quoted, len(quoted) or 1)
    assert [decode(row.content) for row in rows] == ['"' + text.replace('"', '""') + '"\n' for text in texts]
    assert [row.end for row in rows][-1:] == ([len(quoted)] if texts else [])


@given(st.binary(max_size=200), st.integers(min_value=1, max_value=50))
def test_no_bytes_stop_the_splitter(content: bytes, size: int) -> None:
    rows = split(content, size)
    assert [row.end for row in rows][-1:] == ([len(content)] if content else [])
    for row in rows:
        parse_row(row, ["originalpaperdoi", "retractionnature"], ",", "A list")


def test_a_mark_that_is_never_closed_costs_one_row() -> None:
    rows = split(b'a,"b\nc,d\ne,f\n', 5)
    assert [(row.content, row.broken, row.line) for row in rows] == [
        (b"", UNCLOSED, 1),
        (b"c,d\n", None, 2),
        (b"e,f\n", None, 3),
    ]


def test_a_row_without_end_costs_one_row_and_little_memory() -> None:
    splitter = CsvRowSplitter()
    rows: list[CsvRow] = []
    longest_buffer = 0
    for _ in range(100):
        rows.extend(splitter.feed(b"x" * MAX_ROW_BYTES))
        longest_buffer = max(longest_buffer, len(splitter._buffer))  # pyright: ignore[reportPrivateUsage]  its size is the point
    rows.extend(splitter.feed(b"\nnext\n"))
    assert [(row.broken, row.line) for row in rows] == [(TOO_LONG, 1), (None, 2)]
    assert rows[-1].end == 100 * MAX_ROW_BYTES + 6
    assert longest_buffer <= 2 * MAX_ROW_BYTES


async def test_carriage_returns_alone_end_rows_too_wherever_chunks_end() -> None:
    content = b"a\rb\r\nc\n\rd\r"

    async def chunks(size: int) -> AsyncIterator[bytes]:
        for begin in range(0, len(content), size):
            yield content[begin : begin + size]

    for size in range(1, 6):
        assert b"".join([chunk async for chunk in with_line_feeds(chunks(size))]) == b"a\nb\nc\n\nd\n"
