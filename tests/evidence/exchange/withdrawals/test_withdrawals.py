"""An import that is withdrawn takes with it what nobody touched since, and says first what stays and why."""

import asyncio
import os
import signal
import sys
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from services.evidence.exchange.withdrawals.jobs import ImportWithdrawer
from services.evidence.line_of_sight.queries import is_applied
from shared.events.contracts.evidence import EvidenceChanged, EvidenceWithdrawn
from shared.persistence.tables import new_id
from tests.evidence.exchange.imports.matches.records import POOR, RICH, drafts
from tests.evidence.exchange.imports.test_jobs import ROOT, many
from tests.evidence.exchange.imports.test_work_parser import exported
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld, counts
from tests.support.callers import EDITOR, NOBODY

WORKER = """
import asyncio, sys
from services.evidence.exchange.withdrawals.jobs import ImportWithdrawer
from services.evidence.line_of_sight.queries import is_applied
from shared.persistence.database import Database
asyncio.run(ImportWithdrawer(is_applied).run(Database(sys.argv[1], "evidence"), asyncio.Event()))
"""


async def request(world: EvidenceWorld, job: dict[str, Any]) -> httpx.Response:
    address = f"/v1/imports/{job['id']}"
    tag = (await world.call(EDITOR, "GET", address)).headers["etag"]
    return await world.call(EDITOR, "POST", f"{address}/withdraw", If_Match=tag)


async def preview(world: EvidenceWorld, job: dict[str, Any]) -> dict[str, Any]:
    return await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/withdrawal")


async def withdrawn(world: EvidenceWorld, job: dict[str, Any]) -> dict[str, Any]:
    """The withdrawal of this import when it has ended."""
    requested = await request(world, job)
    assert requested.status_code == 202, requested.text
    while await ImportWithdrawer(is_applied).process_next_batch(world.database):
        pass
    return await preview(world, job)


async def statuses(world: EvidenceWorld) -> list[str]:
    return [row["status"] for row in await world.rows("SELECT status FROM items ORDER BY id")]


async def test_so_does_research_of_another_library_under_an_id_of_its_own(world: EvidenceWorld) -> None:
    content = exported(RESEARCH, new_id())
    await withdrawn(world, await world.import_file(content, publish="true"))
    for again in ((1, 1, 0, 0), (1, 0, 1, 0)):
        assert counts(await world.import_file(content, publish="true")) == again
    assert await statuses(world) == ["withdrawn", "published"]


async def test_what_nobody_touched_goes_and_comes_back_with_a_corrected_file(world: EvidenceWorld) -> None:
    topic = await world.topic()
    job = await world.import_file(many(300), publish="true", topics=topic)
    before = await preview(world, job)
    assert (before["status"], before["removes"], before["items_stay"]) == ("not_requested", 300, {})
    after = await withdrawn(world, job)
    assert (after["status"], after["removed"], after["removes"]) == ("done", 300, 0)
    assert set(await statuses(world)) == {"withdrawn"}
    assert len([event for event in await world.events() if isinstance(event, EvidenceWithdrawn)]) == 300
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{topic}/coverage"))["research"] == 0
    assert (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}"))["withdrawn_at"]
    assert counts(await world.import_file(many(300))) == (300, 300, 0, 0)


TOUCHES = {
    "edited": "PATCH",
    "cited": "INSERT INTO request_citations SELECT (SELECT id FROM request_turns), 'item', :item, 1, 1",
    "applied": "INSERT INTO sight_links VALUES ('evidence', :item, 'applied_by', 'project', uuidv7(), now())",
    "rendered": "INSERT INTO renditions (original_kind, original_id, kind, language, title, url, made_on, made_by,"
    " checked_with_readers, made_from_edition) VALUES ('evidence', :item, 'audio', 'en', 'It', 'https://a.example',"
    " now(), 'people', false, 1)",
    "retracted": "retract",
    "another_import": "import",
    "merged": "merge",
}


async def test_accounts_that_nobody_here_gave_come_back_with_a_corrected_file_too(world: EvidenceWorld) -> None:
    record, corrected = (exported(ACCOUNT | {"title": title}, new_id()) for title in ("My frist week", "My first week"))
    await withdrawn(world, await world.import_file(record))
    assert counts(await world.import_file(corrected)) == (1, 1, 0, 0)
    (draft,) = await drafts(world)
    assert (draft["title"], draft["status"]) == ("My first week", "draft")


@pytest.mark.parametrize("item", [ACCOUNT, PRACTICE, RESEARCH], ids=["account", "practice", "research"])
async def test_what_an_import_brought_under_an_id_of_its_own_comes_back_until_a_person_takes_it_back(
    world: EvidenceWorld, item: dict[str, Any]
) -> None:
    kept_id = new_id()
    content = exported(item, kept_id)
    for _ in range(2):
        job = await world.import_file(content, publish="true")
        assert counts(job) == (1, 1, 0, 0)
        assert counts(await world.import_file(content)) == (1, 0, 1, 0)
        *earlier, now = await world.rows("SELECT id, title, status FROM items ORDER BY id")
        assert (now["title"], {row["status"] for row in earlier} - {"withdrawn"}) == (item["title"], set())
        imports = (await world.json(EDITOR, "GET", "/v1/imports"))["items"]
        assert [await withdrawn(world, again) for again in imports][-1]["items_stay"] == {}
    assert set(await statuses(world)) == {"withdrawn"}
    assert counts(await world.import_file(content)) == (1, 1, 0, 0)
    *_, now = await world.rows("SELECT id FROM items ORDER BY id")
    await world.json(EDITOR, "POST", f"/v1/evidence/{now['id']}/withdraw")
    assert counts(await world.import_file(content)) == (1, 0, 1, 0)
    assert set(await statuses(world)) == {"withdrawn"}


async def write(world: EvidenceWorld, statement: str, **values: Any) -> None:
    async with world.database.transaction() as uow:
        await uow.session.execute(text(statement), values)


async def touch(world: EvidenceWorld, item: str, how: str) -> None:
    address = f"/v1/evidence/{item}"
    if how == "PATCH":
        tag = (await world.call(EDITOR, "GET", address)).headers["etag"]
        assert (await world.call(EDITOR, "PATCH", address, {"summary": "Ours"}, If_Match=tag)).status_code == 200
    elif how == "retract":
        await world.json(EDITOR, "POST", f"{address}/retract", {"nature": "correction", "source": "The publisher"})
    elif how == "import":
        await world.import_file(many(1))
    elif how == "merge":
        other = await world.draft({"way_of_knowing": "research", "title": "The same in other words"}, EDITOR)
        await world.json(EDITOR, "POST", "/v1/merges", {"into": item, "items": [other]})
    else:
        if "request_turns" in how:
            topic = await world.topic()
            await world.json(
                EDITOR,
                "POST",
                "/v1/evidence-requests",
                {"question": "What helps carers?", "topics": [topic], "urgency": "this_week"},
            )
        await write(world, how, item=item)


@pytest.mark.parametrize("reason", TOUCHES)
async def test_what_somebody_touched_stays_and_is_listed_first_with_the_reason(
    world: EvidenceWorld, reason: str
) -> None:
    job = await world.import_file(many(2), publish="true")
    first = str((await world.rows("SELECT id FROM items ORDER BY id"))[0]["id"])
    await touch(world, first, TOUCHES[reason])
    before = await preview(world, job)
    assert (before["removes"], before["items_stay"]) == (1, {reason: 1})
    staying = (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/withdrawal/stays"))["items"]
    assert all(row["item_title"] for row in staying)
    assert [(row["number"], row["item_id"], row["field"], row["reason"]) for row in staying] == [(1, first, "", reason)]
    after = await withdrawn(world, job)
    assert (after["removed"], after["items_stay"]) == (1, {reason: 1})
    assert (await statuses(world))[:2] == ["published", "withdrawn"]


@pytest.mark.parametrize("edits", [False, True])
async def test_a_merge_that_was_undone_leaves_an_item_as_untouched_as_it_was(world: EvidenceWorld, edits: bool) -> None:
    job = await world.import_file(many(1), publish="true")
    (row,) = await world.rows("SELECT id FROM items")
    item, richer = str(row["id"]), {"summary": "A much longer summary of it. " * 99, "keywords": ["care", "breaks"]}
    other = await world.draft({"way_of_knowing": "research", "title": "The same in other words"} | richer, EDITOR)
    merge = await world.json(EDITOR, "POST", "/v1/merges", {"into": item, "items": [other]})
    assert {change["field"] for change in merge["changes"]} == {"summary", "keywords"}
    assert (await preview(world, job))["items_stay"] == {"merged": 1}
    if edits:
        await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"volume": "7"}, If_Match="*")
    await world.undo_merge(merge["id"])
    before = await preview(world, job)
    assert (before["removes"], before["items_stay"]) == ((0, {"edited": 1}) if edits else (1, {}))
    assert (await withdrawn(world, job))["removed"] == before["removes"]


async def test_what_only_the_answer_to_a_withdrawn_request_cites_goes(world: EvidenceWorld) -> None:
    job = await world.import_file(many(1), publish="true")
    (item,) = await world.rows("SELECT id FROM items")
    await touch(world, item["id"], TOUCHES["cited"])
    assert (await preview(world, job))["items_stay"] == {"cited": 1}
    (asked,) = await world.rows("SELECT id FROM evidence_requests")
    await world.json(EDITOR, "POST", f"/v1/evidence-requests/{asked['id']}/withdraw")
    assert (await withdrawn(world, job))["removed"] == 1


async def test_what_a_guide_in_the_making_cites_stays(world: EvidenceWorld) -> None:
    job = await world.import_file(many(1), publish="true")
    (item,) = await world.rows("SELECT id FROM items")
    content = {"title": "A guide", "statements": [{"text": "It helps", "citations": [{"item_id": str(item["id"])}]}]}
    await world.json(EDITOR, "POST", "/v1/guides", content)
    assert (await preview(world, job))["items_stay"] == {"cited": 1}


async def test_fields_that_it_filled_are_emptied_unless_somebody_changed_them(world: EvidenceWorld) -> None:
    await world.import_file(POOR, publish="true")
    rich = await world.import_file(RICH)
    (item,) = (await world.json(EDITOR, "GET", "/v1/evidence"))["items"]
    address = f"/v1/evidence/{item['id']}"
    tag = (await world.call(EDITOR, "GET", address)).headers["etag"]
    await world.call(EDITOR, "PATCH", address, {"volume": "22"}, If_Match=tag)
    before = await preview(world, rich)
    assert (before["takes_back"], before["fields_stay"], before["removes"]) == (5, {"changed": 1}, 0)
    after = await withdrawn(world, rich)
    assert (after["taken_back"], after["takes_back"], after["fields_stay"]) == (5, 0, {"changed": 1})
    now = await world.json(EDITOR, "GET", address)
    assert (now["summary"], now["identifiers"], now["keywords"], now["published_in"]) == ("", [], [], None)
    assert (now["volume"], now["status"], now["edition"]) == ("22", "published", 4)
    assert [event.edition for event in await world.events() if isinstance(event, EvidenceChanged)] == [2, 3, 4]
    assert await world.rows("SELECT identified FROM items") == [{"identified": False}]
    assert await world.rows("SELECT 1 FROM identifiers") == []
    again = await world.import_file(RICH)
    assert (counts(again), again["enriched"], again["conflicts"]) == ((1, 0, 1, 0), 1, 1)


async def test_of_two_imports_of_one_file_the_works_go_with_the_second(world: EvidenceWorld) -> None:
    first, second = await world.import_file(POOR), await world.import_file(POOR)
    assert (await withdrawn(world, first))["items_stay"] == {"another_import": 1}
    assert (await withdrawn(world, second))["removed"] == 0
    assert (await withdrawn(world, first))["removed"] == 1
    assert await statuses(world) == ["withdrawn"]


async def test_it_is_asked_for_of_what_was_read_whole_and_as_it_was_read(world: EvidenceWorld) -> None:
    sent = await world.send(many(3))
    job = sent.json()
    unread = await world.call(EDITOR, "POST", f"/v1/imports/{job['id']}/withdraw", If_Match=sent.headers["etag"])
    await world.read_all()
    stale = await world.call(EDITOR, "POST", f"/v1/imports/{job['id']}/withdraw", If_Match=sent.headers["etag"])
    blind = await world.call(EDITOR, "POST", f"/v1/imports/{job['id']}/withdraw")
    assert (unread.status_code, stale.status_code, blind.status_code) == (409, 412, 428)
    assert [(await request(world, job)).status_code for _ in range(2)] == [202, 409]


async def test_a_killed_worker_loses_nothing_and_withdraws_nothing_twice(world: EvidenceWorld) -> None:
    job = await world.import_file(many(1500), publish="true")
    await request(world, job)
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, world.database.url, env=environment)
    removed = 0
    try:
        async with asyncio.timeout(60):
            while removed == 0:
                removed = (await preview(world, job))["removed"]
    finally:
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    async with world.database.engine.begin() as connection:
        await connection.execute(text("SELECT 1 FROM import_withdrawals FOR UPDATE"))
    halfway = await preview(world, job)
    assert 0 < halfway["removed"] < 1500
    assert halfway["removed"] + halfway["removes"] == 1500
    while await ImportWithdrawer(is_applied).process_next_batch(world.database):
        pass
    done = await preview(world, job)
    assert (done["status"], done["removed"], done["removes"]) == ("done", 1500, 0)
    events = [event.item_id for event in await world.events() if isinstance(event, EvidenceWithdrawn)]
    assert len(events) == len(set(events)) == 1500


async def test_an_unknown_import_has_no_withdrawal(world: EvidenceWorld) -> None:
    for path in ("withdrawal", "withdrawal/stays", "records"):
        assert (await world.call(EDITOR, "GET", f"/v1/imports/{new_id()}/{path}")).status_code == 404
