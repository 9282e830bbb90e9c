import asyncio
from typing import Any

from shared.callers import Role, person
from shared.events.contracts.evidence import (
    EvidenceChanged,
    EvidenceMerged,
    EvidenceUnmerged,
    EvidenceWithdrawn,
)
from shared.persistence.tables import new_id
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR

PROBLEM = "http://testserver/problems/"
BARE: dict[str, Any] = {
    "way_of_knowing": "research",
    "title": "Replacement care and carers' health",
    "authors": ["Okoro, A."],
    "published_on": "2021",
    "keywords": ["Carers"],
}
RICH: dict[str, Any] = RESEARCH | {
    "volume": "12",
    "pages": "201-219",
    "keywords": ["carers", "breaks"],
    "country": "GB-WLS",
    "setting": "home care",
    "participants": 120,
}


def doi(value: str) -> list[dict[str, str]]:
    return [{"scheme": "doi", "value": value}]


async def merge(world: EvidenceWorld, into: str, *items: str) -> dict[str, Any]:
    return await world.json(EDITOR, "POST", "/v1/merges", {"items": list(items), "into": into})


async def undo(world: EvidenceWorld, merged: dict[str, Any]) -> dict[str, Any]:
    return await world.undo_merge(merged["id"])


async def refused_undo(world: EvidenceWorld, merged: dict[str, Any]) -> dict[str, Any]:
    path = f"/v1/merges/{merged['id']}"
    return await world.problem(EDITOR, "POST", f"{path}/undo", If_Match=await world.tag(path))


async def read(world: EvidenceWorld, item: str) -> dict[str, Any]:
    return await world.json(EDITOR, "GET", f"/v1/evidence/{item}")


async def description(world: EvidenceWorld, item: str) -> dict[str, Any]:
    """The item without the fields that count its changes."""
    view = await read(world, item)
    return {name: value for name, value in view.items() if name not in ("updated_at", "edition")}


async def change(world: EvidenceWorld, item: str, **patch: Any) -> None:
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", patch, If_Match="*")


async def test_the_survivor_keeps_what_each_knew_and_says_where_it_came_from(world: EvidenceWorld) -> None:
    breaks, health = await world.topic("Breaks"), await world.topic("Health")
    into = await world.publish(BARE, topics=[breaks])
    other = await world.publish(RICH, topics=[health], summary="A trial of regular breaks.")
    merged = await merge(world, into, other)
    item = await read(world, into)
    assert item["title"] == BARE["title"]
    assert (item["summary"], item["volume"], item["pages"]) == ("A trial of regular breaks.", "12", "201-219")
    assert (item["published_on"], item["keywords"], item["country"]) == ("2021-05", ["Carers", "breaks"], "GB-WLS")
    assert item["identifiers"] == doi("10.5555/abc.1")
    assert set(item["topics"]) == {breaks, health}
    assert item["participants"] == 120
    received = {change["field"]: change for change in merged["changes"]}
    assert received["volume"] | {"left_out": []} == {
        "field": "volume",
        "came_from": other,
        "before": None,
        "after": "12",
        "added": None,
        "left_out": [],
        "job_id": None,
        "number": None,
    }
    assert (received["published_on"]["before"], received["published_on"]["after"]) == ("2021", "2021-05")
    assert received["keywords"]["added"] == ["breaks"]
    assert merged["into_title"] == BARE["title"]
    assert merged["items"] == [{"item_id": other, "title": RICH["title"], "status": "published"}]
    assert await world.json(EDITOR, "GET", f"/v1/merges/{merged['id']}") == merged
    assert (await world.json(EDITOR, "GET", f"/v1/merges?into={into}"))["items"] == [merged]


async def test_the_absorbed_item_leads_to_the_survivor_and_is_shown_nowhere_else(world: EvidenceWorld) -> None:
    into, other = await world.publish(BARE), await world.publish(RICH)
    topic = await world.topic()
    await change(world, other, topics=[topic])
    await merge(world, into, other)
    response = await world.call(CARER, "GET", f"/v1/evidence/{other}")
    assert (response.status_code, response.headers["location"]) == (308, f"/v1/evidence/{into}")
    await world.indexed()
    assert [hit["id"] for hit in (await world.search("replacement"))["items"]] == [into]
    page = await world.json(CARER, "GET", f"/v1/evidence?topic={topic}")
    assert [item["id"] for item in page["items"]] == [into]


async def test_a_merge_publishes_an_event_and_so_does_the_new_edition(world: EvidenceWorld) -> None:
    into, other, draft = await world.publish(BARE), await world.publish(RICH), await world.draft(BARE | {"title": "D"})
    merged = await merge(world, into, other, draft)
    events = [event for event in await world.events() if isinstance(event, EvidenceMerged | EvidenceChanged)]
    assert [type(event).__name__ for event in events] == ["EvidenceMerged", "EvidenceChanged"]
    assert [str(event.item_id) for event in events] == [other, into]
    assert (await read(world, into))["edition"] == 2
    await undo(world, merged)
    unmerged = [event for event in await world.events() if isinstance(event, EvidenceUnmerged)]
    assert [(str(event.item_id), str(event.from_id)) for event in unmerged] == [(other, into)]


async def test_undo_restores_everything(world: EvidenceWorld) -> None:
    topic = await world.topic()
    into, other = await world.publish(BARE), await world.publish(RICH, topics=[topic], summary="Longer words.")
    before = await description(world, into), await description(world, other)
    merged = await merge(world, into, other)
    undone = await undo(world, merged)
    assert (undone["status"], undone["problems"]) == ("undone", [])
    assert (await description(world, into), await description(world, other)) == before
    page = await world.json(CARER, "GET", f"/v1/evidence?topic={topic}")
    assert [item["id"] for item in page["items"]] == [other]
    assert (await world.import_file(b"TY  - JOUR\nTI  - X\nDO  - 10.5555/abc.1\nER  - \n"))["matched"] == 1
    assert (await undo(world, merged))["status"] == "undone"


async def test_a_merge_is_undone_as_it_was_read(world: EvidenceWorld) -> None:
    into, other = await world.publish(BARE), await world.publish(RICH)
    merged = await merge(world, into, other)
    path = f"/v1/merges/{merged['id']}"
    tag = await world.tag(path)
    for header in ({}, {"If_Match": "*"}):
        assert (await world.call(EDITOR, "POST", f"{path}/undo", **header)).status_code == 428
    assert (await world.call(EDITOR, "POST", f"{path}/undo", If_Match='"999"')).status_code == 412
    assert (await world.json(EDITOR, "GET", path))["status"] == "standing"
    responses = await asyncio.gather(*(world.call(EDITOR, "POST", f"{path}/undo", If_Match=tag) for _ in range(2)))
    assert sorted(response.status_code for response in responses) == [200, 412]


async def test_a_survivor_may_become_what_the_absorbed_is_recognised_by_and_undo_takes_it_back(
    world: EvidenceWorld,
) -> None:
    """Works without identifiers are told apart by title, year and author."""
    undated, dated = await world.draft(BARE | {"published_on": None}), await world.draft(BARE)
    merged = await merge(world, undated, dated)
    assert (await read(world, undated))["published_on"] == "2021"
    await undo(world, merged)
    assert [(await read(world, item))["published_on"] for item in (undated, dated)] == [None, "2021"]


async def test_undo_keeps_fields_that_were_changed_since_and_lists_them(world: EvidenceWorld) -> None:
    into, other = await world.publish(BARE), await world.publish(RICH, summary="Longer words.")
    merged = await merge(world, into, other)
    await change(world, into, summary="An editor's own words.", publisher="Press", keywords=["carers", "breaks", "new"])
    undone = await undo(world, merged)
    assert undone["problems"] == ["Changed since the merge, so it stays as it is now: summary."]
    item = await read(world, into)
    assert (item["summary"], item["publisher"], item["volume"]) == ("An editor's own words.", "Press", None)
    assert item["keywords"] == ["carers", "new"]


async def test_merges_of_the_same_survivor_are_undone_in_any_order(world: EvidenceWorld) -> None:
    into = await world.publish(BARE)
    first = await world.publish(RICH, title="First", summary="Short.", keywords=["x"], identifiers=doi("10.5555/f"))
    second = await world.publish(
        RICH, title="Second", summary="Much longer.", keywords=["x", "y"], identifiers=doi("10.5555/s")
    )
    before = await description(world, into)
    first_merge, second_merge = await merge(world, into, first), await merge(world, into, second)
    assert (await read(world, into))["summary"] == "Much longer."
    await undo(world, first_merge)
    item = await read(world, into)
    assert (item["summary"], item["keywords"], item["volume"]) == ("Much longer.", ["Carers", "y", "x"], "12")
    assert item["identifiers"] == doi("10.5555/s")
    await undo(world, second_merge)
    assert await description(world, into) == before


async def test_a_chain_leads_straight_to_its_end_and_comes_apart_from_there(world: EvidenceWorld) -> None:
    a, b, c = [await world.publish(BARE | {"title": f"Work {name}"}) for name in "abc"]
    lower, upper = await merge(world, b, a), await merge(world, c, b)
    for item in (a, b):
        assert (await world.call(CARER, "GET", f"/v1/evidence/{item}")).headers["location"] == f"/v1/evidence/{c}"
    refused = await refused_undo(world, lower)
    assert (refused["type"], upper["id"] in refused["detail"]) == (PROBLEM + "later-merge-stands", True)
    await undo(world, upper)
    assert (await world.call(CARER, "GET", f"/v1/evidence/{a}")).headers["location"] == f"/v1/evidence/{b}"
    await undo(world, lower)
    assert (await read(world, a))["title"] == "Work a"


async def test_a_second_click_and_two_editors_at_once_make_one_merge(world: EvidenceWorld) -> None:
    into, other, third = [await world.publish(BARE | {"title": f"Work {n}"}) for n in range(3)]
    colleague = person(new_id(), Role.EVIDENCE_EDITOR)
    body = {"items": [other], "into": into}
    responses = await asyncio.gather(*(world.call(who, "POST", "/v1/merges", body) for who in (EDITOR, colleague) * 2))
    assert {response.status_code for response in responses} == {201}
    assert len({response.json()["id"] for response in responses}) == 1
    refused = await world.problem(EDITOR, "POST", "/v1/merges", {"items": [other], "into": third})
    assert (refused["type"], into in refused["detail"]) == (PROBLEM + "already-merged", True)
    crossed = await world.problem(EDITOR, "POST", "/v1/merges", {"items": [third], "into": other})
    assert (crossed["type"], into in crossed["detail"]) == (PROBLEM + "survivor-stands-elsewhere", True)


async def test_opposite_merges_at_once_leave_one_of_the_two(world: EvidenceWorld) -> None:
    first, second = await world.publish(BARE), await world.publish(RICH)
    responses = await asyncio.gather(
        world.call(EDITOR, "POST", "/v1/merges", {"items": [first], "into": second}),
        world.call(EDITOR, "POST", "/v1/merges", {"items": [second], "into": first}),
    )
    assert sorted(response.status_code for response in responses) == [201, 409]


async def test_what_may_not_be_merged(world: EvidenceWorld) -> None:
    research, draft = await world.publish(BARE), await world.draft(BARE | {"title": "A draft"})
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    gone = await world.publish(BARE | {"title": "Gone"})
    await world.json(EDITOR, "POST", f"/v1/evidence/{gone}/withdraw")
    for items, into, problem in (
        ([account], research, "only-research-is-merged"),
        ([practice], account, "only-research-is-merged"),
        ([research], draft, "published-into-draft"),
        ([gone], research, "item-gone"),
        ([research], gone, "survivor-gone"),
        ([str(new_id())], research, "item-missing"),
        ([research], research, "invalid"),
    ):
        refused = await world.problem(EDITOR, "POST", "/v1/merges", {"items": items, "into": into})
        assert refused["type"] == PROBLEM + problem
    assert (await world.call(CARER, "POST", "/v1/merges", {"items": [draft], "into": research})).status_code == 403
    assert (await world.json(EDITOR, "GET", "/v1/merges"))["items"] == []


async def test_a_merge_survives_the_withdrawal_of_its_survivor_and_can_be_undone(world: EvidenceWorld) -> None:
    into, other = await world.publish(BARE), await world.publish(RICH)
    before = await description(world, other)
    merged = await merge(world, into, other)
    await world.json(EDITOR, "POST", f"/v1/evidence/{into}/withdraw")
    assert (await world.call(CARER, "GET", f"/v1/evidence/{into}")).status_code == 410
    await undo(world, merged)
    assert await description(world, other) == before
    assert (await world.call(CARER, "GET", f"/v1/evidence/{into}")).status_code == 410
    assert sum(isinstance(event, EvidenceWithdrawn) for event in await world.events()) == 1


async def test_the_same_file_brings_nothing_back(world: EvidenceWorld) -> None:
    """Two works without identifiers, one of them merged away: both are known when they come again."""
    ris = "".join(
        f"TY  - JOUR\nTI  - Breaks that many carers want{end}\nAU  - Okoro, A.\nER  - \n" for end in ("", "s")
    )
    await world.import_file(ris.encode(), publish="true")
    into, other = [item["id"] for item in (await world.json(EDITOR, "GET", "/v1/evidence"))["items"]]
    await merge(world, into, other)
    again = await world.import_file(ris.encode(), publish="true")
    assert (again["created"], again["matched"]) == (0, 2)


async def test_the_survivor_can_be_changed_and_become_what_the_absorbed_was(world: EvidenceWorld) -> None:
    into, other = (
        await world.publish(BARE),
        await world.publish(BARE | {"title": "Replacement care & the health of all"}),
    )
    merged = await merge(world, into, other)
    await change(world, into, title="Replacement care & the health of all", volume="3")
    assert (await read(world, into))["volume"] == "3"
    refused = await refused_undo(world, merged)
    assert (refused["type"], into in refused["detail"]) == (PROBLEM + "duplicate-work", True)


async def test_an_identifier_that_went_elsewhere_stops_the_undo(world: EvidenceWorld) -> None:
    into, other = await world.publish(BARE), await world.publish(RICH)
    merged = await merge(world, into, other)
    await change(world, into, identifiers=[])
    third = await world.publish(BARE | {"title": "Another", "identifiers": doi("10.5555/abc.1")})
    refused = await refused_undo(world, merged)
    assert (refused["type"], third in refused["detail"]) == (PROBLEM + "identifier-taken", True)
    await change(world, third, identifiers=[])
    assert (await undo(world, merged))["status"] == "undone"
    assert (await read(world, other))["identifiers"] == doi("10.5555/abc.1")
