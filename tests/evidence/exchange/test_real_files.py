"""Every RIS file of the real data. The counts were made by hand: records by their TY lines, those without a title are
rejected, and those whose title, author and year came before in the same file are matched."""

import pytest

from tests.evidence.world import World, counts, data

DEMO = ("asreview", "tests", "demo_data")
RISPY = ("rispy", "tests", "data")
FILES: dict[tuple[str, ...], tuple[int, int, int, int]] = {
    (*DEMO, "_baseline.ris"): (100, 100, 0, 0),
    (*DEMO, "baseline_empty_values.ris"): (4, 1, 1, 2),
    (*DEMO, "baseline_reference_types.ris"): (61, 0, 0, 61),
    (*DEMO, "baseline_tag-notes.ris"): (12, 1, 0, 11),
    (*DEMO, "baseline_tag-notes_labels.ris"): (32, 5, 27, 0),
    (*DEMO, "baseline_tag-notes_zotero.ris"): (4, 1, 3, 0),
    (*DEMO, "baseline_tag_and_field_definitions.ris"): (1, 1, 0, 0),
    (*DEMO, "baseline_tag_and_field_definitions_lists.ris"): (1, 0, 0, 1),
    (*DEMO, "baseline_zotero.ris"): (100, 100, 0, 0),
    (*DEMO, "embase.ris"): (6, 6, 0, 0),
    (*DEMO, "faulty_year.ris"): (1, 1, 0, 0),
    (*DEMO, "ovid_psycinfo.ris"): (6, 6, 0, 0),
    (*DEMO, "ovid_zotero.ris"): (6, 6, 0, 0),
    (*DEMO, "proquest.ris"): (6, 6, 0, 0),
    (*DEMO, "pubmed_endnote.txt"): (6, 6, 0, 0),
    (*DEMO, "pubmed_zotero.ris"): (6, 6, 0, 0),
    (*DEMO, "ris_issue_1099.txt"): (7, 7, 0, 0),
    (*DEMO, "ris_issue_992.txt"): (19, 19, 0, 0),
    (*DEMO, "scopus.ris"): (6, 6, 0, 0),
    (*DEMO, "web_of_science.txt"): (10, 10, 0, 0),
    ("asreview", "asreview", "webapp", "tests", "data", "ris_many_authors.ris"): (1, 1, 0, 0),
    (*RISPY, "example_basic.ris"): (1, 1, 0, 0),
    (*RISPY, "example_bom.ris"): (1, 0, 0, 1),
    (*RISPY, "example_custom_list_tags.ris"): (1, 0, 0, 1),
    (*RISPY, "example_empty_tag.ris"): (1, 1, 0, 0),
    (*RISPY, "example_extraneous_data.ris"): (2, 2, 0, 0),
    (*RISPY, "example_full.ris"): (2, 2, 0, 0),
    (*RISPY, "example_full_without_whitespace.ris"): (2, 2, 0, 0),
    (*RISPY, "example_full_write.ris"): (2, 2, 0, 0),
    (*RISPY, "example_multi_unknown_tags.ris"): (1, 1, 0, 0),
    (*RISPY, "example_multiline.ris"): (3, 0, 0, 3),
    (*RISPY, "example_single_unknown_tag.ris"): (1, 1, 0, 0),
    (*RISPY, "example_starting_newlines.ris"): (1, 1, 0, 0),
    (*RISPY, "example_urls.ris"): (4, 1, 3, 0),
    (*RISPY, "example_utf_chars.ris"): (1, 1, 0, 0),
}


def test_no_ris_file_of_the_real_data_is_left_out() -> None:
    present = {path.name for folder in (DEMO, RISPY) for path in data(*folder).glob("*.ris")}
    present |= {path.name for path in data(*DEMO).glob("*.txt")}
    assert present == {parts[-1] for parts in FILES} - {"ris_many_authors.ris"} | {"example_wos.ris"}


@pytest.mark.parametrize("parts", FILES, ids=lambda parts: parts[-1])
async def test_a_real_file_is_imported_and_its_counts_add_up(world: World, parts: tuple[str, ...]) -> None:
    content = data(*parts).read_bytes()
    first = await world.import_file(content)
    assert (first["status"], counts(first)) == ("done", FILES[parts])
    assert first["done"] == first["total"] == len(content)
    again = await world.import_file(content)
    read, created, matched, rejected = FILES[parts]
    assert counts(again) == (read, 0, created + matched, rejected)
    held = await world.rows("SELECT count(*) AS number FROM items")
    assert held[0]["number"] == created


async def test_all_real_files_together_hold_each_work_once(world: World) -> None:
    for parts in FILES:
        await world.import_file(data(*parts).read_bytes())
    created = (await world.rows("SELECT sum(created) AS number FROM imports"))[0]["number"]
    assert (await world.rows("SELECT count(*) AS number FROM items"))[0]["number"] == created
    # Ovid's export and Zotero's of the same six articles; Zotero's of PubMed's stands for other articles.
    matched = await world.rows("SELECT file_name, matched FROM imports ORDER BY id")
    zotero = list(FILES).index((*DEMO, "ovid_zotero.ris"))
    assert matched[zotero]["matched"] == 6
