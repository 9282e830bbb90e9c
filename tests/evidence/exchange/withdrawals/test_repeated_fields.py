"""What another import or harvest that stands states too stays when an import is withdrawn, and is credited to it."""

from tests.evidence.exchange.harvests.provider import harvested, page, pages, provider, work
from tests.evidence.exchange.imports.matches.records import BY_DOI, FILLED_FIELDS, POOR, RICH, drafts, records, ris
from tests.evidence.exchange.withdrawals.test_withdrawals import preview, withdrawn
from tests.evidence.world import EvidenceWorld, counts

RICHER = RICH.replace(b"VL  - 2\n", b"VL  - 2\nIS  - 4\n")


async def test_fields_that_another_import_states_too_stay_and_are_credited_to_it(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    first, second = await world.import_file(RICH), await world.import_file(RICHER)
    (before,) = await drafts(world)
    (record,) = await records(world, second)
    assert record["fields"] == ["issue"]
    preview_of_first = await preview(world, first)
    assert (preview_of_first["takes_back"], preview_of_first["fields_stay"]) == (0, {"another_import": 6})
    assert (await withdrawn(world, first))["taken_back"] == 0
    (item,) = await drafts(world)
    assert {name: item[name] for name in (*FILLED_FIELDS, "issue")} == {
        name: before[name] for name in (*FILLED_FIELDS, "issue")
    }
    (record,) = await records(world, second)
    assert record["fields"] == sorted([*FILLED_FIELDS, "issue"])
    assert counts(await world.import_file(BY_DOI)) == (1, 0, 1, 0)
    assert (await withdrawn(world, second))["taken_back"] == 6
    (item,) = await drafts(world)
    assert (item["summary"], item["keywords"], item["volume"]) == ("", [], None)
    assert before["identifiers"][0] in item["identifiers"], "the third import states it"


async def test_of_identifiers_those_stay_that_another_import_states_too(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    doi, issn = {"scheme": "doi", "value": "10.5555/enrich.1"}, {"scheme": "issn", "value": "1234-5679"}
    first = await world.import_file(ris(DO="10.5555/enrich.1", SN="1234-5679"))
    second = await world.import_file(ris(DO="10.5555/enrich.1"))
    (item,) = await drafts(world)
    assert item["identifiers"] == [doi, issn]
    await withdrawn(world, first)
    (item,) = await drafts(world)
    assert item["identifiers"] == [doi]
    assert counts(await world.import_file(BY_DOI.replace(b"SN  - 1234-5679\n", b""))) == (1, 0, 1, 0)
    (record,) = await records(world, second)
    assert record["identifiers"] == [doi]


async def test_what_only_withdrawn_imports_state_goes(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    first, second = await world.import_file(RICH), await world.import_file(RICHER)
    await withdrawn(world, second)
    assert (await withdrawn(world, first))["taken_back"] == 6
    assert await world.rows("SELECT 1 FROM repeated_fields") == []
    (item,) = await drafts(world)
    assert (item["identifiers"], item["volume"]) == ([], None)


async def test_fields_that_a_harvest_states_too_stay(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    first = await world.import_file(RICH)
    summary = "This abstract came with the second file."
    record = work(
        "oai:a:1", "Enrichment on match: an invented record", identifier="doi:10.5555/enrich.1", description=summary
    )
    async with provider(pages(page(record))) as source:
        await harvested(world, source.url)
    assert (await preview(world, first))["fields_stay"] == {"harvested": 2}
    await withdrawn(world, first)
    (item,) = await drafts(world)
    assert (item["summary"], item["volume"]) == (summary, None)
    assert [identifier["value"] for identifier in item["identifiers"]] == ["10.5555/enrich.1"]
