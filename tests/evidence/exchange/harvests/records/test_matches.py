"""A harvested record that matches does what an imported one does, and what records fill is nobody's change."""

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.evidence.exchange.harvests import jobs
from services.evidence.exchange.harvests.rules import RecordCounts
from services.evidence.library.items.queries import lock_item
from shared.callers import Caller
from shared.persistence.tables import new_id
from tests.evidence.exchange.harvests.provider import (
    again,
    counts,
    harvested,
    items,
    page,
    pages,
    provider,
    quarantine,
    record,
    run_all,
    work,
)
from tests.evidence.exchange.imports.matches.records import POOR, conflicts, ris
from tests.evidence.exchange.withdrawals.test_withdrawals import preview, withdrawn
from tests.evidence.world import ACCOUNT, EvidenceWorld
from tests.evidence.world import counts as import_counts
from tests.support.callers import CARER, EDITOR

TITLE = "Enrichment on match: an invented record"
DOI = {"scheme": "doi", "value": "10.5555/enrich.1"}
PARTNER = Caller(new_id(), "client", scopes=frozenset({"evidence:write", "evidence:read"}))


def rich(name: str = "a:1", **more: str) -> str:
    """The work of `POOR`, with what that lacks."""
    payload = {"title": TITLE, "creator": "Example, Enrich", "date": "2018", "identifier": "doi:10.5555/enrich.1"}
    return record(name, *(payload | {"description": "An abstract.", "subject": "care"} | more).items())


async def item_of(world: EvidenceWorld) -> dict[str, Any]:
    (row,) = await items(world)
    return await world.json(EDITOR, "GET", f"/v1/evidence/{row['id']}")


async def patch(world: EvidenceWorld, item: dict[str, Any], **changes: Any) -> None:
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item['id']}", changes, If_Match="*")


async def records_of(world: EvidenceWorld, harvest: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
    return (await world.json(EDITOR, "GET", f"/v1/harvests/{harvest['id']}/records{query}"))["items"]


async def test_a_harvested_record_gives_the_item_that_it_matches_what_that_lacks(world: EvidenceWorld) -> None:
    job = await world.import_file(POOR, publish="true")
    async with provider(pages(page(rich(), work("a:2")))) as source:
        harvest = await harvested(world, source.url)
        run = harvest["last_run"]
        assert (counts(run), run["enriched"], run["conflicts"]) == ((2, 1, 1, 0, 0, 0), 1, 0)
        assert counts(await again(world, harvest)) == (2, 0, 2, 0, 0, 0)
    (row, _) = await items(world)
    item = await world.json(EDITOR, "GET", f"/v1/evidence/{row['id']}")
    assert (item["summary"], item["keywords"], item["identifiers"]) == ("An abstract.", ["care"], [DOI])
    assert (item["status"], item["edition"]) == ("published", 2)
    assert import_counts(await world.import_file(ris(TI="Another title", DO="10.5555/enrich.1"))) == (1, 0, 1, 0)
    matched, created = await records_of(world, harvest)
    assert (matched["number"], matched["identifier"], matched["outcome"]) == (1, "a:1", "matched")
    assert matched["item_title"] == item["title"]
    assert (matched["run_id"], matched["item_id"], matched["item_status"]) == (run["id"], item["id"], "published")
    assert (matched["fields"], matched["identifiers"]) == (["identifiers", "keywords", "summary"], [DOI])
    assert (created["outcome"], created["fields"]) == ("created", [])
    assert await records_of(world, harvest, "?outcome=matched") == [matched]
    brought, filled, _ = (await world.json(EDITOR, "GET", f"/v1/evidence/{item['id']}/records"))["items"]
    assert (brought["import_id"], brought["outcome"], brought["fields"]) == (job["id"], "created", [])
    assert (filled["harvest_id"], filled["identifier"], filled["fields"]) == (
        harvest["id"],
        "a:1",
        ["identifiers", "keywords", "summary"],
    )
    audited = await world.rows("SELECT actor, after FROM audit_entries WHERE action = 'enriched'")
    assert [(entry["actor"], entry["after"]["harvest"]) for entry in audited] == [(EDITOR.id, harvest["id"])]


async def test_where_a_harvested_record_differs_an_editor_decides(world: EvidenceWorld) -> None:
    await world.import_file(ris(DO="10.5555/enrich.1", AB="What this library says of it, at some length."))
    async with provider(pages(page(rich()))) as source:
        harvest = await harvested(world, source.url)
    assert (harvest["last_run"]["enriched"], harvest["last_run"]["conflicts"]) == (1, 1)
    (conflict,) = await conflicts(world, f"?harvest={harvest['id']}")
    assert (conflict["import_id"], conflict["harvest_id"], conflict["number"]) == (None, harvest["id"], 1)
    assert (conflict["field"], conflict["record"]) == ("summary", "An abstract.")
    assert [row["conflicts"] for row in await records_of(world, harvest)] == [["summary"]]
    address = f"/v1/import-conflicts/{conflict['id']}"
    tag = (await world.call(EDITOR, "GET", address)).headers["etag"]
    await world.json(EDITOR, "POST", f"{address}/decide", {"value": "record"}, If_Match=tag)
    assert (await item_of(world))["summary"] == "An abstract."


async def test_what_a_harvest_filled_and_somebody_emptied_is_offered_when_its_record_changes(
    world: EvidenceWorld,
) -> None:
    await world.import_file(POOR)
    async with provider(pages(page(rich()))) as source:
        harvest = await harvested(world, source.url)
        await patch(world, await item_of(world), summary="")
        source.answers = pages(page(rich(publisher="A press")))
        run = await again(world, harvest)
    assert (counts(run), run["enriched"], run["conflicts"]) == ((1, 0, 1, 0, 0, 0), 1, 1)
    item = await item_of(world)
    assert (item["summary"], item["publisher"]) == ("", "A press")
    assert [(row["number"], row["fields"]) for row in await records_of(world, harvest)][1] == (2, ["publisher"])
    assert [conflict["field"] for conflict in await conflicts(world)] == ["summary"]


async def test_what_a_source_says_otherwise_of_what_people_here_changed_is_offered(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1")))) as source:
        harvest = await harvested(world, source.url)
        await patch(world, await item_of(world), title="A title of our own")
        source.answers = pages(page(work("a:1", "What the source says today", publisher="A press")))
        run = await again(world, harvest)
    assert (counts(run), run["enriched"]) == ((1, 0, 1, 0, 0, 0), 0)
    assert sorted(conflict["field"] for conflict in await conflicts(world)) == ["publisher", "title"]
    item = await item_of(world)
    assert (item["title"], item["publisher"]) == ("A title of our own", None)


async def test_a_partners_harvest_fills_nothing_of_others_and_shows_its_records_to_nobody_else(
    world: EvidenceWorld,
) -> None:
    await world.import_file(POOR)
    world.app.state.settings.harvest_private_addresses = True
    async with provider(pages(page(rich()))) as source:
        harvest = await world.json(PARTNER, "POST", "/v1/harvests", {"base_url": source.url})
        await run_all(world)
    assert (await item_of(world))["summary"] == ""
    assert sorted(conflict["field"] for conflict in await conflicts(world)) == ["identifiers", "keywords", "summary"]
    path = f"/v1/harvests/{harvest['id']}/records"
    other = Caller(new_id(), "client", scopes=PARTNER.scopes)
    statuses = [(await world.call(caller, "GET", path)).status_code for caller in (PARTNER, EDITOR, other, CARER)]
    assert statuses == [200, 200, 404, 403]


async def test_what_an_import_filled_of_a_harvested_item_is_nobodys_change(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1", TITLE, creator="Example, Enrich", date="2018")))) as source:
        harvest = await harvested(world, source.url)
        lines = {"DO": "10.5555/enrich.1", "AB": "From the file.", "VL": "2", "DA": "2018/05/12"}
        job = await world.import_file(ris(**lines))
        assert job["enriched"] == 1
        date = (await item_of(world))["published_on"]
        assert date == "2018-05-12"
        source.answers = pages(
            page(work("a:1", TITLE, creator="Example, Enrich", date="2018", publisher="P", description="The source's."))
        )
        run = await again(world, harvest)
        assert counts(run) == (1, 0, 0, 1, 0, 0)
        item = await item_of(world)
        assert (item["publisher"], item["summary"]) == ("P", "The source's.")
        assert (item["volume"], item["identifiers"], item["published_on"]) == ("2", [DOI], date)
        assert [row["outcome"] for row in await records_of(world, harvest)] == ["created", "changed"]
        assert (await preview(world, job))["fields_stay"] == {"changed": 1}
        await withdrawn(world, job)
        item = await item_of(world)
        assert (item["volume"], item["identifiers"], item["published_on"]) == (None, [], "2018")
        source.answers = pages(page(work("a:1", "The source's new title", creator="Example, Enrich", date="2018")))
        assert counts(await again(world, harvest)) == (1, 0, 0, 1, 0, 0)
    assert (await item_of(world))["title"] == "The source's new title"


async def test_what_the_source_says_by_now_stays_when_the_import_that_filled_it_is_withdrawn(
    world: EvidenceWorld,
) -> None:
    async with provider(pages(page(work("a:1", TITLE, creator="Example, Enrich", date="2018")))) as source:
        harvest = await harvested(world, source.url)
        job = await world.import_file(ris(DO="10.5555/enrich.1", PB="A press"))
        source.answers = pages(page(work("a:1", TITLE, creator="Example, Enrich", date="2018", publisher="A press")))
        await again(world, harvest)
        await withdrawn(world, job)
        item = await item_of(world)
        assert (item["publisher"], item["identifiers"]) == ("A press", [])
        source.answers = pages(page(record("a:1", deleted=True)))
        await again(world, harvest)
    assert [row["status"] for row in await items(world)] == ["withdrawn"]


async def test_a_merge_that_was_undone_keeps_no_change_of_the_source_away(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1")))) as source:
        harvest = await harvested(world, source.url)
        item = (await item_of(world))["id"]
        richer = {"way_of_knowing": "research", "title": "In other words", "summary": "Longer.", "keywords": ["care"]}
        other = await world.draft(richer, EDITOR)
        merge = await world.json(EDITOR, "POST", "/v1/merges", {"into": item, "items": [other]})
        await world.undo_merge(merge["id"])
        source.answers = pages(page(work("a:1", "What the source says today")))
        assert counts(await again(world, harvest)) == (1, 0, 0, 1, 0, 0)


@pytest.mark.parametrize("withdraws", [False, True])
async def test_what_a_source_deletes_stays_while_an_import_has_it_too(world: EvidenceWorld, withdraws: bool) -> None:
    async with provider(pages(page(work("a:1", TITLE, creator="Example, Enrich", date="2018")))) as source:
        harvest = await harvested(world, source.url)
        job = await world.import_file(ris(VL="2"))
        if withdraws:
            await withdrawn(world, job)
        source.answers = pages(page(record("a:1", deleted=True)))
        await again(world, harvest)
    assert [row["status"] for row in await items(world)] == ["withdrawn" if withdraws else "draft"]


async def test_a_change_to_words_that_were_taken_back_costs_its_record_alone(
    world: EvidenceWorld, monkeypatch: Any
) -> None:
    async def by_itself(*_arguments: Any) -> RecordCounts:
        raise AssertionError("the page failed as a whole")

    async with provider(pages(page(work("a:1"), work("a:2")))) as source:
        harvest = await harvested(world, source.url)
        own = await world.publish(ACCOUNT)
        await world.json(CARER, "POST", f"/v1/evidence/{own}/withdraw")
        monkeypatch.setattr(jobs, "_store_separately", by_itself)
        copy = work("a:1", "Anew", description=ACCOUNT["account"])
        source.answers = pages(page(copy, work("a:2", "Two anew"), work("a:3")))
        run = await again(world, harvest)
        assert counts(run) == (3, 1, 0, 1, 0, 1)
        (quarantined,) = await quarantine(world, harvest)
        assert quarantined["identifier"] == "a:1"
        assert quarantined["reason"].startswith("The person who gave these words has taken them back.")
        path = f"/v1/harvests/{harvest['id']}/quarantined-records/{quarantined['id']}/retry"
        refused = await world.problem(EDITOR, "POST", path)
        assert (refused["status"], refused["title"]) == (409, "The record still cannot be stored")
        titles = {row["title"] for row in await items(world) if row["status"] != "withdrawn"}
        assert titles == {"What carers said in a:1", "Two anew", "What carers said in a:3"}
        source.answers = pages(page(work("a:1", "Without those words")))
        assert counts(await again(world, harvest)) == (1, 0, 0, 1, 0, 0)
    assert await quarantine(world, harvest) == []


async def test_a_page_waits_for_whoever_changes_an_item_that_it_fills(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    (item,) = await items(world)
    async with provider(pages(page(work("a:2"), rich()))) as source:
        async with world.database.transaction() as uow:
            await lock_item(uow.session, UUID(str(item["id"])))
            run = (await harvested(world, source.url))["last_run"]
        assert (counts(run), run["status"]) == ((0, 0, 0, 0, 0, 0), "running")
        assert run["problems"] == ["Somebody is changing an item of the next page. The run goes on by itself."]
        async with world.database.transaction() as uow:
            await uow.session.execute(text("UPDATE harvest_runs SET try_at = now()"))
        await run_all(world)
    (harvest,) = (await world.json(EDITOR, "GET", "/v1/harvests"))["items"]
    assert (counts(harvest["last_run"]), harvest["last_run"]["enriched"]) == ((2, 1, 1, 0, 0, 0), 1)
    assert await quarantine(world, harvest) == []


async def test_where_an_item_comes_from_is_shown_after_its_harvest_was_removed(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1")))) as source:
        harvest = await harvested(world, source.url)
    path = f"/v1/harvests/{harvest['id']}"
    await world.call(EDITOR, "DELETE", path, If_Match="*")
    (row,) = (await world.json(EDITOR, "GET", f"/v1/evidence/{(await item_of(world))['id']}/records"))["items"]
    assert (row["harvest_id"], row["identifier"], row["outcome"]) == (harvest["id"], "a:1", "created")
    assert (await world.call(EDITOR, "GET", f"/v1/evidence/{new_id()}/records")).status_code == 404
