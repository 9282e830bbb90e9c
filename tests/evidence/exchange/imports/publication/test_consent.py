"""No way in makes consent, and what a person took back does not come back."""

import pytest

from services.evidence.exchange.writers.formats import FormatName
from shared.callers import Caller, person
from shared.persistence.tables import new_id
from tests.evidence.exchange.imports.test_work_parser import exported
from tests.evidence.exchange.writers.test_round_trip import READ
from tests.evidence.world import ACCOUNT, BY_SOMEBODY_ACTING, PRACTICE, EvidenceWorld, counts
from tests.support.callers import CARER, EDITOR, NOBODY

STRANGER = person(new_id())
PARTNER = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
WORDS = "Potoroo nights were the worst of it, until somebody whom I trusted stayed and let me sleep."
ADDED = "What I add to this is mine alone, and I may take it back whenever I like."
OWN = ACCOUNT | {"title": "Potoroo nights", "account": WORDS}


async def export(world: EvidenceWorld, format: str = "ris") -> str:
    async with world.client_for(NOBODY) as http:
        response = await http.get("/v1/exports/evidence", params={"format": format})
    assert response.is_success, response.text
    return response.text


def without_id(content: str, item_id: str) -> bytes:
    """The file without what leads to the item here: another id of the same shape, another address."""
    return content.replace(item_id, str(new_id())).encode()


async def public_words(world: EvidenceWorld) -> list[str]:
    """The items that anyone reads and in which the words stand."""
    page = await world.json(NOBODY, "GET", "/v1/evidence?limit=200")
    texts = {item["id"]: str(await world.json(NOBODY, "GET", f"/v1/evidence/{item['id']}")) for item in page["items"]}
    return [item_id for item_id, text in texts.items() if "otoroo" in text]


async def test_the_account_of_somebody_who_was_never_asked_is_a_draft_without_a_name(world: EvidenceWorld) -> None:
    never_asked = {"to_publish": True, "attribution": "full_name", "name": "Never Asked"}
    content = exported(OWN | {"consent": never_asked}, new_id())
    assert counts(await world.import_file(content, publish="true")) == (1, 1, 0, 0)
    (draft,) = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"]
    item = f"/v1/evidence/{draft['id']}"
    view = await world.json(EDITOR, "GET", item)
    assert (view["attributed_to"], view["consent"]["to_publish"], view["consent"]["name"]) == (None, False, None)
    refused = await world.problem(EDITOR, "POST", f"{item}/publish")
    assert refused["title"] == "The person has not agreed to publish this"
    agreed = await world.problem(EDITOR, "PUT", f"{item}/consent", {"to_publish": True}, If_Match="*")
    assert agreed["title"] == "Only the person can allow more"
    assert counts(await world.import_file(content, publish="true"))[3] == 0
    assert await public_words(world) == []


async def test_an_older_export_makes_no_consent_either(world: EvidenceWorld) -> None:
    content = exported(OWN, new_id()).replace(b'"details"', b'"own"')
    assert counts(await world.import_file(content, publish="true")) == (1, 1, 0, 0)
    assert await world.rows("SELECT status, consent_to_publish FROM items") == [
        {"status": "draft", "consent_to_publish": False}
    ]


async def test_practice_that_is_brought_in_names_nobody_who_did_not_agree_here(world: EvidenceWorld) -> None:
    own = {name: PRACTICE[name] for name in ("role", "what_was_done", "what_happened")}
    for attribution, shown in (("person", None), ("organisation", "Jo"), ("anonymous", None)):
        details = own | {"credit": {"attribution": attribution, "name": "Jo"}}
        item_id = new_id()
        await world.import_file(exported(PRACTICE, item_id, details=details), publish="true")
        view = await world.json(EDITOR, "GET", f"/v1/evidence/{item_id}")
        assert (view["status"], view["attributed_to"]) == ("published", shown)
        assert ("Jo" in str(await world.rows("SELECT details FROM items WHERE id = :id", id=item_id))) == bool(shown)


@pytest.mark.parametrize("format", READ)
async def test_an_account_is_one_also_where_a_program_dropped_what_the_library_adds(
    world: EvidenceWorld, format: FormatName
) -> None:
    shown = {"to_publish": True, "attribution": "full_name", "name": "Never Asked"}
    item_id = await world.publish(OWN | {"consent": shown})
    elsewhere = (
        (await export(world, format))
        .replace(WORDS, "Dad hummed with the visitors whom he knew.")
        .replace("Potoroo nights", "Humming")
    )
    for mark, other in (("impact:1:", "other:"), ('"impact":', '"other":'), ("address,impact", "address,other")):
        elsewhere = elsewhere.replace(mark, other)
    assert counts(await world.import_file(without_id(elsewhere, item_id), publish="true")) == (1, 1, 0, 0)
    (draft,) = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"]
    view = await world.json(EDITOR, "GET", f"/v1/evidence/{draft['id']}")
    assert (view["way_of_knowing"], view["consent"]["to_publish"]) == ("lived_experience", False)
    assert "Dad hummed" in view["account"]
    assert "Never Asked" not in str(view)


async def test_a_reference_of_a_journal_is_research_whatever_its_section(world: EvidenceWorld) -> None:
    record = (
        b"TY  - JOUR\nTI  - Our story\nAU  - Example, Ann\nPY  - 2024\nJO  - Care\nM3  - Lived experience\nER  - \n"
    )
    await world.import_file(record, publish="true")
    (item,) = (await world.json(NOBODY, "GET", "/v1/evidence"))["items"]
    assert item["way_of_knowing"] == "research"


@pytest.mark.parametrize("format", READ)
async def test_what_a_person_took_back_does_not_come_back_from_a_file(world: EvidenceWorld, format: FormatName) -> None:
    item_id = await world.publish(OWN)
    content = without_id(await export(world, format), item_id)
    await world.json(CARER, "POST", f"/v1/evidence/{item_id}/withdraw")
    assert counts(await world.import_file(content, publish="true")) == (1, 0, 1, 0)
    assert await public_words(world) == []
    assert "otoroo" not in str(await world.rows("SELECT * FROM items"))


@pytest.mark.parametrize("format", ["ris", "bibtex", "csl-json"])
async def test_nor_as_research_when_the_file_no_longer_says_what_it_was(world: EvidenceWorld, format: str) -> None:
    item_id = await world.publish(OWN)
    content = without_id(await export(world, format), item_id).decode()
    plain = content.replace("impact:1:", "note: ").replace("extension", "remark").replace("lived_experience", "GEN")
    await world.json(CARER, "POST", f"/v1/evidence/{item_id}/withdraw")
    job = await world.import_file(plain.encode(), publish="true")
    assert job["created"] == 0, await world.rows("SELECT way_of_knowing, details FROM items")
    assert await public_words(world) == []


async def test_a_copy_that_came_in_before_is_the_same_account_and_goes_with_it(world: EvidenceWorld) -> None:
    item_id = await world.publish(OWN)
    content = without_id(await export(world), item_id)
    plain = f"TY  - JOUR\nTI  - Nights\nAB  - {WORDS}\nER  - \n".encode()
    for copy in (content, plain):
        assert counts(await world.import_file(copy, publish="true")) == (1, 0, 1, 0)
    await world.json(CARER, "PUT", f"/v1/evidence/{item_id}/consent", {"to_publish": False}, If_Match="*")
    assert await public_words(world) == []
    assert "otoroo" not in str(await world.rows("SELECT * FROM items"))


async def test_earlier_and_later_words_are_recognised_too(world: EvidenceWorld) -> None:
    item_id = await world.publish(OWN)
    content = without_id(await export(world), item_id)
    await world.reword(f"/v1/evidence/{item_id}", account="In another way altogether: I was tired, and then I was not.")
    later = without_id(await export(world), item_id)
    for _ in range(2):
        for copy in (content, later):
            assert counts(await world.import_file(copy, publish="true")) == (1, 0, 1, 0)
        await world.call(CARER, "POST", f"/v1/evidence/{item_id}/withdraw")


async def test_a_draft_that_a_person_took_back_is_remembered_as_well(world: EvidenceWorld) -> None:
    item_id = await world.draft(OWN)
    await world.json(CARER, "POST", f"/v1/evidence/{item_id}/withdraw")
    assert counts(await world.import_file(exported(OWN, new_id()), publish="true")) == (1, 0, 1, 0)


@pytest.mark.parametrize("caller", [EDITOR, STRANGER, PARTNER], ids=["editor", "stranger", "partner"])
async def test_nobody_else_gives_again_what_a_person_took_back(world: EvidenceWorld, caller: Caller) -> None:
    await world.json(CARER, "POST", f"/v1/evidence/{await world.publish(OWN)}/withdraw")
    consent = {"to_publish": True, "given_by": "someone_acting_for_them", "basis": "the_persons_agreement"}
    nearly = OWN | {"title": "Mine", "account": WORDS.replace("worst", "hardest"), "consent": consent}
    practice = PRACTICE | {"what_happened": WORDS}
    for copy in (OWN | {"consent": consent}, nearly, practice, PRACTICE | {"summary": WORDS}):
        problem = await world.problem(caller, "POST", "/v1/evidence", copy)
        assert (problem["status"], problem["title"]) == (409, "The person who gave these words has taken them back")
    own = f"/v1/evidence/{await world.draft(ACCOUNT | {'consent': consent}, caller)}"
    problem = await world.problem(caller, "PATCH", own, {"account": WORDS}, If_Match="*")
    assert problem["title"] == "The person who gave these words has taken them back"


async def test_a_copy_from_before_is_not_published_after(world: EvidenceWorld) -> None:
    item_id, copy = await world.publish(OWN), await world.draft(OWN, STRANGER)
    await world.json(CARER, "POST", f"/v1/evidence/{item_id}/withdraw")
    problem = await world.problem(EDITOR, "POST", f"/v1/evidence/{copy}/publish")
    assert problem["title"] == "The person who gave these words has taken them back"


@pytest.mark.parametrize("copy", ["practice", "research"])
async def test_nor_is_a_copy_that_a_file_brought_before_when_the_file_comes_again(
    world: EvidenceWorld, copy: str
) -> None:
    study = f"TY  - JOUR\nTI  - Nights\nAU  - Jones, Ann\nPY  - 2019\nAB  - {WORDS}\nER  - \n".encode()
    content = study if copy == "research" else exported(PRACTICE | {"what_happened": WORDS}, new_id())
    assert counts(await world.import_file(content)) == (1, 1, 0, 0)
    await world.json(CARER, "POST", f"/v1/evidence/{await world.publish(OWN)}/withdraw")
    assert (await world.import_file(content, publish="true"))["published"] == 0
    assert await public_words(world) == []


async def test_nor_does_a_file_fill_the_summary_of_a_study_with_it(world: EvidenceWorld) -> None:
    study = "TY  - JOUR\nTI  - Nights\nAU  - Jones, Ann\nPY  - 2019\n{}ER  - \n"
    await world.import_file(study.format("").encode(), publish="true")
    await world.json(CARER, "POST", f"/v1/evidence/{await world.publish(OWN)}/withdraw")
    assert counts(await world.import_file(study.format(f"AB  - {WORDS}\n").encode(), publish="true")) == (1, 0, 1, 0)
    for table in ("items", "import_conflicts"):
        assert "otoroo" not in str(await world.rows(f"SELECT * FROM {table}"))  # noqa: S608  names of this test


async def test_a_person_gives_themselves_what_a_file_brought_and_an_editor_cleared_away(world: EvidenceWorld) -> None:
    brought, again = new_id(), exported(OWN, new_id())
    await world.import_file(exported(OWN, brought))
    own = await world.draft(OWN)
    await world.json(EDITOR, "POST", f"/v1/evidence/{brought}/withdraw")
    await world.json(EDITOR, "POST", f"/v1/evidence/{own}/publish")
    assert counts(await world.import_file(again, publish="true")) == (1, 0, 1, 0)
    assert await public_words(world) == [own]


async def test_the_person_gives_it_again_themselves(world: EvidenceWorld) -> None:
    await world.json(CARER, "POST", f"/v1/evidence/{await world.publish(OWN)}/withdraw")
    again = await world.publish(OWN)
    assert await public_words(world) == [again]


async def test_what_everybody_says_is_nobodys(world: EvidenceWorld) -> None:
    await world.json(CARER, "POST", f"/v1/evidence/{await world.publish(ACCOUNT, account='I slept.')}/withdraw")
    assert await world.draft(ACCOUNT, STRANGER, account="I slept.")


async def test_a_file_with_a_text_that_everybody_writes_is_no_copy(world: EvidenceWorld) -> None:
    await world.publish(ACCOUNT, summary="Carers.")
    study = b"TY  - JOUR\nTI  - A study of nights\nAU  - Jones, Ann\nPY  - 2019\nAB  - Carers\nER  - \n"
    assert counts(await world.import_file(study, publish="true")) == (1, 1, 0, 0)


async def test_two_people_may_begin_alike(world: EvidenceWorld) -> None:
    mine, yours = (f"My experience of caring for my {parent} at home" for parent in ("mother", "father"))
    await world.json(CARER, "POST", f"/v1/evidence/{await world.publish(ACCOUNT, summary=mine)}/withdraw")
    assert await world.draft(OWN, STRANGER, summary=yours)


async def test_whoever_copies_an_account_and_takes_the_copy_back_stops_no_change_of_it(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(OWN)}"
    copy = await world.draft(OWN | {"account": f"{WORDS} {ADDED}"}, STRANGER)
    await world.json(STRANGER, "POST", f"/v1/evidence/{copy}/withdraw")
    await world.reword(item, account=f"{WORDS} Now I sleep.")
    await world.reword(item, summary="What nights were like.")
    problem = await world.problem(EDITOR, "PATCH", item, {"account": f"{WORDS} {ADDED}"}, If_Match="*")
    assert problem["title"] == "The person who gave these words has taken them back"


async def test_no_word_is_left_in_what_is_remembered(world: EvidenceWorld) -> None:
    await world.json(CARER, "POST", f"/v1/evidence/{await world.publish(OWN)}/withdraw")
    remembered = await world.rows("SELECT whole, shingles FROM word_fingerprints")
    assert [len(text["whole"]) for text in remembered] == [16, 16], "of its words, and of its letters alone"
    assert "otoroo" not in str(remembered)


@pytest.mark.parametrize("caller", [PARTNER, EDITOR])
async def test_whoever_records_for_others_gives_no_consent_as_if_they_were_the_person(
    world: EvidenceWorld, caller: Caller
) -> None:
    problem = await world.problem(caller, "POST", "/v1/evidence", ACCOUNT)
    assert (problem["status"], problem["errors"][0]["pointer"]) == (422, "/consent/given_by")
    assert problem["title"] == "A person consents for themselves only by their own sign-in"
    item = f"/v1/evidence/{await world.draft(ACCOUNT, caller, consent={'to_publish': False})}"
    for method, path, body in (
        ("PUT", "/consent", {"to_publish": True}),
        ("PATCH", "", {"consent": {"to_publish": True}}),
    ):
        refused = await world.problem(caller, method, item + path, body, If_Match="*")
        assert refused["errors"][0]["pointer"].endswith("/given_by")
    await world.json(caller, "PUT", f"{item}/consent", BY_SOMEBODY_ACTING, If_Match="*")
    refused = await world.problem(caller, "PUT", f"{item}/consent", {"to_publish": True}, If_Match="*")
    assert refused["errors"][0]["pointer"] == "/given_by"
    await world.json(EDITOR, "POST", f"{item}/publish")


async def test_an_editor_files_and_narrows_what_a_person_gave_themselves(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    await world.json(EDITOR, "PATCH", item, {"topics": [await world.topic()]}, If_Match="*")
    anonymous = {"to_publish": True, "attribution": "anonymous"}
    await world.json(EDITOR, "PUT", f"{item}/consent", anonymous, If_Match="*")
    consent = await world.json(EDITOR, "GET", f"{item}/consent")
    assert (consent["to_publish"], consent["given_by"], consent["attribution"]) == (True, "self", "anonymous")


async def test_an_account_that_no_person_gave_here_is_not_published_even_if_it_says_that_one_agreed(
    world: EvidenceWorld,
) -> None:
    item = await world.draft(ACCOUNT)
    async with world.database.engine.begin() as connection:
        await connection.exec_driver_sql("UPDATE items SET contributor_id = NULL")
    assert (await world.call(EDITOR, "POST", f"/v1/evidence/{item}/publish")).status_code == 409
