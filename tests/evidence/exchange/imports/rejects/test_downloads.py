"""What was refused, as it came: corrected and sent again it is taken."""

import csv
import io
import json
from datetime import timedelta

import pytest
from lxml import etree
from sqlalchemy import text

from services.evidence.exchange.imports import rules
from services.evidence.exchange.readers.records import MAX_RECORD_BYTES
from shared import clock
from tests.evidence.world import EvidenceWorld, counts
from tests.support.callers import EDITOR

GOOD_RIS = b"TY  - JOUR\nTI  - Breaks that carers want\nDO  - 10.5555/one\nER  - \n\n"
BAD_RIS = b"TY  - JOUR\r\nAB  - Caf\xe9 au lait\r\nPY  - 2020\r\nER  - \r\n"
LONG = b"x" * 1001
PUBMED = b"<PubmedArticle><MedlineCitation><PMID>%d</PMID><Article>%s</Article></MedlineCitation></PubmedArticle>"
PUBMED_HEAD = b'<?xml version="1.0"?>\n<!DOCTYPE PubmedArticleSet>\n<PubmedArticleSet>'
TITLE = b"<ArticleTitle>Breaks</ArticleTitle>"
JATS = b'<article xmlns:xlink="http://www.w3.org/1999/xlink"><front><article-meta>%s</article-meta></front></article>'
JATS_TITLE = b"<title-group><article-title>Breaks</article-title></title-group>"
ENDNOTE = b'<record><ref-type name="Journal Article">17</ref-type>%s</record>'
# Each: the file, what its refused records come to, and what in them is wrong and right.
FILES: dict[str, tuple[bytes, bytes, bytes, bytes]] = {
    "ris": (b"junk\n" + BAD_RIS + GOOD_RIS + b"junk\n" + BAD_RIS, BAD_RIS * 2, b"AB  -", b"TI  -"),
    "bibtex": (
        b'@string{jcs = "Journal of Care"}\n@article{a, title = {One}}\n@article{b, journal = jcs, year = {2020}}'
        b"\n@comment{x}\n@article{c, title = {Three}}",
        b"@string{jcs = {Journal of Care}}\n@article{b, journal = jcs, year = {2020}}\n",
        b"year = {2020}",
        b"title = {Two}",
    ),
    "csl-json": (
        b'{"message": {"items": [{"type": "article-journal"}, {"type": "legal_case", "title": "One"},'
        b'{"type": "report", "note": "}"}]}}',
        b'[{"type": "article-journal"},\n{"type": "report", "note": "}"}]\n',
        b'"type":',
        b'"type": "article-journal", "title":',
    ),
    "csv": (
        b'\xef\xbb\xbfTitle;Year;DOI\r\nOne;2020;10.5555/1\r\n;2021;"10.5555/2\r\n"\r\nThree;;\r\n;2022;10.5555/4',
        b'\xef\xbb\xbfTitle;Year;DOI\r\n;2021;"10.5555/2\r\n"\r\n;2022;10.5555/4',
        b"\n;",
        b"\nTwo;",
    ),
    "pubmed": (
        b"PMID- 1\nTI  - One\n\nPMID- 2\nAB  - Two\n\nPMID- 3\nTI  - Three\n",
        b"PMID- 2\nAB  - Two\n\n",
        b"AB",
        b"TI",
    ),
    "pubmed-xml": (
        PUBMED_HEAD
        + PUBMED % (1, TITLE)
        + b"\n"
        + PUBMED % (2, b"<Title/>")
        + PUBMED % (3, b"")
        + b"</PubmedArticleSet>",
        PUBMED_HEAD + PUBMED % (2, b"<Title/>") + b"\n" + PUBMED % (3, b"") + b"</PubmedArticleSet>",
        b"</Article>",
        TITLE + b"</Article>",
    ),
    "jats": (
        b"<articles a='1'><br/>" + JATS % JATS_TITLE + JATS % b"<x/>" + b"</articles>",
        b"<articles a='1'><br/>" + JATS % b"<x/>" + b"</articles>",
        b"<x/>",
        JATS_TITLE,
    ),
    "endnote": (b"%0 Book\n%T One\n\n%0 Book\n%D 2020\n\n%0 Book\n%T Three\n", b"%0 Book\n%D 2020\n\n", b"%D", b"%T"),
    "endnote-xml": (
        b"<xml><records>" + ENDNOTE % b"<titles><title>One</title></titles>" + ENDNOTE % b"" + b"</records></xml>",
        b"<xml><records>" + ENDNOTE % b"" + b"</records></xml>",
        b"</record>",
        b"<titles><title>Two</title></titles></record>",
    ),
    "web-of-science": (
        b"FN Clarivate\nVR 1.0\nPT J\nTI One\nER\n\nPT J\nPY 2020\nER\n\nEF\n",
        b"PT J\nPY 2020\nER\n",
        b"PY",
        b"TI",
    ),
}


async def original(world: EvidenceWorld, job: dict[str, object]) -> bytes:
    response = await world.call(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects?format=original")
    assert response.is_success, response.text
    assert response.headers["content-type"] == "application/octet-stream"
    assert response.headers["content-disposition"].startswith(f'attachment; filename="rejects-{job["id"]}.')
    return response.content


@pytest.mark.parametrize("format", FILES)
async def test_refused_records_come_back_as_they_came_and_corrected_they_are_taken(
    world: EvidenceWorld, format: str
) -> None:
    content, refused, error, right = FILES[format]
    job = await world.import_file(content)
    assert job["format"] == format
    assert job["rejected"] > 0
    assert await original(world, job) == refused
    rejects = (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects"))["items"]
    for reject in rejects:
        alone = await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects/{reject['number']}")
        assert alone["reason"] == reject["reason"]
        sent = await world.import_file(alone["original"].replace(error.decode(), right.decode()).encode())
        assert (sent["format"], counts(sent)[0], sent["rejected"]) == (format, 1, 0)
    missing = await world.problem(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects/999")
    assert missing["status"] == 404
    again = await world.import_file(refused.replace(error, right))
    assert (again["format"], again["problems"]) == (format, [])
    assert counts(again) == (job["rejected"], job["rejected"] - again["matched"], again["matched"], 0)


@pytest.mark.parametrize("format", FILES)
async def test_the_file_is_one_of_its_format_for_other_programs_too(world: EvidenceWorld, format: str) -> None:
    refused = await original(world, await world.import_file(FILES[format][0]))
    if format.endswith("xml") or format == "jats":
        etree.fromstring(refused)
    elif format == "csl-json":
        assert len(json.loads(refused)) == 2
    elif format == "csv":
        rows = list(csv.DictReader(io.StringIO(refused.decode("utf-8-sig"), newline=""), delimiter=";"))
        assert [row["Year"] for row in rows] == ["2021", "2022"]


async def test_a_record_that_is_too_long_is_told_of_and_not_kept(world: EvidenceWorld) -> None:
    long = b"TY  - JOUR\nAB  - " + b"x " * MAX_RECORD_BYTES + b"\nER  - \n"
    job = await world.import_file(long + BAD_RIS + long)
    rejects = (await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects"))["items"]
    assert [reject["original_available"] for reject in rejects] == [False, True, False]
    assert await original(world, job) == BAD_RIS


async def test_of_a_file_that_is_wrong_throughout_only_the_first_are_kept(
    world: EvidenceWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rules, "MAX_ORIGINALS", 2050)
    bad = b"".join(b"TY  - JOUR\nPY  - %d\nER  - \n" % number for number in range(3000))
    job = await world.import_file(bad)
    assert (job["rejected"], (await original(world, job)).count(b"TY")) == (3000, 2050)
    assert (await original(world, job)) == bad[: bad.index(b"TY  - JOUR\nPY  - 2050\n")]


async def test_where_nothing_is_kept_a_person_is_told_why(world: EvidenceWorld) -> None:
    for content in (GOOD_RIS, b"title,author\n,\n"):
        job = await world.import_file(content)
        refusal = await world.problem(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects?format=original")
        assert (refusal["status"], "longer than 1 MB" in refusal["detail"]) == (404, True)


async def test_after_thirty_days_the_next_import_that_ends_clears_them_away(world: EvidenceWorld) -> None:
    old, new = await world.import_file(BAD_RIS), await world.import_file(BAD_RIS)
    async with world.database.engine.begin() as connection:
        ended = {"id": old["id"], "at": clock.now() - rules.ORIGINALS_RETENTION - timedelta(minutes=1)}
        await connection.execute(text("UPDATE imports SET finished_at = :at WHERE id = :id"), ended)
    await world.import_file(GOOD_RIS)
    assert await original(world, new) == BAD_RIS
    gone = await world.problem(EDITOR, "GET", f"/v1/imports/{old['id']}/rejects?format=original")
    assert gone["status"] == 404
    (reject,) = (await world.json(EDITOR, "GET", f"/v1/imports/{old['id']}/rejects"))["items"]
    assert (reject["reason"], reject["original_available"]) == ("It has no title.", False)
