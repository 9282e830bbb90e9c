"""What becomes of the conflicts of an import that is withdrawn: those to decide, and those that an editor accepted."""

from typing import Any

import pytest

from tests.evidence.exchange.imports.matches.records import RICH, conflicts, drafts, ris
from tests.evidence.exchange.withdrawals.test_withdrawals import preview, withdrawn
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR


async def test_what_it_left_to_decide_goes_with_it_and_what_was_decided_stays(world: EvidenceWorld) -> None:
    await world.import_file(RICH)
    job = await world.import_file(ris(DO="10.5555/enrich.1", JO="Quite another", VL="99"))
    journal, _ = sorted(await conflicts(world), key=lambda conflict: conflict["field"])
    await accept(world, journal)
    before, after = await preview(world, job), await withdrawn(world, job)
    assert before["fields_stay"] == after["fields_stay"] == {"accepted": 1}
    assert await conflicts(world) == []
    (item,) = await drafts(world)
    assert item["published_in"] == "Quite another"
    address = f"/v1/imports/{job['id']}/withdrawal/stays"
    staying = {"number": 1, "item_id": item["id"], "item_title": item["title"], "field": "published_in"}
    assert (await world.json(EDITOR, "GET", address))["items"] == [staying | {"reason": "accepted"}]
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item['id']}", {"published_in": "A third"}, If_Match="*")
    assert (await world.json(EDITOR, "GET", address))["items"] == []


ACCEPTED = {
    "title": ({"TI": "A wholly different title of the work"}, "A wholly different title of the work"),
    "language": ({"LA": "cy"}, "cy"),
    "identifiers": ({"AN": "PMID: 12345", "DO": "10.5555/other"}, {"scheme": "doi", "value": "10.5555/other"}),
    "authors": ({"AU": "Quite, Another"}, ["Quite, Another"]),
}


@pytest.mark.parametrize("field", ACCEPTED)
async def test_what_an_editor_accepted_of_it_is_listed_whatever_the_field(world: EvidenceWorld, field: str) -> None:
    lines, value = ACCEPTED[field]
    item = await world.draft(RESEARCH | {"identifiers": [{"scheme": "doi", "value": "10.5555/enrich.1"}]}, EDITOR)
    linked = {"DO": "10.5555/enrich.1", "UR": f"https://library.example/v1/evidence/{item}"}
    job = await world.import_file(ris(**(linked | lines)))
    (conflict,) = await conflicts(world, f"?field={field}")
    assert conflict["record"] == value
    await accept(world, conflict)
    assert (await preview(world, job))["fields_stay"] == {"accepted": 1}


async def test_a_conflict_stays_while_another_record_states_it(world: EvidenceWorld) -> None:
    await world.import_file(RICH)
    content = ris(DO="10.5555/enrich.1", JO="Quite another", VL="2")
    first = await world.import_file(content + content)
    second = await world.import_file(content)
    assert (first["conflicts"], second["conflicts"]) == (1, 0)
    (conflict,) = await conflicts(world)
    assert (conflict["import_id"], conflict["number"]) == (first["id"], 1)
    await withdrawn(world, first)
    (remaining,) = await conflicts(world)
    assert (remaining["id"], remaining["import_id"], remaining["number"]) == (conflict["id"], second["id"], 1)
    assert await conflicts(world, f"?import={first['id']}") == []
    third = await world.import_file(content)
    await accept(world, remaining)
    for job in (second, third):
        assert (await withdrawn(world, job))["fields_stay"] == {"accepted": 1}
    assert (await preview(world, first))["fields_stay"] == {}


async def test_a_conflict_goes_with_the_last_record_that_states_it(world: EvidenceWorld) -> None:
    await world.import_file(RICH)
    content = ris(DO="10.5555/enrich.1", JO="Quite another", VL="2")
    first, second = [await world.import_file(content) for _ in range(2)]
    await withdrawn(world, second)
    assert [conflict["import_id"] for conflict in await conflicts(world)] == [first["id"]]
    await withdrawn(world, first)
    assert await conflicts(world) == []
    assert (await world.import_file(content))["conflicts"] == 1


async def accept(world: EvidenceWorld, conflict: dict[str, Any]) -> None:
    address = f"/v1/import-conflicts/{conflict['id']}"
    tag = (await world.call(EDITOR, "GET", address)).headers["etag"]
    await world.json(EDITOR, "POST", f"{address}/decide", {"value": "record"}, If_Match=tag)
