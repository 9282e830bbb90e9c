"""What every reader promises, whatever is in the file."""

import json
import sys
from types import FrameType
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from services.evidence.exchange.imports.work_parser import ParsedWork, parse_work
from services.evidence.exchange.readers import formats
from services.evidence.exchange.readers.encodings import BOM
from services.evidence.exchange.readers.records import (
    MAX_RECORD_BYTES,
    MAX_SNIFFED_BYTES,
    ParsedFields,
    ReaderStart,
    SourceRecord,
)
from services.evidence.exchange.readers.tagged import ris
from services.evidence.exchange.readers.xml.elements import MAX_COMMENT_BYTES
from services.evidence.exchange.readers.xml.jats import MAX_ARTICLE_BYTES
from tests.support.growth import MAX_LINEAR_RATIO, growth_ratio

ARTICLE = (
    "<PubmedArticle><MedlineCitation><PMID>{0}</PMID><Article><ArticleTitle>Öne {0}</ArticleTitle></Article>"
    "</MedlineCitation></PubmedArticle>\n"
)
JATS = (
    "<article><front><article-meta><title-group><article-title>Öne {0}</article-title></title-group></article-meta>"
    "</front></article>\n"
)
ENDNOTE = "<record><rec-number>{0}</rec-number><titles><title>Öne {0}</title></titles></record>"
WELL: dict[str, tuple[str, str]] = {
    "ris": ("", "TY  - JOUR\r\nTI  - Öne {0}\r\nAU  - Lind, Bo\r\nER  - \r\n\r\n"),
    "bibtex": ("", "@article{{k{0},\n  title = {{Öne {0}}},\n  author = {{Lind, Bo}}\n}}\n\n"),
    "csl-json": ("[", '{{"id": "{0}", "title": "Öne {0}", "author": [{{"family": "Lind"}}]}},\n'),
    "csv": ("title,authors,abstract\n", '"Öne {0}","Lind, Bo","a ""word"", or\ntwo"\n'),
    "pubmed": ("", "PMID- {0}\nTI  - Öne\n      {0}\nFAU - Lind, Bo\n\n"),
    "pubmed-xml": ('<?xml version="1.0"?>\n<PubmedArticleSet>\n', ARTICLE),
    "jats": ("<articles>", JATS),
    "endnote": ("", "%0 Journal Article\n%T Öne {0}\n%A Lind, Bo\n\n"),
    "endnote-xml": ("<xml><records>", ENDNOTE),
    "openalex": (
        '{"meta": {"count": 30}, "results": [',
        '{{"id": "https://openalex.org/W{0}", "title": "Öne {0}", "authorships": []}},\n',
    ),
    "datacite": (
        '{"data": [',
        '{{"id": "10.5555/{0}", "type": "dois", "attributes": {{"titles": [{{"title": "Öne {0}"}}]}}}},\n',
    ),
    "refworks": ("RefWorks\n\n", "RT Journal Article\nSR Electronic\nT1 Öne {0}\nA1 Lind,Bo\nER \n\n"),
    "ovid": ("", "<{0}. >\nVN  - Ovid Technologies\nTI  - Öne\n      {0}\nAU  - Lind, Bo.\n\n"),
    "web-of-science": ("FN Clarivate Analytics\nVR 1.0\n", "PT J\nAU Lind, B\n   Okoro, A\nTI Öne\n   {0}\nER\n\n"),
}  # fmt: skip
XML = ("pubmed-xml", "jats", "endnote-xml")
NOISE = st.sampled_from(
    [
        "TY  - JOUR", "ER  - ", "TI  - x", "T1 - <script>", "@article{k,", "title = {x", "}", "},", "{", "[", "]", '"',
        '""', ",", ";", "\\", '{"title": "x"}', '{"title": {"a": [1, null]}}', "PMID- 1", "OWN - ERIC", "%0 Book",
        "%T x", "PT J", "EF", "<PubmedArticle>", "</PubmedArticle>", "<article>", "</article>", "<record>", "</record>",
        "<!ENTITY a 'b'>", "&a;", "&#0;", "<![CDATA[", "<a:b>", "x-impact = {{}}", "U5  - impact:1:{}", "=cmd()", "\0",
        "<!--", "-->", "\x1b", "\ud7ff", "é", "\ufeff", "nan", "1e999", "\\ud800", "title,author", "a;b", "\t",
        " " * 70,
    ]
)  # fmt: skip


def read(
    name: str, content: bytes, sizes: list[int] | None = None, start: ReaderStart | None = None
) -> list[SourceRecord]:
    reader = formats.FORMATS[name].create_reader(start or ReaderStart(content[:MAX_SNIFFED_BYTES]))
    records: list[SourceRecord] = []
    offset, turn = 0, 0
    while offset < len(content):
        size = sizes[turn % len(sizes)] if sizes else len(content)
        records += reader.feed(content[offset : offset + size])
        offset, turn = offset + size, turn + 1
    return [*records, *reader.finish()]


def parse(name: str, record: SourceRecord) -> ParsedWork | str:
    fields: ParsedFields = formats.FORMATS[name].parse_fields(record.fields) if record.fields is not None else {}
    return parse_work(record, fields)


def titles(name: str, records: list[SourceRecord]) -> list[str]:
    return [result.description.title for result in (parse(name, r) for r in records) if isinstance(result, ParsedWork)]


def positions(records: list[SourceRecord]) -> list[tuple[int, int, int, int, bool, str | None]]:
    return [(r.line, r.end, r.next_line, r.unparsed_lines, r.too_long, r.error) for r in records]


@pytest.mark.parametrize("name", WELL)
def test_a_file_tells_its_format_and_each_of_its_records_is_understood(name: str) -> None:
    head, record = WELL[name]
    content = (head + "".join(record.format(number) for number in range(1, 31))).encode()
    assert formats.detect_format(content).name == name
    assert titles(name, read(name, content)) == [f"Öne {number}" for number in range(1, 31)]


@pytest.mark.parametrize("name", WELL)
def test_a_file_with_two_byte_order_marks_holds_the_same_records(name: str) -> None:
    head, record = WELL[name]
    content = (head + record.format(1) + record.format(2)).encode()
    marked = 2 * BOM + content
    assert formats.detect_format(marked).name == name
    assert [parse(name, r) for r in read(name, marked)] == [parse(name, r) for r in read(name, content)]


@pytest.mark.parametrize("name", WELL)
def test_a_reader_goes_on_at_any_record_where_another_stopped(name: str) -> None:
    head, record = WELL[name]
    content = (head + "".join(record.format(number) for number in range(1, 31))).encode()
    records = read(name, content)
    for cut in records[:-1:4]:
        rest = read(name, content[cut.end :], start=ReaderStart(content[:MAX_SNIFFED_BYTES], cut.end, cut.next_line))
        assert [parse(name, r) for r in rest] == [parse(name, r) for r in records[records.index(cut) + 1 :]]
        assert [(r.line, r.end) for r in rest] == [(r.line, r.end) for r in records[records.index(cut) + 1 :]]


@pytest.mark.parametrize("name", XML)
@pytest.mark.parametrize("size", [7, 100_000])
def test_a_record_in_a_comment_is_none(name: str, size: int) -> None:
    head, record = WELL[name]
    commented = record.format(2).replace("Öne", "<!-- " + record.format(9) + " -->Öne")
    content = head + f"<!-- {record.format(8)} -->" + record.format(1) + f"<!--{record.format(7) * 9}-->" + commented
    records = read(name, content.encode(), [size])
    assert titles(name, records) == ["Öne 1", "Öne 2"]
    rest = content.encode()[records[0].end :]
    resumed = read(name, rest, [size], ReaderStart(content.encode(), records[0].end, records[0].next_line))
    assert titles(name, resumed) == ["Öne 2"]
    assert record.format(8) in formats.FORMATS[name].file_header(content.encode()).decode()


@pytest.mark.parametrize("name", XML)
def test_a_comment_that_does_not_end_hides_no_record(name: str) -> None:
    head, record = WELL[name]
    records = [record.format(number) for number in range(1, 4)]
    for between in ("<!-- and then ", "<!-- <!-- another --> ", "<!-- " + "x" * MAX_COMMENT_BYTES + " -->"):
        content = (head + records[0] + between + records[1] + records[2]).encode()
        for size in (100_000, 1_000_000):
            assert titles(name, read(name, content, [size])) == ["Öne 1", "Öne 2", "Öne 3"]


@pytest.mark.parametrize("name", WELL)
def test_a_record_that_is_too_long_is_refused_and_the_others_are_read(name: str) -> None:
    head, record = WELL[name]
    longest = MAX_ARTICLE_BYTES if name == "jats" else MAX_RECORD_BYTES
    long = record.format(2).replace("Öne", "x" * (longest + 10))
    content = (head + record.format(1) + long + record.format(3) + record.format(4)).encode()
    records = read(name, content, [100_000])
    assert [r.too_long for r in records] == [False, True, False, False]
    assert "longer than" in str(parse(name, records[1]))
    reader = formats.FORMATS[name].create_reader(ReaderStart(content[:MAX_SNIFFED_BYTES]))
    for offset in range(0, 2 * longest, 100_000):
        list(reader.feed(b"x" * 100_000 if offset else content[: content.index(b"x" * 1_000)]))
        assert len(getattr(reader, "_buffer", b"") + getattr(reader, "_pending", b"")) < longest + 1_000_000


@pytest.mark.parametrize("name", WELL)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    pieces=st.lists(st.tuples(NOISE, st.sampled_from(["\n", "", " ", "\r\n"])), max_size=30),
    sizes=st.lists(st.integers(1, 40), min_size=1, max_size=5),
)
def test_nothing_in_a_file_makes_a_reader_fail_or_depend_on_how_the_file_arrives(
    name: str, pieces: list[tuple[str, str]], sizes: list[int]
) -> None:
    head, record = WELL[name]
    noise = "".join(piece + end for piece, end in pieces)
    content = (head + record.format(7) + noise + "\n" + record.format(8)).encode(errors="surrogatepass")
    records = read(name, content)
    assert positions(read(name, content, sizes)) == positions(records)
    ends = [r.end for r in records]
    assert ends == sorted(ends)
    assert all(0 < end <= len(content) for end in ends)
    for parsed in records:
        work = parse(name, parsed)
        assert isinstance(work, ParsedWork | str)
        if isinstance(work, ParsedWork):
            assert "\0" not in json.dumps(work.description.model_dump(mode="json"))


@pytest.mark.parametrize("name", WELL)
@given(st.binary(max_size=300))
@settings(max_examples=40, deadline=None)
def test_no_bytes_make_a_reader_fail(name: str, content: bytes) -> None:
    for record in read(name, WELL[name][0].encode() + content):
        assert isinstance(parse(name, record), ParsedWork | str)


def test_records_without_an_end_cost_no_more_than_twenty_times_as_much_as_those_with_one() -> None:
    lines = b"TY  - JOUR\nTI  - A title\nPY  - 2020\n"

    def cost(content: bytes) -> tuple[int, int]:
        """Calls that are made, and bytes that are looked through for something."""
        SearchCountingBytes.searched = calls = 0

        def count(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal calls
            calls += event in ("call", "c_call")

        sys.setprofile(count)
        try:
            reader = ris.create_reader(ReaderStart())
            records = [*reader.feed(SearchCountingBytes(content)), *reader.finish()]
        finally:
            sys.setprofile(None)
        assert len(records) == 40_000
        return calls, SearchCountingBytes.searched

    without_end, with_end = (lines + b"\n") * 40_000, (lines + b"ER  - \n\n") * 40_000
    (calls, searched), (least_calls, _) = cost(without_end), cost(with_end)
    assert calls < 20 * least_calls
    assert searched < 3 * len(without_end)


class SearchCountingBytes(bytes):
    """A chunk that counts how many of its bytes `find` looks through."""

    searched = 0

    def __radd__(self, before: bytes) -> "SearchCountingBytes":
        return SearchCountingBytes(bytes(before) + bytes(self))

    def find(self, sub: Any, start: Any = 0, end: Any = None, /) -> int:
        index = super().find(sub, start, end)
        SearchCountingBytes.searched += (len(self) if index < 0 else index) - start
        return index


def test_a_text_of_many_lines_is_put_together_once() -> None:
    def put_together(lines: int) -> None:
        content = b"TY  - JOUR\nTI  - x\nAB  - a\n" + b"b\n" * lines + b"ER  - \n"
        (record,) = read("ris", content, [262_144])
        assert record.fields["AB"] == ["a" + "\nb" * lines]

    assert growth_ratio(put_together, 50_000) < MAX_LINEAR_RATIO
