from datetime import timedelta

from shared import clock
from shared.events.contracts.evidence import GuidePublished
from tests.evidence.publications.guides.writing import PARTNER, REVIEWER, changed, drafted, published, release
from tests.evidence.world import EvidenceWorld
from tests.support.callers import CARER, EDITOR


async def test_whoever_wrote_in_an_edition_cannot_publish_it(world: EvidenceWorld) -> None:
    guide = await drafted(world)
    path = f"/v1/guides/{guide}"
    early = await world.refused(REVIEWER, "POST", f"{path}/publish")
    assert early["title"] == "This is not with a reviewer"
    await world.done(EDITOR, "POST", f"{path}/submit")
    assert (await world.refused(EDITOR, "POST", f"{path}/publish"))["title"] == "Somebody else must publish this"
    assert (await world.call(CARER, "POST", f"{path}/publish")).status_code == 403
    assert (await world.call(PARTNER, "POST", f"{path}/publish")).status_code == 403
    assert (await world.done(REVIEWER, "POST", f"{path}/publish"))["state"] == "published"


async def test_a_second_click_on_publish_changes_nothing(world: EvidenceWorld) -> None:
    guide = await published(world)
    again = await world.refused(REVIEWER, "POST", f"/v1/guides/{guide['id']}/publish")
    assert again["title"] == "No new edition of this guide is being written"
    assert len([event for event in await world.events() if isinstance(event, GuidePublished)]) == 1


async def test_a_change_during_the_review_needs_a_new_review(world: EvidenceWorld) -> None:
    guide = await drafted(world)
    await world.done(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    draft = await changed(world, guide, {"title": "Another title"})
    assert draft["state"] == "draft"
    assert (await world.call(REVIEWER, "POST", f"/v1/guides/{guide}/publish")).status_code == 409


async def test_only_what_the_reviewer_has_read_is_published(world: EvidenceWorld) -> None:
    guide = await drafted(world)
    await world.done(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    read = await world.call(REVIEWER, "GET", f"/v1/guides/{guide}/draft")
    await changed(world, guide, {"title": "Swapped"})
    await world.done(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    stale = await world.call(REVIEWER, "POST", f"/v1/guides/{guide}/publish", If_Match=read.headers["etag"])
    assert stale.status_code == 412
    fresh = await world.call(REVIEWER, "GET", f"/v1/guides/{guide}/draft")
    await world.done(REVIEWER, "POST", f"/v1/guides/{guide}/publish", If_Match=fresh.headers["etag"])


async def test_a_reviewer_gives_it_back_and_says_why(world: EvidenceWorld) -> None:
    guide = await drafted(world)
    await world.done(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    listed = (await world.done(REVIEWER, "GET", "/v1/guides?state=review"))["items"]
    assert [one["id"] for one in listed] == [guide]
    back = await world.done(REVIEWER, "POST", f"/v1/guides/{guide}/return", {"because": "Who pays?"})
    assert (back["state"], back["returned_because"]) == ("draft", "Who pays?")
    assert (await world.done(EDITOR, "POST", f"/v1/guides/{guide}/submit"))["returned_because"] is None
    assert (await world.call(EDITOR, "POST", f"/v1/guides/{guide}/submit")).status_code == 409


async def test_the_next_edition_keeps_the_day_to_which_a_reviewer_moved_the_next_look(world: EvidenceWorld) -> None:
    guide = await published(world)
    later = (clock.today() + timedelta(days=900)).isoformat()
    await world.done(EDITOR, "POST", f"/v1/guides/{guide['id']}/reviewed", {"review_on": later})
    assert (await changed(world, guide["id"], {"title": "Another title"}))["review_on"] == later
    assert (await release(world, guide["id"]))["review_on"] == later
