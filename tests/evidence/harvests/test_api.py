"""Harvests over HTTP: what may be said of a source, and what stays as it was said."""

from tests.evidence.harvests.provider import harvested, page, pages, provider, work
from tests.evidence.world import EDITOR, NOBODY, World

SOURCE = {"base_url": "https://repository.example.org/oai", "set_spec": "social:care", "every_hours": 24}


async def test_a_source_is_named_and_listed_with_its_plan(world: World) -> None:
    made = await world.done(EDITOR, "POST", "/v1/harvests", SOURCE)
    (listed,) = (await world.done(EDITOR, "GET", "/v1/harvests"))["items"]
    assert listed == made
    assert {name: made[name] for name in SOURCE} == SOURCE
    assert made["last_run"] is None
    assert made["next_at"] is not None


async def test_what_becomes_of_a_harvest_can_be_changed_and_its_source_cannot(world: World) -> None:
    made = await world.done(EDITOR, "POST", "/v1/harvests", SOURCE)
    topic = await world.topic()
    path = f"/v1/harvests/{made['id']}"
    assert (await world.refused(EDITOR, "PATCH", path, {"publish": True}))["status"] == 428
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    changed = await world.done(EDITOR, "PATCH", path, {"publish": True, "topics": [topic]}, if_match=tag)
    assert (changed["publish"], changed["topics"], changed["every_hours"]) == (True, [topic], 24)
    assert (await world.refused(EDITOR, "PATCH", path, {"publish": False}, if_match=tag))["status"] == 412
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    wrong = await world.refused(EDITOR, "PATCH", path, {"base_url": "https://other.example.org"}, if_match=tag)
    assert wrong["errors"][0]["pointer"] == "/base_url"
    unknown = await world.refused(EDITOR, "PATCH", path, {"topics": [str(NOBODY.id)]}, if_match=tag)
    assert unknown["errors"][0]["pointer"] == "/topics/0"


async def test_a_run_leaves_the_tag_of_its_harvest_as_it_was(world: World) -> None:
    async with provider(pages(page(work("a:1")))) as source:
        harvest = await harvested(world, source.url)
    answer = await world.call(EDITOR, "GET", f"/v1/harvests/{harvest['id']}")
    assert answer.headers["etag"] == '"1"'


async def test_every_run_is_listed_with_its_counts(world: World) -> None:
    async with provider(pages(page(work("a:1"), size=1))) as source:
        harvest = await harvested(world, source.url)
    (run,) = (await world.done(EDITOR, "GET", f"/v1/harvests/{harvest['id']}/runs"))["items"]
    assert run == harvest["last_run"]
    assert (run["done"], run["total"], run["problems"]) == (1, 1, [])


async def test_a_harvest_and_a_record_that_are_not_there_are_not_found(world: World) -> None:
    made = await world.done(EDITOR, "POST", "/v1/harvests", SOURCE)
    for method, path in (
        ("GET", f"/v1/harvests/{NOBODY.id}"),
        ("GET", f"/v1/harvests/{NOBODY.id}/runs"),
        ("GET", f"/v1/harvests/{NOBODY.id}/quarantine"),
        ("POST", f"/v1/harvests/{made['id']}/quarantine/{NOBODY.id}/retry"),
    ):
        assert (await world.refused(EDITOR, method, path))["status"] == 404
