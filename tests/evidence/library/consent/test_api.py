import asyncio
from datetime import timedelta
from typing import Any

import pytest

from shared import clock
from shared.callers import person
from shared.events.contracts.evidence import EvidenceChanged, EvidencePublished, EvidenceWithdrawn
from shared.persistence.tables import new_id
from tests.evidence.exchange.imports.test_work_parser import exported
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

SOMEONE_ELSE = person(new_id())
ANONYMOUS = {"to_publish": True, "attribution": "anonymous"}


async def test_a_person_changes_how_they_are_named_at_any_time_and_in_every_edition(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    await world.reword(item, title="A week away")
    changed = await world.json(CARER, "PUT", f"{item}/consent", ANONYMOUS, If_Match='"3"')
    assert (changed["attributed_to"], changed["edition"]) == (None, 2)
    for path in ("", "/versions/1", "/versions/2"):
        response = await world.call(NOBODY, "GET", item + path)
        assert (response.status_code, response.json()["attributed_to"]) == (200, None)
        assert "Mary" not in response.text
    assert "Mary" not in str(await world.rows("SELECT details FROM items UNION ALL SELECT details FROM item_editions"))


async def test_a_new_attribution_is_told_without_a_name_and_is_no_new_edition(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    await world.json(CARER, "PUT", f"/v1/evidence/{item}/consent", ANONYMOUS, If_Match="*")
    await world.json(CARER, "PUT", f"/v1/evidence/{item}/consent", ANONYMOUS, If_Match="*")
    kinds = [type(event) for event in await world.events()]
    assert kinds.count(EvidencePublished) == 2
    assert EvidenceChanged not in kinds


async def test_an_editor_who_changes_nothing_but_an_attribution_has_it_told_too(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"consent": {"attribution": "anonymous"}}, If_Match="*")
    kinds = [type(event) for event in await world.events()]
    assert kinds.count(EvidencePublished) == 2
    assert EvidenceChanged not in kinds


async def test_consent_taken_back_withdraws_the_account_at_once(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    left = await world.json(CARER, "PUT", f"{item}/consent", {"to_publish": False}, If_Match="*")
    assert left.keys() == {"id", "withdrawn_at"}
    for path in ("", "/versions/1"):
        assert (await world.call(NOBODY, "GET", item + path)).status_code == 410
    assert (await world.call(CARER, "GET", f"{item}/consent")).status_code == 410
    assert [type(event) for event in await world.events()][-1] is EvidenceWithdrawn
    assert "sleep" not in str(await world.rows("SELECT * FROM items"))


async def test_a_change_that_takes_consent_back_is_told_where_to_go_instead(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    refused = await world.problem(EDITOR, "PATCH", item, {"consent": {"to_publish": False}}, If_Match="*")
    assert refused["status"] == 409
    assert "/withdraw" in refused["detail"]
    assert (await world.call(NOBODY, "GET", item)).status_code == 200


async def test_consent_to_a_draft_can_be_given_later(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.draft(ACCOUNT, consent={'to_publish': False})}"
    assert (await world.call(EDITOR, "POST", f"{item}/publish")).status_code == 409
    await world.json(CARER, "PUT", f"{item}/consent", ANONYMOUS, If_Match="*")
    await world.json(EDITOR, "POST", f"{item}/publish")


async def test_an_editor_may_show_less_of_a_person_and_never_more(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    more = {"to_publish": True, "attribution": "full_name", "name": "Mary Example"}
    for method, path, body in (("PUT", "/consent", more), ("PATCH", "", {"consent": more})):
        problem = await world.problem(EDITOR, method, item + path, body, If_Match="*")
        assert (problem["status"], problem["title"]) == (403, "Only the person can allow more")
    other_name = ACCOUNT["consent"] | {"name": "Maria"}
    assert (await world.call(EDITOR, "PUT", f"{item}/consent", other_name, If_Match="*")).status_code == 403
    less = await world.json(EDITOR, "PUT", f"{item}/consent", ANONYMOUS, If_Match="*")
    assert less["attributed_to"] is None


async def test_consent_is_read_and_changed_by_its_person_and_editors_alone(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    assert (await world.json(CARER, "GET", f"{item}/consent"))["name"] == "Mary"
    assert (await world.call(EDITOR, "GET", f"{item}/consent")).status_code == 200
    for caller, status in ((SOMEONE_ELSE, 403), (NOBODY, 401)):
        assert (await world.call(caller, "GET", f"{item}/consent")).status_code == status
        assert (await world.call(caller, "PUT", f"{item}/consent", ANONYMOUS, If_Match="*")).status_code == status


async def test_a_consent_is_dated_when_it_is_given_and_again_when_it_changes(world: EvidenceWorld) -> None:
    today = clock.today().isoformat()
    undated = f"/v1/evidence/{await world.draft(ACCOUNT)}"
    assert (await world.json(CARER, "GET", f"{undated}/consent"))["given_on"] == today
    consent = ACCOUNT["consent"] | {"given_on": "2024-02-01"}
    item = f"/v1/evidence/{await world.draft(ACCOUNT, consent=consent)}"
    await world.json(CARER, "PATCH", item, {"title": "A week away"}, If_Match="*")
    assert (await world.json(CARER, "GET", f"{item}/consent"))["given_on"] == "2024-02-01"
    await world.json(CARER, "PATCH", item, {"consent": {"attribution": "anonymous"}}, If_Match="*")
    assert (await world.json(CARER, "GET", f"{item}/consent"))["given_on"] == today


async def test_a_consent_of_a_day_that_has_not_come_is_none(world: EvidenceWorld) -> None:
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    item = f"/v1/evidence/{await world.draft(ACCOUNT)}"
    problem = await world.problem(CARER, "PUT", f"{item}/consent", ANONYMOUS | {"given_on": tomorrow}, If_Match="*")
    assert [error["pointer"] for error in problem["errors"]] == ["/given_on"]


async def test_somebody_acts_for_a_person_on_a_basis_that_is_kept(world: EvidenceWorld) -> None:
    acting = ANONYMOUS | {"given_by": "someone_acting_for_them", "basis": "best_interests_decision"}
    item = f"/v1/evidence/{await world.publish(ACCOUNT, consent=acting)}"
    stored = await world.json(CARER, "GET", f"{item}/consent")
    assert (stored["given_by"], stored["basis"]) == ("someone_acting_for_them", "best_interests_decision")
    problem = await world.problem(CARER, "PUT", f"{item}/consent", ANONYMOUS | {"basis": "a_hunch"}, If_Match="*")
    assert problem["errors"][0]["pointer"] == "/basis"


async def test_the_trail_says_who_changed_a_consent_and_no_name(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT)
    await world.json(CARER, "PUT", f"/v1/evidence/{item}/consent", ANONYMOUS, If_Match="*")
    (entry,) = await world.rows("SELECT actor, after FROM audit_entries WHERE action = 'agreed'")
    assert entry == {"actor": CARER.id, "after": {"to_publish": True, "attribution": "anonymous"}}
    assert "Mary" not in str(await world.rows("SELECT * FROM audit_entries"))


async def test_a_consent_that_changed_meanwhile_is_not_overwritten(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    tag = (await world.call(CARER, "GET", f"{item}/consent")).headers["etag"]
    both = await asyncio.gather(
        world.call(CARER, "PUT", f"{item}/consent", ANONYMOUS, If_Match=tag),
        world.call(EDITOR, "PATCH", item, {"country": "GB-WLS"}, If_Match=tag),
    )
    assert sorted(response.status_code for response in both) == [200, 412]
    assert (await world.call(CARER, "PUT", f"{item}/consent", ANONYMOUS)).status_code == 428


async def test_a_change_that_meets_a_withdrawal_brings_no_word_back(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    changed, withdrawn = await asyncio.gather(
        world.call(EDITOR, "PATCH", item, {"title": "A week away"}, If_Match="*"),
        world.call(CARER, "POST", f"{item}/withdraw"),
    )
    assert withdrawn.status_code == 200
    assert changed.status_code in (202, 410)
    assert (await world.call(EDITOR, "GET", item)).status_code == 410
    assert await world.rows("SELECT * FROM item_editions") == []
    assert "week" not in str(await world.rows("SELECT * FROM proposals"))
    (left,) = await world.rows("SELECT title, details FROM items")
    assert left == {"title": "", "details": {}}


async def test_practice_is_credited_as_whoever_gave_it_wishes(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(PRACTICE)}"
    person_named = {"attribution": "person", "name": "Jo Example"}
    assert (await world.call(EDITOR, "PUT", f"{item}/credit", person_named, If_Match="*")).status_code == 403
    assert (await world.json(CARER, "PUT", f"{item}/credit", person_named, If_Match="*"))["attributed_to"]
    view = await world.json(NOBODY, "GET", item)
    assert (view["attributed_to"], view["edition"], view["credit"]) == ("Jo Example", 1, None)
    await world.json(EDITOR, "PUT", f"{item}/credit", {"attribution": "anonymous"}, If_Match="*")
    assert "Jo Example" not in (await world.call(NOBODY, "GET", item)).text


@pytest.mark.parametrize("description", [RESEARCH, PRACTICE], ids=lambda item: item["way_of_knowing"])
async def test_consent_belongs_to_accounts(world: EvidenceWorld, description: dict[str, Any]) -> None:
    item = f"/v1/evidence/{await world.publish(description)}"
    for method, body in (("GET", None), ("PUT", ANONYMOUS)):
        problem = await world.problem(CARER, method, f"{item}/consent", body, If_Match="*")
        assert problem["title"] == "Only accounts of lived experience have a consent"


async def test_an_account_that_a_file_brought_has_nobodys_consent_yet(world: EvidenceWorld) -> None:
    await world.import_file(exported(ACCOUNT, new_id()))
    [draft] = (await world.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"]
    item = await world.json(EDITOR, "GET", f"/v1/evidence/{draft['id']}")
    assert item["way_of_knowing"] == "lived_experience"
    assert (item["consent"]["to_publish"], item["consent"]["given_by"]) == (False, None)
    assert (await world.json(EDITOR, "GET", f"/v1/evidence/{draft['id']}/consent"))["given_by"] is None
    account = await world.draft(ACCOUNT)
    assert (await world.json(EDITOR, "GET", f"/v1/evidence/{account}"))["consent"]["given_by"] == "self"
