"""What files give to a survivor by the identifiers of an item that was merged into it goes with that item."""

from typing import Any

import pytest

from tests.evidence.library.works.merges.test_api import BARE, RICH, change, description, doi, merge, read, undo
from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR

OTHER: dict[str, Any] = RICH | {"volume": None, "pages": None, "keywords": [], "title": "Breaks for those who care"}
FILE = (
    b"TY  - JOUR\nTI  - Breaks for those who care\nDO  - 10.5555/abc.1\nVL  - 12\nPB  - A press\nKW  - rest\n"
    b"AB  - A trial of regular breaks, and of what came after it.\nAN  - x\nER  - \n"
)


async def two_works(world: EvidenceWorld) -> tuple[str, str]:
    return await world.publish(BARE | {"identifiers": doi("10.5555/own")}), await world.publish(OTHER)


async def test_an_undo_gives_a_merged_item_what_its_records_brought_since(world: EvidenceWorld) -> None:
    into, other = await two_works(world)
    before = await description(world, into)
    merged = await merge(world, into, other)
    job = await world.import_file(FILE)
    assert (await read(world, into))["volume"] == "12"
    received = (await world.json(EDITOR, "GET", f"/v1/merges/{merged['id']}"))["changes"]
    assert {c["field"] for c in received if c["job_id"] == job["id"]} >= {"volume", "publisher"}
    undone = await undo(world, merged)
    assert undone["problems"] == []
    assert await description(world, into) == before
    item = await read(world, other)
    assert (item["volume"], item["publisher"]) == ("12", "A press")
    records = (await world.json(EDITOR, "GET", f"/v1/evidence/{other}/records"))["items"]
    assert [(record["import_id"], "volume" in record["fields"]) for record in records] == [(job["id"], True)]
    assert (await world.json(EDITOR, "GET", f"/v1/evidence/{into}/records"))["items"] == []


async def test_what_was_changed_since_stays_and_is_said(world: EvidenceWorld) -> None:
    into, other = await two_works(world)
    merged = await merge(world, into, other)
    await world.import_file(FILE)
    await change(world, into, volume="13")
    undone = await undo(world, merged)
    assert undone["problems"] == ["Changed since the merge, so it stays as it is now: volume."]
    assert (await read(world, into))["volume"] == "13"
    item = await read(world, other)
    assert (item["volume"], item["publisher"]) == (None, "A press")


@pytest.mark.parametrize("identifier", [b"10.5555/own", b"10.5555/abc.1\nDO  - 10.5555/own"])
async def test_what_came_by_the_survivors_own_identifiers_stays_with_it(
    world: EvidenceWorld, identifier: bytes
) -> None:
    into, other = await two_works(world)
    merged = await merge(world, into, other)
    await world.import_file(FILE.replace(b"10.5555/abc.1", identifier))
    await undo(world, merged)
    item = await read(world, into)
    assert item["volume"] == "12" or identifier != b"10.5555/own"
    assert (await read(world, other))["volume"] is None
