"""A statement with nothing left to stand on is not shown until an editor has decided; what else stands is marked."""

from typing import Any

import pytest

from services.evidence.publications.guides.presenter import HELD_BACK, NO_LONGER_SHOWN
from shared.callers import Caller
from tests.evidence.publications.guides.guide_factories import (
    PARTNER,
    RETRACTED,
    change_guide,
    decide,
    handle_item_events,
    list_flags,
    publish_guide,
    publish_papers,
    statement,
    submit_and_publish,
)
from tests.evidence.publications.learning.learning_factories import publish_piece
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

ALONE: dict[str, Any] = {
    "text": "Carers who hum in the garden sleep longer.",
    "what_to_try": "Let three carers hum for a week.",
    "conditions": "Where the garden is quiet.",
}
WORDS = ("hum", "garden")


async def guide_on_account(world: EvidenceWorld) -> tuple[str, str, dict[str, Any]]:
    """A guide with one statement on an account alone, and one on it and on practice knowledge."""
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(account, **ALONE), statement(account, practice))
    return account, practice, guide


async def withdraw(world: EvidenceWorld, account: str) -> None:
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")


@pytest.mark.parametrize("caller", [NOBODY, CARER], ids=["anyone", "carer"])
async def test_a_sentence_stands_in_its_place_at_once(world: EvidenceWorld, caller: Caller) -> None:
    account, _, guide = await guide_on_account(world)
    path = f"/v1/guides/{guide['id']}"
    before = await world.call(caller, "GET", path)
    assert [shown["held_back"] for shown in before.json()["statements"]] == [False, False]
    await withdraw(world, account)
    response = await world.call(caller, "GET", path, If_None_Match=before.headers["etag"])
    assert response.status_code == 200
    assert [word for word in WORDS if word in response.text] == []
    held, marked = response.json()["statements"]
    assert (held["held_back"], held["text"], held["what_to_try"], held["confidence"]) == (True, HELD_BACK, "", None)
    assert [flag["reason"] for flag in held["flags"]] == ["withdrawn"]
    assert (marked["held_back"], marked["text"]) == (False, statement()["text"])
    assert [flag["reason"] for flag in marked["flags"]] == ["withdrawn"]


@pytest.mark.parametrize("caller", [EDITOR, PARTNER], ids=["editor", "partner"])
async def test_those_who_write_guides_still_read_it(world: EvidenceWorld, caller: Caller) -> None:
    account, _, guide = await guide_on_account(world)
    await withdraw(world, account)
    response = await world.call(caller, "GET", f"/v1/guides/{guide['id']}")
    assert response.headers["cache-control"] == "no-store"
    held, _ = response.json()["statements"]
    assert (held["held_back"], held["text"]) == (True, ALONE["text"])
    public = await world.call(NOBODY, "GET", f"/v1/guides/{guide['id']}")
    assert "authorization" in public.headers["vary"].lower(), "a cache keeps the two apart"


async def test_a_search_neither_finds_nor_quotes_it(world: EvidenceWorld) -> None:
    account, _, guide = await guide_on_account(world)
    await world.indexed()
    assert [hit["id"] for hit in (await world.search("hum garden"))["items"]] == [guide["id"]]
    await withdraw(world, account)
    [hit] = [hit for hit in (await world.search("hum garden"))["items"] if hit["id"] == guide["id"]]
    assert hit["highlights"]["text"] == [], "before the index has read of it"
    await handle_item_events(world)
    await world.indexed()
    assert (await world.search("hum garden"))["items"] == []
    assert [hit["id"] for hit in (await world.search("breaks assessment"))["items"] if hit["is"] == "guide"]


async def test_it_waits_among_the_flags_and_a_new_edition_shows_it_again(world: EvidenceWorld) -> None:
    account, practice, guide = await guide_on_account(world)
    await withdraw(world, account)
    await handle_item_events(world)
    flags = {flag["statement"]: flag for flag in await list_flags(world)}
    assert {text: flag["held_back"] for text, flag in flags.items()} == {
        ALONE["text"]: True,
        statement()["text"]: False,
    }
    first, second = guide["statements"]
    cited = [{"id": first["id"], **statement(practice, **ALONE)}, {"id": second["id"], **statement(practice)}]
    await change_guide(world, guide["id"], {"statements": cited})
    assert (await world.json(NOBODY, "GET", f"/v1/guides/{guide['id']}"))["statements"][0]["text"] == HELD_BACK
    await submit_and_publish(world, guide["id"])
    now, _ = (await world.json(NOBODY, "GET", f"/v1/guides/{guide['id']}"))["statements"]
    assert (now["held_back"], now["text"]) == (False, ALONE["text"])
    earlier = await world.call(NOBODY, "GET", f"/v1/guides/{guide['id']}/versions/1")
    assert earlier.json()["statements"][0]["text"] == NO_LONGER_SHOWN
    assert [word for word in WORDS if word in earlier.text] == []


async def test_what_stands_on_a_retracted_work_alone_is_held_back_until_an_editor_keeps_it(
    world: EvidenceWorld,
) -> None:
    [paper] = await publish_papers(world, "Of humming")
    guide = await publish_guide(world, statement(paper, **ALONE))
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    await handle_item_events(world)
    path = f"/v1/guides/{guide['id']}"
    assert (await world.json(NOBODY, "GET", path))["statements"][0]["text"] == HELD_BACK
    [flag] = await list_flags(world)
    await decide(world, flag, decision="keep", because="It says the same without it.")
    assert (await world.json(NOBODY, "GET", path))["statements"][0]["text"] == ALONE["text"]


async def test_a_learning_piece_on_such_a_guide_is_held_back_too(world: EvidenceWorld) -> None:
    account, _, guide = await guide_on_account(world)
    piece = (await publish_piece(world, guides=[{"id": guide["id"]}]))["id"]
    await withdraw(world, account)
    await handle_item_events(world)
    assert (await world.json(NOBODY, "GET", f"/v1/learning/{piece}"))["is_held_back"] is True
