"""What is wrong in a file is refused or made harmless, and the rest of the file is imported."""

from typing import Any

import pytest

from services.evidence.exchange.imports import part_reader
from services.evidence.exchange.imports.work_parser import parse_work
from services.evidence.exchange.readers.fields import plain_text
from services.evidence.exchange.readers.records import MAX_RECORD_BYTES, ParsedFields, SourceRecord
from services.evidence.library.items.identifiers.rules import normalised
from tests.evidence.exchange.readers.test_readers import parse, read
from tests.evidence.world import EvidenceWorld, counts
from tests.support.callers import EDITOR
from tests.support.growth import MAX_LINEAR_RATIO, growth_ratio

GOOD = b"TY  - JOUR\nTI  - Breaks that carers want\nPY  - 2020\nER  - \n\n"
OTHER = GOOD.replace(b"Breaks", b"Rests")


async def refused(world: EvidenceWorld, job: dict[str, Any]) -> list[tuple[int, str]]:
    page = await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects")
    return [(reject["number"], reject["reason"]) for reject in page["items"]]


async def titles(world: EvidenceWorld) -> list[str]:
    return [row["title"] for row in await world.rows("SELECT title FROM items ORDER BY id")]


async def test_a_field_of_ten_megabytes_is_refused_and_the_rest_is_imported(world: EvidenceWorld) -> None:
    huge = b"TY  - JOUR\nTI  - Huge\nAB  - " + b"word " * 2_000_000 + b"\nER  - \n\n"
    job = await world.import_file(GOOD + huge + OTHER)
    assert counts(job) == (3, 2, 0, 1)
    assert await refused(world, job) == [
        (2, f"The record is longer than {MAX_RECORD_BYTES // 1024} KB, or has a line without an end.")
    ]


async def test_markup_in_fields_becomes_plain_words(world: EvidenceWorld) -> None:
    marked = (
        b"TY  - JOUR\nTI  - <i>Care</i> &amp; <b onclick=x()>support</b><script>alert(1)</script>\n"
        b"AB  - <jats:p>p &lt; 0.05</jats:p><img src=x onerror=alert(1)>\nAU  - <u>Lind</u>, Bo\nER  - \n"
    )
    await world.import_file(marked)
    (item,) = await world.rows("SELECT title, summary, details->'authors' AS authors FROM items")
    assert (item["title"], item["summary"]) == ("Care & support", "p < 0.05")
    assert item["authors"] == ["Lind, Bo"]


@pytest.mark.parametrize(
    "content",
    [
        b"TY  - JOUR\nTI  - Ca\0re\x07 and\x1b support\nER  - \n",
        b'[{"type": "article-journal", "title": "Ca\\u0000re\\u0007 and\\ud800 support"}]',
        b'title,abstract\n"Ca\0re\x07 and\x1b support",x\n',
        b"@article{k, title = {Ca\0re\x07 and\x1b support}}\n",
        b"<PubmedArticle><MedlineCitation><Article><ArticleTitle>Ca&#0;re&#7; and\x1b support</ArticleTitle></Article>"
        b"</MedlineCitation></PubmedArticle>",
    ],
)
async def test_characters_that_nobody_can_see_are_left_out(world: EvidenceWorld, content: bytes) -> None:
    assert counts(await world.import_file(content)) == (1, 1, 0, 0)
    assert await titles(world) == ["Care and support"]


async def test_xml_that_is_nested_without_end_is_refused_and_the_rest_is_imported(world: EvidenceWorld) -> None:
    def article(title: str) -> str:
        record = f"<Article><ArticleTitle>{title}</ArticleTitle></Article>"
        return f"<PubmedArticle><MedlineCitation>{record}</MedlineCitation></PubmedArticle>"

    deep = article("<i>" * 20_000 + "deep" + "</i>" * 20_000)
    unclosed = article("Unclosed").replace("</Article>", "")
    unknown = article("R&amp;D &nosuch; &eacute;t&eacute;")
    record = "".join((article("First"), deep, unclosed, unknown, article("Last")))
    job = await world.import_file(f"<PubmedArticleSet>{record}</PubmedArticleSet>".encode())
    assert counts(job) == (5, 3, 0, 2)
    assert [number for number, _ in await refused(world, job)] == [2, 3]
    assert all("not well-formed" in reason for _, reason in await refused(world, job))
    assert await titles(world) == ["First", "R&D &nosuch; été", "Last"]


async def test_xml_reads_no_file_and_expands_nothing_that_comes_later_than_it_is_looked_at(
    world: EvidenceWorld,
) -> None:
    late = " " * 70_000 + '<!DOCTYPE x [<!ENTITY own SYSTEM "file:///etc/passwd">]>'
    body = "<article><front><article-meta><title-group><article-title>A &own; title</article-title></title-group>"
    await world.import_file(f"<articles>{late}{body}</article-meta></front></article></articles>".encode())
    assert await titles(world) == ["A &own; title"]


async def test_json_that_is_nested_without_end_is_refused_and_the_rest_is_imported(world: EvidenceWorld) -> None:
    deep = b'{"title": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    job = await world.import_file(
        b'[{"type": "article-journal", "title": "First"},'
        + deep
        + b',{"title": nonsense},{"type": "article-journal", "title": "Last"}]'
    )
    assert counts(job) == (4, 2, 0, 2)
    assert await refused(world, job) == [
        (2, "It is nested more deeply than the description of a work can be."),
        (3, "It is not valid JSON."),
    ]


@pytest.mark.parametrize("depth", [70, 900, 1_020])
async def test_json_that_a_parser_still_takes_is_refused_where_it_is_deeper_than_any_work(
    world: EvidenceWorld, depth: int
) -> None:
    deep = b'{"type": "article-journal", "title": "Deep", "x": ' + b"[" * depth + b"]" * depth + b"}"
    job = await world.import_file(
        b'[{"type": "article-journal", "title": "First"},' + deep + b',{"type": "article-journal", "title": "Last"}]'
    )
    assert (job["status"], counts(job)) == ("done", (3, 2, 0, 1))
    with_extension = b'TY  - JOUR\nTI  - Deep\nU5  - impact:1:{"x":' + b"[" * depth + b"]" * depth + b"}\nER  - \n"
    job = await world.import_file(GOOD + with_extension + OTHER)
    assert (job["status"], counts(job)) == ("done", (3, 2, 0, 1))


def test_the_cost_of_what_is_hidden_in_markup_does_not_grow_with_its_square() -> None:
    def hidden(times: int) -> None:
        assert plain_text.paragraphs("<script" * times).startswith("< script")

    def closed(times: int) -> None:
        assert normalised("doi", "10.5555/x" + ")" * times) == "10.5555/x"

    assert growth_ratio(hidden, 4_000) < MAX_LINEAR_RATIO
    assert growth_ratio(closed, 50_000) < MAX_LINEAR_RATIO


async def test_a_word_before_a_colon_is_no_namespace_that_makes_a_record_unreadable(world: EvidenceWorld) -> None:
    record = "<PubmedArticle><MedlineCitation><Article><ArticleTitle>Rooms in m²:The rest</ArticleTitle></Article>"
    await world.import_file(f"{record}</MedlineCitation></PubmedArticle>".encode())
    assert await titles(world) == ["Rooms in m²:The rest"]


async def test_why_xml_cannot_be_read_is_told_without_the_text_of_the_record(world: EvidenceWorld) -> None:
    job = await world.import_file(b"<article><front><![CDATA[what somebody told </article>")
    ((_, reason),) = await refused(world, job)
    assert "somebody" not in reason
    assert "\n" not in reason


async def test_what_a_bibtex_file_calls_a_string_stands_for_it_also_in_pieces(world: EvidenceWorld) -> None:
    content = (
        b"@string{care = {Journal of Care}}\n"
        b'@article{a, title = "Breaks in the " # care, journal = care, year = 2020}\n'
        b"@article{b, title = {Care}, journal = {X}, month = 1 # {~} # feb, year = 2020}\n"
    )
    await world.import_file(content)
    rows = await world.rows(
        "SELECT title, details->>'published_in' AS held, details->>'published_on' AS on FROM items ORDER BY id"
    )
    assert [tuple(row.values()) for row in rows] == [
        ("Breaks in the Journal of Care", "Journal of Care", "2020"),
        ("Care", "X", "2020-02-01"),
    ]


async def test_a_first_line_in_brackets_makes_no_json_of_a_file(world: EvidenceWorld) -> None:
    assert (await world.import_file(b"[Provider: Scopus]\n" + GOOD))["format"] == "ris"


async def test_an_entry_that_is_never_closed_costs_itself_at_most(world: EvidenceWorld) -> None:
    content = (
        b"@article{a,\n title = {First},\n}\n@article{b,\n title = {Second,\n}\n@article{c,\n title = {Third}\n}\n"
    )
    job = await world.import_file(content)
    assert (job["read"], (await titles(world))[0], (await titles(world))[-1]) == (3, "First", "Third")


@pytest.mark.parametrize(
    ("content", "title"),
    [
        (
            '@article{k, title = {Caf{\\\'e} f{\\"u}r \\& mit {A}ngeh{\\"o}rigen, 100\\% \\textit{da}}}',
            "Café für & mit Angehörigen, 100% da",
        ),
        ("title;abstract\nCafé für Angehörige;x\n", "Café für Angehörige"),
        ("%0 Book\n%T Café für Angehörige\n", "Café für Angehörige"),
    ],
)
async def test_accents_are_read_as_letters_in_every_usual_encoding(
    world: EvidenceWorld, content: str, title: str
) -> None:
    for encoding in ("utf-8-sig", "cp1252", "utf-16"):
        await world.import_file(content.encode(encoding))
    assert await titles(world) == [title]


async def test_json_that_is_never_closed_says_that_what_is_behind_it_was_not_read(world: EvidenceWorld) -> None:
    job = await world.import_file(
        b'[{"type": "article-journal", "title": "First"},\n{"title": "Open",\n{"title": "Third"}]'
    )
    assert counts(job) == (2, 1, 0, 1)
    ((number, reason),) = await refused(world, job)
    assert number == 2
    assert "nothing after it" in reason
    assert "send the file again" in reason


async def test_a_line_of_an_abstract_that_begins_with_a_name_is_no_entry(world: EvidenceWorld) -> None:
    content = b"@article{a, title = {First}, abstract = {one\n@smith (2019) said\nmore}}\n@misc(b, title = {Second})\n"
    assert counts(await world.import_file(content)) == (2, 2, 0, 0)
    rows = await world.rows("SELECT title, summary FROM items ORDER BY id")
    assert [row["title"] for row in rows] == ["First", "Second"]
    assert rows[0]["summary"].split() == ["one", "@smith", "(2019)", "said", "more"]


@pytest.mark.parametrize("command", ["\\date", "\\sqrt", "\\fcolorbox", "\\textcolor$$", "\\title% of what"])
async def test_a_latex_command_without_what_belongs_to_it_costs_no_record(world: EvidenceWorld, command: str) -> None:
    content = f"@article{{a, title = {{First}}, abstract = {{Care {command}}}}}\n@article{{b, title = {{Second}}}}\n"
    job = await world.import_file(content.encode())
    assert (job["status"], counts(job)) == ("done", (2, 2, 0, 0))


async def test_a_record_that_stops_its_reader_costs_itself_alone(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(record: SourceRecord, says: ParsedFields) -> Any:
        if says.get("title") == "Rests that carers want":
            raise KeyError("what somebody told")
        return parse_work(record, says)

    monkeypatch.setattr(part_reader, "parse_work", stopped)
    job = await world.import_file(GOOD + OTHER + GOOD.replace(b"Breaks", b"Days"))
    assert (job["status"], counts(job)) == ("done", (3, 2, 0, 1))
    assert await refused(world, job) == [(2, part_reader.UNFORESEEN)]


async def test_entries_with_a_comma_between_them_are_each_read(world: EvidenceWorld) -> None:
    job = await world.import_file(
        b"@article{a, title = {First}}, @article{b, title = {Second}}; @misc{c, title = {Last}}"
    )
    assert counts(job) == (3, 3, 0, 0)


async def test_xml_may_claim_an_encoding_in_which_nothing_can_be_written(world: EvidenceWorld) -> None:
    title = "<title-group><article-title>Breaks</article-title></title-group>"
    article = f"<article><front><article-meta>{title}</article-meta></front></article>"
    job = await world.import_file(f'<?xml version="1.0" encoding="undefined"?>{article}'.encode())
    assert (job["status"], counts(job)) == ("done", (1, 1, 0, 0))


@pytest.mark.parametrize("end", ["\n", "\r", "\r\n"])
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        ("csv", ["title,year", "First,2020", "Second,2,2020"]),
        ("bibtex", ["@article{a,", "title={First}}", "@article{b,}"]),
        ("csl-json", ['[{"title":', '"First"},', '{"title":""}]']),
        ("jats", ["<articles>", "<article><front><article-meta></article-meta></front></article>", "<article/>"]),
        ("ris", ["TY  - JOUR", "ER  - ", "TY  - JOUR", "ER  - "]),
    ],
)
def test_the_line_of_a_record_is_told_however_lines_end(name: str, lines: list[str], end: str) -> None:
    content = end.join([*lines, ""]).encode()
    for sizes in ([len(content)], [64]):
        assert read(name, content, sizes)[-1].line == 3


@pytest.mark.parametrize("fill", [" ", "\t", "\n", ",", "1,", "- "])
@pytest.mark.parametrize(
    ("name", "record"),
    [
        ("ris", "TY  - JOUR\nTI  - A < b\nAB  - x < {} y\nER  - \n"),
        ("bibtex", "@article{{a, title={{A}}, abstract={{x < {0} y}}, author={{A {0} B}}, pages={{1{0}2}}}}"),
        ("bibtex", "@article{{a, title={{A}}, keywords={{a {0} b}}}}"),
        ("csv", 'title,abstract\nA,"x < {} y"\n'),
    ],
)
def test_the_cost_of_a_field_of_nothing_does_not_grow_with_its_square(name: str, record: str, fill: str) -> None:
    def read_and_understood(size: int) -> None:
        (record_,) = read(name, record.format(fill * (size // len(fill))).encode())
        parse(name, record_)

    assert growth_ratio(read_and_understood, 40_000) < MAX_LINEAR_RATIO


async def test_a_blank_line_behind_an_abstract_of_endnote_ends_no_record(world: EvidenceWorld) -> None:
    first = b"%0 Journal Article\n%T First\n%X One\n\nTwo\n\n%D 2020\n\n"
    job = await world.import_file(first + b"%0 Book\n%T Last\n")
    rows = await world.rows("SELECT title, details->>'published_on' AS year FROM items ORDER BY id")
    assert counts(job) == (2, 2, 0, 0)
    assert [tuple(row.values()) for row in rows] == [("First", "2020"), ("Last", None)]
