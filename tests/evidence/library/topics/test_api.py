from typing import Any

import pytest

from services.evidence.library.topics import queries
from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import TopicChanged, TopicCreated
from shared.persistence.tables import new_id
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_a_topic_is_created_and_told_of(world: EvidenceWorld) -> None:
    response = await world.call(EDITOR, "POST", "/v1/topics", {"name": "  Breaks for carers "})
    assert response.status_code == 201
    topic = response.json()
    assert topic == {
        "id": topic["id"],
        "name": "Breaks for carers",
        "parent_id": None,
        "synonyms": [],
        "priority": None,
    }
    assert response.headers["location"] == f"/v1/topics/{topic['id']}"
    assert response.headers["etag"] == '"1"'
    (created,) = await world.events()
    assert isinstance(created, TopicCreated)
    assert (str(created.topic_id), created.name) == (topic["id"], "Breaks for carers")


@pytest.mark.parametrize(
    "caller",
    [CARER, person(new_id(), Role.ENGAGEMENT_OFFICER), person(new_id(), Role.ADMINISTRATOR)],
    ids=["contributor", "engagement officer", "administrator"],
)
async def test_only_editors_create_topics(world: EvidenceWorld, caller: Caller) -> None:
    assert (await world.call(caller, "POST", "/v1/topics", {"name": "Breaks"})).status_code == 403


async def test_nobody_in_particular_creates_no_topic(world: EvidenceWorld) -> None:
    assert (await world.call(NOBODY, "POST", "/v1/topics", {"name": "Breaks"})).status_code == 401


async def test_two_topics_in_one_place_have_different_names(world: EvidenceWorld) -> None:
    topic = await world.topic("Breaks")
    problem = await world.problem(EDITOR, "POST", "/v1/topics", {"name": "breaks"})
    assert problem["status"] == 409
    assert topic in problem["detail"]
    await world.topic("Breaks", parent=await world.topic("Carers"))


async def test_a_parent_must_exist(world: EvidenceWorld) -> None:
    problem = await world.problem(EDITOR, "POST", "/v1/topics", {"name": "Breaks", "parent_id": str(new_id())})
    assert problem["status"] == 404


async def test_the_tree_shows_what_is_known_of_each_branch(world: EvidenceWorld) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", parent=carers)
    await world.topic("Prevention")
    await world.publish(RESEARCH, topics=[carers, breaks])
    await world.publish(ACCOUNT, topics=[breaks])
    await world.draft(PRACTICE, topics=[breaks])
    tree = await world.json(NOBODY, "GET", "/v1/topics/tree")
    assert [branch["name"] for branch in tree] == ["Carers", "Prevention"]
    assert tree[0]["topics"][0]["id"] == breaks
    # The study lies under both, and is counted once.
    assert tree[0]["coverage"] == {"research": 1, "lived_experience": 1, "practice_knowledge": 0}
    assert tree[1]["coverage"] == {"research": 0, "lived_experience": 0, "practice_knowledge": 0}
    mapped = await world.json(NOBODY, "GET", f"/v1/topics/{carers}/coverage")
    assert tree[0]["coverage"].items() <= mapped.items()


async def test_a_tree_too_large_to_show_is_cut_off_from_below(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MAX_TREE_TOPICS", 3)
    last = await world.topic("Zest for life")
    middle = await world.topic("Breaks", parent=last)
    for name in ("A day", "A night", "A week"):
        await world.topic(name, parent=middle)
    (branch,) = await world.json(NOBODY, "GET", "/v1/topics/tree")
    assert branch["id"] == last
    assert [(child["id"], [leaf["name"] for leaf in child["topics"]]) for child in branch["topics"]] == [
        (middle, ["A day"])
    ]


async def test_the_items_of_a_topic_are_those_below_it_too(world: EvidenceWorld) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", parent=carers)
    item = await world.publish(ACCOUNT, topics=[breaks])
    assert [i["id"] for i in (await world.json(NOBODY, "GET", f"/v1/evidence?topic={carers}"))["items"]] == [item]
    assert (await world.call(NOBODY, "GET", f"/v1/evidence?topic={new_id()}")).status_code == 404


async def test_topics_are_listed_by_page_parent_and_name(world: EvidenceWorld) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", parent=carers)
    page = await world.json(NOBODY, "GET", "/v1/topics?limit=1")
    assert [topic["id"] for topic in page["items"]] == [carers]
    rest = await world.json(NOBODY, "GET", page["next"].removeprefix("http://testserver"))
    assert [topic["id"] for topic in rest["items"]] == [breaks]
    for filters in (f"parent={carers}", "name=breaks"):
        assert [t["id"] for t in (await world.json(NOBODY, "GET", f"/v1/topics?{filters}"))["items"]] == [breaks]


async def test_a_topic_that_is_not_there_is_not_found(world: EvidenceWorld) -> None:
    for path in (f"/v1/topics/{new_id()}", f"/v1/topics/{new_id()}/coverage"):
        assert (await world.call(NOBODY, "GET", path)).status_code == 404


async def test_a_topic_is_found_by_its_synonyms(world: EvidenceWorld) -> None:
    created = await world.json(EDITOR, "POST", "/v1/topics", {"name": "Breaks", "synonyms": ["Respite care"]})
    await world.topic("Pay")
    (topic,) = (await world.json(NOBODY, "GET", "/v1/topics?name=respite  CARE"))["items"]
    assert (topic["id"], topic["synonyms"]) == (created["id"], ["Respite care"])


async def test_a_word_leads_to_one_topic_in_the_whole_library(world: EvidenceWorld) -> None:
    breaks = await world.topic("Breaks")
    pay = await world.topic("Pay")
    await world.json(EDITOR, "PATCH", f"/v1/topics/{breaks}", {"synonyms": ["Respite"]}, If_Match="*")
    refused: list[dict[str, Any]] = [
        await world.problem(EDITOR, "PATCH", f"/v1/topics/{pay}", patch, If_Match="*")
        for patch in ({"synonyms": ["RESPITE"]}, {"synonyms": ["breaks"]}, {"name": "Respite"})
    ]
    refused.append(await world.problem(EDITOR, "POST", "/v1/topics", {"name": "Respite"}))
    assert [problem["status"] for problem in refused] == [409] * 4
    assert all(breaks in problem["detail"] for problem in refused)
    await world.json(EDITOR, "PATCH", f"/v1/topics/{breaks}", {"synonyms": None}, If_Match="*")
    await world.json(EDITOR, "PATCH", f"/v1/topics/{pay}", {"synonyms": ["Respite"]}, If_Match="*")


async def test_a_topic_is_named_anew_and_moved_and_told_of(world: EvidenceWorld) -> None:
    carers, breaks = await world.topic("Carers"), await world.topic("Brakes")
    path = f"/v1/topics/{breaks}"
    assert (await world.call(EDITOR, "PATCH", path, {"name": "Breaks"})).status_code == 428
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    changed = await world.call(EDITOR, "PATCH", path, {"name": "Breaks", "parent_id": carers}, If_Match=tag)
    assert (changed.status_code, changed.json()["name"], changed.json()["parent_id"]) == (200, "Breaks", carers)
    assert (await world.call(EDITOR, "PATCH", path, {"name": "Pauses"}, If_Match=tag)).status_code == 412
    (event,) = [event for event in await world.events() if isinstance(event, TopicChanged)]
    assert (str(event.topic_id), event.name, str(event.parent_id)) == (breaks, "Breaks", carers)
    assert (await world.call(CARER, "PATCH", path, {"name": "Pauses"}, If_Match="*")).status_code == 403
    top = await world.json(EDITOR, "PATCH", path, {"parent_id": None}, If_Match=changed.headers["etag"])
    assert top["parent_id"] is None


async def test_a_topic_moves_neither_under_itself_nor_beside_its_like_nor_too_deep(world: EvidenceWorld) -> None:
    chain = [await world.topic("Level 1")]
    for level in range(2, 6):
        chain.append(await world.topic(f"Level {level}", parent=chain[-1]))
    other = await world.topic("Other")
    await world.topic("Other", parent=chain[0])
    for topic, parent, status in ((chain[0], chain[2], 409), (other, chain[0], 409), (other, chain[4], 422)):
        refused = await world.problem(EDITOR, "PATCH", f"/v1/topics/{topic}", {"parent_id": parent}, If_Match="*")
        assert refused["status"] == status


async def test_what_is_shown_of_a_topic_changes_its_tag_and_not_its_version(world: EvidenceWorld) -> None:
    topic = await world.topic()
    path = f"/v1/topics/{topic}"
    before = (await world.call(NOBODY, "GET", path)).headers["etag"]
    await world.publish(RESEARCH, topics=[topic])
    after = await world.call(NOBODY, "GET", path, **{"If-None-Match": before})
    assert (after.status_code, after.json()["coverage"]["research"]) == (200, 1)
    await world.json(EDITOR, "PATCH", path, {"name": "Breaks"}, If_Match=before)


async def test_a_space_too_many_makes_no_other_topic(world: EvidenceWorld) -> None:
    homes = await world.json(EDITOR, "POST", "/v1/topics", {"name": "Care  homes", "synonyms": ["nursing\u00a0 home"]})
    assert (homes["name"], homes["synonyms"]) == ("Care homes", ["nursing home"])
    assert (await world.problem(EDITOR, "POST", "/v1/topics", {"name": "Care homes"}))["status"] == 409
    (named,) = (await world.json(NOBODY, "GET", "/v1/topics?name=care%20homes"))["items"]
    assert named["id"] == homes["id"]


async def test_no_topic_is_called_by_words_that_somebody_took_back(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    words = ACCOUNT["account"]
    for body, pointer in (({"name": words}, "/name"), ({"name": "Rest", "synonyms": ["Sleep", words]}, "/synonyms/1")):
        refused = await world.problem(EDITOR, "POST", "/v1/topics", body)
        assert (refused["status"], refused["errors"][0]["pointer"]) == (422, pointer)
        assert "was taken back" in refused["errors"][0]["detail"]
    path = f"/v1/topics/{await world.topic('Rest')}"
    for patch in ({"name": words}, {"synonyms": [words]}):
        assert (await world.call(EDITOR, "PATCH", path, patch, If_Match=await world.tag(path))).status_code == 422
