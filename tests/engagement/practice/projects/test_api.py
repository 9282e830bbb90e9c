from uuid import UUID

import pytest

from shared.callers import Caller
from shared.events.contracts.engagement import ProjectStarted
from shared.events.contracts.evidence import (
    EvidenceMerged,
    EvidencePublished,
    EvidenceRequestReceived,
    EvidenceRetracted,
    EvidenceUnmerged,
    EvidenceWithdrawn,
    TopicPriorityChanged,
)
from shared.persistence.tables import new_id
from tests.engagement.world import FACILITATOR, EngagementWorld
from tests.support.callers import ENGAGEMENT_OFFICER, NOBODY, somebody


async def test_a_project_starts_from_published_evidence_and_an_assembly(world: EngagementWorld) -> None:
    assembly, item = await world.open_assembly(), await world.item()
    project = await world.start_project(applies=[item], assembly_id=assembly)
    sound = {"withdrawn": False, "notice": None, "merged_into": None}
    assert project["applies"] == [{"item_id": item, "way_of_knowing": "lived_experience", **sound}]
    assert project["is_in_doubt"] is False
    [event] = [event for event in await world.events() if isinstance(event, ProjectStarted)]
    assert event == ProjectStarted(
        project_id=UUID(project["id"]),
        topic_id=UUID(project["topic"]["id"]),
        model="demonstrator",
        applies=(UUID(item),),
        assembly_id=UUID(assembly),
    )


async def test_only_evidence_that_is_published_and_not_retracted_can_be_applied(world: EngagementWorld) -> None:
    good, withdrawn = await world.item(), await world.item()
    retracted = new_id()
    work = EvidencePublished(item_id=retracted, way_of_knowing="research", topic_ids=(), notice="retraction")
    await world.handle(work)
    await world.handle(EvidenceWithdrawn(item_id=UUID(withdrawn)), 2)
    body = {
        **{"title": "x", "model": "network", "topic_id": str(new_id()), "assembly_id": str(new_id())},
        "applies": [good, withdrawn, str(new_id()), good, str(retracted)],
    }
    response = await world.call(FACILITATOR, "POST", "/v1/projects", body)
    assert response.status_code == 422
    assert [error["pointer"] for error in response.json()["errors"]] == [
        *("/applies/1", "/applies/2", "/applies/3", "/applies/4", "/topic_id", "/assembly_id")
    ]


async def test_a_project_says_when_evidence_that_it_applies_is_withdrawn(world: EngagementWorld) -> None:
    item = await world.item()
    project = await world.start_project(applies=[item])
    path = f"/v1/projects/{project['id']}"
    first = await world.call(NOBODY, "GET", path)
    await world.handle(EvidenceWithdrawn(item_id=UUID(item)), 2)
    changed = await world.call(NOBODY, "GET", path, **{"If-None-Match": first.headers["ETag"]})
    assert (changed.status_code, changed.json()["applies"][0]["withdrawn"]) == (200, True)
    assert changed.json()["is_in_doubt"] is True
    republished = EvidencePublished(item_id=UUID(item), way_of_knowing="research", topic_ids=())
    await world.handle(republished, 1)
    assert (await world.json(NOBODY, "GET", path))["applies"][0]["withdrawn"], "an older event changes nothing"
    await world.handle(republished, 3)
    assert not (await world.json(NOBODY, "GET", path))["applies"][0]["withdrawn"]


async def test_a_project_says_what_became_of_a_work_that_it_applies(world: EngagementWorld) -> None:
    item = await world.item()
    path = f"/v1/projects/{(await world.start_project(applies=[item]))['id']}"
    for sequence, nature, notice in (
        (2, "expression_of_concern", "expression_of_concern"),
        (3, "retraction", "retraction"),
        (2, "correction", "retraction"),
        (4, "reinstatement", None),
        (4, "correction", "correction"),
    ):
        await world.handle(EvidenceRetracted.model_validate({"item_id": item, "nature": nature}), sequence)
        project = await world.json(NOBODY, "GET", path)
        assert (project["applies"][0]["notice"], project["is_in_doubt"]) == (notice, notice is not None), nature
        assert (await world.json(NOBODY, "GET", "/v1/projects"))["items"] == [project]
    topics_changed = EvidencePublished(
        item_id=UUID(item), way_of_knowing="lived_experience", topic_ids=(), notice="correction"
    )
    await world.handle(topics_changed, 5)
    assert (await world.json(NOBODY, "GET", path))["applies"][0]["notice"] == "correction"


async def test_what_became_of_the_item_that_stands_for_a_merged_one_is_shown(world: EngagementWorld) -> None:
    first, second, third = [await world.item() for _ in range(3)]
    path = f"/v1/projects/{(await world.start_project(applies=[first]))['id']}"
    await world.handle(EvidenceMerged(item_id=UUID(first), into_id=UUID(second)), 2)
    await world.handle(EvidenceMerged(item_id=UUID(second), into_id=UUID(third)), 2)
    await world.handle(EvidenceRetracted(item_id=UUID(third), nature="retraction"), 2)
    [applied] = (await world.json(NOBODY, "GET", path))["applies"]
    assert (applied["item_id"], applied["merged_into"], applied["notice"]) == (first, third, "retraction")
    await world.handle(EvidenceUnmerged(item_id=UUID(first), from_id=UUID(second)), 3)
    project = await world.json(NOBODY, "GET", path)
    assert (project["applies"][0]["merged_into"], project["is_in_doubt"]) == (None, False)


async def test_no_tag_of_a_project_counts_the_questions_on_its_topic(world: EngagementWorld) -> None:
    project = await world.start_project()
    path, topic = f"/v1/projects/{project['id']}", UUID(project["topic"]["id"])
    before = (await world.call(NOBODY, "GET", path)).headers["ETag"]
    await world.handle(EvidenceRequestReceived(request_id=new_id(), topic_ids=(topic,), urgency="today"))
    assert [row["open_questions"] for row in await world.rows("SELECT open_questions FROM topics")] == [1]
    assert (await world.call(NOBODY, "GET", path)).headers["ETag"] == before
    await world.handle(TopicPriorityChanged(topic_id=topic, priority=70, by="survey"), 2)
    assert (await world.call(NOBODY, "GET", path)).headers["ETag"] != before


async def test_a_withdrawal_that_arrives_first_is_stored(world: EngagementWorld) -> None:
    item = new_id()
    await world.handle(EvidenceWithdrawn(item_id=item), 2)
    await world.handle(EvidencePublished(item_id=item, way_of_knowing="research", topic_ids=()), 1)
    assert [row["published"] for row in await world.rows("SELECT published FROM items")] == [False]


async def test_projects_page_by_key_set_and_can_be_narrowed(world: EngagementWorld) -> None:
    projects = [await world.start_project() for _ in range(5)]
    listed_ids: list[str] = []
    url: str | None = "/v1/projects?limit=2"
    while url:
        page = await world.json(NOBODY, "GET", url)
        listed_ids += [project["id"] for project in page["items"]]
        url = page["next"]
    assert listed_ids == [project["id"] for project in reversed(projects)]
    page = await world.json(NOBODY, "GET", f"/v1/projects?topic={projects[2]['topic']['id']}")
    assert [project["id"] for project in page["items"]] == [projects[2]["id"]]


@pytest.mark.parametrize(
    ("caller", "status"), [(NOBODY, 401), (somebody(), 403), (ENGAGEMENT_OFFICER, 422), (FACILITATOR, 422)]
)
async def test_only_facilitators_and_engagement_officers_start_projects(
    world: EngagementWorld, caller: Caller, status: int
) -> None:
    assert (await world.call(caller, "POST", "/v1/projects", {})).status_code == status
    outcome = await world.call(caller, "POST", f"/v1/projects/{new_id()}/outcomes", {})
    assert outcome.status_code == status
