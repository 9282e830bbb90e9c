"""Harvests over real HTTP: recorded ones, plans, pauses, circles, and workers that are killed."""

from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import text

from services.evidence.exchange.harvests import jobs, rules
from services.evidence.exchange.harvests.commands import HarvestedPage
from services.evidence.exchange.harvests.jobs import Harvester, lease_next_page
from tests.evidence.exchange.harvests.provider import (
    IDENTIFY,
    Arguments,
    again,
    counts,
    harvested,
    items,
    new_harvest,
    page,
    pages,
    provider,
    pyoai,
    run_all,
    sickle,
    work,
)
from tests.evidence.world import ACCOUNT, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_a_recorded_harvest_of_four_pages_is_taken_and_its_counts_add_up(world: EvidenceWorld) -> None:
    async with provider(sickle()) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert run["status"] == "done"
    assert (run["pages"], run["total"]) == (4, 8)
    # Each page has a deleted record, the last without an identifier; the others are one work under one identifier.
    assert counts(run) == (8, 1, 3, 0, 3, 1)
    (item,) = await items(world)
    assert item["title"] == "Sample Title"
    assert item["details"]["authors"] == ["John Doe"]
    assert item["details"]["kind"] == "journal_article"
    assert item["details"]["published_on"] == "2010"
    assert source.lists[0] == {"verb": "ListRecords", "metadataPrefix": "oai_dc"}
    assert [arguments["resumptionToken"] for arguments in source.lists[1:]] == [
        f"ListRecords{n}.xml" for n in (2, 3, 4)
    ]


@pytest.mark.parametrize(("number", "received", "deleted"), [(1, 16, 0), (2, 81, None)])
async def test_recorded_harvests_of_a_university_are_taken(
    world: EvidenceWorld, number: int, received: int, deleted: int | None
) -> None:
    source_answers = pyoai(number)

    def answers(arguments: Arguments) -> bytes | web.Response:
        return pyoai(1)(arguments) if arguments["verb"] == "Identify" else source_answers(arguments)

    async with provider(answers) as source:
        harvest = await harvested(world, source.url)
        run = harvest["last_run"]
        assert run["status"] == "done", run
        assert run["received"] == received
        assert run["received"] == sum(counts(run)[1:])
        if deleted is not None:
            assert run["deleted"] == deleted
        stored_items = await items(world)
        assert len(stored_items) == run["created"] > received * 0.9
        assert all(item["title"] and item["fingerprint"] for item in stored_items)
        second = await again(world, harvest)
    assert second["created"] == second["changed"] == 0
    assert len(await items(world)) == len(stored_items)


async def test_nothing_new_is_a_run_without_records(world: EvidenceWorld) -> None:
    async with provider(sickle("noRecordsMatch.xml")) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert (run["status"], counts(run)) == ("done", (0, 0, 0, 0, 0, 0))


async def test_a_long_harvest_lets_others_begin(world: EvidenceWorld) -> None:
    long = [page(work(f"a:{n}"), token=str(n + 1)) for n in range(5)] + [page(work("a:5"))]
    async with provider(pages(*long)) as first, provider(pages(page(work("b:1")))) as second:
        await new_harvest(world, first.url)
        harvester = Harvester(allow_private=True)
        await harvester.process_next_page(world.database)
        await new_harvest(world, second.url)
        for _ in range(2):
            await harvester.process_next_page(world.database)
        assert len(second.lists) == 1


async def test_the_next_run_asks_from_the_first_answer_on_and_changes_what_changed(world: EvidenceWorld) -> None:
    first = page(work("a:1"), token="1", at="2026-03-01T10:00:00Z")
    second = page(work("a:2"), size=2, at="2026-03-01T10:00:09Z")
    async with provider(pages(first, second)) as source:
        harvest = await harvested(world, source.url, publish=True)
        assert harvest["since"] == "2026-03-01T09:59:59Z"
        source.answers = pages(page(work("a:1", "What carers say today"), work("a:2")))
        run = await again(world, harvest)
        assert source.lists[-1]["from"] == "2026-03-01T09:59:59Z"
    assert counts(run) == (2, 0, 1, 1, 0, 0)
    assert [item["title"] for item in await items(world)] == ["What carers say today", "What carers said in a:2"]
    assert [item["edition"] for item in await items(world)] == [2, 1]


async def test_a_source_that_counts_days_is_asked_by_days(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1"), at="2026-03-01T10:00:00Z"), granularity="YYYY-MM-DD")) as source:
        harvest = await harvested(world, source.url)
    assert harvest["since"] == "2026-02-28"


async def test_a_source_that_asks_to_wait_is_left_alone_for_that_long(world: EvidenceWorld) -> None:
    def busy(_arguments: Arguments) -> web.Response:
        return web.Response(status=503, headers={"Retry-After": "120"})

    async with provider(busy) as source:
        harvest = await harvested(world, source.url)
        assert len(source.requests) == 1
        (run,) = await world.rows("SELECT status, attempts, try_at - now() AS pause FROM harvest_runs")
        assert run["status"] == "running"
        assert run["attempts"] == 0
        assert timedelta(seconds=100) < run["pause"] <= timedelta(seconds=120)
        source.answers = pages(page(work("a:1")))
        async with world.database.transaction() as uow:
            await uow.session.execute(text("UPDATE harvest_runs SET try_at = now()"))
        await run_all(world)
        done = await world.json(EDITOR, "GET", f"/v1/harvests/{harvest['id']}")
    assert counts(done["last_run"]) == (1, 1, 0, 0, 0, 0)


async def test_a_killed_worker_loses_no_page_and_none_is_counted_twice(world: EvidenceWorld, monkeypatch: Any) -> None:
    monkeypatch.setattr(rules, "LEASE", timedelta(0))
    async with provider(pages(page(work("a:1"), token="1"), page(work("a:2"), token="2"), page(work("a:3")))) as source:
        await new_harvest(world, source.url)
        harvester = Harvester(allow_private=True)
        assert await harvester.process_next_page(world.database)
        lost = await lease_next_page(world.database)
        assert lost is not None
        assert lost.run.resumption_token == "1"
        await run_all(world)
        content = jobs.responses.parse_list_records(page(work("a:2"), token="2"))
        await jobs.store_page(world.database, lost, HarvestedPage(content))
    (run,) = await world.rows("SELECT * FROM harvest_runs")
    assert (run["status"], run["received"], run["created"], run["pages"]) == ("done", 3, 3, 3)
    assert [arguments.get("resumptionToken") for arguments in source.lists] == [None, "1", "2"]


async def test_a_list_that_is_not_as_long_as_was_said_is_told(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1"), size=7))) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert "7 records and sent 1" in run["problems"][0]


async def test_a_plan_asks_again_when_its_time_has_come(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1")))) as source:
        harvest = await harvested(world, source.url, every_hours=24)
        (row,) = await world.rows("SELECT next_at - now() AS pause FROM harvests")
        assert timedelta(hours=23) < row["pause"] <= timedelta(hours=24)
        assert len(source.lists) == 1
        tag = (await world.call(EDITOR, "GET", f"/v1/harvests/{harvest['id']}")).headers["etag"]
        path = f"/v1/harvests/{harvest['id']}"
        changed = await world.json(EDITOR, "PATCH", path, {"every_hours": None}, if_match=tag)
        assert changed["next_at"] is None


async def test_a_source_is_not_asked_twice_at_once(world: EvidenceWorld) -> None:
    async with provider(lambda _: IDENTIFY.encode()) as source:
        harvest = await new_harvest(world, source.url)
        assert await lease_next_page(world.database) is not None
        refusal = await world.problem(EDITOR, "POST", f"/v1/harvests/{harvest['id']}/runs")
        assert refusal["status"] == 409


@pytest.mark.parametrize("caller", [NOBODY, CARER])
async def test_editors_alone_harvest(world: EvidenceWorld, caller: Any) -> None:
    refusal = await world.problem(caller, "POST", "/v1/harvests", {"base_url": "https://example.org/oai"})
    assert refusal["status"] in (401, 403)
    assert ACCOUNT["title"] not in str(refusal)


@pytest.mark.parametrize("tokens", [["1", "1"], ["1", "2", "1"]])
async def test_a_list_that_goes_in_a_circle_is_given_up(
    world: EvidenceWorld, tokens: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_PAGES", 10)
    answers = pages(*(page(work(f"a:{number}"), token=token) for number, token in enumerate(tokens)))
    async with provider(answers) as source:
        await new_harvest(world, source.url)
        harvester = Harvester(allow_private=True)
        for _ in range(20):
            if not await harvester.process_next_page(world.database):
                break
        harvest = (await world.json(EDITOR, "GET", "/v1/harvests"))["items"][0]
    assert harvest["last_run"]["status"] == "failed"
    assert "same page" in harvest["last_run"]["problems"][0]
    assert harvest["last_run"]["created"] == len(tokens)


@pytest.mark.parametrize("at", ["2026-99-99T10:00:00Z", "0001-01-01T00:00:00Z", "2999-01-01T00:00:00Z"])
async def test_a_clock_of_the_source_that_is_wrong_makes_nothing_be_passed_over(world: EvidenceWorld, at: str) -> None:
    async with provider(pages(page(work("a:1"), at=at))) as source:
        harvest = await harvested(world, source.url)
        assert harvest["last_run"]["status"] == "done"
        source.answers = pages(page(work("a:2")))
        await again(world, harvest)
        since = source.lists[-1].get("from")
    (run,) = await world.rows("SELECT created_at FROM harvest_runs ORDER BY id LIMIT 1")
    assert since is None or since <= run["created_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
