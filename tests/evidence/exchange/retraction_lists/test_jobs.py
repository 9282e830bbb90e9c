from typing import Any

import httpx
import pytest

from services.evidence.exchange.retraction_lists import jobs
from services.evidence.exchange.retraction_lists.jobs import check_next, read_next_part
from shared.callers import Caller
from shared.events.contracts.evidence import EvidenceRetracted
from shared.persistence.tables import new_id
from tests.evidence.world import RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR

HEADER = (
    "Record ID,Title,Subject,Institution,Journal,Publisher,Country,Author,URLS,ArticleType,RetractionDate,"
    "RetractionDOI,RetractionPubMedID,OriginalPaperDate,OriginalPaperDOI,OriginalPaperPubMedID,RetractionNature,"
    "Reason,Paywalled,Notes,"
)


def row(doi: str = "", nature: str = "Retraction", on: str = "4/11/2023 0:00", pmid: str = "0", **said: str) -> str:
    title = said.get("title", "An invented study")
    notice = said.get("notice", "10.5555/notice")
    return (
        f'1,"{title}",(SOC) Care;,An Institution,A Journal,A Press,Nowhere,Sam Sample,,Research Article;,{on},'
        f"{notice},0,1/1/2020 0:00,{doi},{pmid},{nature},+Error in Analyses;+Concerns about Data;,No,,"
    )


def sheet(*rows: str) -> bytes:
    return "\r\n".join((HEADER, *rows, "")).encode()


async def send(world: EvidenceWorld, content: bytes, caller: Caller = EDITOR, **form: str) -> httpx.Response:
    async with world.client_for(caller) as http:
        return await http.post("/v1/retractions", files={"file": ("retraction_watch.csv", content)}, data=form)


async def caught_up(world: EvidenceWorld) -> None:
    """What the worker does until no list and no new work waits."""
    while await read_next_part(world.database) or await check_next(world.database):
        pass


async def listed(world: EvidenceWorld, *rows: str, **form: Any) -> dict[str, Any]:
    return await listed_file(world, sheet(*rows), **form)


async def listed_file(world: EvidenceWorld, content: bytes, **form: Any) -> dict[str, Any]:
    sent = await send(world, content, **form)
    assert sent.status_code == 202, sent.text
    await caught_up(world)
    return await world.json(EDITOR, "GET", sent.headers["location"])


def counts(job: dict[str, Any]) -> tuple[int, ...]:
    told = tuple(job[name] for name in ("listed", "flagged", "already", "not_held", "rejected"))
    assert told[0] == sum(told[1:])
    return told


async def noted(world: EvidenceWorld, item: str) -> Any:
    return (await world.json(CARER, "GET", f"/v1/evidence/{item}"))["retraction"]


async def retracted(world: EvidenceWorld) -> list[tuple[str, str]]:
    return [(str(e.item_id), e.nature) for e in await world.events() if isinstance(e, EvidenceRetracted)]


def identified(doi: str, pmid: str | None = None) -> dict[str, Any]:
    names = [{"scheme": "doi", "value": doi}] + ([{"scheme": "pmid", "value": pmid}] if pmid else [])
    return {"title": f"The study {doi} of replacement care", "identifiers": names}


async def test_a_list_flags_what_the_library_holds_and_tells_of_it(world: EvidenceWorld) -> None:
    held = await world.publish(RESEARCH | identified("10.5555/held"))
    by_number = await world.publish(RESEARCH | identified("10.5555/other", "777"))
    draft = await world.draft(RESEARCH | identified("10.5555/draft"))
    job = await listed(
        world,
        row("10.5555/HELD"),
        row("unavailable", "Expression of concern", pmid="777"),
        row("10.5555/draft"),
        row("10.5555/elsewhere"),
        row("", title="A quoted study"),
        row("10.5555/held", "Nonsense"),
    )
    assert (job["status"], counts(job)) == ("done", (6, 3, 0, 1, 2))
    assert await noted(world, held) == {
        "nature": "retraction",
        "on": "2023-04-11",
        "notice": {"scheme": "doi", "value": "10.5555/notice"},
        "reasons": ["Error in Analyses", "Concerns about Data"],
        "source": "Retraction Watch",
    }
    assert (await noted(world, by_number))["nature"] == "expression_of_concern"
    assert (await world.json(EDITOR, "GET", f"/v1/evidence/{draft}"))["retraction"]["nature"] == "retraction"
    assert sorted(await retracted(world)) == sorted([(held, "retraction"), (by_number, "expression_of_concern")])
    rejects = (await world.json(EDITOR, "GET", f"/v1/retractions/{job['id']}/rejects"))["items"]
    assert [(one["number"], one["line"]) for one in rejects] == [(5, 6), (6, 7)]
    assert "names no work" in rejects[0]["reason"]
    assert "'Nonsense'" in rejects[1]["reason"]


async def test_the_same_list_twice_changes_nothing(world: EvidenceWorld) -> None:
    await world.publish(RESEARCH | identified("10.5555/held"))
    rows = [row("10.5555/held"), row("10.5555/elsewhere")]
    assert counts(await listed(world, *rows)) == (2, 1, 0, 1, 0)
    assert counts(await listed(world, *rows, source="Another list")) == (2, 0, 1, 1, 0)
    assert len(await retracted(world)) == 1


async def test_of_two_rows_about_one_work_only_the_one_that_stands_has_flagged_it(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH | identified("10.5555/held"))
    job = await listed(world, row("10.5555/held", "Correction", "1/1/2022"), row("10.5555/held", "Retraction"))
    assert counts(job) == (2, 1, 1, 0, 0)
    assert (await noted(world, item))["nature"] == "retraction"


async def test_a_work_that_comes_after_the_list_is_flagged_too(world: EvidenceWorld) -> None:
    await listed(world, row("10.5555/later"), row("", pmid="42"))
    job = await world.import_file(b"TY  - JOUR\nTI  - A later arrival\nDO  - 10.5555/later\nER  - \n", publish="true")
    assert job["created"] == 1
    [item] = (await world.json(CARER, "GET", "/v1/evidence"))["items"]
    assert item["retraction"] is None
    await caught_up(world)
    assert (await noted(world, item["id"]))["nature"] == "retraction"
    assert await retracted(world) == [(item["id"], "retraction")]
    changed = await world.publish(RESEARCH | {"identifiers": []})
    names = [{"scheme": "pmid", "value": "42"}]
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{changed}", {"identifiers": names}, If_Match="*")
    await caught_up(world)
    assert (await noted(world, changed))["nature"] == "retraction"


async def test_the_order_of_rows_and_lists_does_not_matter(world: EvidenceWorld) -> None:
    first = await world.publish(RESEARCH | identified("10.5555/first"))
    second = await world.publish(RESEARCH | identified("10.5555/second"))
    await listed(
        world,
        row("10.5555/first", "Reinstatement", "5/1/2023"),
        row("10.5555/first", "Retraction", "1/1/2022"),
        row("10.5555/second", "Correction", "1/1/2024"),
    )
    await listed(world, row("10.5555/second", "Retraction", "1/1/2023"))
    assert await noted(world, first) is None
    assert (await noted(world, second))["nature"] == "retraction"
    await listed(world, row("10.5555/second", "Reinstatement", "2/2/2025"))
    assert (await noted(world, second))["nature"] == "reinstatement"
    assert await retracted(world) == [(second, "correction"), (second, "retraction"), (second, "reinstatement")]


async def test_many_rows_are_read_in_parts_and_go_on_where_a_worker_was_killed(
    world: EvidenceWorld, monkeypatch: Any
) -> None:
    monkeypatch.setattr(jobs, "ROWS_IN_PART", 10)
    held = [await world.publish(RESEARCH | identified(f"10.5555/n{n}")) for n in (3, 17, 34)]
    sent = await send(world, sheet(*(row(f"10.5555/n{n}", title=f"Line one\nline two of {n}") for n in range(35))))
    assert await read_next_part(world.database)
    half = await world.json(EDITOR, "GET", sent.headers["location"])
    assert (half["status"], counts(half)) == ("running", (9, 1, 0, 8, 0))
    assert 0 < half["done"] < half["total"]
    async with world.database.unit_of_work() as uow:
        row_of = await jobs.queries.lock_next_due(uow.session, jobs.clock.now())
        assert row_of is not None
        await jobs._take_part(uow, row_of)  # pyright: ignore[reportPrivateUsage]  killed before it was committed
    await caught_up(world)
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert (job["status"], job["done"], counts(job)) == ("done", job["total"], (35, 3, 0, 32, 0))
    assert sorted(item for item, _ in await retracted(world)) == sorted(held)
    assert await world.rows("SELECT * FROM retraction_chunks") == []


async def test_a_part_that_fails_by_itself_is_tried_again_and_given_up_at_last(
    world: EvidenceWorld, monkeypatch: Any
) -> None:
    monkeypatch.setattr(jobs, "MOST_ATTEMPTS", 2)

    async def broken(*_: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(jobs, "_take_rows", broken)
    sent = await send(world, sheet(row("10.5555/a")))
    for _ in range(2):
        assert await read_next_part(world.database)
        assert not await read_next_part(world.database)
        async with world.database.transaction() as uow:
            [stored] = [await jobs.queries.list_of(uow.session, sent.json()["id"])]
            stored.try_at = None
    job = await world.json(EDITOR, "GET", sent.headers["location"])
    assert job["status"] == "failed"
    assert "given up" in job["problems"][0]


async def test_what_is_no_such_list_says_what_to_send(world: EvidenceWorld) -> None:
    for content in (b"Title,Year\nA,2020\n", b"TY  - JOUR\nTI  - A\nER  - \n", b"\n\n\n", b"\xff\xfeR\x00e\x00"):
        job = await listed_file(world, content)
        assert (job["status"], counts(job)) == ("failed", (0, 0, 0, 0, 0))
        assert "OriginalPaperDOI" in job["problems"][0]
    assert (await send(world, b"")).json()["type"].endswith("/empty-list")


async def test_a_withdrawn_work_is_not_held(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH | identified("10.5555/gone"))
    await world.json(EDITOR, "POST", f"/v1/evidence/{item}/withdraw")
    assert counts(await listed(world, row("10.5555/gone"))) == (1, 0, 0, 1, 0)
    assert await retracted(world) == []


async def test_a_merged_work_flags_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    into = await world.publish(RESEARCH | identified("10.5555/into"))
    other = await world.publish(RESEARCH | identified("10.5555/other"))
    merged = await world.json(EDITOR, "POST", "/v1/merges", {"items": [other], "into": into})
    assert counts(await listed(world, row("10.5555/other"))) == (1, 1, 0, 0, 0)
    assert (await noted(world, into))["nature"] == "retraction"
    await world.json(EDITOR, "POST", f"/v1/merges/{merged['id']}/undo")
    await caught_up(world)
    assert (await noted(world, other))["nature"] == "retraction"


async def test_lists_are_for_editors_and_their_programs(world: EvidenceWorld) -> None:
    assert (await send(world, sheet(row("10.5555/a")), CARER)).status_code == 403
    program = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
    first = await send(world, sheet(row("10.5555/a")), program)
    second = await send(world, sheet(row("10.5555/b")))
    assert (first.status_code, second.status_code) == (202, 202)
    page = await world.json(EDITOR, "GET", "/v1/retractions")
    assert [job["id"] for job in page["items"]] == [second.json()["id"], first.json()["id"]]
    assert (await world.call(CARER, "GET", second.headers["location"])).status_code == 403
    assert (await world.call(EDITOR, "GET", f"/v1/retractions/{new_id()}")).status_code == 404


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
async def test_a_list_in_any_usual_encoding_is_read(world: EvidenceWorld, encoding: str) -> None:
    item = await world.publish(RESEARCH)
    content = sheet(row("10.5555/abc.1", title="Über Pflege")).replace(b",", b"\t").decode().encode(encoding)
    assert counts(await listed_file(world, content)) == (1, 1, 0, 0, 0)
    assert (await noted(world, item))["reasons"] == ["Error in Analyses", "Concerns about Data"]
