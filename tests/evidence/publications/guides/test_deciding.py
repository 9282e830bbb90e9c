from uuid import UUID

from shared.events.contracts.evidence import (
    GuidePublished,
)
from shared.persistence.tables import new_id
from tests.evidence.publications.guides.writing import (
    REVIEWER,
    change_item,
    decide,
    flags,
    hear_all,
    merge,
    papers,
    published,
    read,
    release,
    statement,
)
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR


async def test_keeping_a_statement_is_told_to_readers_and_holds_until_the_next_change(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    guide = await published(world, statement(practice))
    await change_item(world, practice, what_happened="A word was misspelt.")
    await hear_all(world)
    [flag] = await flags(world)
    assert await decide(world, flag, decision="keep", because="One word was corrected.") == {
        "decision": "keep",
        "in_next_edition": False,
    }
    assert await flags(world) == []
    seen = (await read(world, guide))["statements"][0]
    assert seen["flags"] == []
    assert [(one["reason"], one["because"]) for one in seen["citations"][0]["looked_at"]] == [
        ("changed", "One word was corrected.")
    ]
    await hear_all(world)
    assert await flags(world) == [], "hearing of the same change again does not open it again"
    await change_item(world, practice, what_happened="Nobody got an answer.")
    await hear_all(world)
    assert [one["reason"] for one in await flags(world)] == ["changed"]


async def test_keeping_needs_a_reason(world: EvidenceWorld) -> None:
    path = f"/v1/guides/{new_id()}/statements/{new_id()}/citations/{new_id()}/resolve"
    assert (await world.refused(EDITOR, "POST", path, {"decision": "keep"}))["status"] == 422
    assert (await world.refused(EDITOR, "POST", path, {"decision": "remove"}))["status"] == 404


async def test_a_new_pin_waits_in_the_next_edition_for_somebody_elses_eyes(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    guide = await published(world, statement(practice))
    await change_item(world, practice, what_happened="Most families did.")
    await hear_all(world)
    [flag] = await flags(world)
    assert (await decide(world, flag, decision="repin"))["in_next_edition"]
    assert await flags(world) == []
    assert [one["decided"] for one in await flags(world, "?decided=true")] == ["repin"]
    assert (await read(world, guide))["being_looked_at"], "readers see it until the next edition is published"
    after = await release(world, guide["id"])
    assert (after["edition"], after["statements"][0]["citations"][0]["edition"]) == (2, 2)
    assert not after["being_looked_at"]
    assert await flags(world, "?decided=true") == []


async def test_a_dropped_draft_opens_its_decisions_again(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    guide = await published(world, statement(practice))
    await change_item(world, practice, what_happened="Most families did.")
    await hear_all(world)
    [flag] = await flags(world)
    await decide(world, flag, decision="repin")
    await world.call(EDITOR, "DELETE", f"/v1/guides/{guide['id']}/draft", If_Match="*")
    assert len(await flags(world)) == 1


async def test_a_second_editor_learns_that_it_was_decided(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    await published(world, statement(practice))
    await change_item(world, practice, what_happened="Most families did.")
    await hear_all(world)
    [flag] = await flags(world)
    await decide(world, flag, decision="remove")
    path = f"/v1/guides/{flag['guide_id']}/statements/{flag['statement_id']}/citations/{flag['item_id']}/resolve"
    again = await world.refused(REVIEWER, "POST", path, {"decision": "repin"})
    assert again["title"] == "There is nothing to decide here"


async def test_a_withdrawn_item_can_only_be_taken_out(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    guide = await published(world, statement(account, await world.publish(PRACTICE)))
    await world.done(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await hear_all(world)
    [flag] = await flags(world)
    path = f"/v1/guides/{guide['id']}/statements/{flag['statement_id']}/citations/{account}/resolve"
    kept = await world.refused(EDITOR, "POST", path, {"decision": "keep", "because": "We liked it."})
    assert kept["title"] == "A withdrawn item can no longer be relied on"
    assert (await world.call(EDITOR, "POST", path, {"decision": "repin"})).status_code == 409
    await decide(world, flag, decision="remove")
    after = await release(world, guide["id"])
    assert [one["item_id"] for one in after["statements"][0]["citations"]] != [account]
    assert after["balance"]["lived_experience"] == 0
    assert not after["being_looked_at"]


async def test_a_merged_item_is_pinned_anew_to_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    paper, other = await papers(world, "A trial of breaks", "Breaks: a trial")
    guide = await published(world, statement(paper, other), statement(paper))
    await merge(world, paper, other)
    await hear_all(world)
    for flag in await flags(world):
        await decide(world, flag, decision="repin")
    after = await release(world, guide["id"])
    assert [[one["item_id"] for one in said["citations"]] for said in after["statements"]] == [[other], [other]]
    told = [event for event in await world.events() if isinstance(event, GuidePublished)]
    assert told[-1].item_ids == (UUID(other),)
    assert not after["being_looked_at"]
