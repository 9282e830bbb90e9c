"""Whoever is no longer named, or took words back, is not named or quoted by an old rendition."""

from typing import Any

import pytest

from tests.evidence.library.renditions.renditions import add
from tests.evidence.publications.guides.guide_factories import (
    RETRACTED,
    handle_item_events,
    merge,
    publish_guide,
    publish_papers,
    statement,
)
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_whoever_is_no_longer_named_is_not_named_by_an_old_rendition(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    rendition = await add(world, item, content="Mary slept well.")
    await world.json(CARER, "PUT", f"{item}/consent", {"to_publish": True, "attribution": "anonymous"}, If_Match="*")
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 404
    assert "Mary" not in (await world.call(NOBODY, "GET", f"{item}/renditions")).text
    seen = await world.call(EDITOR, "GET", rendition)
    assert (seen.json()["withheld"], seen.json()["attributed_to"]) == (True, None)
    await world.json(EDITOR, "PATCH", rendition, {"content": "I slept well."}, If_Match=seen.headers["etag"])
    shown = await world.json(NOBODY, "GET", rendition)
    assert (shown["withheld"], shown["content"]) == (False, "I slept well.")
    assert "Mary" not in str(await world.rows("SELECT * FROM renditions"))


@pytest.mark.parametrize("wish", [{"to_publish": True, "attribution": "anonymous"}, {"to_publish": False}])
async def test_whoever_a_guide_no_longer_names_is_not_named_by_its_renditions(
    world: EvidenceWorld, wish: dict[str, Any]
) -> None:
    account, other = await world.publish(ACCOUNT), await world.publish(PRACTICE, credit={"attribution": "anonymous"})
    original = f"/v1/guides/{(await publish_guide(world, statement(account), statement(account, other)))['id']}"
    rendition = await add(world, original, content="Mary slept well.")
    plain = await add(world, original, kind="large_print", content="Somebody slept well.")
    seen = await world.call(EDITOR, "GET", rendition)
    assert (seen.json()["withheld"], seen.json()["attributed_to"]) == (False, None)
    await world.json(CARER, "PUT", f"/v1/evidence/{account}/consent", wish, If_Match="*")
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 404
    assert (await world.json(NOBODY, "GET", f"{original}/renditions"))["items"] == []
    late = await world.call(EDITOR, "PATCH", rendition, {"title": "A break"}, If_Match=seen.headers["etag"])
    assert late.status_code == 412
    for path in (rendition, plain):
        await world.json(EDITOR, "PATCH", path, {"content": "Somebody slept well."}, If_Match="*")
    assert len((await world.json(NOBODY, "GET", f"{original}/renditions"))["items"]) == 2
    assert "Mary" not in str(await world.rows("SELECT * FROM renditions"))


async def test_editors_see_what_is_outdated_or_withheld_wherever_it_is(world: EvidenceWorld) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    of_guide = f"/v1/guides/{(await publish_guide(world, statement(account)))['id']}"
    of_account, of_practice = f"/v1/evidence/{account}", f"/v1/evidence/{practice}"
    fresh = [await add(world, original) for original in (of_guide, of_account, of_practice)]
    work = "/v1/evidence/renditions/outdated"
    assert (await world.json(EDITOR, "GET", work))["items"] == []
    await world.json(EDITOR, "PATCH", of_practice, {"title": "Clearer"}, If_Match="*")
    wish = {"to_publish": True, "attribution": "anonymous"}
    await world.json(CARER, "PUT", f"{of_account}/consent", wish, If_Match="*")
    first = await world.json(EDITOR, "GET", f"{work}?limit=2")
    rest = await world.json(EDITOR, "GET", first["next"].removeprefix("http://testserver"))
    outdated = first["items"] + rest["items"]
    assert [rendition["id"] for rendition in outdated] == [path.rpartition("/")[2] for path in fresh]
    for brief, path in zip(outdated, fresh, strict=True):
        whole = await world.json(EDITOR, "GET", path)
        assert brief == {name: whole[name] for name in brief}
    assert [(r["outdated"], r["withheld"]) for r in outdated] == [(False, True), (False, True), (True, False)]
    await world.json(CARER, "POST", f"{of_account}/withdraw")
    assert [rendition["original_id"] for rendition in (await world.json(EDITOR, "GET", work))["items"]] == [
        of_guide.rpartition("/")[2],
        practice,
    ]
    assert (await world.call(CARER, "GET", work)).status_code == 403


async def test_what_a_person_took_back_is_not_said_by_an_old_rendition(world: EvidenceWorld) -> None:
    item = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    rendition = await add(world, item, content="I slept well.")
    await world.reword(item, account="I rested.")
    assert (await world.json(NOBODY, "GET", rendition))["outdated"] is True
    seen = await world.call(NOBODY, "GET", rendition)
    assert (await world.call(CARER, "DELETE", f"{item}/versions/1", If_Match="*")).status_code == 204
    assert (await world.call(NOBODY, "GET", rendition, If_None_Match=seen.headers["etag"])).status_code == 404
    assert (await world.json(NOBODY, "GET", f"{item}/renditions"))["items"] == []
    assert (await world.json(EDITOR, "GET", rendition))["withheld"] is True
    (waiting,) = (await world.json(EDITOR, "GET", "/v1/evidence/renditions/outdated"))["items"]
    assert waiting["withheld"] is True
    await world.json(EDITOR, "PATCH", rendition, {"content": "I rested.", "made_from_edition": 2}, If_Match="*")
    assert (await world.json(NOBODY, "GET", rendition))["content"] == "I rested."


async def test_a_rendition_stays_shown_when_a_guide_names_somebody_more(world: EvidenceWorld) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    original = f"/v1/guides/{(await publish_guide(world, statement(account, practice)))['id']}"
    rendition = await add(world, original)
    credit = {"attribution": "person", "name": "Sam"}
    await world.json(CARER, "PUT", f"/v1/evidence/{practice}/credit", credit, If_Match="*")
    assert (await world.json(NOBODY, "GET", rendition))["withheld"] is False


WORK = "/v1/evidence/renditions/outdated"


async def test_a_guides_rendition_does_not_say_on_what_an_anonymous_person_withdrew(world: EvidenceWorld) -> None:
    consent = {"to_publish": True, "attribution": "anonymous"}
    account, practice = await world.publish(ACCOUNT, consent=consent), await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(account, practice))
    original = f"/v1/guides/{guide['id']}"
    rendition = await add(world, original, content="A carer slept for the first time in a year.")
    seen = await world.call(NOBODY, "GET", rendition)
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    assert (await world.call(NOBODY, "GET", rendition, If_None_Match=seen.headers["etag"])).status_code == 404
    assert (await world.json(NOBODY, "GET", f"{original}/renditions"))["items"] == []
    assert (await world.json(EDITOR, "GET", rendition))["withheld"] is True
    (waiting,) = (await world.json(EDITOR, "GET", WORK))["items"]
    assert (waiting["id"], waiting["withheld"]) == (rendition.rpartition("/")[2], True)
    late = await world.call(EDITOR, "PATCH", rendition, {"title": "A break"}, If_Match=seen.headers["etag"])
    assert late.status_code == 412
    await world.json(EDITOR, "PATCH", rendition, {"content": "Breaks help."}, If_Match="*")
    assert (await world.json(NOBODY, "GET", rendition))["withheld"] is False
    assert (await world.json(EDITOR, "GET", WORK))["items"] == []


async def test_a_guides_rendition_on_a_retracted_study_waits_until_an_editor_accepts_it(world: EvidenceWorld) -> None:
    (paper,) = await publish_papers(world, "Of breaks")
    guide = await publish_guide(world, statement(paper))
    original = f"/v1/guides/{guide['id']}"
    rendition = await add(world, original, content="Breaks help.")
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 404
    assert [brief["withheld"] for brief in (await world.json(EDITOR, "GET", WORK))["items"]] == [True]
    await handle_item_events(world)
    path = f"{original}/statements/{guide['statements'][0]['id']}/citations/{paper}/resolve"
    keep = {"decision": "keep", "because": "What is said of it was not retracted."}
    await world.json(EDITOR, "POST", path, keep, If_Match=await world.tag(original))
    assert (await world.json(NOBODY, "GET", rendition))["withheld"] is False
    assert (await world.json(EDITOR, "GET", WORK))["items"] == []


async def test_a_guides_rendition_follows_a_cited_study_into_the_one_that_stands_for_it(world: EvidenceWorld) -> None:
    first, second, third = await publish_papers(world, "Of breaks", "Of breaks, again", "Of breaks, once more")
    original = f"/v1/guides/{(await publish_guide(world, statement(first)))['id']}"
    rendition = await add(world, original, content="Breaks help.")
    await merge(world, first, second)
    await merge(world, second, third)
    assert (await world.json(NOBODY, "GET", rendition))["withheld"] is False
    await world.json(EDITOR, "POST", f"/v1/evidence/{third}/withdraw")
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 404
    assert [brief["withheld"] for brief in (await world.json(EDITOR, "GET", WORK))["items"]] == [True]


async def test_a_rendition_withheld_for_a_retracted_study_stays_so_when_that_is_merged(world: EvidenceWorld) -> None:
    first, second = await publish_papers(world, "Of breaks", "Of breaks, again")
    original = f"/v1/guides/{(await publish_guide(world, statement(first)))['id']}"
    rendition = await add(world, original, content="Breaks help.")
    await world.json(EDITOR, "POST", f"/v1/evidence/{first}/retract", RETRACTED)
    merged = await merge(world, first, second)
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 404
    lifted = RETRACTED | {"nature": "reinstatement", "on": "2026-02-01"}
    await world.json(EDITOR, "POST", f"/v1/evidence/{second}/retract", lifted)
    assert (await world.json(NOBODY, "GET", rendition))["withheld"] is False
    await world.undo_merge(merged)
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 404


async def test_a_rendition_is_withheld_when_a_cited_study_is_merged_into_a_retracted_one(world: EvidenceWorld) -> None:
    first, second = await publish_papers(world, "Of breaks", "Of breaks, again")
    original = f"/v1/guides/{(await publish_guide(world, statement(first)))['id']}"
    await world.json(EDITOR, "POST", f"/v1/evidence/{second}/retract", RETRACTED)
    rendition = await add(world, original, content="Breaks help.")
    await merge(world, first, second)
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 404
