import csv
import io

import pytest

from shared.callers import Caller, person
from shared.events.contracts.evidence import EvidencePublished
from shared.persistence.tables import new_id
from tests.evidence.world import RESEARCH, EvidenceWorld, counts
from tests.support.callers import CARER, EDITOR, NOBODY

RIS = b"TY  - JOUR\nTI  - Breaks that carers want\nAU  - Okoro, Ada\nPY  - 2020\nDO  - 10.5555/one\nER  - \n\n"
OTHER = RIS.replace(b"that", b"which").replace(b"one", b"two")
UNTITLED = b"TY  - JOUR\nPY  - 2020\nER  - \n"


async def test_an_import_is_taken_at_once_and_done_in_the_background(world: EvidenceWorld) -> None:
    sent = await world.send(RIS + OTHER)
    assert sent.status_code == 202
    job = sent.json()
    assert (job["status"], job["done"], job["total"], job["problems"]) == ("queued", 0, len(RIS + OTHER), [])
    assert sent.headers["location"] == f"/v1/imports/{job['id']}"
    await world.read_all()
    done = await world.call(EDITOR, "GET", sent.headers["location"])
    assert done.json()["status"] == "done"
    assert counts(done.json()) == (2, 2, 0, 0)
    assert done.headers["etag"]


async def test_new_items_are_drafts_unless_they_are_to_be_published(world: EvidenceWorld) -> None:
    topic = await world.topic()
    await world.import_file(RIS, topics=topic)
    assert (await world.json(NOBODY, "GET", "/v1/evidence"))["items"] == []
    assert len((await world.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"]) == 1
    assert [event for event in await world.events() if isinstance(event, EvidencePublished)] == []


async def test_published_items_are_filed_and_told_of(world: EvidenceWorld) -> None:
    topics = [await world.topic("One"), await world.topic("Two")]
    await world.import_file(RIS + OTHER, topics=", ".join(topics), publish="true")
    items = (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]
    assert [item["topics"] for item in items] == [sorted(topics)] * 2
    events = [event for event in await world.events() if isinstance(event, EvidencePublished)]
    assert {str(event.item_id) for event in events} == {item["id"] for item in items}
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{topics[0]}/coverage"))["research"] == 2


async def test_a_work_that_was_added_by_hand_is_matched(world: EvidenceWorld) -> None:
    await world.draft(RESEARCH | {"identifiers": [{"scheme": "doi", "value": "10.5555/one"}]})
    assert counts(await world.import_file(RIS)) == (1, 0, 1, 0)


async def test_a_withdrawn_work_does_not_come_back(world: EvidenceWorld) -> None:
    await world.import_file(RIS, publish="true")
    (item,) = (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]
    await world.json(EDITOR, "POST", f"/v1/evidence/{item['id']}/withdraw")
    assert counts(await world.import_file(RIS, publish="true")) == (1, 0, 1, 0)
    assert (await world.json(NOBODY, "GET", "/v1/evidence"))["items"] == []


async def test_what_was_refused_is_told_with_its_place_and_the_reason(world: EvidenceWorld) -> None:
    long = b"TY  - JOUR\nTI  - " + b"x" * 1001 + b"\nER  - \n"
    job = await world.import_file(b"junk\n" + UNTITLED + RIS + long + UNTITLED)
    assert counts(job) == (4, 1, 0, 3)
    assert job["problems"] == ["1 line that belonged to no record was skipped."]
    page = await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects?limit=2")
    assert [(r["number"], r["line"], r["reason"]) for r in page["items"]] == [
        (1, 2, "It has no title."),
        (3, 12, "title: String should have at most 1000 characters"),
    ]
    rest = await world.json(EDITOR, "GET", page["next"].removeprefix("http://testserver"))
    assert [r["number"] for r in rest["items"]] == [4]


@pytest.mark.parametrize(("query", "accept"), [("?format=csv", "*/*"), ("", "text/csv")])
async def test_what_was_refused_is_a_table_too_and_no_cell_of_it_is_a_formula(
    world: EvidenceWorld, query: str, accept: str
) -> None:
    formula = b"TY  - JOUR\nTI  - =HYPERLINK(1)" + b"x" * 1001 + b"\nER  - \n"
    job = await world.import_file(formula + UNTITLED * 1200)
    response = await world.call(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects{query}", Accept=accept)
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))
    assert len(rows) == job["rejected"] == 1201
    assert rows[0]["title"].startswith("'=HYPERLINK(1)")
    assert rows[-1] == {
        "number": "1201",
        "line": str(4 + 3 * 1199),
        "reason": "It has no title.",
        "title": "",
        "sent_again_as": "",
    }


async def test_an_empty_file_is_refused_at_once(world: EvidenceWorld) -> None:
    problem = (await world.send(b"")).json()
    assert (problem["status"], problem["title"]) == (422, "This file is empty")
    assert [error["pointer"] for error in problem["errors"]] == ["/file"]
    assert await world.rows("SELECT * FROM imports") == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"%PDF-1.7\n\0\xff\xfe", "It is a PDF."),
        (b"PK\x03\x04" + b"\0" * 5000, "It is a ZIP archive"),
        (b"\x1f\x8b\x08" + b"\0" * 5000, "It is compressed (gzip)."),
        (b"BZh91AY&SY", "It is compressed (bzip2)."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "an older office program"),
        (b"<!DOCTYPE html><html><body>Sign in</body></html>", "It is a web page."),
        (b"<?xml version='1.0'?><feed/>", "It is XML, but not"),
        (b"\0\1\2\3" * 100, "no text in it"),
        (b"Dear reader, this is a letter.", "name it in `format`"),
        (b"colour,shape\nred,round\n", "name it in `format`"),
    ],
)
async def test_a_file_that_is_no_references_is_refused_at_once_with_what_to_do(
    world: EvidenceWorld, content: bytes, reason: str
) -> None:
    problem = (await world.send(content)).json()
    assert (problem["status"], problem["title"]) == (422, "This format cannot be read")
    assert reason in problem["detail"]
    assert "Save the references as RIS" in problem["detail"]
    assert await world.rows("SELECT 1 FROM imports UNION ALL SELECT 1 FROM import_chunks") == []


async def test_a_file_that_begins_well_and_holds_no_record_fails_with_what_to_do(world: EvidenceWorld) -> None:
    job = await world.import_file(b"title,author\n,\n")
    assert (job["status"], counts(job)) == ("failed", (0, 0, 0, 0))
    assert "Export the references again" in job["problems"][0]


async def test_xml_that_declares_entities_is_refused_for_safety(world: EvidenceWorld) -> None:
    bomb = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    problem = (
        await world.send(bomb + b"<PubmedArticleSet><PubmedArticle>&b;</PubmedArticle></PubmedArticleSet>")
    ).json()
    assert (problem["status"], problem["title"]) == (422, "This file is not safe to read")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
async def test_files_in_every_usual_encoding_are_imported(world: EvidenceWorld, encoding: str) -> None:
    await world.import_file("TY  - JOUR\nTI  - Café für Angehörige\nER  - \n".encode(encoding), publish="true")
    (item,) = (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]
    assert item["title"] == "Café für Angehörige"


async def test_topics_must_exist(world: EvidenceWorld) -> None:
    assert (await world.send(RIS, topics="carers")).json()["errors"][0]["pointer"] == "/topics"
    assert (await world.send(RIS, topics=str(new_id()))).json()["errors"][0]["pointer"] == "/topics"


async def test_a_format_that_is_named_wrongly_is_refused_with_what_the_file_looks_like(world: EvidenceWorld) -> None:
    problem = (await world.send(RIS, format="bibtex")).json()
    assert problem["title"] == "This file is in another format"
    assert "You said that it is BibTeX, but it looks like RIS" in problem["detail"]


async def test_a_format_that_does_not_exist_is_refused_with_those_that_do(world: EvidenceWorld) -> None:
    problem = (await world.send(RIS, format="word")).json()
    assert "csl-json" in problem["detail"]


async def test_a_format_is_named_where_the_file_cannot_tell(world: EvidenceWorld) -> None:
    headings = b"heading,writer\nBreaks,Okoro\n"
    assert (await world.send(headings)).status_code == 422
    assert (await world.send(headings, format="csv")).status_code == 202


async def test_a_field_with_a_misspelt_name_is_refused_before_anything_is_imported(world: EvidenceWorld) -> None:
    refused = await world.send(RIS, publsh="true")
    assert (refused.status_code, [error["pointer"] for error in refused.json()["errors"]]) == (422, ["/publsh"])
    assert (await world.json(EDITOR, "GET", "/v1/imports"))["items"] == []


@pytest.mark.parametrize("caller", [NOBODY, CARER, Caller(new_id(), "client", scopes=frozenset({"evidence:read"}))])
async def test_only_editors_and_partners_with_the_scope_import(world: EvidenceWorld, caller: Caller) -> None:
    status = 401 if caller.anonymous else 403
    assert (await world.send(RIS, caller)).status_code == status
    assert (await world.call(caller, "GET", "/v1/imports")).status_code == status


async def test_an_import_that_is_not_there_is_not_found(world: EvidenceWorld) -> None:
    assert (await world.call(EDITOR, "GET", f"/v1/imports/{new_id()}")).status_code == 404
    assert (await world.call(EDITOR, "GET", f"/v1/imports/{new_id()}/rejects")).status_code == 404


async def test_a_partner_sees_what_became_of_its_own_files_alone(world: EvidenceWorld) -> None:
    scopes = frozenset({"evidence:read", "evidence:write"})
    partner, other = (Caller(new_id(), "client", scopes=scopes) for _ in range(2))
    mine = (await world.send(RIS, caller=partner)).json()["id"]
    others = (await world.send(OTHER, caller=other)).json()["id"]
    of_editors = (await world.send(UNTITLED)).json()["id"]
    assert [row["id"] for row in (await world.json(partner, "GET", "/v1/imports"))["items"]] == [mine]
    assert len((await world.json(EDITOR, "GET", "/v1/imports"))["items"]) == 3
    for part in ("", "/records", "/rejects", "/rejects?format=csv", "/rejects?format=original"):
        refused = [
            (await world.problem(partner, "GET", f"/v1/imports/{job}{part}"))["type"] for job in (others, of_editors)
        ]
        assert {slug.rsplit("/", 1)[1] for slug in refused} == {"import-not-found"}
    for part in ("", "/records", "/rejects", "/rejects?format=csv"):
        assert (await world.call(partner, "GET", f"/v1/imports/{mine}{part}")).status_code == 200


async def test_imports_are_listed_the_newest_first(world: EvidenceWorld) -> None:
    first, second = await world.import_file(RIS), await world.import_file(OTHER)
    page = await world.json(EDITOR, "GET", "/v1/imports")
    assert [job["id"] for job in page["items"]] == [second["id"], first["id"]]


async def test_a_contributor_sees_nothing_of_imports(world: EvidenceWorld) -> None:
    job = await world.import_file(RIS)
    assert (await world.call(person(new_id()), "GET", f"/v1/imports/{job['id']}")).status_code == 403


async def test_a_file_is_filed_under_no_more_topics_than_an_item_can_have(world: EvidenceWorld) -> None:
    topics = [await world.topic(f"Topic {number}") for number in range(21)]
    problem = (await world.send(b"TY  - JOUR\nTI  - x\nER  - \n", topics=",".join(topics))).json()
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/topics")
    assert "at most 20" in problem["errors"][0]["detail"]
