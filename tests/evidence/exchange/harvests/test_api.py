"""Harvests over HTTP: what may be said of a source, and what stays as it was said."""

import asyncio
from typing import Any

import pytest

from services.evidence.exchange.harvests import jobs
from services.evidence.exchange.harvests.commands import HarvestedPage
from services.evidence.exchange.harvests.jobs import lease_next_page
from services.evidence.exchange.harvests.records.commands import store_records
from tests.evidence.exchange.harvests.provider import (
    again,
    harvested,
    items,
    new_harvest,
    page,
    pages,
    provider,
    quarantine,
    record,
    run_all,
    work,
)
from tests.evidence.world import EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

SOURCE = {"base_url": "https://repository.example.org/oai", "set_spec": "social:care", "every_hours": 24}


async def test_a_source_is_named_and_listed_with_its_plan(world: EvidenceWorld) -> None:
    harvest = await world.json(EDITOR, "POST", "/v1/harvests", SOURCE)
    (listed_harvest,) = (await world.json(EDITOR, "GET", "/v1/harvests"))["items"]
    assert listed_harvest == harvest
    assert {name: harvest[name] for name in SOURCE} == SOURCE
    assert harvest["last_run"] is None
    assert harvest["next_at"] is not None


async def test_what_becomes_of_a_harvest_can_be_changed_and_its_source_cannot(world: EvidenceWorld) -> None:
    harvest = await world.json(EDITOR, "POST", "/v1/harvests", SOURCE)
    topic = await world.topic()
    path = f"/v1/harvests/{harvest['id']}"
    assert (await world.problem(EDITOR, "PATCH", path, {"publish": True}))["status"] == 428
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    changed = await world.json(EDITOR, "PATCH", path, {"publish": True, "topics": [topic]}, if_match=tag)
    assert (changed["publish"], changed["topics"], changed["every_hours"]) == (True, [topic], 24)
    assert (await world.problem(EDITOR, "PATCH", path, {"publish": False}, if_match=tag))["status"] == 412
    tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
    error = await world.problem(EDITOR, "PATCH", path, {"base_url": "https://other.example.org"}, if_match=tag)
    assert error["errors"][0]["pointer"] == "/base_url"
    unknown = await world.problem(EDITOR, "PATCH", path, {"topics": [str(NOBODY.id)]}, if_match=tag)
    assert unknown["errors"][0]["pointer"] == "/topics/0"


async def test_a_run_leaves_the_tag_of_its_harvest_as_it_was(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1")))) as source:
        harvest = await harvested(world, source.url)
    response = await world.call(EDITOR, "GET", f"/v1/harvests/{harvest['id']}")
    assert response.headers["etag"] == '"1"'


async def test_every_run_is_listed_with_its_counts(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1"), size=1))) as source:
        harvest = await harvested(world, source.url)
    (run,) = (await world.json(EDITOR, "GET", f"/v1/harvests/{harvest['id']}/runs"))["items"]
    assert run == harvest["last_run"]
    assert (run["done"], run["total"], run["problems"]) == (1, 1, [])


async def test_a_harvest_and_a_record_that_are_not_there_are_not_found(world: EvidenceWorld) -> None:
    harvest = await world.json(EDITOR, "POST", "/v1/harvests", SOURCE)
    for method, path in (
        ("GET", f"/v1/harvests/{NOBODY.id}"),
        ("GET", f"/v1/harvests/{NOBODY.id}/runs"),
        ("GET", f"/v1/harvests/{NOBODY.id}/quarantined-records"),
        ("POST", f"/v1/harvests/{harvest['id']}/quarantined-records/{NOBODY.id}/retry"),
    ):
        assert (await world.problem(EDITOR, method, path))["status"] == 404


async def test_a_source_that_is_removed_leaves_what_it_brought_and_takes_its_quarantine(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1"), record("a:2")))) as source:
        harvest = await harvested(world, source.url, every_hours=24)
        other = await harvested(world, source.url)
        path = f"/v1/harvests/{harvest['id']}"
        assert len(await quarantine(world, harvest)) == 1
        assert (await world.problem(EDITOR, "DELETE", path))["status"] == 428
        assert (await world.problem(EDITOR, "DELETE", path, if_match='"7"'))["status"] == 412
        assert (await world.problem(CARER, "DELETE", path, if_match="*"))["status"] == 403
        assert len(await quarantine(world, harvest)) == 1
        tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
        gone = await world.call(EDITOR, "DELETE", path, if_match=tag)
        assert (gone.status_code, gone.content) == (204, b"")
        request_count = len(source.requests)
        await run_all(world)
        assert len(source.requests) == request_count
        assert (await again(world, other))["status"] == "done"
    for method, more in (
        ("GET", ""),
        ("GET", "/runs"),
        ("GET", "/quarantined-records"),
        ("POST", "/runs"),
        ("DELETE", ""),
    ):
        refusal = await world.problem(EDITOR, method, path + more, if_match="*")
        assert (refusal["status"], refusal["title"]) == (410, "This source is no longer harvested")
    assert [named["id"] for named in (await world.json(EDITOR, "GET", "/v1/harvests"))["items"]] == [other["id"]]
    assert len(await items(world)) == 1
    owners = "SELECT harvest_id FROM quarantined_records UNION SELECT harvest_id FROM harvest_records"
    assert [str(row["harvest_id"]) for row in await world.rows(owners)] == [other["id"]]
    (entry,) = await world.rows(
        "SELECT actor, after FROM audit_entries WHERE kind = 'Harvest' AND after ? 'removed_at' AND action = 'changed'"
    )
    assert entry["actor"] == EDITOR.id


async def removed(world: EvidenceWorld, harvest: dict[str, Any]) -> None:
    assert (await world.call(EDITOR, "DELETE", f"/v1/harvests/{harvest['id']}", if_match="*")).status_code == 204


@pytest.mark.parametrize("one_by_one", [False, True])
async def test_a_page_that_comes_after_the_source_was_removed_is_let_go_of(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch, one_by_one: bool
) -> None:
    async with provider(pages(page(work("a:1")))) as source:
        harvest = await new_harvest(world, source.url)
        claim = await lease_next_page(world.database)
    assert claim is not None
    answer = jobs.responses.parse_list_records(page(work("a:1"), record("a:2")))
    if one_by_one:

        async def fails(*_: Any) -> None:
            await removed(world, harvest)
            raise ValueError

        monkeypatch.setattr(jobs.queries, "lock_run", once(fails, jobs.queries.lock_run))
    else:
        await removed(world, harvest)
    await jobs.store_page(world.database, claim, HarvestedPage(answer))
    assert await items(world) == []
    assert await world.rows("SELECT 1 FROM quarantined_records UNION ALL SELECT 1 FROM harvest_runs") == []


def once(first: Any, then: Any) -> Any:
    """Does the one when it is called the first time, and then the other."""
    calls = iter([first])

    async def called(*arguments: Any) -> Any:
        return await next(calls, then)(*arguments)

    return called


async def test_a_page_that_is_being_taken_is_waited_for(world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    async with provider(pages(page(work("a:1"), record("a:2")))) as source:
        harvest = await new_harvest(world, source.url)
        claim = await lease_next_page(world.database)
    assert claim is not None
    removing: list[asyncio.Task[None]] = []

    async def slowly(*arguments: Any) -> Any:
        removing.append(asyncio.create_task(removed(world, harvest)))
        await asyncio.sleep(0.5)
        return await store_records(*arguments)

    monkeypatch.setattr(jobs, "store_records", slowly)
    answer = jobs.responses.parse_list_records(page(work("a:1"), record("a:2")))
    await jobs.store_page(world.database, claim, HarvestedPage(answer))
    await removing[0]
    assert len(await items(world)) == 1
    assert await world.rows("SELECT 1 FROM quarantined_records UNION ALL SELECT 1 FROM harvest_runs") == []
