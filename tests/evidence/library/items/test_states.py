"""Publishing, withdrawing and noting an item as it was read, and why it was withdrawn."""

from typing import Any

import pytest

from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY, PRACTITIONER

NOTICE = {"nature": "retraction", "source": "The journal"}
WHY = "The same story was told twice; the other one stays."


@pytest.mark.parametrize(("verb", "body"), [("publish", None), ("withdraw", None), ("retract", NOTICE)])
async def test_an_item_that_has_changed_since_it_was_read_is_left_as_it_is(
    world: EvidenceWorld, verb: str, body: dict[str, Any] | None
) -> None:
    path = f"/v1/evidence/{await world.draft(RESEARCH, EDITOR)}"
    read = await world.tag(path)
    await world.json(EDITOR, "PATCH", path, {"title": "Another title"}, If_Match=read)
    problem = await world.problem(EDITOR, "POST", f"{path}/{verb}", body, If_Match=read)
    assert (problem["status"], problem["title"]) == (412, "This has changed since you read it")
    item = await world.json(EDITOR, "GET", path)
    assert (item["status"], item["retraction"]) == ("draft", None)
    await world.json(EDITOR, "POST", f"{path}/{verb}", body, If_Match=await world.tag(path))


@pytest.mark.parametrize("verb", ["publish", "withdraw"])
async def test_without_an_etag_an_item_is_published_and_withdrawn_as_it_is(world: EvidenceWorld, verb: str) -> None:
    """The API promises that POST asks for no If-Match: nobody's program breaks, and nobody's taking back is refused."""
    path = f"/v1/evidence/{await world.draft(RESEARCH, EDITOR)}"
    assert (await world.call(EDITOR, "POST", f"{path}/{verb}")).status_code == 200


@pytest.mark.parametrize("item", [RESEARCH, ACCOUNT, PRACTICE], ids=["research", "account", "practice"])
async def test_why_an_item_was_withdrawn_is_for_whoever_gave_it_and_editors(
    world: EvidenceWorld, item: dict[str, Any]
) -> None:
    path = f"/v1/evidence/{await world.publish(item, CARER)}"
    await world.json(EDITOR, "POST", f"{path}/withdraw", {"reason": f"  {WHY} "})
    for caller in (CARER, EDITOR):
        gone = await world.call(caller, "GET", path)
        tombstone = gone.json()["tombstone"]
        assert (tombstone["withdrawn_by"], tombstone["withdrawal_reason"]) == ("editor", WHY)
        assert gone.headers["cache-control"] == "no-store"
    for caller in (NOBODY, PRACTITIONER):
        tombstone = (await world.problem(caller, "GET", path))["tombstone"]
        assert set(tombstone) == {"id", "way_of_knowing", "withdrawn_at"}
    assert not any(WHY in str(event) for event in await world.events())


async def test_a_person_who_takes_something_back_owes_no_reason(world: EvidenceWorld) -> None:
    path = f"/v1/evidence/{await world.publish(ACCOUNT, CARER)}"
    await world.json(CARER, "POST", f"{path}/withdraw")
    tombstone = (await world.problem(CARER, "GET", path))["tombstone"]
    assert (tombstone["withdrawn_by"], tombstone["withdrawal_reason"]) == ("contributor", None)


async def test_an_account_whose_consent_ends_was_taken_back_by_its_person(world: EvidenceWorld) -> None:
    path = f"/v1/evidence/{await world.publish(ACCOUNT, CARER)}"
    consent = ACCOUNT["consent"] | {"to_publish": False}
    response = await world.call(CARER, "PUT", f"{path}/consent", consent, If_Match=await world.tag(path))
    assert response.is_success, response.text
    assert (await world.problem(EDITOR, "GET", path))["tombstone"]["withdrawn_by"] == "contributor"


@pytest.mark.parametrize("reason", ["", "x" * 2_001])
async def test_a_reason_is_a_text_of_some_length(world: EvidenceWorld, reason: str) -> None:
    path = f"/v1/evidence/{await world.draft(RESEARCH, EDITOR)}"
    problem = await world.problem(EDITOR, "POST", f"{path}/withdraw", {"reason": reason})
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/reason")
