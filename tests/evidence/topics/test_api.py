import pytest

from services.evidence.topics import queries
from shared.auth import Caller, Role, person
from shared.contracts.evidence import TopicCreated
from shared.tables import new_id
from tests.evidence.world import ACCOUNT, CARER, EDITOR, NOBODY, PRACTICE, RESEARCH, World


async def test_a_topic_is_created_and_told_of(world: World) -> None:
    made = await world.call(EDITOR, "POST", "/v1/topics", {"name": "  Breaks for carers "})
    assert made.status_code == 201
    topic = made.json()
    assert topic == {"id": topic["id"], "name": "Breaks for carers", "parent_id": None, "priority": None}
    assert made.headers["location"] == f"/v1/topics/{topic['id']}"
    assert made.headers["etag"] == '"1"'
    (created,) = await world.events()
    assert isinstance(created, TopicCreated)
    assert (str(created.topic_id), created.name) == (topic["id"], "Breaks for carers")


@pytest.mark.parametrize(
    "caller",
    [CARER, person(new_id(), Role.ENGAGEMENT_OFFICER), person(new_id(), Role.ADMINISTRATOR)],
    ids=["contributor", "engagement officer", "administrator"],
)
async def test_only_editors_create_topics(world: World, caller: Caller) -> None:
    assert (await world.call(caller, "POST", "/v1/topics", {"name": "Breaks"})).status_code == 403


async def test_nobody_in_particular_creates_no_topic(world: World) -> None:
    assert (await world.call(NOBODY, "POST", "/v1/topics", {"name": "Breaks"})).status_code == 401


async def test_two_topics_in_one_place_have_different_names(world: World) -> None:
    topic = await world.topic("Breaks")
    problem = await world.refused(EDITOR, "POST", "/v1/topics", {"name": "breaks"})
    assert problem["status"] == 409
    assert topic in problem["detail"]
    await world.topic("Breaks", parent=await world.topic("Carers"))


async def test_a_parent_must_exist(world: World) -> None:
    problem = await world.refused(EDITOR, "POST", "/v1/topics", {"name": "Breaks", "parent_id": str(new_id())})
    assert problem["status"] == 404


async def test_the_tree_shows_what_is_known_of_each_branch(world: World) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", parent=carers)
    await world.topic("Prevention")
    await world.publish(RESEARCH, topics=[carers, breaks])
    await world.publish(ACCOUNT, topics=[breaks])
    await world.draft(PRACTICE, topics=[breaks])
    tree = await world.done(NOBODY, "GET", "/v1/topics/tree")
    assert [branch["name"] for branch in tree] == ["Carers", "Prevention"]
    assert tree[0]["topics"][0]["id"] == breaks
    # The study lies under both, and is counted once.
    assert tree[0]["coverage"] == {"research": 1, "lived_experience": 1, "practice_knowledge": 0}
    assert tree[1]["coverage"] == {"research": 0, "lived_experience": 0, "practice_knowledge": 0}
    assert await world.done(NOBODY, "GET", f"/v1/topics/{carers}/coverage") == tree[0]["coverage"]


async def test_a_tree_too_large_to_show_is_cut_off_from_below(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "MOST_IN_TREE", 3)
    last = await world.topic("Zest for life")
    middle = await world.topic("Breaks", parent=last)
    for name in ("A day", "A night", "A week"):
        await world.topic(name, parent=middle)
    (shown,) = await world.done(NOBODY, "GET", "/v1/topics/tree")
    assert shown["id"] == last
    assert [(one["id"], [leaf["name"] for leaf in one["topics"]]) for one in shown["topics"]] == [(middle, ["A day"])]


async def test_the_items_of_a_topic_are_those_below_it_too(world: World) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", parent=carers)
    item = await world.publish(ACCOUNT, topics=[breaks])
    assert [i["id"] for i in (await world.done(NOBODY, "GET", f"/v1/evidence?topic={carers}"))["items"]] == [item]
    assert (await world.call(NOBODY, "GET", f"/v1/evidence?topic={new_id()}")).status_code == 404


async def test_topics_are_listed_by_page_parent_and_name(world: World) -> None:
    carers = await world.topic("Carers")
    breaks = await world.topic("Breaks", parent=carers)
    page = await world.done(NOBODY, "GET", "/v1/topics?limit=1")
    assert [topic["id"] for topic in page["items"]] == [carers]
    rest = await world.done(NOBODY, "GET", page["next"].removeprefix("http://testserver"))
    assert [topic["id"] for topic in rest["items"]] == [breaks]
    for filters in (f"parent={carers}", "name=breaks"):
        assert [t["id"] for t in (await world.done(NOBODY, "GET", f"/v1/topics?{filters}"))["items"]] == [breaks]


async def test_a_topic_that_is_not_there_is_not_found(world: World) -> None:
    for path in (f"/v1/topics/{new_id()}", f"/v1/topics/{new_id()}/coverage"):
        assert (await world.call(NOBODY, "GET", path)).status_code == 404
