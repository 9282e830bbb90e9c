"""Where an item and a record differ an editor decides, once, and on what they have read."""

from typing import Any

import pytest

from services.evidence.library.works.duplicates.jobs import compare_next
from tests.evidence.exchange.imports.matches.records import BY_DOI, RICH, conflicts, ris
from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR

OTHER = ris(DO="10.5555/enrich.1", JO="Quite another journal", VL="2", SP="3", EP="9")


async def conflict_of(world: EvidenceWorld) -> tuple[dict[str, Any], str]:
    """The only conflict, and its ETag."""
    await world.import_file(RICH, publish="true")
    await world.import_file(OTHER)
    (conflict,) = await conflicts(world)
    tag = (await world.call(EDITOR, "GET", f"/v1/import-conflicts/{conflict['id']}")).headers["etag"]
    return conflict, tag


async def item_of(world: EvidenceWorld, conflict: dict[str, Any]) -> dict[str, Any]:
    return await world.json(EDITOR, "GET", f"/v1/evidence/{conflict['item_id']}")


async def test_a_conflict_shows_both_and_the_item_stays_as_it_is(world: EvidenceWorld) -> None:
    conflict, _ = await conflict_of(world)
    assert (conflict["field"], conflict["ours"], conflict["record"]) == (
        "published_in",
        "Invented Care",
        "Quite another journal",
    )
    assert ((await item_of(world, conflict))["published_in"], conflict["status"]) == ("Invented Care", "open")


@pytest.mark.parametrize(
    ("value", "status", "journal", "edition"),
    [("record", "accepted", "Quite another journal", 2), ("ours", "kept", "Invented Care", 1)],
)
async def test_an_editor_accepts_the_record_or_keeps_the_item_and_is_asked_once(
    world: EvidenceWorld, value: str, status: str, journal: str, edition: int
) -> None:
    conflict, tag = await conflict_of(world)
    address = f"/v1/import-conflicts/{conflict['id']}/decide"
    decided = await world.call(EDITOR, "POST", address, {"value": value}, If_Match=tag)
    assert (decided.status_code, decided.json()["status"]) == (200, status)
    item = await item_of(world, conflict)
    assert (item["published_in"], item["edition"]) == (journal, edition)
    again = await world.call(EDITOR, "POST", address, {"value": "record"}, If_Match=decided.headers["etag"])
    assert (again.status_code, again.json()["title"]) == (409, "This has been decided")
    assert (await world.import_file(OTHER))["conflicts"] == 0
    assert await conflicts(world) == []


async def test_who_has_not_read_the_item_as_it_is_decides_nothing(world: EvidenceWorld) -> None:
    conflict, tag = await conflict_of(world)
    address = f"/v1/evidence/{conflict['item_id']}"
    item_tag = (await world.call(EDITOR, "GET", address)).headers["etag"]
    await world.call(EDITOR, "PATCH", address, {"published_in": "A third journal"}, If_Match=item_tag)
    decide = f"/v1/import-conflicts/{conflict['id']}/decide"
    stale = await world.call(EDITOR, "POST", decide, {"value": "record"}, If_Match=tag)
    unread = await world.call(EDITOR, "POST", decide, {"value": "record"})
    assert (stale.status_code, unread.status_code) == (412, 428)
    assert (await item_of(world, conflict))["published_in"] == "A third journal"


async def test_an_identifier_that_is_accepted_takes_the_place_of_ours(world: EvidenceWorld) -> None:
    await world.import_file(ris(DO="10.5555/enrich.1", SN="1234-5679"))
    (item,) = await world.rows("SELECT id FROM items")
    await world.import_file(ris(TI="It", DO="10.5555/enrich.9", UR=f"https://a.example/v1/evidence/{item['id']}"))
    (conflict,) = await conflicts(world, "?field=identifiers")
    address = f"/v1/import-conflicts/{conflict['id']}"
    tag = (await world.call(EDITOR, "GET", address)).headers["etag"]
    await world.call(EDITOR, "POST", f"{address}/decide", {"value": "record"}, If_Match=tag)
    assert (await item_of(world, conflict))["identifiers"] == [
        {"scheme": "issn", "value": "1234-5679"},
        {"scheme": "doi", "value": "10.5555/enrich.9"},
    ]
    assert (await world.import_file(ris(TI="By its new DOI", DO="10.5555/enrich.9")))["matched"] == 1


async def test_an_identifier_of_another_item_is_not_accepted_but_leads_to_it(world: EvidenceWorld) -> None:
    await world.import_file(RICH + ris(TI="Another one", DO="10.5555/enrich.2"))
    first, second = [row["id"] for row in await world.rows("SELECT id FROM items ORDER BY id")]
    await world.import_file(ris(DO="10.5555/enrich.2", UR=f"https://a.example/v1/evidence/{first}"))
    (conflict,) = await conflicts(world)
    address = f"/v1/import-conflicts/{conflict['id']}"
    tag = (await world.call(EDITOR, "GET", address)).headers["etag"]
    refused = await world.call(EDITOR, "POST", f"{address}/decide", {"value": "record"}, If_Match=tag)
    assert (refused.status_code, str(second) in refused.json()["detail"]) == (409, True)


async def test_lists_are_filtered_by_import(world: EvidenceWorld) -> None:
    first = await world.import_file(RICH, publish="true")
    second = await world.import_file(BY_DOI + ris(TI="A new one of its own", PY="2001"))
    assert await conflicts(world, f"?import={first['id']}") == []
    assert len(await conflicts(world, f"?import={second['id']}")) == 1
    for job, published, drafts in ((first, 1, 0), (second, 1, 1)):
        newest = await world.json(EDITOR, "GET", f"/v1/evidence?import={job['id']}&count=true")
        drafted = await world.json(EDITOR, "GET", f"/v1/evidence?status=draft&import={job['id']}")
        assert (len(newest["items"]), newest["total"], len(drafted["items"])) == (published, published, drafts)


async def test_groups_of_duplicates_are_filtered_by_import(world: EvidenceWorld) -> None:
    first = await world.import_file(ris(TI="Regular breaks for those who care"))
    second = await world.import_file(ris(TI="Regular breaks for those who cares"))
    third = await world.import_file(ris(TI="Another work entirely, of another year", PY="1999"))
    while await compare_next(world.database):
        pass
    groups_by_import = [
        len((await world.json(EDITOR, "GET", f"/v1/duplicates?import={job['id']}"))["items"])
        for job in (first, second, third)
    ]
    assert groups_by_import == [1, 1, 0]
