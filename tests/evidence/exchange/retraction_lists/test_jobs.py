from dataclasses import replace
from typing import Any

import pytest

from services.evidence.exchange.file_jobs import rules as file_job_rules
from services.evidence.exchange.retraction_lists import commands, part_reader, queries
from services.evidence.exchange.retraction_lists.jobs import process_next_part
from services.evidence.exchange.retraction_lists.tables import RetractionList
from shared import clock
from shared.callers import Caller
from shared.persistence.fetch import fetch
from shared.persistence.tables import new_id
from tests.evidence.exchange.retraction_lists.retraction_watch import (
    counts,
    csv_file,
    csv_row,
    identified,
    notice_on,
    read_file,
    read_list,
    retraction_events,
    run_worker,
    send,
)
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR


async def test_a_list_flags_what_the_library_holds_and_tells_of_it(world: EvidenceWorld) -> None:
    by_doi = await world.publish(RESEARCH | identified("10.5555/held"))
    by_number = await world.publish(RESEARCH | identified("10.5555/other", "777"))
    draft = await world.draft(RESEARCH | identified("10.5555/draft"))
    job = await read_list(
        world,
        csv_row("10.5555/HELD"),
        csv_row("unavailable", "Expression of concern", pmid="777"),
        csv_row("10.5555/draft"),
        csv_row("10.5555/elsewhere"),
        csv_row("", title="A quoted study"),
        csv_row("10.5555/held", "Nonsense"),
    )
    assert (job["status"], counts(job)) == ("done", (6, 3, 0, 1, 2))
    assert await notice_on(world, by_doi) == {
        "nature": "retraction",
        "on": "2023-04-11",
        "notice": {"scheme": "doi", "value": "10.5555/notice"},
        "reasons": ["Error in Analyses", "Concerns about Data"],
        "source": "Retraction Watch",
    }
    assert (await notice_on(world, by_number))["nature"] == "expression_of_concern"
    assert (await world.json(EDITOR, "GET", f"/v1/evidence/{draft}"))["retraction"]["nature"] == "retraction"
    assert sorted(await retraction_events(world)) == sorted(
        [(by_doi, "retraction"), (by_number, "expression_of_concern")]
    )
    flagged = (await world.json(EDITOR, "GET", f"/v1/retractions/{job['id']}/items"))["items"]
    assert [(row["number"], row["item_id"]) for row in flagged] == [(1, by_doi), (2, by_number), (3, draft)]
    assert (flagged[2]["item_status"], flagged[2]["retraction"]["nature"]) == ("draft", "retraction")
    rejects = (await world.json(EDITOR, "GET", f"/v1/retractions/{job['id']}/rejects"))["items"]
    assert [(reject["number"], reject["line"]) for reject in rejects] == [(5, 6), (6, 7)]
    assert "names no work" in rejects[0]["reason"]
    assert "'Nonsense'" in rejects[1]["reason"]


async def test_the_same_list_twice_changes_nothing(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH | identified("10.5555/held"))
    rows = [csv_row("10.5555/held"), csv_row("10.5555/elsewhere")]
    assert counts(await read_list(world, *rows)) == (2, 1, 0, 1, 0)
    assert counts(await read_list(world, *rows, source="Another list")) == (2, 0, 1, 1, 0)
    assert len(await retraction_events(world)) == 1


async def test_of_two_rows_about_one_work_only_the_one_that_stands_has_flagged_it(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH | identified("10.5555/held"))
    job = await read_list(
        world, csv_row("10.5555/held", "Correction", "1/1/2022"), csv_row("10.5555/held", "Retraction")
    )
    assert counts(job) == (2, 1, 1, 0, 0)
    assert (await notice_on(world, item))["nature"] == "retraction"


async def test_a_work_that_comes_after_the_list_is_flagged_too(world: EvidenceWorld) -> None:
    await read_list(world, csv_row("10.5555/later"), csv_row("", pmid="42"))
    job = await world.import_file(b"TY  - JOUR\nTI  - A later arrival\nDO  - 10.5555/later\nER  - \n", publish="true")
    assert job["created"] == 1
    [item] = (await world.json(CARER, "GET", "/v1/evidence"))["items"]
    assert item["retraction"] is None
    await run_worker(world)
    assert (await notice_on(world, item["id"]))["nature"] == "retraction"
    assert await retraction_events(world) == [(item["id"], "retraction")]
    changed = await world.publish(RESEARCH | {"identifiers": []})
    names = [{"scheme": "pmid", "value": "42"}]
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{changed}", {"identifiers": names}, If_Match="*")
    await run_worker(world)
    assert (await notice_on(world, changed))["nature"] == "retraction"


async def test_the_order_of_rows_and_lists_does_not_matter(world: EvidenceWorld) -> None:
    first = await world.publish(RESEARCH | identified("10.5555/first"))
    second = await world.publish(RESEARCH | identified("10.5555/second"))
    await read_list(
        world,
        csv_row("10.5555/first", "Reinstatement", "5/1/2023"),
        csv_row("10.5555/first", "Retraction", "1/1/2022"),
        csv_row("10.5555/second", "Correction", "1/1/2024"),
    )
    await read_list(world, csv_row("10.5555/second", "Retraction", "1/1/2023"))
    assert await notice_on(world, first) is None
    assert (await notice_on(world, second))["nature"] == "retraction"
    await read_list(world, csv_row("10.5555/second", "Reinstatement", "2/2/2025"))
    assert (await notice_on(world, second))["nature"] == "reinstatement"
    assert await retraction_events(world) == [(second, "correction"), (second, "retraction"), (second, "reinstatement")]


async def test_many_rows_are_read_in_parts_and_go_on_where_a_worker_was_killed(
    world: EvidenceWorld, monkeypatch: Any
) -> None:
    monkeypatch.setattr(part_reader, "MAX_PART_ROWS", 10)
    items = [await world.publish(RESEARCH | identified(f"10.5555/n{n}")) for n in (3, 17, 34)]
    sent = await send(
        world, csv_file(*(csv_row(f"10.5555/n{n}", title=f"Line one\nline two of {n}") for n in range(35)))
    )
    assert await process_next_part(world.database)
    half = await world.json(EDITOR, "GET", sent.headers["location"])
    assert (half["status"], counts(half)) == ("running", (9, 1, 0, 8, 0))
    assert 0 < half["done"] < half["total"]
    async with world.database.unit_of_work() as uow:
        retraction_list = await queries.lock_next_due(uow.session, clock.now())
        assert retraction_list is not None
        await commands.process_part(uow, retraction_list)  # killed before it was committed
    await run_worker(world)
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert (job["status"], job["done"], counts(job)) == ("done", job["total"], (35, 3, 0, 32, 0))
    assert sorted(item for item, _ in await retraction_events(world)) == sorted(items)
    assert await world.rows("SELECT * FROM retraction_chunks") == []


async def test_a_part_that_fails_by_itself_is_tried_again_and_given_up_at_last(
    world: EvidenceWorld, monkeypatch: Any
) -> None:
    monkeypatch.setattr(file_job_rules, "PART_ATTEMPTS", replace(file_job_rules.PART_ATTEMPTS, max_attempts=2))

    async def broken(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(commands, "process_rows", broken)
    sent = await send(world, csv_file(csv_row("10.5555/a")))
    for _ in range(2):
        assert await process_next_part(world.database)
        assert not await process_next_part(world.database)
        async with world.database.transaction() as uow:
            stored = await fetch(uow.session, RetractionList, sent.json()["id"], missing=queries.RetractionListNotFound)
            stored.try_at = None
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert job["status"] == "failed"
    assert "given up" in job["problems"][0]


async def test_what_is_no_such_list_says_what_to_send(world: EvidenceWorld) -> None:
    for content in (b"Title,Year\nA,2020\n", b"TY  - JOUR\nTI  - A\nER  - \n", b"\n\n\n", b"\xff\xfeR\x00e\x00"):
        job = await read_file(world, content)
        assert (job["status"], counts(job)) == ("failed", (0, 0, 0, 0, 0))
        assert "OriginalPaperDOI" in job["problems"][0]
    assert (await send(world, b"")).json()["type"].endswith("/empty-retraction-list")


async def test_a_withdrawn_work_is_not_held(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH | identified("10.5555/gone"))
    await world.json(EDITOR, "POST", f"/v1/evidence/{item}/withdraw")
    assert counts(await read_list(world, csv_row("10.5555/gone"))) == (1, 0, 0, 1, 0)
    assert await retraction_events(world) == []


async def test_a_merged_work_flags_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    into = await world.publish(RESEARCH | identified("10.5555/into"))
    other = await world.publish(RESEARCH | identified("10.5555/other"))
    merged = await world.json(EDITOR, "POST", "/v1/merges", {"items": [other], "into": into})
    assert counts(await read_list(world, csv_row("10.5555/other"))) == (1, 1, 0, 0, 0)
    assert (await notice_on(world, into))["nature"] == "retraction"
    await world.undo_merge(merged["id"])
    await run_worker(world)
    assert (await notice_on(world, other))["nature"] == "retraction"


async def test_lists_are_for_editors_and_their_programs(world: EvidenceWorld) -> None:
    assert (await send(world, csv_file(csv_row("10.5555/a")), CARER)).status_code == 403
    program = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
    first = await send(world, csv_file(csv_row("10.5555/a")), program)
    second = await send(world, csv_file(csv_row("10.5555/b")))
    assert (first.status_code, second.status_code) == (202, 202)
    page = await world.json(EDITOR, "GET", "/v1/retractions")
    assert [job["id"] for job in page["items"]] == [second.json()["id"], first.json()["id"]]
    assert (await world.call(CARER, "GET", second.headers["location"])).status_code == 403
    assert (await world.call(EDITOR, "GET", f"/v1/retractions/{new_id()}")).status_code == 404


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
async def test_a_list_in_any_usual_encoding_is_read(world: EvidenceWorld, encoding: str) -> None:
    item = await world.publish(RESEARCH)
    content = csv_file(csv_row("10.5555/abc.1", title="Über Pflege")).replace(b",", b"\t").decode().encode(encoding)
    assert counts(await read_file(world, content)) == (1, 1, 0, 0, 0)
    assert (await notice_on(world, item))["reasons"] == ["Error in Analyses", "Concerns about Data"]
