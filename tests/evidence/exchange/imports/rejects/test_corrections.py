"""A rejected record that was corrected and sent again: it says so, and is not sent twice."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.evidence.exchange.imports import rules
from shared import clock
from shared.persistence.tables import new_id
from tests.evidence.world import EvidenceWorld
from tests.support.callers import EDITOR

UNTITLED = b"TY  - JOUR\nPY  - 2020\nER  - \n"
CORRECTED = "TY  - JOUR\nTI  - Breaks that carers want\nPY  - 2020\nER  - "
CSV_FILE = b"Title;Year;DOI\nOne;2020;10.5555/1\n;2021;10.5555/2\n"


async def correct(world: EvidenceWorld, job: dict[str, Any], number: int = 1, file: str = CORRECTED) -> dict[str, Any]:
    """Send a reject again, and return the import as which it went when that was read."""
    path = f"/v1/imports/{job['id']}/rejects/{number}/correct"
    sent = await world.json(EDITOR, "POST", path, {"file": file})
    await world.read_all()
    return await world.json(EDITOR, "GET", f"/v1/imports/{sent['id']}")


async def sent_again(world: EvidenceWorld, job: dict[str, Any], number: int = 1) -> dict[str, Any] | None:
    reject = await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects/{number}")
    return reject["sent_again"]


async def take_back(world: EvidenceWorld, job: dict[str, Any]) -> None:
    path = f"/v1/imports/{job['id']}"
    await world.json(EDITOR, "POST", f"{path}/withdraw", If_Match=await world.tag(path))


async def waiting(world: EvidenceWorld) -> list[str]:
    return [job["id"] for job in (await world.json(EDITOR, "GET", "/v1/imports?rejects_waiting=true"))["items"]]


async def test_a_reject_says_as_which_import_it_was_sent_again_and_what_became_of_it(world: EvidenceWorld) -> None:
    job = await world.import_file(UNTITLED * 2)
    new = await correct(world, job)
    first, second = (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects"))["items"]
    correction = first["sent_again"]
    assert (correction["import_id"], correction["status"], correction["created"]) == (new["id"], "done", 1)
    assert (await world.json(EDITOR, "GET", f"/v1/evidence/{correction['item_id']}"))["title"] == (
        "Breaks that carers want"
    )
    assert second["sent_again"] is None
    assert (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}"))["sent_again"] == 1


async def test_it_goes_with_what_was_chosen_for_its_file(world: EvidenceWorld) -> None:
    topic = await world.topic()
    job = await world.import_file(CSV_FILE, topics=topic, publish="true")
    new = await correct(world, job, 2, "Title;Year;DOI\nTwo;2021;10.5555/2")
    assert (new["format"], new["topics"], new["publish"]) == ("csv", [topic], True)
    assert (new["file_name"], new["created"]) == ("references-2.ris", 1)


async def test_nobody_sends_a_record_twice_and_the_second_is_led_to_the_first(world: EvidenceWorld) -> None:
    job = await world.import_file(UNTITLED)
    first = await correct(world, job)
    path = f"/v1/imports/{job['id']}/rejects/1/correct"
    refusal = await world.problem(EDITOR, "POST", path, {"file": CORRECTED.replace("Breaks", "Rest")})
    assert (refusal["status"], refusal["title"]) == (409, "This record was sent again already")
    assert f"/v1/imports/{first['id']}" in refusal["detail"]
    assert len((await world.json(EDITOR, "GET", "/v1/imports"))["items"]) == 2


async def test_what_is_rejected_again_waits_in_its_new_import_alone(world: EvidenceWorld) -> None:
    job = await world.import_file(UNTITLED)
    assert await waiting(world) == [job["id"]]
    again = await correct(world, job, file=UNTITLED.decode())
    assert await waiting(world) == [again["id"]]
    correction = await sent_again(world, job)
    assert correction is not None
    assert (correction["rejected"], correction["item_id"]) == (1, None)
    await correct(world, again)
    assert await waiting(world) == []


async def test_where_nothing_could_be_read_it_may_be_sent_once_more(world: EvidenceWorld) -> None:
    job = await world.import_file(UNTITLED)
    nothing = await correct(world, job, file="no record at all")
    assert (nothing["status"], nothing["read"]) == ("failed", 0)
    assert await sent_again(world, job) is None
    assert await waiting(world) == [job["id"]]
    assert (await correct(world, job))["created"] == 1
    assert await waiting(world) == []


async def test_where_the_correction_was_taken_back_it_may_be_sent_once_more(world: EvidenceWorld) -> None:
    job = await world.import_file(UNTITLED)
    first = await correct(world, job)
    await take_back(world, first)
    correction = await sent_again(world, job)
    assert correction is not None
    assert correction["withdrawn_at"]
    second = await correct(world, job)
    correction = await sent_again(world, job)
    assert correction is not None
    assert correction["import_id"] == second["id"] != first["id"]
    assert (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}"))["sent_again"] == 1


async def test_an_import_that_is_old_or_was_taken_back_waits_for_nobody(world: EvidenceWorld) -> None:
    old, taken_back = await world.import_file(UNTITLED), await world.import_file(UNTITLED)
    async with world.database.engine.begin() as connection:
        ended = {"id": old["id"], "at": clock.now() - rules.ORIGINALS_RETENTION - timedelta(minutes=1)}
        await connection.execute(text("UPDATE imports SET finished_at = :at WHERE id = :id"), ended)
    assert await waiting(world) == [taken_back["id"]]
    await take_back(world, taken_back)
    assert await waiting(world) == []


async def test_files_of_rejects_leave_out_or_mark_what_was_sent_again(world: EvidenceWorld) -> None:
    job = await world.import_file(UNTITLED + UNTITLED.replace(b"2020", b"2021"))
    new = await correct(world, job)
    path = f"/v1/imports/{job['id']}/rejects"
    assert (await world.call(EDITOR, "GET", f"{path}?format=original")).content == UNTITLED.replace(b"2020", b"2021")
    table = (await world.call(EDITOR, "GET", f"{path}?format=csv")).content.decode("utf-8-sig")
    assert [row["sent_again_as"] for row in csv.DictReader(io.StringIO(table))] == [new["id"], ""]
    await correct(world, job, 2)
    refusal = await world.problem(EDITOR, "GET", f"{path}?format=original")
    assert (refusal["status"], "each was sent again" in refusal["detail"]) == (404, True)


@pytest.mark.parametrize("file", ["", " \n ", "@article{x, title = {A}}", "a" * 1_000_001])
async def test_a_correction_that_is_none_is_refused_at_its_text(world: EvidenceWorld, file: str) -> None:
    job = await world.import_file(UNTITLED)
    refusal = await world.problem(EDITOR, "POST", f"/v1/imports/{job['id']}/rejects/1/correct", {"file": file})
    assert (refusal["status"], refusal["errors"][0]["pointer"] in ("/file", "/format")) == (422, True)
    assert await sent_again(world, job) is None


async def test_what_was_never_rejected_cannot_be_corrected(world: EvidenceWorld) -> None:
    job = await world.import_file(UNTITLED)
    for path in (f"/v1/imports/{job['id']}/rejects/2/correct", f"/v1/imports/{new_id()}/rejects/1/correct"):
        assert (await world.problem(EDITOR, "POST", path, {"file": CORRECTED}))["status"] == 404
