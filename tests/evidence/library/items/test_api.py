from typing import Any
from uuid import uuid4

import orjson
import pytest
from pydantic import TypeAdapter

from services.evidence.library.items.views import ItemSummary, ItemView
from shared.callers import Caller, person
from shared.events.contracts.evidence import EvidencePublished, EvidenceWithdrawn
from shared.http.pagination import Page
from shared.persistence.tables import new_id
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

SOMEONE_ELSE = person(new_id())


@pytest.mark.parametrize("item", [RESEARCH, ACCOUNT, PRACTICE], ids=lambda item: item["way_of_knowing"])
async def test_each_way_of_knowing_is_described_on_its_own_terms(world: EvidenceWorld, item: dict[str, Any]) -> None:
    added = await world.call(CARER, "POST", "/v1/evidence", item)
    assert added.status_code == 201
    assert added.headers["etag"] == '"1"'
    view: dict[str, Any] = added.json()
    assert added.headers["location"] == f"/v1/evidence/{view['id']}"
    for name, value in item.items():
        if name not in ("identifiers", "consent"):
            assert view[name] == value
    TypeAdapter(ItemView).validate_json(added.content)


async def test_the_answer_has_exactly_the_fields_that_the_documentation_says(world: EvidenceWorld) -> None:
    topic = await world.topic()
    for item in (RESEARCH, ACCOUNT, PRACTICE):
        item_id = await world.publish(item, topics=[topic])
        for caller in (NOBODY, EDITOR):
            response = await world.call(caller, "GET", f"/v1/evidence/{item_id}")
            read = TypeAdapter(ItemView).validate_json(response.content)
            assert orjson.loads(read.model_dump_json(by_alias=True)).keys() == response.json().keys()
            assert response.json()["topics"] == [topic]
    response = await world.call(NOBODY, "GET", "/v1/evidence")
    page = Page[ItemSummary].model_validate_json(response.content)
    assert orjson.loads(page.items[0].model_dump_json()).keys() == response.json()["items"][0].keys()
    assert response.json()["items"][0]["published_at"].endswith("Z")


async def test_a_field_of_another_way_of_knowing_is_refused_at_its_place(world: EvidenceWorld) -> None:
    problem = await world.problem(CARER, "POST", "/v1/evidence", RESEARCH | {"account": "I slept."})
    assert problem["status"] == 422
    assert [error["pointer"] for error in problem["errors"]] == ["/account"]


async def test_a_name_must_be_given_by_whoever_wants_to_be_named(world: EvidenceWorld) -> None:
    unnamed = ACCOUNT | {"consent": {"to_publish": True, "attribution": "full_name"}}
    problem = await world.problem(CARER, "POST", "/v1/evidence", unnamed)
    assert problem["errors"] == [{"pointer": "/consent", "detail": "Give the name to show, or choose to be anonymous"}]


async def test_a_topic_that_does_not_exist_is_named_in_the_refusal(world: EvidenceWorld) -> None:
    topics = [await world.topic(), str(uuid4())]
    problem = await world.problem(CARER, "POST", "/v1/evidence", ACCOUNT | {"topics": topics})
    assert problem["errors"][0]["pointer"] == "/topics/1"


async def test_nobody_in_particular_cannot_add_evidence(world: EvidenceWorld) -> None:
    assert (await world.call(NOBODY, "POST", "/v1/evidence", ACCOUNT)).status_code == 401


async def test_a_partner_needs_the_scope_to_add_evidence(world: EvidenceWorld) -> None:
    reader = Caller(new_id(), "client", scopes=frozenset({"evidence:read"}))
    writer = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
    assert (await world.call(reader, "POST", "/v1/evidence", PRACTICE)).status_code == 403
    assert (await world.call(writer, "POST", "/v1/evidence", PRACTICE)).status_code == 201


async def test_a_draft_is_seen_by_its_contributor_and_editors_alone(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.draft(ACCOUNT)}"
    assert (await world.call(CARER, "GET", item)).status_code == 200
    assert (await world.call(EDITOR, "GET", item)).status_code == 200
    assert (await world.call(SOMEONE_ELSE, "GET", item)).status_code == 404
    assert (await world.call(NOBODY, "GET", item)).status_code == 404
    assert (await world.call(SOMEONE_ELSE, "PATCH", item, {"title": "x"}, If_Match='"1"')).status_code == 404


async def test_drafts_are_listed_for_their_contributor_and_all_of_them_for_editors(world: EvidenceWorld) -> None:
    own_draft = await world.draft(ACCOUNT)
    other_draft = await world.draft(PRACTICE, SOMEONE_ELSE)
    drafts = "/v1/evidence?status=draft"
    assert [item["id"] for item in (await world.json(CARER, "GET", drafts))["items"]] == [own_draft]
    assert {item["id"] for item in (await world.json(EDITOR, "GET", drafts))["items"]} == {own_draft, other_draft}
    assert (await world.call(NOBODY, "GET", drafts)).status_code == 401


async def test_only_an_editor_publishes(world: EvidenceWorld) -> None:
    item = await world.draft(ACCOUNT)
    assert (await world.call(CARER, "POST", f"/v1/evidence/{item}/publish")).status_code == 403
    view = await world.json(EDITOR, "POST", f"/v1/evidence/{item}/publish")
    assert view["status"] == "published"
    again = await world.problem(EDITOR, "POST", f"/v1/evidence/{item}/publish")
    assert again["title"] == "This item is already published"


async def test_an_account_is_not_published_without_the_persons_consent(world: EvidenceWorld) -> None:
    item = await world.draft(ACCOUNT, consent={"to_publish": False})
    problem = await world.problem(EDITOR, "POST", f"/v1/evidence/{item}/publish")
    assert problem["status"] == 409
    assert problem["type"].endswith("/problems/consent-missing")


async def test_publishing_tells_ids_and_facts_and_no_words(world: EvidenceWorld) -> None:
    topic = await world.topic()
    item = await world.publish(ACCOUNT, topics=[topic])
    (published,) = [event for event in await world.events() if isinstance(event, EvidencePublished)]
    assert str(published.item_id) == item
    assert published.way_of_knowing == "lived_experience"
    assert [str(topic_id) for topic_id in published.topic_ids] == [topic]


async def test_who_gave_an_account_is_never_told_and_the_name_only_as_wanted(world: EvidenceWorld) -> None:
    named = await world.call(NOBODY, "GET", f"/v1/evidence/{await world.publish(ACCOUNT)}")
    assert named.json()["attributed_to"] == "Mary"
    assert named.json()["consent"] is None
    anonymous = {"to_publish": True, "attribution": "anonymous", "name": "Mary"}
    unnamed = await world.call(NOBODY, "GET", f"/v1/evidence/{await world.publish(ACCOUNT, consent=anonymous)}")
    assert unnamed.json()["attributed_to"] is None
    assert "Mary" not in unnamed.text
    assert str(CARER.id) not in named.text + unnamed.text


async def test_the_audit_trail_says_that_words_changed_and_not_which(world: EvidenceWorld) -> None:
    item = await world.publish(ACCOUNT, setting="at home in Tollerton")
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    trail = str(await world.rows("SELECT * FROM audit_entries WHERE kind = 'Item'"))
    assert "published" in trail
    for personal_text in ("sleep", "Mary", "Tollerton"):
        assert personal_text not in trail


async def test_a_change_needs_the_version_that_it_was_made_from(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.draft(ACCOUNT)}"
    change = {"title": "A week away"}
    assert (await world.call(CARER, "PATCH", item, change)).status_code == 428
    changed = await world.call(CARER, "PATCH", item, change, If_Match='"1"')
    assert changed.json()["title"] == "A week away"
    assert changed.json()["account"] == ACCOUNT["account"]
    assert changed.headers["etag"] == '"2"'
    assert (await world.call(CARER, "PATCH", item, change, If_Match='"1"')).status_code == 412
    assert (await world.call(CARER, "GET", item)).headers["etag"] == '"2"'


async def test_a_patch_that_makes_no_sense_is_refused_at_its_place(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.draft(ACCOUNT)}"
    problem = await world.problem(CARER, "PATCH", item, {"speaks_as": "a bystander"}, If_Match='"1"')
    assert problem["errors"][0]["pointer"] == "/speaks_as"
    changed = await world.problem(CARER, "PATCH", item, PRACTICE | {"account": None, "speaks_as": None}, If_Match="*")
    assert changed["status"] == 422 or changed["title"] == "The way of knowing of an item cannot be changed"


async def test_an_item_keeps_its_way_of_knowing(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.draft(ACCOUNT)}"
    gone = dict.fromkeys(("account", "speaks_as", "consent", "service"))
    problem = await world.problem(CARER, "PATCH", item, gone | PRACTICE, If_Match="*")
    assert problem["title"] == "The way of knowing of an item cannot be changed"


async def test_a_work_cannot_be_changed_into_one_that_the_library_has(world: EvidenceWorld) -> None:
    first = await world.draft(RESEARCH, identifiers=[])
    other = await world.draft(RESEARCH, identifiers=[], title="Sleep of carers who have a night off")
    problem = await world.problem(CARER, "PATCH", f"/v1/evidence/{other}", {"title": RESEARCH["title"]}, If_Match="*")
    assert (problem["status"], problem["title"]) == (409, "This work is already in the library")
    assert first in problem["detail"]


async def test_what_is_published_is_changed_by_editors_alone(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(RESEARCH)}"
    problem = await world.problem(CARER, "PATCH", item, {"title": "x"}, If_Match="*")
    assert problem["status"] == 403
    assert (await world.call(EDITOR, "PATCH", item, {"title": "Clearer"}, If_Match="*")).status_code == 200


async def test_new_topics_of_a_published_item_are_told(world: EvidenceWorld) -> None:
    first, second = await world.topic("One"), await world.topic("Two")
    item = await world.publish(PRACTICE, topics=[first])
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"topics": [second]}, If_Match="*")
    published = [event for event in await world.events() if isinstance(event, EvidencePublished)]
    assert [[str(topic) for topic in event.topic_ids] for event in published] == [[first], [second]]
    response = await world.json(NOBODY, "GET", f"/v1/evidence?topic={second}")
    assert [summary["id"] for summary in response["items"]] == [item]
    assert (await world.json(NOBODY, "GET", f"/v1/evidence?topic={first}"))["items"] == []


async def test_a_withdrawn_account_leaves_a_tombstone_and_no_word(world: EvidenceWorld) -> None:
    topic = await world.topic()
    item = await world.publish(ACCOUNT, topics=[topic])
    assert (await world.call(SOMEONE_ELSE, "POST", f"/v1/evidence/{item}/withdraw")).status_code == 403
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    gone = await world.call(NOBODY, "GET", f"/v1/evidence/{item}")
    assert gone.status_code == 410
    left = gone.json()["tombstone"]
    assert (left["id"], left["way_of_knowing"]) == (item, "lived_experience")
    assert left["withdrawn_at"].endswith("Z")
    assert (await world.json(NOBODY, "GET", "/v1/evidence"))["items"] == []
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{topic}/coverage"))["lived_experience"] == 0
    assert [type(event) for event in await world.events()][-1] is EvidenceWithdrawn
    stored = str(await world.rows("SELECT * FROM items"))
    assert "Mary" not in stored
    assert "sleep" not in stored
    assert (await world.call(EDITOR, "POST", f"/v1/evidence/{item}/publish")).status_code == 410


async def test_a_withdrawn_draft_is_told_to_nobody(world: EvidenceWorld) -> None:
    item = await world.draft(ACCOUNT)
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    assert await world.events() == []


async def test_the_same_work_is_held_once(world: EvidenceWorld) -> None:
    item = await world.draft(RESEARCH)
    other_title = RESEARCH | {
        "title": "Another title of it",
        "identifiers": [{"scheme": "doi", "value": "10.5555/abc.1"}],
    }
    problem = await world.problem(EDITOR, "POST", "/v1/evidence", other_title)
    assert problem["status"] == 409
    assert item in problem["detail"]
    without = await world.problem(EDITOR, "POST", "/v1/evidence", RESEARCH | {"identifiers": []})
    assert item in without["detail"]


async def test_a_paper_and_an_abstract_of_the_same_title_are_told_apart_by_their_dois(world: EvidenceWorld) -> None:
    await world.draft(RESEARCH)
    await world.draft(RESEARCH | {"identifiers": [{"scheme": "doi", "value": "10.5555/abstract"}]})


async def test_pages_hold_every_item_once_and_cost_no_count(world: EvidenceWorld) -> None:
    expected = [await world.publish(PRACTICE, title=f"Practice {number}") for number in range(5)]
    listed_ids: list[str] = []
    url: str | None = "/v1/evidence?limit=2"
    while url:
        page = await world.call(NOBODY, "GET", url.removeprefix("http://testserver"))
        listed_ids += [item["id"] for item in page.json()["items"]]
        url = page.json()["next"]
        assert (url is None) == ("link" not in page.headers)
    assert listed_ids == expected[::-1]
    assert (await world.json(NOBODY, "GET", "/v1/evidence?count=true"))["total"] == 5
    assert (await world.call(NOBODY, "GET", "/v1/evidence?cursor=made-up")).status_code == 400


async def test_reading_again_costs_nothing_until_it_changes(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(PRACTICE)}"
    first = await world.call(NOBODY, "GET", item)
    assert (first.headers["cache-control"], first.headers["vary"]) == ("public, no-cache", "Authorization, X-API-Key")
    again = await world.call(NOBODY, "GET", item, If_None_Match=first.headers["etag"])
    assert again.status_code == 304
    await world.json(EDITOR, "PATCH", item, {"title": "Clearer"}, If_Match="*")
    assert (await world.call(NOBODY, "GET", item, If_None_Match=first.headers["etag"])).status_code == 200


async def test_adding_with_the_same_idempotency_key_adds_once(world: EvidenceWorld) -> None:
    first = await world.call(CARER, "POST", "/v1/evidence", ACCOUNT, Idempotency_Key='"once"')
    again = await world.call(CARER, "POST", "/v1/evidence", ACCOUNT, Idempotency_Key='"once"')
    assert again.json() == first.json()
    assert again.headers["idempotency-replayed"] == "true"
