import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.evidence.exchange.readers.encodings import Utf8Transcoder
from services.evidence.exchange.readers.records import MAX_RECORD_BYTES, ReaderStart, SourceRecord
from services.evidence.exchange.readers.tagged import ris

PLAIN = b"TY  - JOUR\nTI  - One\nER  - \n\nTY  - BOOK\nTI  - Two\nER  - \n"


def read(content: bytes, size: int | None = None) -> list[SourceRecord]:
    reader = ris.create_reader(ReaderStart())
    records: list[SourceRecord] = []
    for start in range(0, len(content), size or max(1, len(content))):
        records += reader.feed(content[start : start + (size or len(content))])
    return [*records, *reader.finish()]


def titles(records: list[SourceRecord]) -> list[str | None]:
    return [ris.parse_fields(record.fields).get("title") for record in records]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_kind_of_line_end_is_read(end: str) -> None:
    assert titles(read(PLAIN.replace(b"\n", end.encode()))) == ["One", "Two"]


def test_each_record_knows_its_line() -> None:
    assert [record.line for record in read(PLAIN)] == [1, 5]


def test_a_record_without_er_ends_where_the_next_begins_or_the_file_ends() -> None:
    assert titles(read(b"TY  - JOUR\nTI  - One\nTY  - JOUR\nTI  - Two")) == ["One", "Two"]


@pytest.mark.parametrize("tag", ["TI  - ", "TI - ", "TI  -", "TI\t- ", "TI   - "])
def test_loose_tags_are_read(tag: str) -> None:
    assert titles(read(f"TY  - JOUR\n{tag}One\nER  -\n".encode())) == ["One"]


def test_a_sentence_with_a_dash_is_no_tag() -> None:
    (record,) = read(b"TY  - JOUR\nAB  - Intervals:\nCI - the confidence interval\nER  -\n")
    assert record.fields["AB"] == ["Intervals:\nCI - the confidence interval"]


def test_a_line_that_only_begins_like_the_end_is_not_the_end() -> None:
    (record,) = read(b"TY  - JOUR\nN2  - first line,\nER then second line\n   the last line\nER  -\n")
    assert record.fields["N2"] == ["first line,\nER then second line\nthe last line"]


def test_keywords_below_each_other_are_each_a_keyword() -> None:
    (record,) = read(b"TY  - JOUR\nKW  - Carers\nBreaks\nSleep\nER  -\n")
    assert record.fields["KW"] == ["Carers", "Breaks", "Sleep"]


def test_unknown_tags_are_kept_and_empty_ones_do_no_harm() -> None:
    (record,) = read(b"TY  - JOUR\nXX  - yes\nSP  -\nTI  - One\nER  - \n")
    assert record.fields == {"TY": ["JOUR"], "XX": ["yes"], "SP": [""], "TI": ["One"]}


def test_a_blank_line_within_a_record_does_not_end_it() -> None:
    (record,) = read(b"TY  - JOUR\nU3  - Cited By :9\n\nExport Date\nTI  - One\nER  -\n")
    assert titles([record]) == ["One"]


def test_lines_between_records_are_counted_and_passed_over() -> None:
    reader = ris.create_reader(ReaderStart())
    records = [*reader.feed(b"Record #1 of 2\n1.\n" + PLAIN + b"the end\nER  -\n"), *reader.finish()]
    assert titles(records) == ["One", "Two"]
    assert reader.unparsed_lines == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_every_usual_encoding_is_read(encoding: str) -> None:
    content = "TY  - JOUR\nTI  - Café für Angehörige\nER  - \n".encode(encoding)
    wide = Utf8Transcoder()
    halves = wide.feed(content[:31]) + wide.feed(content[31:]) + wide.feed(b"", last=True)
    assert titles(read(halves)) == ["Café für Angehörige"]


def test_lines_of_two_encodings_in_one_file_are_each_read() -> None:
    mixed = "TY  - JOUR\nTI  - Café\n".encode() + "AU  - Müller, Jörg\nER  -\n".encode("cp1252")
    (record,) = read(mixed)
    assert (titles([record])[0], record.fields["AU"]) == ("Café", ["Müller, Jörg"])


def test_a_mark_of_byte_order_within_a_file_is_no_part_of_a_tag() -> None:
    assert titles(read(codecs.BOM_UTF8 + PLAIN + codecs.BOM_UTF8 + PLAIN)) == ["One", "Two", "One", "Two"]


def test_control_characters_are_left_out() -> None:
    assert titles(read(b"TY  - JOUR\nTI  - O\0n\x07e\nER  -\n")) == ["One"]


def test_a_record_that_is_too_long_is_marked_and_the_next_one_read() -> None:
    endless = b"TY  - JOUR\nTI  - One\nAB  - " + b"x" * (2 * MAX_RECORD_BYTES) + b"\nER  -\n" + PLAIN
    records = read(endless, 100_000)
    assert [record.too_long for record in records] == [True, False, False]
    assert titles(records) == ["One", "One", "Two"]
    assert [record.line for record in records] == [1, 5, 9]


def test_a_file_that_is_not_ris_has_no_records_and_takes_no_memory() -> None:
    reader = ris.create_reader(ReaderStart())
    for _ in range(40):
        assert not [*reader.feed(b"\0\xff" * 100_000)]
        assert len(reader._pending) <= MAX_RECORD_BYTES + 200_000  # pyright: ignore[reportPrivateUsage]  the promise is about what it holds
    assert not [*reader.finish()]


lines = st.sampled_from(
    [
        "TY  - JOUR", "TY - BOOK", "ER  - ", "ER", "TI  - Öne", "T1 - Two", "AB  - words", "more words", "",
        "KW  - carers", "\ufeffTY  - GEN", "1.", "XX  - ?", "TY  -",
    ]
)  # fmt: skip


@given(st.lists(st.tuples(lines, st.sampled_from(["\n", "\r\n"])), max_size=40), st.integers(1, 50))
def test_the_size_of_the_chunks_changes_nothing(lines_with_ends: list[tuple[str, str]], size: int) -> None:
    content = "".join(line + end for line, end in lines_with_ends).encode()
    assert read(content, size) == read(content)


@given(st.lists(lines, max_size=40), st.integers(0, 10))
def test_a_reader_goes_on_where_another_stopped(content_lines: list[str], stop: int) -> None:
    content = "\n".join(content_lines).encode()
    first = ris.create_reader(ReaderStart())
    before = [*first.feed(content), *first.finish()]
    cut = before[:stop]
    begin, line, unparsed_lines = (cut[-1].end, cut[-1].next_line, cut[-1].unparsed_lines) if cut else (0, 1, 0)
    second = ris.create_reader(ReaderStart(b"", begin, line))
    after = [*second.feed(content[begin:]), *second.finish()]
    assert [(r.line, r.fields) for r in cut + after] == [(r.line, r.fields) for r in before]
    assert unparsed_lines + second.unparsed_lines == first.unparsed_lines
