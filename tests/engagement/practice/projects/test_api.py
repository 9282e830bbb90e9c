from typing import Any
from uuid import UUID

import pytest

from services.engagement.practice.projects.rules import Measure
from shared.callers import Caller, Role, person
from shared.events.contracts.engagement import OutcomeRecorded, ProjectStarted
from shared.events.contracts.evidence import EvidencePublished, EvidenceWithdrawn
from shared.persistence.tables import new_id
from tests.engagement.world import EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody

FACILITATOR = person(new_id(), Role.FACILITATOR)
NOTE = "Mrs Example told us that she slept through"


async def started(world: EngagementWorld, **more: Any) -> dict[str, Any]:
    body = {"title": "A break on the first visit", "model": "demonstrator", "topic_id": await world.topic()}
    items = more.pop("applies", None) or [await world.item()]
    return await world.done(FACILITATOR, "POST", "/v1/projects", body | {"applies": items} | more)


async def test_a_project_starts_from_published_evidence_and_an_assembly(world: EngagementWorld) -> None:
    assembly, item = await world.open_assembly(), await world.item()
    project = await started(world, applies=[item], assembly_id=assembly)
    assert project["applies"] == [{"item_id": item, "way_of_knowing": "lived_experience", "withdrawn": False}]
    [event] = [event for event in await world.events() if isinstance(event, ProjectStarted)]
    assert event == ProjectStarted(
        project_id=UUID(project["id"]),
        topic_id=UUID(project["topic"]["id"]),
        model="demonstrator",
        applies=(UUID(item),),
        assembly_id=UUID(assembly),
    )


async def test_only_evidence_that_is_published_can_be_applied(world: EngagementWorld) -> None:
    good, withdrawn = await world.item(), await world.item()
    await world.hears(EvidenceWithdrawn(item_id=UUID(withdrawn)), 2)
    body = {
        **{"title": "x", "model": "network", "topic_id": str(new_id()), "assembly_id": str(new_id())},
        "applies": [good, withdrawn, str(new_id()), good],
    }
    response = await world.call(FACILITATOR, "POST", "/v1/projects", body)
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [
        *("/applies/1", "/applies/2", "/applies/3", "/topic_id", "/assembly_id")
    ]


async def test_a_project_says_when_evidence_that_it_applies_is_withdrawn(world: EngagementWorld) -> None:
    item = await world.item()
    project = await started(world, applies=[item])
    path = f"/v1/projects/{project['id']}"
    first = await world.call(NOBODY, "GET", path)
    await world.hears(EvidenceWithdrawn(item_id=UUID(item)), 2)
    seen = await world.call(NOBODY, "GET", path, **{"If-None-Match": first.headers["ETag"]})
    assert (seen.status_code, seen.json()["applies"][0]["withdrawn"]) == (200, True)
    republished = EvidencePublished(item_id=UUID(item), way_of_knowing="research", topic_ids=())
    await world.hears(republished, 1)
    assert (await world.done(NOBODY, "GET", path))["applies"][0]["withdrawn"], "an older word changes nothing"
    await world.hears(republished, 3)
    assert not (await world.done(NOBODY, "GET", path))["applies"][0]["withdrawn"]


async def test_a_withdrawal_that_comes_first_is_kept(world: EngagementWorld) -> None:
    item = new_id()
    await world.hears(EvidenceWithdrawn(item_id=item), 2)
    await world.hears(EvidencePublished(item_id=item, way_of_knowing="research", topic_ids=()), 1)
    assert [row["published"] for row in await world.rows("SELECT published FROM items")] == [False]


async def test_outcomes_are_told_in_order_and_their_notes_are_not(world: EngagementWorld) -> None:
    project = await started(world)
    path = f"/v1/projects/{project['id']}"
    outcome = {"measure": "breaks_for_carers", "direction": "better", "people_affected": 34, "note": NOTE}
    made = await world.done(FACILITATOR, "POST", f"{path}/outcomes", outcome)
    assert made["note"] == NOTE
    await world.done(ENGAGEMENT_OFFICER, "POST", f"{path}/outcomes", outcome | {"direction": "same", "note": None})
    events = [event for event in await world.events() if isinstance(event, OutcomeRecorded)]
    assert [(event.direction, event.people_affected) for event in events] == [("better", 34), ("same", 34)]
    rows = await world.rows("SELECT sequence FROM outbox WHERE topic = 'engagement.projects' ORDER BY id")
    assert [row["sequence"] for row in rows] == [1, 2, 3]
    assert "Mrs Example" not in str(await world.rows("SELECT convert_from(data, 'UTF8') AS data FROM outbox"))
    audited = await world.rows("SELECT * FROM audit_entries")
    assert "Mrs Example" not in str(audited)
    notes = [entry["after"]["note"] for entry in audited if entry["kind"] == "Outcome" and "note" in entry["after"]]
    assert "•" in notes


async def test_the_public_sees_outcomes_without_notes(world: EngagementWorld) -> None:
    project = await started(world)
    path = f"/v1/projects/{project['id']}/outcomes"
    outcome = {"measure": "wellbeing", "direction": "better", "people_affected": 3, "note": NOTE}
    await world.done(FACILITATOR, "POST", path, outcome)
    for caller, note in ((NOBODY, None), (somebody(), None), (ENGAGEMENT_OFFICER, NOTE), (FACILITATOR, NOTE)):
        [seen] = (await world.done(caller, "GET", path))["items"]
        assert seen["note"] == note
    assert (await world.done(NOBODY, "GET", f"/v1/projects/{project['id']}"))["outcomes"] == 1


@pytest.mark.parametrize(("people", "told"), [(0, 0), (1, {"fewer_than": 5}), (4, {"fewer_than": 5}), (5, 5)])
async def test_so_few_people_that_one_might_be_recognised_are_counted_for_staff_alone(
    world: EngagementWorld, people: int, told: Any
) -> None:
    path = f"/v1/projects/{(await started(world))['id']}/outcomes"
    outcome = {"measure": "wellbeing", "direction": "better", "people_affected": people}
    made = await world.done(FACILITATOR, "POST", path, outcome)
    assert made["people_affected"] == people
    client = Caller(new_id(), "client", scopes=frozenset({"projects:read"}))
    shown = [(NOBODY, told), (somebody(), told), (client, told), (ENGAGEMENT_OFFICER, people), (FACILITATOR, people)]
    for caller, number in shown:
        [seen] = (await world.done(caller, "GET", path))["items"]
        assert seen["people_affected"] == number
        assert await world.done(caller, "GET", f"{path}/{made['id']}") == seen


async def test_a_new_outcome_says_where_it_is(world: EngagementWorld) -> None:
    project, other = await started(world), await started(world)
    outcome = {"measure": "wellbeing", "direction": "better", "people_affected": 34}
    made = await world.call(FACILITATOR, "POST", f"/v1/projects/{project['id']}/outcomes", outcome)
    assert (made.status_code, made.headers["Location"]) == (
        201,
        f"/v1/projects/{project['id']}/outcomes/{made.json()['id']}",
    )
    assert await world.done(FACILITATOR, "GET", made.headers["Location"]) == made.json()
    elsewhere = await world.call(NOBODY, "GET", f"/v1/projects/{other['id']}/outcomes/{made.json()['id']}")
    assert (elsewhere.status_code, elsewhere.json()["title"]) == (404, "There is no such outcome")


@pytest.mark.parametrize(
    "change", [{"measure": "happiness of Mrs Example"}, {"direction": "up"}, {"people_affected": -1}, {"who": "me"}]
)
async def test_a_measure_is_of_the_list_and_people_are_a_number(world: EngagementWorld, change: dict[str, Any]) -> None:
    project = await started(world)
    outcome = {"measure": Measure.WELLBEING, "direction": "better", "people_affected": 3} | change
    response = await world.call(FACILITATOR, "POST", f"/v1/projects/{project['id']}/outcomes", outcome)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, f"/{next(iter(change))}")


async def test_projects_page_by_key_set_and_can_be_narrowed(world: EngagementWorld) -> None:
    made = [await started(world) for _ in range(5)]
    seen: list[str] = []
    url: str | None = "/v1/projects?limit=2"
    while url:
        page = await world.done(NOBODY, "GET", url)
        seen += [project["id"] for project in page["items"]]
        url = page["next"]
    assert seen == [project["id"] for project in reversed(made)]
    one = await world.done(NOBODY, "GET", f"/v1/projects?topic={made[2]['topic']['id']}")
    assert [project["id"] for project in one["items"]] == [made[2]["id"]]


@pytest.mark.parametrize(
    ("caller", "status"), [(NOBODY, 401), (somebody(), 403), (ENGAGEMENT_OFFICER, 422), (FACILITATOR, 422)]
)
async def test_only_facilitators_and_engagement_officers_start_projects(
    world: EngagementWorld, caller: Caller, status: int
) -> None:
    assert (await world.call(caller, "POST", "/v1/projects", {})).status_code == status
    outcome = await world.call(caller, "POST", f"/v1/projects/{new_id()}/outcomes", {})
    assert outcome.status_code == status
