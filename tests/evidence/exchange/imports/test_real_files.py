"""Every file of the real data in a format that is read. The counts were made by hand: records by how each begins, those
without a title are rejected, and those whose identifier, or title, author and year, came before in the same file are
matched. Of CoLRev's file of 21 duplicates and others, 19 works are left by its own expectation too.
"""

import pytest
from sqlalchemy import text

from tests.evidence.world import DATA, EvidenceWorld, counts, data

DEMO = ("asreview", "tests", "demo_data")
RISPY = ("rispy", "tests", "data")
COLREV = ("colrev", "tests")
LOADER = (*COLREV, "2_loader", "data")
SEARCH_FILES = (*COLREV, "data", "search_files")
SEARCHES = (*COLREV, "review_manager", "3_packages_search", "data")
CROSSREF = (*COLREV, "3_packages_search", "data_crossref")
Counts = tuple[int, int, int, int]
EXPORTS = {
    "abi_inform_proquest_bib": 2,
    "acm_bib": 2,
    "crossref_bib": 1,
    "dblp_bib": 2,
    "ebsco_bib": 2,
    "europe_pmc_bib": 2,
    "files_dir_bib": 3,
    "scopus_bib": 11,
    "taylor_and_francis_bib": 2,
    "unknown_source_bib": 1,
    "web_of_science_bib": 2,
    "wiley_bib": 2,
}
RESULTS = EXPORTS | {
    "abi_inform_proquest_ris": 2,
    "ais_enl": 6,
    "eric_nbib": 1,
    "google_scholar": 7,
    "ieee_csv": 2,
    "ieee_ris": 2,
    "jstor_ris": 4,
    "psycinfo_ris": 1,
    "pubmed_csv": 1,
    "springer_csv": 1,
    "trid_ris": 3,
}
FILES: dict[str, dict[tuple[str, ...], Counts]] = {
    "ris": {
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
        (*LOADER, "ris_data.ris"): (2, 2, 0, 0),
        (*SEARCHES, "abi_inform_proquest_ris.ris"): (2, 2, 0, 0),
        (*SEARCHES, "ieee_ris.ris"): (2, 2, 0, 0),
        (*SEARCHES, "jstor_ris.ris"): (4, 4, 0, 0),
        (*SEARCHES, "psycinfo_ris.ris"): (1, 1, 0, 0),
        (*SEARCHES, "trid_ris.ris"): (3, 3, 0, 0),
    },
    "web-of-science": {(*RISPY, "example_wos.ris"): (2, 2, 0, 0)},
    "csv": {
        (*DEMO, "duplicate_records.csv"): (14, 9, 1, 4),
        (*DEMO, "embase.csv"): (6, 6, 0, 0),
        (*DEMO, "embase_newpage.csv"): (6, 6, 0, 0),
        (*DEMO, "generic.csv"): (2, 2, 0, 0),
        (*DEMO, "generic_bad_record_id.csv"): (6, 2, 4, 0),
        (*DEMO, "generic_column_names_with_spaces.csv"): (2, 2, 0, 0),
        (*DEMO, "generic_labels.csv"): (6, 2, 4, 0),
        (*DEMO, "generic_labels_no_abs.csv"): (6, 2, 4, 0),
        (*DEMO, "generic_labels_no_title.csv"): (6, 0, 0, 6),
        (*DEMO, "generic_partial_labels.csv"): (6, 2, 4, 0),
        (*DEMO, "generic_semicolon.csv"): (2, 2, 0, 0),
        (*DEMO, "generic_tab.csv"): (2, 2, 0, 0),
        (*DEMO, "generic_tab.tab"): (2, 2, 0, 0),
        (*DEMO, "generic_tab.tsv"): (2, 2, 0, 0),
        (*DEMO, "missing_values.csv"): (4, 1, 1, 2),
        (*DEMO, "record_id.csv"): (10, 10, 0, 0),
        (*LOADER, "csv_data.csv"): (2, 1, 1, 0),
        (*SEARCH_FILES, "pubmed-chatbot.csv"): (6, 6, 0, 0),
        (*SEARCHES, "ieee_csv.csv"): (2, 2, 0, 0),
        (*SEARCHES, "pubmed_csv.csv"): (1, 1, 0, 0),
        (*SEARCHES, "springer_csv.csv"): (1, 1, 0, 0),
        ("nagtegaal", "Nagtegaal_2019.csv"): (2019, 2009, 10, 0),
    },
    "bibtex": {
        (*LOADER, "bib_data.bib"): (6, 6, 0, 0),
        (*LOADER, "enl_data_expected.bib"): (3, 3, 0, 0),
        (*COLREV, "data", "dedupe", "records.bib"): (21, 19, 2, 0),
        (*COLREV, "data", "dedupe", "records_expected.bib"): (19, 19, 0, 0),
        (*SEARCH_FILES, "crossref_feed.bib"): (3, 3, 0, 0),
        (*SEARCH_FILES, "pubmed-chatbot-expected.bib"): (6, 6, 0, 0),
        (*SEARCH_FILES, "test_records.bib"): (1, 1, 0, 0),
        **{(*SEARCHES, f"{name}.bib"): (number, number, 0, 0) for name, number in EXPORTS.items()},
        **{(*SEARCHES, f"{name}_result.bib"): (number, number, 0, 0) for name, number in RESULTS.items()},
    },
    "csl-json": {
        (*SEARCHES, "google_scholar.json"): (7, 7, 0, 0),
        (*COLREV, "3_packages_search", "api_output", "eric", "blockchain.json"): (1, 1, 0, 0),
        (*CROSSREF, "10.1177_02683962211048201.json"): (1, 1, 0, 0),
        (*CROSSREF, "10.17705_1cais.04607.json"): (1, 1, 0, 0),
        (*CROSSREF, "10.2196_22081.json"): (1, 1, 0, 0),
    },
    "pubmed": {
        (*LOADER, "nbib_data.nbib"): (1, 1, 0, 0),
        (*SEARCHES, "eric_nbib.nbib"): (1, 1, 0, 0),
    },
    "endnote": {
        (*LOADER, "enl_data.enl"): (3, 3, 0, 0),
        (*SEARCHES, "ais_enl.txt"): (6, 6, 0, 0),
    },
}
OTHERS = {"md_data.md", "xlsx_data.xlsx", "test_cases.json", "csl-citation.json", "csl-data.json", "mapping.txt"}
"""A list of references in prose, a workbook, pairs of records, schemas, and addresses of answers that were recorded."""


def test_no_file_of_the_real_data_is_left_out() -> None:
    data("asreview")
    endings = {".ris", ".txt", ".csv", ".tab", ".tsv", ".bib", ".json", ".nbib", ".enl", ".md", ".xlsx"}
    present = {path for path in DATA.rglob("*") if path.suffix in endings and path.name not in OTHERS}
    assert present == {DATA.joinpath(*parts) for files in FILES.values() for parts in files}


async def emptied(world: EvidenceWorld) -> None:
    async with world.database.engine.begin() as connection:
        await connection.execute(text("TRUNCATE items, imports CASCADE"))


@pytest.mark.parametrize("format", FILES)
async def test_real_files_are_imported_and_their_counts_add_up(world: EvidenceWorld, format: str) -> None:
    results: dict[str, tuple[str, str, Counts]] = {}
    again: dict[str, Counts] = {}
    for parts in FILES[format]:
        content = data(*parts).read_bytes()
        await emptied(world)
        first = await world.import_file(content)
        results[parts[-1]] = (first["status"], first["format"], counts(first))
        assert first["done"] == first["total"] == len(content)
        again[parts[-1]] = counts(await world.import_file(content))
    assert results == {parts[-1]: ("done", format, expected) for parts, expected in FILES[format].items()}
    assert again == {
        parts[-1]: (read, 0, created + matched, rejected)
        for parts, (read, created, matched, rejected) in FILES[format].items()
    }


async def test_all_real_files_together_hold_each_work_once(world: EvidenceWorld) -> None:
    for parts in FILES["ris"]:
        await world.import_file(data(*parts).read_bytes())
    created = (await world.rows("SELECT sum(created) AS number FROM imports"))[0]["number"]
    assert (await world.rows("SELECT count(*) AS number FROM items"))[0]["number"] == created
    # Ovid's export and Zotero's of the same six articles; Zotero's of PubMed's stands for other articles.
    matched = await world.rows("SELECT file_name, matched FROM imports ORDER BY id")
    zotero = list(FILES["ris"]).index((*DEMO, "ovid_zotero.ris"))
    assert matched[zotero]["matched"] == 6


async def test_the_same_works_in_two_formats_are_matched(world: EvidenceWorld) -> None:
    await world.import_file(data(*SEARCH_FILES, "pubmed-chatbot.csv").read_bytes())
    assert counts(await world.import_file(data(*SEARCH_FILES, "pubmed-chatbot-expected.bib").read_bytes())) == (
        6,
        0,
        6,
        0,
    )


async def test_an_encoding_of_two_bytes_changes_nothing(world: EvidenceWorld) -> None:
    content = data(*SEARCHES, "jstor_ris.ris").read_bytes()
    await world.import_file(content)
    assert counts(await world.import_file(content.decode("utf-8-sig").encode("utf-16"))) == (4, 0, 4, 0)
