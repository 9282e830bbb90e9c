"""Exports over HTTP: one moment, everything that fits, nothing that was withdrawn, bounded memory."""

import asyncio
import csv
import io
import zipfile
from typing import Any, cast

import httpx
import openpyxl
import orjson
import pytest
from lxml import etree
from sqlalchemy.pool import QueuePool

from services.evidence.exchange.exports import queries, rules
from services.evidence.exchange.writers.formats import FORMATS
from shared.persistence.tables import new_id
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld, until
from tests.support.callers import CARER, EDITOR, NOBODY

ANONYMOUS = ACCOUNT | {
    "title": "Nobody asked me",
    "consent": {"to_publish": True, "attribution": "anonymous", "name": "Secret Name"},
}


async def exported(world: EvidenceWorld, format: str, **parameters: Any) -> httpx.Response:
    async with world.client_for(NOBODY) as http:
        response = await http.get("/v1/exports/evidence", params={"format": format, **parameters})
    assert response.is_success, response.text
    return response


async def titles(world: EvidenceWorld, **parameters: Any) -> list[str]:
    return [entry["title"] for entry in (await exported(world, "csl-json", **parameters)).json()]


def visible_text(format: str, content: bytes) -> str:
    """What somebody sees who opens the file."""
    if format != "xlsx":
        return content.decode()
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        return "".join(book.read(name).decode() for name in book.namelist() if name.endswith(".xml"))


async def test_every_format_holds_what_is_published_and_nothing_else(world: EvidenceWorld) -> None:
    for item in (RESEARCH, ACCOUNT, ANONYMOUS, PRACTICE):
        await world.publish(item)
    await world.draft(RESEARCH, title="Only a draft", identifiers=[])
    withdrawn = await world.publish(PRACTICE, title="Taken back by its author")
    await world.json(CARER, "POST", f"/v1/evidence/{withdrawn}/withdraw")
    for format, export_format in FORMATS.items():
        response = await exported(world, format)
        assert response.headers["content-type"] == export_format.media_type
        assert response.headers["content-disposition"].endswith(f'.{export_format.extension}"')
        text = visible_text(format, response.content)
        for item in (RESEARCH, ACCOUNT, ANONYMOUS, PRACTICE):
            assert str(item["title"]) in text
        assert "Mary" in text
        for hidden in ("Only a draft", "Taken back", "Secret Name", str(CARER.id)):
            assert hidden not in text


async def test_every_format_says_that_a_work_was_retracted(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)
    retraction = {
        "nature": "retraction",
        "on": "2023-04-11",
        "notice": {"scheme": "doi", "value": "10.5555/notice.1"},
        "reasons": ["Error in analyses"],
        "source": "A list",
    }
    await world.json(EDITOR, "POST", f"/v1/evidence/{item}/retract", retraction)
    for format in FORMATS:
        text = visible_text(format, (await exported(world, format)).content)
        assert "Retracted on 2023-04-11. Error in analyses" in text
        assert "10.5555/notice.1" in text


async def test_an_empty_library_is_a_file_that_can_be_read(world: EvidenceWorld) -> None:
    empty = {format: (await exported(world, format)).content for format in FORMATS}
    assert orjson.loads(empty["csl-json"]) == []
    assert orjson.loads(empty["jsonld"]) == {"@context": "https://schema.org", "@graph": []}
    assert [len(etree.fromstring(empty[format])) for format in ("jats", "pubmed-xml")] == [0, 0]
    assert openpyxl.load_workbook(io.BytesIO(empty["xlsx"])).worksheets[0].max_row == 1
    assert len(empty["csv"].splitlines()) == 1
    assert [empty[format] for format in ("ris", "bibtex", "nbib", "endnote")] == [b""] * 4


async def test_an_export_can_be_narrowed_like_a_search(world: EvidenceWorld) -> None:
    topic = await world.topic()
    await world.publish(RESEARCH, topics=[topic], country="GB-NIR")
    await world.publish(RESEARCH, title="Of another time", published_on="1999", identifiers=[], language="cy")
    await world.publish(PRACTICE)
    assert await titles(world, topic=topic) == [RESEARCH["title"]]
    assert await titles(world, country="GB") == [RESEARCH["title"]]
    assert await titles(world, way_of_knowing="practice_knowledge") == [PRACTICE["title"]]
    assert await titles(world, setting=PRACTICE["setting"]) == [PRACTICE["title"]]
    assert await titles(world, language="cy") == ["Of another time"]
    assert await titles(world, **{"from": "1998", "to": "2000-06"}) == ["Of another time"]
    assert await titles(world, way_of_knowing="research", **{"from": "2000"}) == [RESEARCH["title"]]


async def test_what_a_search_finds_can_be_exported_the_best_first(world: EvidenceWorld) -> None:
    await world.publish(PRACTICE, title="Rotas that leave room", what_happened="Some breaks.")
    best = await world.publish(PRACTICE, title="Breaks, breaks and breaks")
    await world.publish(PRACTICE, title="Something else", what_was_done="Nothing of the kind.")
    await world.indexed()
    assert await titles(world, q="breaks") == ["Breaks, breaks and breaks", "Rotas that leave room"]
    assert await titles(world, q="breaks", id=[best]) == ["Breaks, breaks and breaks"]
    assert await titles(world, q="breaks", way_of_knowing="research") == []
    await world.json(CARER, "POST", f"/v1/evidence/{best}/withdraw")
    assert await titles(world, q="breaks") == ["Rotas that leave room"]
    assert (await world.problem(NOBODY, "GET", "/v1/exports/evidence?format=ris&q=%20the"))["status"] == 422


@pytest.mark.parametrize("q", ["what do carers say about replacement care at night", "breks"])
async def test_an_export_by_words_holds_the_items_that_a_search_shows_for_them(world: EvidenceWorld, q: str) -> None:
    await world.publish(RESEARCH, title="What carers say about replacement care at night", identifiers=[])
    await world.publish(ACCOUNT, title="My night", account="I slept: replacement care came. No breaks before.")
    await world.publish(PRACTICE, title="Breaks at short notice")
    await world.indexed()
    page = await world.search(q, ranking="relevance")
    assert [item["title"] for item in page["items"]] == await titles(world, q=q) != []


async def test_words_that_find_more_than_can_be_put_in_order_are_refused(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_SEARCH_HITS", 1)
    for number in range(2):
        await world.publish(PRACTICE, title=f"Breaks {number}")
    await world.indexed()
    problem = await world.problem(NOBODY, "GET", "/v1/exports/evidence?format=ris&q=breaks")
    assert "filters" in problem["detail"]


async def test_chosen_items_come_in_the_order_in_which_they_were_chosen(world: EvidenceWorld) -> None:
    ids = [await world.publish(PRACTICE, title=f"Number {number}") for number in range(4)]
    await world.json(CARER, "POST", f"/v1/evidence/{ids[1]}/withdraw")
    assert await titles(world, id=[ids[2], ids[1], ids[0]]) == ["Number 2", "Number 0"]
    assert (await exported(world, "ris", id=ids)).headers["items-left-out"] == "1"


async def test_a_chosen_item_that_was_merged_is_there_as_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    survivor = await world.publish(RESEARCH)
    merged = await world.publish(RESEARCH, title="The same in another database", identifiers=[])
    await world.json(EDITOR, "POST", "/v1/merges", {"into": survivor, "items": [merged]})
    response = await exported(world, "csl-json", id=[merged, survivor])
    assert [entry["id"] for entry in response.json()] == [survivor]
    assert response.headers["items-left-out"] == "0"


async def test_more_chosen_items_than_fit_an_address_are_refused(world: EvidenceWorld) -> None:
    async with world.client_for(NOBODY) as http:
        params = {"format": "ris", "id": [f"01900000-0000-7000-8000-{n:012x}" for n in range(201)]}
        response = await http.get("/v1/exports/evidence", params=params)
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"] == "?id"


async def test_an_export_of_many_pages_holds_each_item_once(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 3)
    for number in range(10):
        await world.publish(PRACTICE, title=f"Number {number}")
    for format in ("csl-json", "jsonld"):
        entries = orjson.loads((await exported(world, format)).content)
        titles_found = [entry["title"] for entry in entries] if format == "csl-json" else entries["@graph"]
        assert len(titles_found) == 10
    assert await titles(world) == [f"Number {number}" for number in range(9, -1, -1)]


async def test_an_export_is_of_one_moment(world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 2)
    ids = [await world.publish(PRACTICE, title=f"Number {number}") for number in range(6)]
    async with queries.snapshot(world.database) as connection:
        pages = queries.published_pages(connection, queries.NO_CONDITION)
        exported_titles = [row.title for row in await anext(pages)]
        await world.json(CARER, "POST", f"/v1/evidence/{ids[0]}/withdraw")
        await world.publish(PRACTICE, title="Came later")
        async for rows in pages:
            exported_titles += [row.title for row in rows]
    assert exported_titles == [f"Number {number}" for number in range(5, -1, -1)]


async def test_the_same_export_again_answers_304_until_something_changes(world: EvidenceWorld) -> None:
    item = await world.publish(RESEARCH)

    async def export_if_changed(tag: str) -> httpx.Response:
        async with world.client_for(NOBODY) as http:
            return await http.get("/v1/exports/evidence?format=ris", headers={"If-None-Match": tag})

    await until(lambda: _has_tag(world))
    first = await exported(world, "ris")
    assert (await export_if_changed(first.headers["etag"])).status_code == 304
    assert (await exported(world, "csv")).headers["etag"] != first.headers["etag"]
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    after = await export_if_changed(first.headers["etag"])
    assert after.status_code == 200
    assert after.content == b""


async def _has_tag(world: EvidenceWorld) -> bool:
    return "etag" in (await exported(world, "ris")).headers


async def test_no_cell_of_a_table_is_a_formula(world: EvidenceWorld) -> None:
    bad = ['=HYPERLINK("http://evil.example","Click")', "+1+1", "-2+3", "@SUM(A1)", "=cmd|' /C calc'!A0"]
    for title in bad:
        await world.publish(PRACTICE, title=title, what_was_done=title, role=title, what_happened=f"\t{title}")
    rows = list(csv.DictReader(io.StringIO((await exported(world, "csv")).content.decode("utf-8-sig"))))
    assert sorted(row["title"] for row in rows) == sorted(f"'{title}" for title in bad)
    assert not [cell for row in rows for cell in row.values() if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
    sheet = openpyxl.load_workbook(io.BytesIO((await exported(world, "xlsx")).content)).worksheets[0]
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert set(bad) <= {str(cell.value) for cell in cells}
    assert not [cell for cell in cells if cell.hyperlink]


async def test_a_text_longer_than_a_cell_ends_with_an_ellipsis(world: EvidenceWorld) -> None:
    await world.publish(PRACTICE, what_was_done="x" * 40_000)
    sheet = openpyxl.load_workbook(io.BytesIO((await exported(world, "xlsx")).content)).worksheets[0]
    longest = max((str(cell.value) for row in sheet.iter_rows() for cell in row if cell.value), key=len)
    assert longest == "x" * 32_766 + "…"


async def test_who_goes_away_stops_the_work_and_gives_the_connection_back(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PAGE_SIZE", 1)
    for number in range(5):
        await world.publish(PRACTICE, title=f"Number {number}")
    sent: list[bytes] = []
    disconnected = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await disconnected.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            sent.append(message["body"])
            if len(sent) == 2:
                disconnected.set()
                await asyncio.sleep(30)

    async with world.client_for(NOBODY) as http:
        signed = http.headers["x-impact-caller"]
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "path": "/v1/exports/evidence",
        "raw_path": b"/v1/exports/evidence",
        "root_path": "",
        "scheme": "http",
        "query_string": b"format=ris",
        "headers": [(b"x-impact-caller", signed.encode()), (b"host", b"testserver")],
        "client": ("127.0.0.1", 1),
        "server": ("testserver", 80),
    }
    async with asyncio.timeout(10):
        await world.app(scope, receive, send)
    assert len(sent) == 2
    assert not world.app.state.exports.locked()
    assert cast(QueuePool, world.database.engine.pool).checkedout() == 0


async def test_too_many_exports_at_once_are_asked_to_come_back(world: EvidenceWorld) -> None:
    slots: asyncio.Semaphore = world.app.state.exports
    while not slots.locked():
        await slots.acquire()
    response = await world.call(NOBODY, "GET", "/v1/exports/evidence?format=ris")
    assert response.status_code == 503
    assert response.headers["retry-after"] == "60"


async def test_a_format_that_is_not_known_is_refused_with_those_that_are(world: EvidenceWorld) -> None:
    problem = await world.problem(NOBODY, "GET", "/v1/exports/evidence?format=docx")
    assert problem["status"] == 422
    assert "'ris'" in problem["errors"][0]["detail"]


@pytest.mark.parametrize("format", ["ris", "xlsx"])
async def test_items_of_which_none_is_there_are_not_an_empty_file(world: EvidenceWorld, format: str) -> None:
    draft = await world.draft(RESEARCH)
    problem = await world.problem(NOBODY, "GET", f"/v1/exports/evidence?format={format}&id={new_id()}&id={draft}")
    assert (problem["status"], problem["title"]) == (404, "None of these items is published")
