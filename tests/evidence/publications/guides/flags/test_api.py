from uuid import UUID

from shared.events.contracts.evidence import (
    GuidePublished,
)
from shared.persistence.tables import new_id
from tests.evidence.publications.guides.guide_factories import (
    REVIEWER,
    change_item,
    decide,
    get_guide,
    handle_item_events,
    list_flags,
    merge,
    publish_guide,
    publish_papers,
    statement,
    submit_and_publish,
)
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR


async def test_keeping_a_statement_is_told_to_readers_and_holds_until_the_next_change(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(practice))
    await change_item(world, practice, what_happened="A word was misspelt.")
    await handle_item_events(world)
    [flag] = await list_flags(world)
    assert await decide(world, flag, decision="keep", because="One word was corrected.") == {
        "decision": "keep",
        "in_next_edition": False,
    }
    assert await list_flags(world) == []
    shown_statement = (await get_guide(world, guide))["statements"][0]
    assert shown_statement["flags"] == []
    assert [(issue["reason"], issue["because"]) for issue in shown_statement["citations"][0]["accepted_issues"]] == [
        ("changed", "One word was corrected.")
    ]
    await handle_item_events(world)
    assert await list_flags(world) == [], "hearing of the same change again does not open it again"
    await change_item(world, practice, what_happened="Nobody got an answer.")
    await handle_item_events(world)
    assert [flag["reason"] for flag in await list_flags(world)] == ["changed"]


async def test_keeping_needs_a_reason(world: EvidenceWorld) -> None:
    path = f"/v1/guides/{new_id()}/statements/{new_id()}/citations/{new_id()}/resolve"
    assert (await world.problem(EDITOR, "POST", path, {"decision": "keep"}))["status"] == 422
    assert (await world.problem(EDITOR, "POST", path, {"decision": "remove"}))["status"] == 404


async def test_a_new_pin_waits_in_the_next_edition_for_somebody_elses_eyes(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(practice))
    await change_item(world, practice, what_happened="Most families did.")
    await handle_item_events(world)
    [flag] = await list_flags(world)
    assert (await decide(world, flag, decision="repin"))["in_next_edition"]
    assert await list_flags(world) == []
    assert [flag["decision"] for flag in await list_flags(world, "?decided=true")] == ["repin"]
    assert (await get_guide(world, guide))["is_flagged"], "readers see it until the next edition is published"
    after = await submit_and_publish(world, guide["id"])
    assert (after["edition"], after["statements"][0]["citations"][0]["edition"]) == (2, 2)
    assert not after["is_flagged"]
    assert await list_flags(world, "?decided=true") == []


async def test_a_dropped_draft_opens_its_decisions_again(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(practice))
    await change_item(world, practice, what_happened="Most families did.")
    await handle_item_events(world)
    [flag] = await list_flags(world)
    await decide(world, flag, decision="repin")
    await world.call(EDITOR, "DELETE", f"/v1/guides/{guide['id']}/draft", If_Match="*")
    assert len(await list_flags(world)) == 1


async def test_a_second_editor_learns_that_it_was_decided(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    await publish_guide(world, statement(practice))
    await change_item(world, practice, what_happened="Most families did.")
    await handle_item_events(world)
    [flag] = await list_flags(world)
    await decide(world, flag, decision="remove")
    path = f"/v1/guides/{flag['guide_id']}/statements/{flag['statement_id']}/citations/{flag['item_id']}/resolve"
    tag = await world.tag(f"/v1/guides/{flag['guide_id']}")
    problem = await world.problem(REVIEWER, "POST", path, {"decision": "repin"}, If_Match=tag)
    assert problem["title"] == "There is nothing to decide here"


async def test_a_withdrawn_item_can_only_be_taken_out(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    guide = await publish_guide(world, statement(account, await world.publish(PRACTICE)))
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await handle_item_events(world)
    [flag] = await list_flags(world)
    path = f"/v1/guides/{guide['id']}/statements/{flag['statement_id']}/citations/{account}/resolve"
    tag = await world.tag(f"/v1/guides/{guide['id']}")
    problem = await world.problem(EDITOR, "POST", path, {"decision": "keep", "because": "We liked it."}, If_Match=tag)
    assert problem["title"] == "A withdrawn item can no longer be relied on"
    assert (await world.call(EDITOR, "POST", path, {"decision": "repin"}, If_Match=tag)).status_code == 409
    await decide(world, flag, decision="remove")
    after = await submit_and_publish(world, guide["id"])
    assert [citation["item_id"] for citation in after["statements"][0]["citations"]] != [account]
    assert after["balance"]["lived_experience"] == 0
    assert not after["is_flagged"]


async def test_a_merged_item_is_pinned_anew_to_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    paper, other = await publish_papers(world, "A trial of breaks", "Breaks: a trial")
    guide = await publish_guide(world, statement(paper, other), statement(paper))
    await merge(world, paper, other)
    await handle_item_events(world)
    for flag in await list_flags(world):
        await decide(world, flag, decision="repin")
    after = await submit_and_publish(world, guide["id"])
    assert [
        [citation["item_id"] for citation in shown_statement["citations"]] for shown_statement in after["statements"]
    ] == [[other], [other]]
    events = [event for event in await world.events() if isinstance(event, GuidePublished)]
    assert events[-1].item_ids == (UUID(other),)
    assert not after["is_flagged"]
