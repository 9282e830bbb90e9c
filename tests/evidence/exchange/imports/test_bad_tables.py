"""Tables and texts with quotation marks, brackets and endings that no standard foresees."""

import pytest

from tests.evidence.exchange.imports.test_bad_input import refused, titles
from tests.evidence.exchange.readers.test_readers import read
from tests.evidence.world import EvidenceWorld, counts


async def test_a_cell_that_would_be_a_formula_stays_the_text_that_it_is(world: EvidenceWorld) -> None:
    cells = ["=HYPERLINK(A1)", "+44 20", "-5 degrees of support", "@carers"]
    await world.import_file(("title\n" + "".join(f'"{cell}"\n' for cell in cells)).encode())
    assert await titles(world) == cells


async def test_a_row_with_more_cells_than_columns_is_refused_and_the_rest_is_imported(world: EvidenceWorld) -> None:
    job = await world.import_file(b"title,year\nFirst,2020\nSecond, with a comma,2020\nLast,2021\n")
    assert counts(job) == (3, 2, 0, 1)
    assert await refused(world, job) == [(2, "It has 3 cells, but the first row names 2 columns.")]


@pytest.mark.parametrize("following", [b"Third,2021\nFourth,2020\n", b'Third,2021\n"Fourth",2020\n', b'"Third",2021\n'])
async def test_a_quotation_mark_that_is_never_closed_costs_its_own_row(world: EvidenceWorld, following: bytes) -> None:
    job = await world.import_file(b'title,year\nFirst,2020\n"Second,2020\n' + following)
    rows = following.count(b"\n")
    assert counts(job) == (2 + rows, 1 + rows, 0, 1)
    assert await refused(world, job) == [(2, "It has a quotation mark that is never closed.")]
    assert await titles(world) == ["First", "Third", "Fourth"][: 1 + rows]


async def test_a_cell_of_many_lines_stays_one_cell_however_its_marks_are_written(world: EvidenceWorld) -> None:
    cells = (b'"one\ntwo ""three"",\n""four"" words"', b'"one\nthe so called "care" gap"', b'"one\ncut off')
    for number, cell in enumerate(cells):
        job = await world.import_file(b"title,year,abstract\nWork %d,2020," % number + cell)
        assert counts(job) == (1, 1, 0, 0)


def test_rows_behind_an_open_mark_are_read_however_many_they_are_and_a_long_cell_is_none() -> None:
    rows = b"".join(b"Row %d,2020\n" % number for number in range(100_000))
    records = read("csv", b'title,year\n"Open,2020\n' + rows, [262_144])
    assert [records[0].error, len(records)] == ["It has a quotation mark that is never closed.", 100_001]
    assert (records[-1].fields["title"], records[-1].line) == ("Row 99999", 100_002)
    cell = b'"' + b"a line of a cell\n" * 100_000 + b'",2020\n'
    records = read("csv", b"title,year\n" + cell + b"Last,2020\n", [262_144])
    assert [(record.line, record.too_long) for record in records] == [(2, True), (100_003, False)]


@pytest.mark.parametrize("text", [b'He said "yes\nand no" to it\n', b'5" | "a\nb" c, d\n'])
async def test_a_text_with_quotation_marks_is_told_from_a_table(world: EvidenceWorld, text: bytes) -> None:
    assert (await world.send(text)).status_code == 422


async def test_a_quotation_mark_within_a_column_name_is_its_text(world: EvidenceWorld) -> None:
    job = await world.import_file(b'title,width of 5" pipes\nFirst,2\nSecond,3\n')
    assert counts(job) == (2, 2, 0, 0)


async def test_a_sign_beyond_ascii_may_stand_between_cells(world: EvidenceWorld) -> None:
    job = await world.import_file("sep=§\ntitle§year\nCafé§2020\n".encode("cp1252"), format="csv")
    assert (counts(job), await titles(world)) == ((1, 1, 0, 0), ["Café"])


async def test_tables_put_behind_each_other_are_read_without_their_headings(world: EvidenceWorld) -> None:
    first = "Title,Year\r\nFirst,2020\r\n".encode("utf-8-sig")
    job = await world.import_file(first + first.replace(b"First", b"Last"))
    assert (counts(job), await titles(world)) == ((2, 2, 0, 0), ["First", "Last"])
