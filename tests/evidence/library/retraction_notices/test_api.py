from typing import Any
from uuid import UUID

from shared.events.contracts.evidence import EvidenceChanged, EvidencePublished, EvidenceRetracted
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

RETRACTION: dict[str, Any] = {
    "nature": "retraction",
    "on": "2023-04-11",
    "notice": {"scheme": "doi", "value": "10.5555/notice.1"},
    "reasons": ["Error in analyses"],
    "source": "Invented Publishers",
}
SAME = b"TY  - JOUR\nTI  - Replacement care\nDO  - 10.5555/abc.1\nER  - \n"
OTHER: dict[str, Any] = RESEARCH | {"title": "Another trial", "identifiers": []}


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


async def test_a_work_that_a_newer_one_replaced_stays_with_that_notice_until_a_graver_one(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(RESEARCH)}"
    superseded: dict[str, Any] = RETRACTION | {"nature": "superseded", "reasons": []}
    await world.json(EDITOR, "POST", f"{item}/retract", superseded)
    (summary,) = (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]
    assert summary["retraction"] == superseded
    await world.json(EDITOR, "POST", f"{item}/retract", RETRACTION)
    assert (await world.problem(EDITOR, "POST", f"{item}/retract", superseded))["status"] == 409
    natures = [event.nature for event in await world.events() if isinstance(event, EvidenceRetracted)]
    assert natures == ["retraction"]
    assert [event.edition for event in await world.events() if isinstance(event, EvidenceChanged)] == [1]


async def test_the_same_notice_twice_is_published_once(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(RESEARCH)}"
    for _ in range(2):
        await world.json(EDITOR, "POST", f"{item}/retract", RETRACTION)
    assert len([event for event in await world.events() if isinstance(event, EvidenceRetracted)]) == 1


async def test_nobody_retracts_what_a_person_lived_through(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    problem = await world.problem(EDITOR, "POST", f"/v1/evidence/{item}/retract", RETRACTION)
    assert problem["title"] == "Accounts of lived experience cannot be retracted"


async def test_a_work_that_was_retracted_as_a_draft_is_published_with_the_notice(world: EvidenceWorld) -> None:
    await world.import_file(SAME)
    by_file = str((await world.rows("SELECT id FROM items"))[0]["id"])
    by_hand, sound = await world.draft(OTHER), await world.publish(RESEARCH, title="Sound", identifiers=[])
    for item in (by_file, by_hand):
        await world.json(EDITOR, "POST", f"/v1/evidence/{item}/retract", RETRACTION)
    await world.import_file(SAME, publish="true")
    await world.json(EDITOR, "POST", f"/v1/evidence/{by_hand}/publish")
    notices = {
        str(event.item_id): event.notice for event in await world.events() if isinstance(event, EvidencePublished)
    }
    assert notices == {sound: None, by_file: "retraction", by_hand: "retraction"}
    topic = await world.topic()
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{by_hand}", {"topics": [topic]}, If_Match="*")
    assert (await world.events())[-1] == EvidencePublished(
        item_id=UUID(by_hand), way_of_knowing="research", topic_ids=(UUID(topic),), notice="retraction"
    )
