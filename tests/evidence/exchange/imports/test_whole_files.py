"""What only a whole file shows, in a file that is read in parts: the order of names, and what entries inherit."""

import pytest

from services.evidence.exchange.imports import part_reader
from services.evidence.exchange.imports.jobs import ImportProcessor
from services.evidence.exchange.imports.part_reader import ReadAhead
from tests.evidence.world import EvidenceWorld, counts
from tests.support.callers import EDITOR

RIS = b"TY  - JOUR\nTI  - %b\nAU  - %b\nPY  - 2014\nER  - \n\n"
CHILD = b"@incollection{c%d, title={On the tides of %d}, author={Okoro, Ada}, crossref={shore}}\n"
PARENT = b"@book{shore, title={The shore}, year=2015, publisher={A press}}\n"


@pytest.fixture
def parts_of_two(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(part_reader, "MAX_PART_RECORDS", 2)


@pytest.mark.usefixtures("parts_of_two")
@pytest.mark.parametrize("reads_ahead", [True, False])
async def test_names_are_judged_over_all_parts_and_an_import_says_how_many_stay_unclear(
    world: EvidenceWorld, reads_ahead: bool
) -> None:
    names = (b"Marsh Cy", b"Lind, Bo", b"Okoro Ada B", b"Okoro, Ada", b"Lind Bo", b"Ministry of Tides")
    sent = await world.send(
        b"".join(RIS % (b"Tides that were seen %d times" % n, name) for n, name in enumerate(names))
    )
    ahead = ReadAhead(world.database)
    processor = ImportProcessor(ahead.read_part) if reads_ahead else ImportProcessor()
    while await processor.process_next_part(world.database):
        pass
    await ahead.stop()
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert counts(job) == (6, 6, 0, 0)
    assert [problem[:41] for problem in job["problems"]] == ["1 name without a comma is kept as written"]
    rows = await world.rows("SELECT details->'authors'->>0 AS author FROM items ORDER BY id")
    assert [row["author"] for row in rows] == [
        "Marsh Cy",  # nothing had shown the order by then
        "Lind, Bo",
        "Okoro, Ada B",
        "Okoro, Ada",
        "Lind, Bo",
        "Ministry of Tides",
    ]


@pytest.mark.usefixtures("parts_of_two")
@pytest.mark.parametrize("reads_ahead", [True, False])
async def test_a_chapter_inherits_from_a_book_in_a_later_part(world: EvidenceWorld, reads_ahead: bool) -> None:
    filler = b"@comment{" + b"x" * 70_000 + b"}\n"
    children = b"".join(CHILD % (number, number) for number in range(3))
    sent = await world.send(children + filler + PARENT + CHILD % (3, 3))
    ahead = ReadAhead(world.database)
    processor = ImportProcessor(ahead.read_part) if reads_ahead else ImportProcessor()
    while await processor.process_next_part(world.database):
        pass
    await ahead.stop()
    assert counts(await world.json(EDITOR, "GET", sent.headers["location"])) == (5, 5, 0, 0)
    rows = await world.rows(
        "SELECT details->>'published_in' AS book, details->>'published_on' AS year, details->>'publisher' AS publisher "
        "FROM items WHERE details->>'kind' = 'chapter'"
    )
    assert [tuple(row.values()) for row in rows] == [("The shore", "2015", "A press")] * 4
