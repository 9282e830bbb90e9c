from datetime import timedelta

from shared import clock
from shared.events.contracts.evidence import GuidePublished
from tests.evidence.publications.guides.guide_factories import (
    PARTNER,
    REVIEWER,
    change_guide,
    create_draft,
    publish_guide,
    submit_and_publish,
)
from tests.evidence.world import EvidenceWorld
from tests.support.callers import CARER, EDITOR


async def test_whoever_wrote_in_an_edition_cannot_publish_it(world: EvidenceWorld) -> None:
    guide = await create_draft(world)
    path = f"/v1/guides/{guide}"
    early = await world.problem(REVIEWER, "POST", f"{path}/publish")
    assert early["title"] == "This draft is not in review"
    await world.json(EDITOR, "POST", f"{path}/submit")
    assert (await world.problem(EDITOR, "POST", f"{path}/publish"))["title"] == "Somebody else must publish this"
    drafts = [await world.json(caller, "GET", f"{path}/draft") for caller in (EDITOR, REVIEWER)]
    assert [draft["written_by_you"] for draft in drafts] == [True, False]
    assert (await world.call(CARER, "POST", f"{path}/publish")).status_code == 403
    assert (await world.call(PARTNER, "POST", f"{path}/publish")).status_code == 403
    assert (await world.json(REVIEWER, "POST", f"{path}/publish"))["status"] == "published"


async def test_a_second_click_on_publish_changes_nothing(world: EvidenceWorld) -> None:
    guide = await publish_guide(world)
    problem = await world.problem(REVIEWER, "POST", f"/v1/guides/{guide['id']}/publish")
    assert problem["title"] == "No new edition of this guide is being written"
    assert len([event for event in await world.events() if isinstance(event, GuidePublished)]) == 1


async def test_a_change_during_the_review_needs_a_new_review(world: EvidenceWorld) -> None:
    guide = await create_draft(world)
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    draft = await change_guide(world, guide, {"title": "Another title"})
    assert draft["status"] == "draft"
    assert (await world.call(REVIEWER, "POST", f"/v1/guides/{guide}/publish")).status_code == 409


async def test_only_what_the_reviewer_has_read_is_published(world: EvidenceWorld) -> None:
    guide = await create_draft(world)
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    response = await world.call(REVIEWER, "GET", f"/v1/guides/{guide}/draft")
    await change_guide(world, guide, {"title": "Swapped"})
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    stale = await world.call(REVIEWER, "POST", f"/v1/guides/{guide}/publish", If_Match=response.headers["etag"])
    assert stale.status_code == 412
    fresh = await world.call(REVIEWER, "GET", f"/v1/guides/{guide}/draft")
    await world.json(REVIEWER, "POST", f"/v1/guides/{guide}/publish", If_Match=fresh.headers["etag"])


async def test_a_reviewer_gives_it_back_and_says_why(world: EvidenceWorld) -> None:
    guide = await create_draft(world)
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    drafts = (await world.json(REVIEWER, "GET", "/v1/guides?status=review"))["items"]
    assert [guide["id"] for guide in drafts] == [guide]
    back = await world.json(REVIEWER, "POST", f"/v1/guides/{guide}/return", {"because": "Who pays?"})
    assert (back["status"], back["returned_because"]) == ("draft", "Who pays?")
    assert (await world.json(EDITOR, "POST", f"/v1/guides/{guide}/submit"))["returned_because"] is None
    assert (await world.call(EDITOR, "POST", f"/v1/guides/{guide}/submit")).status_code == 409


async def test_the_next_edition_keeps_the_day_to_which_a_reviewer_moved_the_next_look(world: EvidenceWorld) -> None:
    guide = await publish_guide(world)
    later = (clock.today() + timedelta(days=900)).isoformat()
    await world.json(EDITOR, "POST", f"/v1/guides/{guide['id']}/confirm", {"review_on": later})
    assert (await change_guide(world, guide["id"], {"title": "Another title"}))["review_on"] == later
    assert (await submit_and_publish(world, guide["id"]))["review_on"] == later
