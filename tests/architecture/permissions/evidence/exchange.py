"""Attempts on search and figures, imports and exports, harvests, retraction lists, duplicates, merges, bulk changes."""

from typing import Any, Final
from uuid import uuid4

from sqlalchemy import text

from shared.persistence.tables import new_id
from tests.architecture.permissions.attempts import Attempt, Noun, Prepared, operations
from tests.evidence.exchange.harvests.provider import harvested, page, pages, provider, quarantine, work
from tests.evidence.exchange.retraction_lists.retraction_watch import csv_file, csv_row, read_list
from tests.evidence.library.works.duplicates.groups import groups, members
from tests.evidence.line_of_sight.test_api import a_thread
from tests.evidence.world import PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import EDITOR

RIS: Final = (
    b"TY  - JOUR\nTI  - Replacement care\nAU  - Okoro, A.\nPY  - 2021\nER  - \nTY  - JOUR\nAU  - Lind, B.\nER  - \n"
)
"""Two records, the second without a title."""
COUNTRY: Final = {"kind": "items", "selection": {"status": "draft"}, "changes": {"country": "GB"}}
FORM: Final = {"Content-Type": "application/x-www-form-urlencoded"}


async def indexed(world: EvidenceWorld) -> Prepared:
    await world.indexed()
    return {}


async def item(world: EvidenceWorld) -> Prepared:
    return {"item_id": await world.publish(PRACTICE)}


async def item_in_thread(world: EvidenceWorld) -> Prepared:
    return {"item_id": (await a_thread(world)).item}


async def import_job(world: EvidenceWorld) -> Prepared:
    return {"import_id": (await world.import_file(RIS))["id"]}


async def import_job_with_reject(world: EvidenceWorld) -> Prepared:
    return {"import_id": (await world.import_file(b"TY  - JOUR\nPY  - 2020\nER  - \n"))["id"], "number": "1"}


async def conflict(world: EvidenceWorld) -> Prepared:
    """A field in which a record differs from its item."""
    record = RIS.partition(b"ER  - \n")[0].replace(b"Replacement care", f"Care {uuid4()}".encode()) + b"%sER  - \n"
    await world.import_file(record % b"VL  - 1\n")
    job = await world.import_file(record % b"VL  - 2\n")
    conflicts = (await world.json(EDITOR, "GET", f"/v1/import-conflicts?import={job['id']}"))["items"]
    return {"conflict_id": conflicts[0]["id"]}


async def retraction_list(world: EvidenceWorld) -> Prepared:
    return {"list_id": (await read_list(world, csv_row(doi="10.5555/one")))["id"]}


async def harvest(world: EvidenceWorld) -> Prepared:
    return {"harvest_id": (await world.json(EDITOR, "POST", "/v1/harvests", new_harvest({})))["id"]}


async def quarantined(world: EvidenceWorld) -> Prepared:
    """A record that could not be taken, and could be now."""
    name = f"a:{new_id()}"
    await _in_database(world, f"ALTER TABLE items ADD CONSTRAINT refused CHECK (title <> 'What carers said in {name}')")
    async with provider(pages(page(work(name)))) as source:
        source_harvest = await harvested(world, source.url)
    (record,) = await quarantine(world, source_harvest)
    await _in_database(world, "ALTER TABLE items DROP CONSTRAINT refused")
    return {"harvest_id": source_harvest["id"], "record_id": record["id"]}


async def _in_database(world: EvidenceWorld, statement: str) -> None:
    async with world.database.transaction() as uow:
        await uow.session.execute(text(statement))


async def duplicates(world: EvidenceWorld) -> Prepared:
    """An open group of two, which are like no others."""
    title = f"Breaks and {uuid4().hex}"
    first, _ = [await world.publish(RESEARCH, title=title + end, identifiers=[]) for end in ("", "s")]
    group = next(group for group in await groups(world) if first in members(group))
    return {"group_id": group["id"], "into": first}


async def two_items(world: EvidenceWorld) -> Prepared:
    first, second = [await world.publish(RESEARCH, title=f"Breaks {uuid4()}", identifiers=[]) for _ in range(2)]
    return {"items": [first], "into": second}


async def merge(world: EvidenceWorld) -> Prepared:
    return {"merge_id": (await world.json(EDITOR, "POST", "/v1/merges", await two_items(world)))["id"]}


async def bulk_change(world: EvidenceWorld) -> Prepared:
    return {"bulk_change_id": (await world.json(EDITOR, "POST", "/v1/bulk-changes", COUNTRY))["id"]}


async def draft_practice(world: EvidenceWorld) -> Prepared:
    await world.draft(PRACTICE)
    return await bulk_change(world)


def new_harvest(_prepared: Prepared) -> dict[str, Any]:
    return {"base_url": f"https://repository.example.org/{new_id()}", "every_hours": 24}


NOUNS: Final = (
    operations("evidence", ready=indexed),
    Noun(
        "evidence",
        "discovery",
        (
            Attempt("GET /v1/search?q=breaks", indexed),
            Attempt("GET /v1/statistics/places"),
            Attempt("GET /v1/statistics/turnaround"),
            Attempt("GET /v1/statistics/use-of-answers"),
            Attempt("GET /v1/statistics/ways-of-knowing"),
            Attempt("GET /v1/line-of-sight?from=evidence:{item_id}", item_in_thread),
            Attempt("GET /v1/exports/evidence?format=ris"),
            Attempt("GET /v1/exports/evidence?format=ris&status=draft"),
            Attempt("GET /v1/exports/citation-styles"),
            Attempt("GET /v1/exports/references?style=harvard&id={item_id}", item),
            Attempt("GET /v1/feeds/evidence"),
            Attempt("GET /sitemap.xml"),
            Attempt("GET /oai?verb=Identify"),
            Attempt("POST /oai", content=b"verb=Identify", headers=FORM),
        ),
        scopes="evidence",
    ),
    Noun(
        "evidence",
        "files",
        (
            Attempt("POST /v1/imports", files={"file": ("references.ris", RIS)}),
            Attempt("GET /v1/imports"),
            Attempt("GET /v1/imports/{import_id}", import_job),
            Attempt("GET /v1/imports/{import_id}/rejects", import_job),
            Attempt("GET /v1/imports/{import_id}/rejects/{number}", import_job_with_reject),
            Attempt(
                "POST /v1/imports/{import_id}/rejects/{number}/correct",
                import_job_with_reject,
                {"file": "TY  - JOUR\nTI  - Replacement care\nER  - \n"},
            ),
            Attempt("GET /v1/imports/{import_id}/records", import_job),
            Attempt("GET /v1/imports/{import_id}/withdrawal", import_job),
            Attempt("GET /v1/imports/{import_id}/withdrawal/stays", import_job),
            Attempt("POST /v1/imports/{import_id}/withdraw", import_job),
            Attempt("GET /v1/import-conflicts"),
            Attempt("GET /v1/import-conflicts/{conflict_id}", conflict),
            Attempt("POST /v1/import-conflicts/{conflict_id}/decide", conflict, {"value": "record"}),
            Attempt("GET /v1/evidence/{item_id}/records", item),
            Attempt("POST /v1/retractions", files={"file": ("retractions.csv", csv_file(csv_row(doi="10.5555/one")))}),
            Attempt("GET /v1/retractions"),
            Attempt("GET /v1/retractions/{list_id}", retraction_list),
            Attempt("GET /v1/retractions/{list_id}/items", retraction_list),
            Attempt("GET /v1/retractions/{list_id}/rejects", retraction_list),
        ),
        scopes="evidence",
    ),
    Noun(
        "evidence",
        "harvests",
        (
            Attempt("POST /v1/harvests", body=new_harvest),
            Attempt("GET /v1/harvests"),
            Attempt("GET /v1/harvests/{harvest_id}", harvest),
            Attempt("PATCH /v1/harvests/{harvest_id}", harvest, {"every_hours": 48}),
            Attempt("POST /v1/harvests/{harvest_id}/runs", harvest),
            Attempt("GET /v1/harvests/{harvest_id}/runs", harvest),
            Attempt("GET /v1/harvests/{harvest_id}/records", harvest),
            Attempt("DELETE /v1/harvests/{harvest_id}", harvest),
            Attempt("GET /v1/harvests/{harvest_id}/quarantined-records", quarantined),
            Attempt("POST /v1/harvests/{harvest_id}/quarantined-records/{record_id}/retry", quarantined),
        ),
        scopes="evidence",
    ),
    Noun(
        "evidence",
        "duplicates",
        (
            Attempt("GET /v1/duplicates"),
            Attempt("GET /v1/duplicates/{group_id}", duplicates),
            Attempt(
                "POST /v1/duplicates/{group_id}/decide",
                duplicates,
                lambda prepared: {"merge": {"into": prepared["into"]}},
            ),
            Attempt("POST /v1/merges", two_items, lambda prepared: prepared),
            Attempt("GET /v1/merges"),
            Attempt("GET /v1/merges/{merge_id}", merge),
            Attempt("POST /v1/merges/{merge_id}/undo", merge),
            Attempt("POST /v1/bulk-changes", body=COUNTRY),
            Attempt("GET /v1/bulk-changes"),
            Attempt("GET /v1/bulk-changes/{bulk_change_id}", bulk_change),
            Attempt("GET /v1/bulk-changes/{bulk_change_id}/steps", bulk_change),
            Attempt("POST /v1/bulk-changes/{bulk_change_id}/confirm", draft_practice),
        ),
        scopes="evidence",
    ),
)
