"""Files in the columns of the Retraction Watch data, and what becomes of them."""

from typing import Any

import httpx

from services.evidence.exchange.retraction_lists.jobs import check_next_items, process_next_part
from shared.callers import Caller
from shared.events.contracts.evidence import EvidenceRetracted
from tests.evidence.world import EvidenceWorld
from tests.support.callers import CARER, EDITOR

HEADER = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,"
    "RetractionDOI,RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,"
    "Reason,Paywalled,Notes,"
)


def csv_row(
    doi: str = "", nature: str = "Retraction", on: str = "4/11/2023 0:00", pmid: str = "0", **cells: str
) -> str:
    title = cells.get("title", "An invented study")
    notice = cells.get("notice", "10.5555/notice")
    return (
        f'1,"{title}",(SOC) Care;,An Institution,A Journal,A Press,Nowhere,Sam Sample,,Research Article;,{on},'
        f"{notice},0,1/1/2020 0:00,{doi},{pmid},{nature},+Error in Analyses;+Concerns about Data;,No,,"
    )


def csv_file(*rows: str) -> bytes:
    return "\r\n".join((HEADER, *rows, "")).encode()


async def send(world: EvidenceWorld, content: bytes, caller: Caller = EDITOR, **form: str) -> httpx.Response:
    async with world.client_for(caller) as http:
        return await http.post("/v1/retractions", files={"file": ("retraction_watch.csv", content)}, data=form)


async def run_worker(world: EvidenceWorld) -> None:
    """Do what the worker does, until no list and no new item waits."""
    while await process_next_part(world.database) or await check_next_items(world.database):
        pass


async def read_list(world: EvidenceWorld, *rows: str, **form: Any) -> dict[str, Any]:
    """Send a list of these rows, and return it when it was read."""
    return await read_file(world, csv_file(*rows), **form)


async def read_file(world: EvidenceWorld, content: bytes, **form: Any) -> dict[str, Any]:
    sent = await send(world, content, **form)
    assert sent.status_code == 202, sent.text
    await run_worker(world)
    return await world.json(EDITOR, "GET", sent.headers["location"])


def counts(job: dict[str, Any]) -> tuple[int, ...]:
    numbers = tuple(job[name] for name in ("rows", "flagged", "already_flagged", "not_in_library", "rejected"))
    assert numbers[0] == sum(numbers[1:])
    return numbers


async def notice_on(world: EvidenceWorld, item: str) -> Any:
    return (await world.json(CARER, "GET", f"/v1/evidence/{item}"))["retraction"]


async def retraction_events(world: EvidenceWorld) -> list[tuple[str, str]]:
    return [
        (str(event.item_id), event.nature) for event in await world.events() if isinstance(event, EvidenceRetracted)
    ]


def identified(doi: str, pmid: str | None = None) -> dict[str, Any]:
    names = [{"scheme": "doi", "value": doi}] + ([{"scheme": "pmid", "value": pmid}] if pmid else [])
    return {"title": f"The study {doi} of replacement care", "identifiers": names}
