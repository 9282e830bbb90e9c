from typing import Any
from uuid import UUID

from shared.events.contracts.engagement import ProjectStarted
from shared.events.contracts.evidence import GuideFlagsChanged, GuidePublished, GuideWithdrawn
from shared.persistence.tables import new_id
from tests.engagement.world import FACILITATOR, EngagementWorld
from tests.support.callers import NOBODY


def published(guide: UUID, edition: int = 1) -> GuidePublished:
    return GuidePublished(
        guide_id=guide, edition=edition, topic_ids=(), item_ids=(), ways_of_knowing=("lived_experience",)
    )


async def a_project(world: EngagementWorld, **more: Any) -> dict[str, Any]:
    return {"title": "Breaks, by the guide", "model": "facilitator", "topic_id": await world.topic()} | more


async def test_a_project_may_apply_a_guide_alone_and_its_event_says_which(world: EngagementWorld) -> None:
    guide = new_id()
    await world.handle(published(guide))
    body = await a_project(world, guide_ids=[str(guide)])
    project = await world.json(FACILITATOR, "POST", "/v1/projects", body)
    assert project["guides"] == [{"guide_id": str(guide), "edition": 1, "withdrawn": False, "doubts": []}]
    assert project["applies"] == []
    [event] = [event for event in await world.events() if isinstance(event, ProjectStarted)]
    assert (event.applies, event.guide_ids) == ((), (guide,))


async def test_a_project_that_applies_nothing_is_told_what_to_say(world: EngagementWorld) -> None:
    response = await world.call(FACILITATOR, "POST", "/v1/projects", await a_project(world))
    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (422, "/applies")


async def test_only_a_published_guide_can_be_applied_and_only_once(world: EngagementWorld) -> None:
    good, withdrawn = new_id(), new_id()
    await world.handle(published(good))
    await world.handle(published(withdrawn))
    await world.handle(GuideWithdrawn(guide_id=withdrawn), 2)
    guides = [str(guide) for guide in (good, withdrawn, new_id(), good)]
    response = await world.call(FACILITATOR, "POST", "/v1/projects", await a_project(world, guide_ids=guides))
    assert [error["pointer"] for error in response.json()["errors"]] == ["/guide_ids/1", "/guide_ids/2", "/guide_ids/3"]


async def test_a_project_says_which_edition_stands_and_when_its_guide_is_withdrawn(world: EngagementWorld) -> None:
    guide = new_id()
    await world.handle(published(guide))
    body = await a_project(world, guide_ids=[str(guide)], applies=[await world.item()])
    path = f"/v1/projects/{(await world.json(FACILITATOR, 'POST', '/v1/projects', body))['id']}"
    first = await world.call(NOBODY, "GET", path)
    await world.handle(published(guide, 2), 3)
    assert (await world.json(NOBODY, "GET", path))["guides"][0]["edition"] == 2
    await world.handle(GuideWithdrawn(guide_id=guide), 5)
    await world.handle(published(guide, 2), 3)
    changed = await world.call(NOBODY, "GET", path, **{"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.json()["guides"][0]["withdrawn"]) == (200, True)
    item = (await world.json(NOBODY, "GET", "/v1/projects"))["items"][0]
    assert item["guides"] == changed.json()["guides"]


async def test_a_withdrawal_of_a_guide_that_arrives_first_is_stored(world: EngagementWorld) -> None:
    guide = new_id()
    await world.handle(GuideWithdrawn(guide_id=guide), 2)
    await world.handle(published(guide))
    assert [row["published"] for row in await world.rows("SELECT published FROM guides")] == [False]


async def test_a_project_says_that_its_guide_is_in_doubt_until_it_no_longer_is(world: EngagementWorld) -> None:
    guide = new_id()
    await world.handle(published(guide))
    body = await a_project(world, guide_ids=[str(guide)])
    path = f"/v1/projects/{(await world.json(FACILITATOR, 'POST', '/v1/projects', body))['id']}"

    async def doubts() -> list[str]:
        project = await world.json(NOBODY, "GET", path)
        assert project["is_in_doubt"] == bool(project["guides"][0]["doubts"])
        return project["guides"][0]["doubts"]

    # A guide whose items change keeps its version.
    await world.handle(GuideFlagsChanged(guide_id=guide, doubts=("doubted",)))
    assert await doubts() == ["doubted"]
    await world.handle(GuideFlagsChanged(guide_id=guide, doubts=("unsupported", "doubted")))
    assert await doubts() == ["unsupported", "doubted"]
    await world.handle(GuideFlagsChanged(guide_id=guide))
    assert await doubts() == []
    await world.handle(GuideFlagsChanged(guide_id=guide, doubts=("doubted",)), 2)
    await world.handle(published(guide, 2), 3)
    assert await doubts() == [], "a new edition is in doubt only once it is said so"
    await world.handle(GuideFlagsChanged(guide_id=guide, doubts=("doubted",)), 2)
    assert await doubts() == [], "an older event changes nothing"
    await world.handle(GuideFlagsChanged(guide_id=guide, doubts=("doubted",)), 3)
    assert await doubts() == ["doubted"]
