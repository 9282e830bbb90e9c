"""What an export of a library like this one keeps of an item comes back; and nothing else gets in by that way."""

import json
from typing import Any
from uuid import UUID

import pytest

from shared.persistence.tables import new_id
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld, counts
from tests.support.callers import EDITOR, NOBODY

WORDS = {"account", "speaks_as", "consent", "role", "what_was_done", "what_happened"}


def exported(item: dict[str, Any], item_id: UUID, **more: Any) -> bytes:
    """As the library exports an item in RIS, as far as this matters here."""
    own = {name: value for name, value in item.items() if name in WORDS}
    extension = {
        "id": str(item_id),
        "way_of_knowing": item["way_of_knowing"],
        "details": own,
        "setting": item.get("setting"),
    }
    return (
        f"TY  - GEN\nTI  - {item['title']}\nAB  - {item.get('summary', '')}\n"
        f"UR  - https://library.example/v1/evidence/{item_id}\n"
        f"U5  - impact:1:{json.dumps(extension | more)}\nER  - \n\n"
    ).encode()


@pytest.mark.parametrize("item", [ACCOUNT, PRACTICE], ids=["account", "practice"])
async def test_an_item_of_another_library_comes_in_once_and_keeps_its_id(
    world: EvidenceWorld, item: dict[str, Any]
) -> None:
    item_id = new_id()
    topic = await world.topic("Breaks for carers")
    content = exported(item, item_id, topics=["Breaks for carers", "A topic that is not here"])
    assert counts(await world.import_file(content, publish="true")) == (1, 1, 0, 0)
    shown_to = EDITOR if item is ACCOUNT else NOBODY
    imported = await world.json(shown_to, "GET", f"/v1/evidence/{item_id}")
    assert (imported["title"], imported["way_of_knowing"], imported["topics"]) == (
        item["title"],
        item["way_of_knowing"],
        [topic],
    )
    assert counts(await world.import_file(content, publish="true")) == (1, 0, 1, 0)


async def test_an_account_is_published_only_with_its_persons_consent(world: EvidenceWorld) -> None:
    item_id = new_id()
    silent = ACCOUNT | {"consent": {"to_publish": False, "attribution": "anonymous"}}
    assert counts(await world.import_file(exported(silent, item_id), publish="true")) == (1, 1, 0, 0)
    (item,) = await world.rows("SELECT status FROM items")
    assert item["status"] == "draft"
    assert (await world.call(NOBODY, "GET", f"/v1/evidence/{item_id}")).status_code == 404


async def test_an_account_without_a_word_of_consent_is_refused(world: EvidenceWorld) -> None:
    payload = {name: value for name, value in ACCOUNT.items() if name != "consent"}
    job = await world.import_file(exported(payload, new_id()))
    assert counts(job) == (1, 0, 0, 1)
    page = await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects")
    assert page["items"][0]["reason"] == "consent: Field required"


async def test_what_was_changed_by_hand_and_cannot_be_read_is_refused(world: EvidenceWorld) -> None:
    content = exported(ACCOUNT, new_id()).replace(b'"details"', b"details")
    job = await world.import_file(content)
    page = await world.json(EDITOR, "GET", f"/v1/imports/{job['id']}/rejects")
    assert "changed by hand" in page["items"][0]["reason"]


async def test_characters_that_cannot_be_kept_are_left_out_of_it(world: EvidenceWorld) -> None:
    content = exported(PRACTICE | {"what_happened": "One\0 call"}, new_id())
    assert counts(await world.import_file(content)) == (1, 1, 0, 0)
    (item,) = await world.rows("SELECT details->>'what_happened' AS what_happened FROM items")
    assert item["what_happened"] == "One call"


async def test_whoever_imports_an_account_has_no_say_over_its_persons_wishes(world: EvidenceWorld) -> None:
    await world.import_file(exported(ACCOUNT, new_id()))
    (item,) = await world.rows("SELECT contributor_id FROM items")
    assert item["contributor_id"] is None


async def test_an_id_that_is_no_items_is_not_taken_over(world: EvidenceWorld) -> None:
    other = UUID("12345678-1234-4234-8234-123456789012")
    await world.import_file(exported(PRACTICE, other), publish="true")
    (item,) = await world.rows("SELECT id FROM items")
    assert item["id"] != other


@pytest.mark.parametrize("form", ["https://library.example/v1/evidence/{}", "urn:uuid:{}"])
async def test_a_reference_that_names_an_item_of_this_library_is_that_item(world: EvidenceWorld, form: str) -> None:
    item_id = await world.publish(RESEARCH)
    content = f"TY  - JOUR\nTI  - Another title altogether\nUR  - {form.format(item_id)}\nER  - \n".encode()
    assert counts(await world.import_file(content)) == (1, 0, 1, 0)


async def test_a_reference_that_names_an_item_of_another_library_is_a_work_like_any_other(world: EvidenceWorld) -> None:
    stranger = new_id()
    content = f"TY  - JOUR\nTI  - A title\nUR  - https://other.example/v1/evidence/{stranger}\nER  - \n".encode()
    assert counts(await world.import_file(content)) == (1, 1, 0, 0)
    (item,) = await world.rows("SELECT id, details->>'url' AS url FROM items")
    assert item["id"] != stranger
    assert item["url"] is None


async def test_an_account_that_was_withdrawn_does_not_come_back(world: EvidenceWorld) -> None:
    item_id = await world.publish(ACCOUNT)
    await world.json(EDITOR, "POST", f"/v1/evidence/{item_id}/withdraw")
    assert counts(await world.import_file(exported(ACCOUNT, UUID(item_id)), publish="true")) == (1, 0, 1, 0)
    assert (await world.call(NOBODY, "GET", f"/v1/evidence/{item_id}")).status_code == 410


@pytest.mark.parametrize("topics", [5, {"a": 1}, [1, None], [f"Topic {number}" for number in range(40_000)]])
async def test_topics_that_no_library_keeps_of_an_item_are_passed_over(world: EvidenceWorld, topics: Any) -> None:
    job = await world.import_file(exported(PRACTICE, new_id(), topics=topics))
    assert (job["status"], counts(job)) == ("done", (1, 1, 0, 0))


async def test_an_item_is_filed_under_no_more_topics_than_it_may_have(world: EvidenceWorld) -> None:
    names = [f"Topic {number}" for number in range(22)]
    ids = [await world.topic(name) for name in names]
    item_id = new_id()
    await world.import_file(exported(PRACTICE, item_id, topics=names[:20]), topics=",".join(ids[20:]))
    item = await world.call(EDITOR, "GET", f"/v1/evidence/{item_id}")
    assert len(item.json()["topics"]) == 20
    assert set(ids[20:]) < set(item.json()["topics"])
    etag = item.headers["etag"]
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item_id}", {"title": "One call for a break"}, If_Match=etag)
