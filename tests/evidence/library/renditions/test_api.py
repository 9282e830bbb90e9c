import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from services.evidence.library.renditions.tables import Rendition
from shared import clock
from shared.events.contracts.evidence import EvidenceWithdrawn, GuideWithdrawn
from shared.persistence.tables import new_id
from tests.evidence.library.renditions.renditions import EASY_READ, add
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

BSL: dict[str, Any] = EASY_READ | {"kind": "bsl", "content": None, "url": "https://videos.example/bsl/1"}


async def guide(world: EvidenceWorld, status: str = "published") -> str:
    """A guide as its own slice would have written it."""
    guide_id = new_id()
    async with world.database.transaction() as uow:
        connection = await uow.session.connection()
        await connection.exec_driver_sql(
            "INSERT INTO guides (id, status, edition, title, summary, language, review_on, published_at, withdrawn_at,"
            " owner_id) VALUES ($1, $2::text, 2, 'Breaks', '', 'en', '2030-01-01',"
            " CASE WHEN $2::text = 'published' THEN now() END, CASE WHEN $2::text = 'withdrawn' THEN now() END, $1)",
            (guide_id, status),
        )
    return f"/v1/guides/{guide_id}"


async def test_everyone_finds_the_forms_in_which_there_is_an_item(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(PRACTICE)}"
    added = await world.call(EDITOR, "POST", f"{item}/renditions", EASY_READ)
    assert added.status_code == 201
    assert added.headers["location"] == f"{item}/renditions/{added.json()['id']}"
    for kind, body, language in (("bsl", BSL, "bfi"), ("welsh", EASY_READ, "cy"), ("audio", BSL, "en")):
        assert (await world.json(EDITOR, "POST", f"{item}/renditions", body | {"kind": kind}))["language"] == language
    renditions = (await world.json(NOBODY, "GET", f"{item}/renditions"))["items"]
    assert [rendition["kind"] for rendition in renditions] == ["easy_read", "bsl", "welsh", "audio"]
    first = await world.call(NOBODY, "GET", added.headers["location"])
    assert first.headers["etag"] == added.headers["etag"]
    assert {name: first.json()[name] for name in EASY_READ} == EASY_READ
    assert first.headers["cache-control"] == "public, no-cache"
    assert (await world.call(CARER, "POST", f"{item}/renditions", EASY_READ)).status_code == 403


async def test_a_rendition_says_when_the_original_has_moved_on(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(PRACTICE)}"
    rendition = await add(world, item)
    before = await world.call(NOBODY, "GET", rendition)
    assert (before.json()["made_from_edition"], before.json()["outdated"]) == (1, False)
    await world.json(EDITOR, "PATCH", item, {"title": "Clearer"}, If_Match="*")
    after = await world.call(NOBODY, "GET", rendition, If_None_Match=before.headers["etag"])
    assert after.status_code == 200
    assert (after.json()["made_from_edition"], after.json()["current_edition"], after.json()["outdated"]) == (
        1,
        2,
        True,
    )
    (entry,) = (await world.json(NOBODY, "GET", f"{item}/renditions"))["items"]
    assert entry["outdated"] is True
    redone = {"content": "Made anew.", "made_from_edition": 2}
    renewed = await world.json(EDITOR, "PATCH", rendition, redone, If_Match=after.headers["etag"])
    assert (renewed["content"], renewed["outdated"]) == ("Made anew.", False)


async def test_what_was_looked_at_before_the_original_changed_is_stale(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(PRACTICE)}"
    rendition = await add(world, item)
    tag = (await world.call(EDITOR, "GET", rendition)).headers["etag"]
    await world.json(EDITOR, "PATCH", item, {"title": "Clearer"}, If_Match="*")
    for method, body in (("PATCH", {"made_from_edition": 1}), ("DELETE", None)):
        assert (await world.problem(EDITOR, method, rendition, body, If_Match=tag))["status"] == 412
        assert (await world.problem(EDITOR, method, rendition, body))["status"] == 428


async def test_an_edition_that_never_was_cannot_have_been_rendered(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(PRACTICE)}"
    problem = await world.problem(EDITOR, "POST", f"{item}/renditions", EASY_READ | {"made_from_edition": 2})
    assert (problem["status"], problem["title"]) == (422, "The original has no such edition")
    assert [error["pointer"] for error in problem["errors"]] == ["/made_from_edition"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (BSL | {"url": None, "content": "words"}, "url"),
        (BSL | {"kind": "audio", "url": None, "content": "words"}, "url"),
        (EASY_READ | {"content": None}, "content"),
        (EASY_READ | {"kind": "welsh", "language": "en"}, "language"),
        (EASY_READ | {"url": "javascript:alert(1)"}, "url"),
        (EASY_READ | {"kind": "braille"}, "kind"),
        (EASY_READ | {"made_by": "Jo Example"}, "made_by"),
        (EASY_READ | {"made_on": (clock.today() + timedelta(days=2)).isoformat()}, "made_on"),
    ],
)
async def test_what_nobody_could_use_is_refused_in_its_place(
    world: EvidenceWorld, body: dict[str, Any], field: str
) -> None:
    item = f"/v1/evidence/{await world.publish(PRACTICE)}"
    problem = await world.problem(EDITOR, "POST", f"{item}/renditions", body)
    assert (problem["status"], [error["pointer"] for error in problem["errors"]]) == (422, [f"/{field}"])


async def test_there_is_one_of_each_kind_and_language_however_many_add_it_at_once(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(PRACTICE)}"
    answers = await asyncio.gather(*(world.call(EDITOR, "POST", f"{item}/renditions", EASY_READ) for _ in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]
    await world.json(EDITOR, "POST", f"{item}/renditions", EASY_READ | {"language": "cy"})
    audio = await add(world, item, kind="audio", url="https://sound.example/1")
    again = await world.problem(EDITOR, "PATCH", audio, {"kind": "easy_read"}, If_Match="*")
    assert again["title"] == "There is a rendition of this kind and language already"


async def test_a_draft_has_no_renditions(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.draft(PRACTICE)}"
    assert (await world.problem(EDITOR, "POST", f"{item}/renditions", EASY_READ))["status"] == 409
    assert (await world.call(NOBODY, "GET", f"{item}/renditions")).status_code == 404


async def test_a_rendition_can_be_taken_away(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(PRACTICE)}"
    rendition = await add(world, item)
    taken = [(await world.call(EDITOR, "DELETE", rendition, If_Match="*")).status_code for _ in range(2)]
    gone = await world.problem(NOBODY, "GET", rendition)
    assert (taken, gone["status"], set(gone["tombstone"])) == ([204, 410], 410, {"id", "removed_at"})
    elsewhere = rendition.replace(item, f"/v1/evidence/{await world.publish(RESEARCH)}")
    assert (await world.problem(NOBODY, "GET", elsewhere))["status"] == 404
    assert (await world.json(NOBODY, "GET", f"{item}/renditions"))["items"] == []


async def test_renditions_go_with_a_withdrawn_account_and_keep_no_word(world: EvidenceWorld) -> None:
    item_id = await world.publish(ACCOUNT)
    item = f"/v1/evidence/{item_id}"
    rendition = await add(world, item)
    await world.json(CARER, "POST", f"{item}/withdraw")
    for path in (f"{item}/renditions", rendition):
        gone = await world.call(EDITOR, "GET", path)
        assert (gone.status_code, gone.json()["tombstone"]["id"]) == (410, item_id)
    assert (await world.call(EDITOR, "PATCH", rendition, {"title": "x"}, If_Match="*")).status_code == 410
    (withdrawn,) = [event for event in await world.events() if isinstance(event, EvidenceWithdrawn)]
    await world.handle(withdrawn)
    assert await world.rows("SELECT * FROM renditions") == []
    assert "slept well" not in str(await world.rows("SELECT * FROM audit_entries"))


async def test_a_rendition_that_meets_a_withdrawal_does_not_outlive_it(world: EvidenceWorld) -> None:
    item_id = await world.publish(ACCOUNT)
    added, withdrawn = await asyncio.gather(
        world.call(EDITOR, "POST", f"/v1/evidence/{item_id}/renditions", EASY_READ),
        world.call(CARER, "POST", f"/v1/evidence/{item_id}/withdraw"),
    )
    assert withdrawn.status_code == 200
    assert added.status_code in (201, 410)
    (event,) = [event for event in await world.events() if isinstance(event, EvidenceWithdrawn)]
    await world.handle(event)
    assert await world.rows("SELECT * FROM renditions") == []


async def test_a_rendition_carries_the_name_that_the_person_chose(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    assert (await world.json(NOBODY, "GET", await add(world, item)))["attributed_to"] == "Mary"
    (entry,) = (await world.json(NOBODY, "GET", f"{item}/renditions"))["items"]
    assert entry["attributed_to"] == "Mary"


async def test_guides_have_renditions_too(world: EvidenceWorld) -> None:
    original = await guide(world)
    rendition = await add(world, original, made_from_edition=1)
    assert rendition.startswith("/v1/guides/")
    shown = await world.json(NOBODY, "GET", rendition)
    assert (shown["original_kind"], shown["outdated"], shown["current_edition"]) == ("guide", True, 2)
    await world.json(EDITOR, "PATCH", rendition, {"made_from_edition": 2}, If_Match="*")
    (entry,) = (await world.json(NOBODY, "GET", f"{original}/renditions"))["items"]
    assert entry["outdated"] is False
    crossed = rendition.replace("/v1/guides/", "/v1/evidence/")
    assert (await world.call(NOBODY, "GET", crossed)).status_code == 404


async def test_renditions_go_with_a_withdrawn_guide(world: EvidenceWorld) -> None:
    original = await guide(world)
    rendition = await add(world, original)
    guide_id = original.rpartition("/")[2]
    async with world.database.transaction() as uow:
        connection = await uow.session.connection()
        await connection.exec_driver_sql(
            "UPDATE guides SET status = 'withdrawn', published_at = NULL, withdrawn_at = now()"
        )
    gone = await world.call(NOBODY, "GET", rendition)
    assert (gone.status_code, gone.json()["tombstone"]["id"]) == (410, guide_id)
    of_guide = await world.problem(NOBODY, "GET", original)
    assert (of_guide["type"], of_guide["tombstone"]) == (gone.json()["type"], gone.json()["tombstone"])
    await world.handle(GuideWithdrawn(guide_id=UUID(guide_id)))
    assert await world.rows("SELECT * FROM renditions") == []


async def test_a_guide_that_nobody_may_read_has_no_renditions(world: EvidenceWorld) -> None:
    for original in (await guide(world, "draft"), f"/v1/guides/{new_id()}"):
        problem = await world.problem(NOBODY, "GET", f"{original}/renditions")
        assert problem["type"] == (await world.problem(NOBODY, "GET", original))["type"]
        assert problem["status"] == 404
        assert (await world.call(EDITOR, "POST", f"{original}/renditions", EASY_READ)).status_code == 404


async def test_renditions_of_a_merged_item_are_found_at_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    gone, stays = await world.publish(RESEARCH), await world.publish(RESEARCH, title="The same work", identifiers=[])
    rendition = await add(world, f"/v1/evidence/{gone}")
    merge = await world.json(EDITOR, "POST", "/v1/merges", {"into": stays, "items": [gone]})
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 308
    refused = await world.problem(EDITOR, "POST", f"/v1/evidence/{gone}/renditions", EASY_READ)
    assert (refused["status"], stays in refused["detail"]) == (409, True)
    (entry,) = (await world.json(NOBODY, "GET", f"/v1/evidence/{stays}/renditions"))["items"]
    assert (entry["original_id"], entry["outdated"]) == (gone, True)
    there = rendition.replace(gone, stays)
    assert (await world.json(NOBODY, "GET", there))["content"] == EASY_READ["content"]
    assert (await world.call(EDITOR, "PATCH", there, {"title": "x"}, If_Match="*")).status_code == 404
    await world.undo_merge(merge["id"])
    assert (await world.json(NOBODY, "GET", rendition))["outdated"] is False
    assert (await world.json(NOBODY, "GET", f"/v1/evidence/{stays}/renditions"))["items"] == []


def test_the_words_of_renditions_are_kept_out_of_the_trail() -> None:
    columns = Rendition.metadata.tables["renditions"].columns
    assert {column.name for column in columns if column.info.get("personal")} == {"title", "content", "url", "named"}


@pytest.mark.parametrize("content", [None, "", "  "])
async def test_a_form_without_a_text_or_an_address_is_refused(world: EvidenceWorld, content: str | None) -> None:
    item = await world.publish(ACCOUNT)
    made = EASY_READ | {"content": content}
    problem = await world.problem(EDITOR, "POST", f"/v1/evidence/{item}/renditions", made)
    assert problem["title"] == "This rendition cannot be read, seen or heard"


async def test_a_form_of_another_kind_has_the_language_of_that_kind(world: EvidenceWorld) -> None:
    path = await add(world, f"/v1/evidence/{await world.publish(ACCOUNT)}")
    assert (await world.json(EDITOR, "PATCH", path, {"kind": "welsh"}, If_Match="*"))["language"] == "cy"
    assert (await world.json(EDITOR, "PATCH", path, {"kind": "large_print"}, If_Match="*"))["language"] == "en"
