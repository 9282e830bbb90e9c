"""A record that matches an item fills what the item lacks, and nothing that a person said or judged."""

import asyncio
import os
import signal
import sys
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from services.evidence.exchange.file_jobs.rules import PART_ATTEMPTS
from services.evidence.library.works.duplicates.jobs import compare_next
from shared.callers import Caller
from shared.events.contracts.evidence import EvidenceChanged
from shared.persistence.tables import new_id
from tests.evidence.exchange.imports.matches.records import (
    BY_DOI,
    FILLED_FIELDS,
    POOR,
    RICH,
    conflicts,
    drafts,
    records,
    ris,
)
from tests.evidence.exchange.imports.test_jobs import ROOT, WORKER, many, until_free, wait_no_longer
from tests.evidence.exchange.imports.test_work_parser import exported
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld, counts
from tests.support.callers import EDITOR

PARTNER = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
DOI = {"scheme": "doi", "value": "10.5555/enrich.1"}


async def test_a_record_gives_the_item_that_it_matches_what_that_lacks(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    rich = await world.import_file(RICH)
    assert (counts(rich), rich["enriched"], rich["conflicts"]) == ((1, 0, 1, 0), 1, 0)
    (item,) = await drafts(world)
    assert item["summary"] == "This abstract came with the second file."
    assert (item["published_in"], item["volume"], item["pages"]) == ("Invented Care", "2", "3-9")
    assert (item["keywords"], item["identifiers"], item["edition"]) == (["care"], [DOI], 1)
    (record,) = await records(world, rich)
    assert record["item_title"] == item["title"]
    assert (record["outcome"], record["item_id"], record["item_status"]) == ("matched", item["id"], "draft")
    assert (record["fields"], record["identifiers"], record["conflicts"]) == (FILLED_FIELDS, [DOI], [])


async def test_the_same_file_again_gives_nothing(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    await world.import_file(RICH)
    before = await world.rows("SELECT * FROM items")
    again = await world.import_file(RICH)
    assert (counts(again), again["enriched"], again["conflicts"]) == ((1, 0, 1, 0), 0, 0)
    assert await world.rows("SELECT * FROM items") == before


async def test_a_third_copy_matches_by_the_identifier_that_the_second_brought(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    await world.import_file(RICH)
    third = await world.import_file(BY_DOI)
    assert (counts(third), third["enriched"], third["conflicts"]) == ((1, 0, 1, 0), 1, 1)
    (record,) = await records(world, third)
    assert (record["fields"], record["conflicts"]) == (["identifiers"], ["title"])


async def test_three_records_of_one_work_in_one_file_become_one_item(world: EvidenceWorld) -> None:
    job = await world.import_file(POOR + RICH + BY_DOI)
    assert (counts(job), job["enriched"]) == ((3, 1, 2, 0), 2)
    assert [record["line"] for record in await records(world, job)] == [1, 6, 18]
    assert len((await drafts(world))[0]["identifiers"]) == 2
    again = await world.import_file(POOR + RICH + BY_DOI)
    assert (counts(again), again["enriched"], again["conflicts"]) == ((3, 0, 3, 0), 0, 0)


async def test_two_works_of_one_title_stay_two_where_the_first_has_learnt_its_doi(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    job = await world.import_file(RICH + ris(DO="10.5555/enrich.2"))
    assert counts(job) == (2, 1, 1, 0)


async def test_a_published_item_gets_a_new_edition_and_says_so(world: EvidenceWorld) -> None:
    await world.import_file(POOR, publish="true")
    await world.import_file(RICH)
    (item,) = await world.rows("SELECT id, edition, version, status, identified FROM items")
    assert (item["edition"], item["version"], item["status"], item["identified"]) == (2, 2, "published", True)
    earlier = await world.json(EDITOR, "GET", f"/v1/evidence/{item['id']}/versions/1")
    assert (earlier["published_in"], earlier["identifiers"], earlier["summary"]) == (None, [], "")
    changed = [event for event in await world.events() if isinstance(event, EvidenceChanged)]
    assert [(event.item_id, event.edition) for event in changed] == [(item["id"], 2)]
    audited = await world.rows("SELECT actor, after FROM audit_entries WHERE action = 'enriched'")
    assert [(entry["actor"], entry["after"]["fields"]) for entry in audited] == [(EDITOR.id, FILLED_FIELDS)]


async def test_an_editors_publish_of_what_was_filled_as_a_draft_makes_no_edition(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    assert (await world.import_file(RICH, publish="true"))["published"] == 1
    (item,) = await world.rows("SELECT edition, version FROM items")
    assert item == {"edition": 1, "version": 3}


async def test_what_a_person_said_or_judged_is_never_filled(world: EvidenceWorld) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    study = await world.publish(RESEARCH | {"design": None})
    link = "https://library.example/v1/evidence/"
    before = await world.rows("SELECT * FROM items ORDER BY id")
    content = (
        exported(ACCOUNT, UUID(account), country="GB")
        + exported(PRACTICE, UUID(practice), country="GB")
        + ris(UR=f"{link}{account}", AB="An abstract of an account")
        + ris(UR=f"{link}{practice}", AB="An abstract of practice")
    )
    job = await world.import_file(content)
    assert (counts(job), job["enriched"], job["conflicts"]) == ((4, 0, 4, 0), 0, 0)
    judged = exported(RESEARCH | {"summary": RESEARCH["summary"]}, UUID(study), details={"design": "qualitative"})
    job = await world.import_file(judged)
    assert (counts(job), job["enriched"], job["conflicts"]) == ((1, 0, 1, 0), 0, 1)
    assert await world.rows("SELECT * FROM items ORDER BY id") == before


@pytest.mark.parametrize("end", ["withdrawn", "retracted"])
async def test_a_withdrawn_item_gains_nothing_and_a_retracted_one_stays_so(world: EvidenceWorld, end: str) -> None:
    await world.import_file(POOR, publish="true")
    (item,) = (await world.json(EDITOR, "GET", "/v1/evidence"))["items"]
    if end == "withdrawn":
        await world.json(EDITOR, "POST", f"/v1/evidence/{item['id']}/withdraw")
    else:
        notice = {"nature": "retraction", "source": "The publisher"}
        await world.json(EDITOR, "POST", f"/v1/evidence/{item['id']}/retract", notice)
    job = await world.import_file(RICH)
    assert (counts(job), job["enriched"]) == ((1, 0, 1, 0), int(end == "retracted"))
    rows = await world.rows("SELECT status, retraction IS NOT NULL AS retracted FROM items")
    assert rows == [{"status": "withdrawn" if end == "withdrawn" else "published", "retracted": end == "retracted"}]


async def test_a_record_that_matches_two_items_gives_neither_anything(world: EvidenceWorld) -> None:
    await world.import_file(ris(DO="10.5555/enrich.1") + ris(TI="Another work", AN="123456", DB="PubMed"))
    pmid = {"scheme": "pmid", "value": "123456"}
    await world.import_file(b"PMID- 123456\nTI  - Another work by its number\n\n", format="pubmed")
    both = b"PMID- 123456\nTI  - A record of two\nAID - 10.5555/enrich.1 [doi]\nAB  - Of which one?\n\n"
    job = await world.import_file(both, format="pubmed")
    assert (job["matched"], job["enriched"], job["conflicts"]) == (1, 0, 1)
    (conflict,) = [c for c in await conflicts(world) if c["import_id"] == job["id"]]
    assert (conflict["field"], conflict["record"]) == ("identifiers", pmid)


async def test_what_a_file_filled_and_an_editor_emptied_is_offered_and_not_filled_again(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    await world.import_file(RICH)
    (item,) = await drafts(world)
    address = f"/v1/evidence/{item['id']}"
    tag = (await world.call(EDITOR, "GET", address)).headers["etag"]
    patched = await world.call(EDITOR, "PATCH", address, {"summary": "", "identifiers": []}, If_Match=tag)
    assert patched.status_code == 200
    again = await world.import_file(RICH)
    assert (again["enriched"], again["conflicts"]) == (0, 2)
    assert ((await drafts(world))[0]["summary"], (await drafts(world))[0]["identifiers"]) == ("", [])


async def test_a_partner_fills_its_own_drafts_alone(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    await world.send(RICH + ris(TI="A work of the partner"), PARTNER)
    await world.send(ris(TI="A work of the partner", VL="7"), PARTNER)
    await world.read_all()
    jobs = await world.rows("SELECT enriched, conflicts FROM imports ORDER BY id")
    assert [tuple(job.values()) for job in jobs] == [(0, 0), (0, len(FILLED_FIELDS)), (1, 0)]


async def test_whoever_changes_an_item_at_that_moment_is_not_overwritten(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    sent = await world.send(RICH)
    async with world.database.engine.begin() as editing:
        await editing.execute(text("UPDATE items SET summary = 'Our own words', version = version + 1"))
        await world.read_all()
        await editing.execute(text("SELECT pg_advisory_xact_lock(hashtext('evidence works'))"))
    await wait_no_longer(world)
    await world.read_all()
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert (job["status"], job["enriched"], job["conflicts"]) == ("done", 1, 1)
    (item,) = await drafts(world)
    assert (item["summary"], item["published_in"]) == ("Our own words", "Invented Care")


async def test_a_worker_that_is_killed_between_two_fills_fills_each_item_once(world: EvidenceWorld) -> None:
    await world.import_file(many(3000).replace(b"AB  - ", b"N1  - ").replace(b"DO  - ", b"N1  - "), publish="true")
    sent = await world.send(many(3000))
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    worker = await asyncio.create_subprocess_exec(sys.executable, "-c", WORKER, world.database.url, env=environment)
    read = 0
    try:
        async with asyncio.timeout(60):
            while read == 0:
                read = (await world.json(EDITOR, "GET", sent.headers["location"]))["read"]
    finally:
        worker.send_signal(signal.SIGKILL)
        await worker.wait()
    await until_free(world)
    await world.read_all()
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert read < 3000
    assert (counts(job), job["enriched"], job["conflicts"]) == ((3000, 0, 3000, 0), 3000, 0)
    assert await world.rows("SELECT edition, version, count(*) FROM items GROUP BY edition, version") == [
        {"edition": 2, "version": 2, "count": 3000}
    ]
    assert len(await world.rows("SELECT 1 FROM item_editions")) == 3000
    changed = [event.item_id for event in await world.events() if isinstance(event, EvidenceChanged)]
    assert len(changed) == len(set(changed)) == 3000


async def test_two_imports_of_one_file_at_once_fill_once(world: EvidenceWorld) -> None:
    await world.import_file(POOR, publish="true")
    sent = [await world.send(RICH) for _ in range(2)]
    await asyncio.gather(*(world.read_all() for _ in range(3)))
    await wait_no_longer(world)
    await world.read_all()
    jobs = [await world.json(EDITOR, "GET", response.headers["location"]) for response in sent]
    assert [job["status"] for job in jobs] == ["done", "done"]
    assert sorted(job["enriched"] for job in jobs) == [0, 1]
    assert await world.rows("SELECT edition FROM items") == [{"edition": 2}]


async def test_duplicates_follow_what_an_item_has_learnt(world: EvidenceWorld) -> None:
    await world.import_file(POOR + ris(TI="Enrichments on match: an invented records", DO="10.5555/enrich.9"))
    while await compare_next(world.database):
        pass
    await world.import_file(RICH)
    assert len(await world.rows("SELECT 1 FROM pending_comparisons")) == 1


@pytest.mark.parametrize(
    ("ours", "theirs", "fields"),
    [
        ({"AU": "Example, Enrich", "JO": "Health & Social Care"}, {"AU": "Example E.", "JO": "Health Soc Care"}, []),
        ({"SP": "123", "EP": "129", "VL": "12"}, {"SP": "123", "EP": "9", "VL": "012"}, []),
        ({"SP": "123", "VL": "12"}, {"SP": "321", "VL": "21"}, ["pages", "volume"]),
        ({"AB": "An abstract of it."}, {"AB": "An abstract of it. (c) The press"}, []),
        ({"AB": "An abstract of it."}, {"AB": "Something else entirely, by somebody else."}, ["summary"]),
        ({"DO": "10.5555/one", "KW": "one"}, {"DO": "10.5555/one", "KW": "two", "UR": "https://a.example"}, []),
    ],
)
async def test_only_what_says_something_else_is_a_conflict(
    world: EvidenceWorld, ours: dict[str, Any], theirs: dict[str, Any], fields: list[str]
) -> None:
    await world.import_file(ris(**ours))
    job = await world.import_file(ris(**theirs))
    (record,) = await records(world, job)
    assert (record["outcome"], sorted(record["conflicts"])) == ("matched", fields)


async def test_an_import_waits_however_long_its_items_are_being_changed(world: EvidenceWorld) -> None:
    await world.import_file(POOR)
    (item,) = await drafts(world)
    sent = await world.send(RICH)
    async with world.database.engine.connect() as somebody, somebody.begin():
        await somebody.execute(text("SELECT 1 FROM items WHERE id = :id FOR UPDATE"), {"id": item["id"]})
        for _ in range(PART_ATTEMPTS.max_attempts + 2):
            await world.read_all()
            async with world.database.engine.begin() as connection:
                await connection.execute(text("UPDATE imports SET try_at = now() - interval '1 second'"))
        job = await world.json(EDITOR, "GET", sent.headers["location"])
        assert (job["status"], counts(job)) == ("running", (0, 0, 0, 0))
    await world.read_all()
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert (job["status"], counts(job), job["enriched"]) == ("done", (1, 0, 1, 0), 1)
