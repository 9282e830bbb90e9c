from typing import Any

import pytest

from services.engagement.practice.outcomes.rules import Measure
from shared.callers import Caller
from shared.events.contracts.engagement import OutcomeRecorded
from shared.persistence.tables import new_id
from tests.engagement.world import FACILITATOR, EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody

NOTE = "Mrs Example told us that she slept through"


async def test_outcomes_are_published_in_order_and_their_notes_are_not(world: EngagementWorld) -> None:
    project = await world.start_project()
    path = f"/v1/projects/{project['id']}"
    outcome = {"measure": "breaks_for_carers", "direction": "better", "people_affected": 34, "note": NOTE}
    created = await world.json(FACILITATOR, "POST", f"{path}/outcomes", outcome)
    assert created["note"] == NOTE
    await world.json(ENGAGEMENT_OFFICER, "POST", f"{path}/outcomes", outcome | {"direction": "same", "note": None})
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
    project = await world.start_project()
    path = f"/v1/projects/{project['id']}/outcomes"
    outcome = {"measure": "wellbeing", "direction": "better", "people_affected": 3, "note": NOTE}
    await world.json(FACILITATOR, "POST", path, outcome)
    for caller, note in ((NOBODY, None), (somebody(), None), (ENGAGEMENT_OFFICER, NOTE), (FACILITATOR, NOTE)):
        [item] = (await world.json(caller, "GET", path))["items"]
        assert item["note"] == note
    assert (await world.json(NOBODY, "GET", f"/v1/projects/{project['id']}"))["outcomes"] == 1


@pytest.mark.parametrize(
    ("people", "disclosed"),
    [
        (0, {"fewer_than": 10}),
        (1, {"fewer_than": 10}),
        (9, {"fewer_than": 10}),
        (10, {"at_least": 10}),
        (19, {"at_least": 10}),
    ],
)
async def test_so_few_people_that_one_might_be_recognised_are_counted_for_staff_alone(
    world: EngagementWorld, people: int, disclosed: Any
) -> None:
    path = f"/v1/projects/{(await world.start_project())['id']}/outcomes"
    outcome = {"measure": "wellbeing", "direction": "better", "people_affected": people}
    created = await world.json(FACILITATOR, "POST", path, outcome)
    assert created["people_affected"] == people
    client = Caller(new_id(), "client", scopes=frozenset({"projects:read"}))
    expected = [
        (NOBODY, disclosed),
        (somebody(), disclosed),
        (client, disclosed),
        (ENGAGEMENT_OFFICER, people),
        (FACILITATOR, people),
    ]
    for caller, number in expected:
        [item] = (await world.json(caller, "GET", path))["items"]
        assert item["people_affected"] == number
        assert await world.json(caller, "GET", f"{path}/{created['id']}") == item


async def test_a_new_outcome_says_where_it_is(world: EngagementWorld) -> None:
    project, other = await world.start_project(), await world.start_project()
    outcome = {"measure": "wellbeing", "direction": "better", "people_affected": 34}
    response = await world.call(FACILITATOR, "POST", f"/v1/projects/{project['id']}/outcomes", outcome)
    assert (response.status_code, response.headers["Location"]) == (
        201,
        f"/v1/projects/{project['id']}/outcomes/{response.json()['id']}",
    )
    assert await world.json(FACILITATOR, "GET", response.headers["Location"]) == response.json()
    elsewhere = await world.call(NOBODY, "GET", f"/v1/projects/{other['id']}/outcomes/{response.json()['id']}")
    assert (elsewhere.status_code, elsewhere.json()["title"]) == (404, "There is no such outcome")


@pytest.mark.parametrize(
    "change", [{"measure": "happiness of Mrs Example"}, {"direction": "up"}, {"people_affected": -1}, {"who": "me"}]
)
async def test_a_measure_is_of_the_list_and_people_are_a_number(world: EngagementWorld, change: dict[str, Any]) -> None:
    project = await world.start_project()
    outcome = {"measure": Measure.WELLBEING, "direction": "better", "people_affected": 3} | change
    response = await world.call(FACILITATOR, "POST", f"/v1/projects/{project['id']}/outcomes", outcome)
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, f"/{next(iter(change))}")
