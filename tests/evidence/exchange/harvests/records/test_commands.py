"""What becomes of each record: new, known, changed, deleted, or in quarantine with the reason."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from services.evidence.exchange.harvests import jobs
from services.evidence.exchange.harvests.rules import RecordCounts
from services.evidence.library.items.queries import lock_item
from tests.evidence.exchange.harvests.provider import (
    again,
    counts,
    harvested,
    items,
    page,
    pages,
    provider,
    quarantine,
    record,
    work,
)
from tests.evidence.world import ACCOUNT, RESEARCH, EvidenceWorld, until
from tests.support.callers import CARER, EDITOR


async def test_an_identifier_longer_than_an_index_takes_costs_itself_alone(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("ü" * 1_999), work("a:2")))) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert counts(run) == (2, 1, 0, 0, 0, 1)


async def test_a_record_that_cannot_be_taken_is_kept_with_the_reason_and_the_rest_is_taken(
    world: EvidenceWorld,
) -> None:
    bad = [record("a:2", ("creator", "Nobody")), record("a:3", ("title", "x" * 1_001)), "<record/>"]
    async with provider(pages(page(work("a:1"), *bad, work("a:4"), size=5))) as source:
        harvest = await harvested(world, source.url)
    assert counts(harvest["last_run"]) == (5, 2, 0, 0, 0, 3)
    quarantined = {row["identifier"]: row for row in await quarantine(world, harvest)}
    assert quarantined["a:2"]["reason"] == "It has no title."
    assert "Nobody" in quarantined["a:2"]["raw"]
    assert "title" in quarantined["a:3"]["reason"]


@pytest.mark.alters_schema
async def test_a_record_that_only_the_database_refuses_costs_itself_alone(
    world: EvidenceWorld,
) -> None:
    async with world.database.transaction() as uow:
        check = "ALTER TABLE items ADD CONSTRAINT ck_test CHECK (title <> 'What carers said in a:2')"
        await uow.session.execute(text(check))
    async with provider(pages(page(*(work(f"a:{n}") for n in range(1, 4))))) as source:
        harvest = await harvested(world, source.url)
        assert counts(harvest["last_run"]) == (3, 2, 0, 0, 0, 1)
        (quarantined,) = await quarantine(world, harvest)
        async with world.database.transaction() as uow:
            await uow.session.execute(text("ALTER TABLE items DROP CONSTRAINT ck_test"))
        path = f"/v1/harvests/{harvest['id']}/quarantined-records/{quarantined['id']}/retry"
        assert (await world.json(EDITOR, "POST", path))["created"] == 1
    assert await quarantine(world, harvest) == []
    assert len(await items(world)) == 3


async def test_what_can_still_not_be_taken_stays_in_quarantine(world: EvidenceWorld) -> None:
    async with provider(pages(page(record("a:1", ("creator", "Nobody"))))) as source:
        harvest = await harvested(world, source.url)
    (quarantined,) = await quarantine(world, harvest)
    path = f"/v1/harvests/{harvest['id']}/quarantined-records/{quarantined['id']}/retry"
    refused = await world.problem(EDITOR, "POST", path)
    assert refused["detail"].startswith("It has no title. It stays in quarantine")
    assert len(await quarantine(world, harvest)) == 1


async def test_a_corrected_record_leaves_the_quarantine_by_itself(world: EvidenceWorld) -> None:
    async with provider(pages(page(record("a:1", ("creator", "Nobody"))))) as source:
        harvest = await harvested(world, source.url)
        source.answers = pages(page(work("a:1")))
        assert counts(await again(world, harvest)) == (1, 1, 0, 0, 0, 0)
    assert await quarantine(world, harvest) == []


async def test_what_the_library_has_already_is_matched(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    published_work = work("a:1", "Another title for it", identifier="https://doi.org/10.5555/abc.1")
    async with provider(pages(page(published_work, work("a:2")))) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert counts(run) == (2, 1, 1, 0, 0, 0)


async def test_what_is_only_matched_does_not_wait_for_whoever_changes_it(world: EvidenceWorld) -> None:
    item = UUID(await world.publish(RESEARCH))
    published_work = work("a:1", "Another title for it", identifier="doi:10.5555/abc.1")
    async with provider(pages(page(published_work))) as source, world.database.transaction() as uow:
        await lock_item(uow.session, item)
        async with asyncio.timeout(10):
            run = (await harvested(world, source.url))["last_run"]
    assert counts(run) == (1, 0, 1, 0, 0, 0)


async def test_what_people_here_have_worked_on_keeps_their_words(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1")))) as source:
        harvest = await harvested(world, source.url)
        (item,) = await items(world)
        path = f"/v1/evidence/{item['id']}"
        tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
        await world.json(EDITOR, "PATCH", path, {"title": "A title of our own"}, if_match=tag)
        source.answers = pages(page(work("a:1", "What the source says today")))
        assert counts(await again(world, harvest)) == (1, 0, 1, 0, 0, 0)
        source.answers = pages(page(record("a:1", deleted=True)))
        assert counts(await again(world, harvest)) == (1, 0, 0, 0, 1, 0)
    (item,) = await items(world)
    assert (item["title"], item["status"]) == ("A title of our own", "draft")


async def test_a_page_waits_for_whoever_changes_an_item_without_keeping_others_from_adding_works(
    world: EvidenceWorld,
) -> None:
    async with provider(pages(page(work("a:1"), work("a:2")))) as source:
        harvest = await harvested(world, source.url)
        source.answers = pages(page(work("a:1", "One anew"), work("a:2", "Two anew")))
        editor = await asyncpg.connect(world.database.dsn)
        async with editor.transaction():
            await editor.execute("SELECT FROM items WHERE title = 'What carers said in a:2' FOR UPDATE")
            running = asyncio.create_task(again(world, harvest))

            async def waits() -> bool:
                return await editor.fetchval("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)")

            await until(waits)
            assert await editor.fetchval("SELECT pg_try_advisory_xact_lock(hashtext('evidence works'))")
        await editor.close()
        assert counts(await running) == (2, 0, 0, 2, 0, 0)


async def test_what_the_source_deletes_is_withdrawn_where_it_came_from_there_alone(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH)
    published_work = work("a:1", identifier="doi:10.5555/abc.1")
    async with (
        provider(pages(page(published_work, work("a:2")))) as first_source,
        provider(pages(page(work("b:3")))) as second_source,
    ):
        first = await harvested(world, first_source.url, publish=True)
        second_source.answers = pages(page(work("b:2", "What carers said in a:2"), work("b:3")))
        await harvested(world, second_source.url, publish=True)
        gone = [record(name, deleted=True) for name in ("a:1", "a:2", "a:unheard-of")]
        first_source.answers = pages(page(*gone))
        assert counts(await again(world, first)) == (3, 0, 0, 0, 3, 0)
        assert {item["status"] for item in await items(world)} == {"published"}
        second_source.answers = pages(page(record("b:3", deleted=True)))
        second = (await world.json(EDITOR, "GET", "/v1/harvests"))["items"][0]
        assert counts(await again(world, second)) == (1, 0, 0, 0, 1, 0)
    states = {item["title"]: item["status"] for item in await items(world)}
    assert states.pop("What carers said in b:3") == "withdrawn"
    assert set(states.values()) == {"published"}


async def test_two_records_of_one_work_that_the_source_deletes_together_are_withdrawn(world: EvidenceWorld) -> None:
    async with provider(pages(page(work("a:1", "One work"), work("a:2", "One work")))) as source:
        harvest = await harvested(world, source.url, publish=True)
        assert counts(harvest["last_run"]) == (2, 1, 1, 0, 0, 0)
        source.answers = pages(page(record("a:1", deleted=True), record("a:2", deleted=True)))
        assert counts(await again(world, harvest)) == (2, 0, 0, 0, 2, 0)
    assert [item["status"] for item in await items(world)] == ["withdrawn"]


async def test_an_account_from_elsewhere_waits_for_consent_of_its_person(world: EvidenceWorld) -> None:
    account = record(
        "a:1", ("title", "My week"), ("type", "lived experience"), ("creator", "Mary"), ("description", "So.")
    )
    async with provider(pages(page(account))) as source:
        await harvested(world, source.url, publish=True)
    (item,) = await items(world)
    assert (item["way_of_knowing"], item["status"], item["consent_to_publish"]) == ("lived_experience", "draft", False)
    assert "Mary" not in str(item["details"])


async def test_what_a_person_took_back_here_does_not_come_back_from_another_library(world: EvidenceWorld) -> None:
    own = await world.publish(ACCOUNT)
    await world.json(CARER, "POST", f"/v1/evidence/{own}/withdraw")
    texts = [("title", "A week"), ("description", ACCOUNT["account"])]
    types = ("lived experience", "practice knowledge", "article")
    copies = [record(f"a:{number}", *texts, ("type", type)) for number, type in enumerate(types)]
    async with provider(pages(page(*copies))) as source:
        harvest = await harvested(world, source.url, publish=True)
        assert counts(harvest["last_run"]) == (3, 0, 3, 0, 0, 0)
    assert [str(item["id"]) for item in await items(world)] == [own]


async def test_an_account_that_its_source_deletes_is_withdrawn_whoever_has_worked_on_it_here(
    world: EvidenceWorld,
) -> None:
    account = record("a:1", ("title", "My week"), ("type", "lived experience"), ("description", "So."))
    async with provider(pages(page(account))) as source:
        harvest = await harvested(world, source.url)
        (item,) = await items(world)
        await world.json(EDITOR, "PATCH", f"/v1/evidence/{item['id']}", {"title": "A week away"}, If_Match="*")
        source.answers = pages(page(record("a:1", deleted=True)))
        assert counts(await again(world, harvest)) == (1, 0, 0, 0, 1, 0)
    assert [(item["title"], item["status"]) for item in await items(world)] == [("", "withdrawn")]


async def test_a_whole_list_on_one_page_is_taken_at_once(world: EvidenceWorld, monkeypatch: Any) -> None:
    async def by_itself(*_arguments: Any) -> RecordCounts:
        raise AssertionError("record by record it takes minutes")

    monkeypatch.setattr(jobs, "_store_separately", by_itself)
    gone = [record(f"oai:x:{number}", deleted=True) for number in range(33_000)]
    async with provider(pages(page(*gone, work("a")))) as source:
        run = (await harvested(world, source.url))["last_run"]
    assert (run["status"], run["received"], run["created"], run["deleted"]) == ("done", 33_001, 1, 33_000)
