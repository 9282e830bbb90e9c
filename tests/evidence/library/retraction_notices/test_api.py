from typing import Any

from shared.events.contracts.evidence import EvidenceRetracted
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

RETRACTION: dict[str, Any] = {
    "nature": "retraction",
    "on": "2023-04-11",
    "notice": {"scheme": "doi", "value": "10.5555/notice.1"},
    "reasons": ["Error in analyses"],
    "source": "Invented Publishers",
}


async def test_a_retracted_work_stays_published_with_the_notice(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)
    response = await world.json(EDITOR, "POST", f"/v1/evidence/{item}/retract", RETRACTION)
    assert response["retraction"] == RETRACTION
    assert (await world.json(NOBODY, "GET", f"/v1/evidence/{item}"))["retraction"] == RETRACTION
    (summary,) = (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]
    assert summary["retraction"] == RETRACTION
    assert (await world.json(NOBODY, "GET", f"/v1/evidence/{item}/versions/1"))["retraction"] == RETRACTION
    (retracted,) = [event for event in await world.events() if isinstance(event, EvidenceRetracted)]
    assert (str(retracted.item_id), retracted.nature) == (item, "retraction")
    assert (await world.call(CARER, "POST", f"/v1/evidence/{item}/retract", RETRACTION)).status_code == 403


async def test_a_retraction_holds_until_it_is_lifted(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(RESEARCH)}"
    reinstated = RETRACTION | {"nature": "reinstatement", "on": "2024-01-05"}
    assert (await world.problem(EDITOR, "POST", f"{item}/retract", reinstated))["status"] == 409
    await world.json(EDITOR, "POST", f"{item}/retract", RETRACTION)
    corrected = RETRACTION | {"nature": "correction", "on": "2023-09-01"}
    problem = await world.problem(EDITOR, "POST", f"{item}/retract", corrected)
    assert problem["detail"].startswith("A retraction is recorded here.")
    await world.json(EDITOR, "POST", f"{item}/retract", reinstated)
    assert (await world.json(NOBODY, "GET", item))["retraction"]["nature"] == "reinstatement"
    assert (await world.problem(EDITOR, "POST", f"{item}/retract", RETRACTION))["status"] == 409
    natures = [event.nature for event in await world.events() if isinstance(event, EvidenceRetracted)]
    assert natures == ["retraction", "reinstatement"]


async def test_the_same_notice_twice_is_published_once(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(RESEARCH)}"
    for _ in range(2):
        await world.json(EDITOR, "POST", f"{item}/retract", RETRACTION)
    assert len([event for event in await world.events() if isinstance(event, EvidenceRetracted)]) == 1


async def test_nobody_retracts_what_a_person_lived_through(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    problem = await world.problem(EDITOR, "POST", f"/v1/evidence/{item}/retract", RETRACTION)
    assert problem["title"] == "Accounts of lived experience cannot be retracted"
