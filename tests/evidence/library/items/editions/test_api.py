from typing import Any

import pytest
from pydantic import TypeAdapter

from services.evidence.library.items.editions.views import EditionView
from services.evidence.library.items.tables import Item
from shared.callers import person
from shared.events.contracts.evidence import EvidenceChanged, EvidencePublished
from shared.persistence.tables import new_id
from tests.evidence.library.retraction_notices.test_api import RETRACTION
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_each_change_of_a_published_item_is_an_edition_and_is_told(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    for title in ("Clearer", "Clearer still"):
        await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": title}, If_Match="*")
    versions = (await world.json(NOBODY, "GET", f"/v1/evidence/{item}/versions"))["items"]
    assert [(edition["edition"], edition["title"]) for edition in versions] == [
        (3, "Clearer still"),
        (2, "Clearer"),
        (1, PRACTICE["title"]),
    ]
    assert [edition["superseded_at"] for edition in versions] == [None, versions[0]["from"], versions[1]["from"]]
    assert [event.edition for event in await world.events() if isinstance(event, EvidenceChanged)] == [2, 3]
    first = await world.json(NOBODY, "GET", f"/v1/evidence/{item}/versions?limit=2&count=true")
    rest = await world.json(NOBODY, "GET", first["next"].removeprefix("http://testserver"))
    assert (first["items"] + rest["items"], first["total"], rest["next"]) == (versions, 3, None)
    assert (await world.json(NOBODY, "GET", f"/v1/evidence/{item}"))["edition"] == 3


@pytest.mark.parametrize("description", [RESEARCH, ACCOUNT, PRACTICE], ids=lambda item: item["way_of_knowing"])
async def test_an_earlier_edition_is_shown_as_it_was(world: EvidenceWorld, description: dict[str, Any]) -> None:
    item = await world.publish(description)
    first = await world.json(NOBODY, "GET", f"/v1/evidence/{item}/versions/1")
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": "Clearer", "country": "GB-WLS"}, If_Match="*")
    response = await world.call(NOBODY, "GET", f"/v1/evidence/{item}/versions/1")
    then = response.json()
    TypeAdapter(EditionView).validate_json(response.content)
    assert (then["title"], then["country"], then["edition"], then["current_edition"]) == (
        description["title"],
        None,
        1,
        2,
    )
    assert then["superseded_at"] is not None
    passing = ("current_edition", "superseded_at", "updated_at")
    assert {k: v for k, v in then.items() if k not in passing} == {k: v for k, v in first.items() if k not in passing}
    assert (await world.call(NOBODY, "GET", f"/v1/evidence/{item}/versions/3")).status_code == 404


async def test_a_change_of_topics_alone_or_of_nothing_is_no_new_edition(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    topic = await world.topic()
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"topics": [topic]}, If_Match="*")
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": PRACTICE["title"]}, If_Match="*")
    assert (await world.json(NOBODY, "GET", f"/v1/evidence/{item}"))["edition"] == 1
    assert not [event for event in await world.events() if isinstance(event, EvidenceChanged)]
    assert len([event for event in await world.events() if isinstance(event, EvidencePublished)]) == 2


async def test_a_draft_has_one_edition_however_often_it_changes(world: EvidenceWorld) -> None:
    item = await world.draft(PRACTICE)
    await world.json(CARER, "PATCH", f"/v1/evidence/{item}", {"title": "Clearer"}, If_Match="*")
    versions = (await world.json(CARER, "GET", f"/v1/evidence/{item}/versions"))["items"]
    assert [edition["edition"] for edition in versions] == [1]
    assert (await world.json(CARER, "GET", f"/v1/evidence/{item}/versions/1"))["title"] == "Clearer"
    for path in ("/versions/1", "/versions/2"):
        assert (await world.call(NOBODY, "GET", f"/v1/evidence/{item}{path}")).status_code == 404
    assert (await world.call(NOBODY, "GET", f"/v1/evidence/{item}/versions")).status_code == 404
    assert await world.rows("SELECT * FROM item_editions") == []


async def test_of_a_withdrawn_account_no_edition_keeps_a_word(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    await world.reword(f"/v1/evidence/{item}", account="I slept.")
    assert "Mary" not in str(await world.rows("SELECT * FROM item_editions"))
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    assert await world.rows("SELECT * FROM item_editions") == []
    for path in ("", "/versions", "/versions/1", "/versions/2"):
        gone = await world.call(NOBODY, "GET", f"/v1/evidence/{item}{path}")
        assert (gone.status_code, gone.json()["tombstone"]["id"]) == (410, item)


async def test_a_person_takes_back_what_an_earlier_edition_said(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT | {'account': 'I live at 4 Mill Lane.'}, setting='Mill Lane')}"
    await world.json(EDITOR, "PATCH", item, {"setting": None}, If_Match="*")
    await world.answer(await world.propose(item, account="I live in a town."), verb="decline")
    waiting = await world.propose(item, CARER, account="I live in the hills.")
    await world.reword(item, account="I live in a village.")
    assert "Mill Lane" in (await world.call(EDITOR, "GET", waiting)).text
    assert (await world.call(CARER, "DELETE", f"{item}/versions/2", If_Match="*")).status_code == 204
    response = await world.call(NOBODY, "GET", f"{item}/versions/1")
    assert "Mill Lane" in response.text
    assert (await world.call(CARER, "DELETE", f"{item}/versions/1")).status_code == 428
    assert (await world.call(CARER, "DELETE", f"{item}/versions/1", If_Match="*")).status_code == 204
    for caller in (NOBODY, CARER, EDITOR):
        gone = await world.call(caller, "GET", f"{item}/versions/1", If_None_Match=response.headers["etag"])
        assert (gone.status_code, gone.json()["title"]) == (410, "The text of this edition was erased")
    versions = (await world.json(NOBODY, "GET", f"{item}/versions"))["items"]
    assert [(edition["edition"], edition["title"]) for edition in versions] == [
        (3, ACCOUNT["title"]),
        (2, ""),
        (1, ""),
    ]
    for table in ("items", "item_editions", "proposals", "audit_entries"):
        assert "Mill Lane" not in str(await world.rows(f"SELECT * FROM {table}"))  # noqa: S608  our own tables
    assert (await world.json(EDITOR, "GET", waiting))["outdated"] is True
    await world.answer(waiting, EDITOR, "decline")
    assert (await world.call(CARER, "DELETE", f"{item}/versions/1", If_Match="*")).status_code == 410


SAID_FIRST = "Every night the hoist in the hall of our house broke down and nobody from the depot came before noon."
SAID_NOW = "At night nobody came when something broke, and we waited."


async def test_words_of_an_erased_edition_stay_away_and_those_still_shown_do_not(world: EvidenceWorld) -> None:
    path = f"/v1/evidence/{await world.publish(ACCOUNT, account=SAID_FIRST)}"
    stranger, body = person(new_id()), ACCOUNT | {"account": f"They told me: {SAID_FIRST.lower()}"}
    await world.reword(path, account=SAID_NOW)
    assert (await world.call(stranger, "POST", "/v1/evidence", body)).status_code == 201
    assert (await world.call(CARER, "DELETE", f"{path}/versions/1", If_Match="*")).status_code == 204
    refused = await world.problem(stranger, "POST", "/v1/evidence", body)
    assert (refused["status"], refused["title"]) == (409, "The person who gave these words has taken them back")
    assert (await world.call(stranger, "POST", "/v1/evidence", body | {"account": SAID_NOW})).status_code == 201
    assert (await world.call(CARER, "POST", "/v1/evidence", body)).status_code == 201
    assert SAID_FIRST not in str(await world.rows("SELECT * FROM item_editions"))
    await world.reword(path, account=SAID_FIRST)
    assert (await world.call(stranger, "POST", "/v1/evidence", body)).status_code == 201


async def test_an_erased_edition_takes_nothing_back_that_is_still_said(world: EvidenceWorld) -> None:
    path = f"/v1/evidence/{await world.publish(ACCOUNT, account=SAID_FIRST)}"
    await world.reword(path, title="The hoist")
    assert (await world.call(CARER, "DELETE", f"{path}/versions/1", If_Match="*")).status_code == 204
    body = ACCOUNT | {"account": SAID_FIRST}
    assert (await world.call(person(new_id()), "POST", "/v1/evidence", body)).status_code == 201


async def test_what_others_cited_and_what_stands_today_is_not_erased(world: EvidenceWorld) -> None:
    account, work = await world.publish(ACCOUNT), await world.publish(RESEARCH)
    for item, edition, status in ((account, 1, 409), (account, 7, 404), (work, 1, 409)):
        path = f"/v1/evidence/{item}/versions/{edition}"
        assert (await world.problem(EDITOR, "DELETE", path, If_Match="*"))["status"] == status
    stranger = person(new_id())
    assert (await world.call(stranger, "DELETE", f"/v1/evidence/{account}/versions/1", If_Match="*")).status_code == 403


async def test_a_merged_item_leads_to_the_one_that_stands_for_both(world: EvidenceWorld) -> None:
    gone, stays = await world.publish(PRACTICE), await world.publish(PRACTICE, title="The same")
    async with world.database.transaction(EDITOR) as uow:
        item = await uow.session.get_one(Item, gone)
        item.status, item.published_at, item.merged_into = "merged", None, (await uow.session.get_one(Item, stays)).id
    for path in ("", "/versions", "/versions/1"):
        moved = await world.call(NOBODY, "GET", f"/v1/evidence/{gone}{path}")
        assert (moved.status_code, moved.headers["location"]) == (308, f"/v1/evidence/{stays}")
    for same in ("citation?style=mla", "linkset", "renditions?limit=1", f"renditions/{stays}", "appraisals"):
        moved = await world.call(NOBODY, "GET", f"/v1/evidence/{gone}/{same}")
        assert (moved.status_code, moved.headers["location"]) == (308, f"/v1/evidence/{stays}/{same}")
    moved = await world.call(NOBODY, "GET", f"/v1/evidence/{gone}/appraisals/{stays}")
    assert moved.headers["location"] == f"/v1/evidence/{stays}"
    for method, path, body in (
        ("PATCH", "", {"title": "x"}),
        ("POST", "/publish", None),
        ("POST", "/withdraw", None),
        ("POST", "/retract", RETRACTION),
        ("POST", "/appraisals", {"instrument": "jbi-narrative"}),
    ):
        refused = await world.problem(EDITOR, method, f"/v1/evidence/{gone}{path}", body, If_Match="*")
        assert (refused["status"], stays in refused["detail"]) == (409, True)


async def test_a_version_of_what_never_was_is_not_found(world: EvidenceWorld) -> None:
    assert (await world.call(NOBODY, "GET", f"/v1/evidence/{new_id()}/versions/1")).status_code == 404
