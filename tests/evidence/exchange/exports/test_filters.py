"""An export takes the filters of the list, and for editors holds drafts."""

import csv
import io

import pytest

from services.evidence.exchange.exports import queries
from tests.evidence.exchange.imports.matches.records import ris
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


@pytest.mark.parametrize("status", ["draft", "published"])
async def test_a_file_holds_exactly_what_the_list_of_an_editor_shows(world: EvidenceWorld, status: str) -> None:
    topic = await world.topic()
    job = await world.import_file(ris(TI="A work that an import brought"))
    add = world.draft if status == "draft" else world.publish
    await add(ACCOUNT, topics=[topic], country="GB-WLS")
    retracted = await add(RESEARCH, topics=[topic])
    await world.json(EDITOR, "POST", f"/v1/evidence/{retracted}/retract", {"nature": "retraction", "source": "Journal"})
    await add(PRACTICE, country="GB-WLS")
    if status == "published":
        [imported] = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"]
        await world.json(EDITOR, "POST", f"/v1/evidence/{imported['id']}/publish")
    for filters, count in (
        ({}, 4),
        ({"import": job["id"]}, 1),
        ({"imported": "false"}, 3),
        ({"imported": "true"}, 1),
        ({"retraction": "retraction"}, 1),
        ({"topic": topic}, 2),
        ({"country": "GB-WLS", "way_of_knowing": "lived_experience"}, 1),
        ({"setting": "COUNCIL team"}, 1),
        ({"topic": topic, "imported": "true"}, 0),
        *([({"title": "week AWAY"}, 1)] if status == "draft" else []),
    ):
        async with world.client_for(EDITOR) as http:
            page = (await http.get("/v1/evidence", params={"status": status, "count": True, **filters})).json()
            file = await http.get("/v1/exports/evidence", params={"status": status, "format": "csv", **filters})
        rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
        assert {row["id"] for row in rows} == {item["id"] for item in page["items"]}
        assert (page["total"], len(rows)) == (count, count), filters
        assert file.headers["cache-control"] == ("no-store" if status == "draft" else "public, no-cache")


async def test_drafts_are_exported_by_editors_alone_and_not_by_a_search(world: EvidenceWorld) -> None:
    await world.draft(ACCOUNT)
    path = "/v1/exports/evidence?format=csv&status=draft"
    for caller in (NOBODY, CARER):
        assert (await world.problem(caller, "GET", path))["title"] == "Drafts are exported by editors alone"
    refused = await world.problem(EDITOR, "GET", f"{path}&q=carers")
    assert (refused["status"], refused["title"]) == (422, "The search finds only what is published")


async def test_all_pages_of_drafts_are_in_a_file(world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        await world.draft(PRACTICE, title=f"Practice {number}")
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    async with world.database.engine.connect() as connection:
        pages = [[row.title for row in rows] async for rows in queries.draft_pages(connection, queries.NO_CONDITION)]
    assert pages == [["Practice 4", "Practice 3"], ["Practice 2", "Practice 1"], ["Practice 0"]]
