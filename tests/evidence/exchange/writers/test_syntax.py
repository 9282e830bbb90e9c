"""Texts that a format's own syntax would cut, swallow or change."""

import io
import re

import openpyxl
import pytest
from bibtexparser.entrypoint import parse_string

from services.evidence.exchange.writers import bibtex, csl, jsonld, tagged
from services.evidence.exchange.writers.exported_item import ExportedItem
from services.evidence.exchange.writers.formats import FORMATS
from services.evidence.exchange.writers.spreadsheets import COLUMNS, MAX_CELL_LENGTH, ItemWorkbook
from tests.evidence.exchange.writers.exported_items import exported_item

UNPAIRED = ["{", "}", "}{", "a {b} c}", "{{x}", "\\{", "0 to 10} and x_1 is 5%", "} @article{x,"]


def field(item: ExportedItem, name: str) -> str:
    """Return a field of the item's entry of BibTeX, as it is written between its delimiters."""
    value = re.search(rf"^  {name} = \{{(.*)\}},?$", bibtex.write_entry(item).decode(), re.MULTILINE)
    assert value is not None
    return value[1]


def is_balanced(value: str) -> bool:
    """Count as BibTeX does: a brace behind a backslash is a brace too."""
    depth = 0
    for brace in re.findall(r"[{}]", value):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            return False
    return depth == 0


@pytest.mark.parametrize("text", UNPAIRED)
def test_a_brace_without_its_partner_does_not_cost_the_rest_of_the_bibtex(text: str) -> None:
    odd = exported_item(
        1,
        title=text,
        summary=text,
        details={
            "authors": [f"{text}, Ada", text],
            "published_in": text,
            "keywords": [text],
            "url": f"https://example.org/{text}",
        },
    )
    for name in ("title", "abstract", "author", "booktitle", "keywords", "url"):
        assert is_balanced(field(odd, name)), name
    library = parse_string(FORMATS["bibtex"].write_page([odd, exported_item(2, title="The next")], first=True).decode())
    assert [entry.fields_dict["title"].value for entry in library.entries][1:] == ["The next"]
    assert not library.failed_blocks


def test_paired_braces_are_written_as_every_reader_knows_them_and_others_by_their_names() -> None:
    assert field(exported_item(title="a {b} c"), "title") == r"a \{b\} c"
    assert field(exported_item(title="a {b c"), "title") == r"a \textbraceleft{}b c"
    assert field(exported_item(title="a } b {c}"), "title") == r"a \textbraceright{} b \{c\}"


def test_tex_makes_no_other_characters_of_what_is_written() -> None:
    assert field(exported_item(title="a -- b --- c ``d'' ?` x,,y"), "title") == (
        "a -{}- b -{}-{}- c `{}`d'{}' ?{}` x,{},y"
    )
    assert field(exported_item(details={"pages": "1-9"}), "pages") == "1--9"


def test_a_url_in_bibtex_is_the_url() -> None:
    url = "https://example.org/a?b={c}&d=%20#e_f"
    assert field(exported_item(details={"url": url}), "url") == url


def test_keywords_with_commas_are_separated_by_semicolons() -> None:
    item = exported_item(details={"keywords": ["home care", "carers, unpaid"]})
    assert field(item, "keywords") == csl.entry_of(item)["keyword"] == "home care; carers, unpaid"
    plain = exported_item(details={"keywords": ["home care", "carers"]})
    assert field(plain, "keywords") == csl.entry_of(plain)["keyword"] == "home care, carers"


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x1f", "\x85", "\u2028", "\r\n", "\t"])
def test_words_on_two_lines_stay_two_words(separator: str) -> None:
    content = tagged.write_ris(exported_item(title=f"one{separator}two")).decode()
    assert "TI  - one two\r\n" in content


def test_what_cannot_be_printed_joins_nothing_and_shows_nowhere() -> None:
    assert "TI  - onetwo\r\n" in tagged.write_ris(exported_item(title="one\x07\x1b\x80\uffff\ufffetwo")).decode()


def test_a_record_of_endnote_has_one_empty_line_and_it_is_the_last() -> None:
    content = FORMATS["endnote"].write_page([exported_item(1), exported_item(2)], first=True)
    assert b"\r" not in content
    assert [record[:3] for record in content.split(b"\n\n")] == [b"%0 ", b"%0 ", b""]


@pytest.mark.parametrize(
    ("date", "lines"), [("2019", []), ("2019-04", ["%8 Apr"]), ("2019-04-09", ["%8 Apr 9"]), (None, [])]
)
def test_the_date_of_endnote_does_not_say_the_year_again(date: str | None, lines: list[str]) -> None:
    content = tagged.write_endnote(exported_item(details={"published_on": date})).decode()
    assert [line for line in content.splitlines() if line.startswith("%8")] == lines


def test_json_ld_has_a_volume_and_an_issue_whose_journal_is_not_known() -> None:
    node = jsonld.node_of(exported_item(details={"volume": "12", "issue": "3"}))
    assert node["isPartOf"] == {
        "@type": "PublicationIssue",
        "issueNumber": "3",
        "isPartOf": {"@type": "PublicationVolume", "volumeNumber": "12"},
    }


@pytest.mark.parametrize(
    "text", ["w" * 32_767, "\U0001f600" * 16_383, "w" * 32_768, "\U0001f600" * 16_384, "w\U0001f600" * 20_000]
)
def test_a_cell_is_as_long_as_spreadsheets_count_and_is_cut_between_characters(text: str, tmp_path: object) -> None:
    file = io.BytesIO()
    workbook = ItemWorkbook(file, str(tmp_path))
    workbook.add([exported_item(summary=text)])
    workbook.close()
    sheet = openpyxl.load_workbook(file).worksheets[0]
    cell = str(sheet.cell(2, COLUMNS.index("summary") + 1).value)
    length = len(text.encode("utf-16-le")) // 2
    assert len(cell.encode("utf-16-le")) // 2 <= MAX_CELL_LENGTH
    assert cell == text if length <= MAX_CELL_LENGTH else cell.endswith("\u2026") and text.startswith(cell[:-1])
