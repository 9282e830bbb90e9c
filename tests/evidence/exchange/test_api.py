import pytest

from shared.auth import Caller, person
from shared.contracts.evidence import EvidencePublished
from shared.tables import new_id
from tests.evidence.world import CARER, EDITOR, NOBODY, RESEARCH, World, counts

RIS = b"TY  - JOUR\nTI  - Breaks that carers want\nAU  - Okoro, Ada\nPY  - 2020\nDO  - 10.5555/one\nER  - \n\n"
OTHER = RIS.replace(b"that", b"which").replace(b"one", b"two")
UNTITLED = b"TY  - JOUR\nPY  - 2020\nER  - \n"


async def test_an_import_is_taken_at_once_and_done_in_the_background(world: World) -> None:
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


async def test_new_items_are_drafts_unless_they_are_to_be_published(world: World) -> None:
    topic = await world.topic()
    await world.import_file(RIS, topics=topic)
    assert (await world.done(NOBODY, "GET", "/v1/evidence"))["items"] == []
    assert len((await world.done(EDITOR, "GET", "/v1/evidence?state=draft"))["items"]) == 1
    assert [event for event in await world.events() if isinstance(event, EvidencePublished)] == []


async def test_published_items_are_filed_and_told_of(world: World) -> None:
    topics = [await world.topic("One"), await world.topic("Two")]
    await world.import_file(RIS + OTHER, topics=", ".join(topics), publish="true")
    items = (await world.done(NOBODY, "GET", "/v1/evidence"))["items"]
    assert [item["topics"] for item in items] == [sorted(topics)] * 2
    told = [event for event in await world.events() if isinstance(event, EvidencePublished)]
    assert {str(event.item_id) for event in told} == {item["id"] for item in items}
    assert (await world.done(NOBODY, "GET", f"/v1/topics/{topics[0]}/coverage"))["research"] == 2


async def test_a_work_that_was_added_by_hand_is_matched(world: World) -> None:
    await world.draft(RESEARCH | {"identifiers": [{"scheme": "doi", "value": "10.5555/one"}]})
    assert counts(await world.import_file(RIS)) == (1, 0, 1, 0)


async def test_a_withdrawn_work_does_not_come_back(world: World) -> None:
    await world.import_file(RIS, publish="true")
    (item,) = (await world.done(NOBODY, "GET", "/v1/evidence"))["items"]
    await world.done(EDITOR, "POST", f"/v1/evidence/{item['id']}/withdraw")
    assert counts(await world.import_file(RIS, publish="true")) == (1, 0, 1, 0)
    assert (await world.done(NOBODY, "GET", "/v1/evidence"))["items"] == []


async def test_what_was_refused_is_told_with_its_place_and_the_reason(world: World) -> None:
    long = b"TY  - JOUR\nTI  - " + b"x" * 1001 + b"\nER  - \n"
    job = await world.import_file(b"junk\n" + UNTITLED + RIS + long + UNTITLED)
    assert counts(job) == (4, 1, 0, 3)
    assert job["problems"] == ["1 line that belonged to no record was passed over."]
    page = await world.done(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects?limit=2")
    assert [(r["number"], r["line"], r["reason"]) for r in page["items"]] == [
        (1, 2, "It has no title (TI or T1)."),
        (3, 12, "title: String should have at most 1000 characters"),
    ]
    rest = await world.done(EDITOR, "GET", page["next"].removeprefix("http://testserver"))
    assert [r["number"] for r in rest["items"]] == [4]


async def test_an_empty_file_is_refused_at_once(world: World) -> None:
    problem = (await world.send(b"")).json()
    assert (problem["status"], problem["title"]) == (422, "This file is empty")
    assert await world.rows("SELECT * FROM imports") == []


@pytest.mark.parametrize(
    "content", [b"%PDF-1.7\n\0\xff\xfe", b"PK\x03\x04" + b"\0" * 5000, b"title,author\nx,y\n", b"\n \n"]
)
async def test_a_file_that_is_not_ris_fails_with_what_to_do(world: World, content: bytes) -> None:
    job = await world.import_file(content)
    assert (job["status"], counts(job)) == ("failed", (0, 0, 0, 0))
    assert "Export the references as RIS" in job["problems"][0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252", "utf-16", "utf-16-le"])
async def test_files_in_every_usual_encoding_are_imported(world: World, encoding: str) -> None:
    await world.import_file("TY  - JOUR\nTI  - Café für Angehörige\nER  - \n".encode(encoding), publish="true")
    (item,) = (await world.done(NOBODY, "GET", "/v1/evidence"))["items"]
    assert item["title"] == "Café für Angehörige"


async def test_topics_must_exist(world: World) -> None:
    assert (await world.send(RIS, topics="carers")).json()["errors"][0]["pointer"] == "/topics"
    assert (await world.send(RIS, topics=str(new_id()))).json()["errors"][0]["pointer"] == "/topics"


async def test_another_format_is_refused(world: World) -> None:
    assert (await world.send(RIS, format="bibtex")).json()["title"] == "This format is not read yet"


@pytest.mark.parametrize("caller", [NOBODY, CARER, Caller(new_id(), "client", scopes=frozenset({"evidence:read"}))])
async def test_only_editors_and_partners_with_the_scope_import(world: World, caller: Caller) -> None:
    status = 401 if caller.anonymous else 403
    assert (await world.send(RIS, caller)).status_code == status
    assert (await world.call(caller, "GET", "/v1/imports")).status_code == status


async def test_an_import_that_is_not_there_is_not_found(world: World) -> None:
    assert (await world.call(EDITOR, "GET", f"/v1/imports/{new_id()}")).status_code == 404
    assert (await world.call(EDITOR, "GET", f"/v1/imports/{new_id()}/rejects")).status_code == 404


async def test_imports_are_listed_the_newest_first(world: World) -> None:
    first, second = await world.import_file(RIS), await world.import_file(OTHER)
    page = await world.done(person_with_key(), "GET", "/v1/imports")
    assert [job["id"] for job in page["items"]] == [second["id"], first["id"]]


def person_with_key() -> Caller:
    return Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))


async def test_a_contributor_sees_nothing_of_imports(world: World) -> None:
    job = await world.import_file(RIS)
    assert (await world.call(person(new_id()), "GET", f"/v1/imports/{job['id']}")).status_code == 403
