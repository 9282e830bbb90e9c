"""An answer that stands on an edition that was taken back, or replaced, waits for an editor."""

from tests.evidence.publications.guides import guide_factories
from tests.evidence.publications.guides.guide_factories import publish_guide, statement
from tests.evidence.publications.learning.learning_factories import piece_content, publish_piece
from tests.evidence.publications.requests.doubts.test_api import (
    QUOTED,
    decide,
    handle_all,
    publish_quoting,
    queue,
    read,
)
from tests.evidence.publications.requests.request_factories import ASKER
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY


async def test_what_cites_an_edition_that_was_taken_back_is_held_back(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    item = f"/v1/evidence/{account}"
    request = await publish_quoting(world, account)
    piece = (await publish_piece(world, items=[{"id": account}]))["id"]
    guide = (await publish_guide(world, statement(account)))["id"]
    await world.reword(item, account="I slept.")
    await handle_all(world)
    assert (await read(world, request))["is_held_back"] is False
    assert (await world.call(CARER, "DELETE", f"{item}/versions/1", If_Match="*")).status_code == 204
    assert [(await read(world, request))[name] for name in ("answer", "is_held_back")] == [None, True]
    assert (await read(world, request, ASKER))["turns"][0]["answer"] is None
    taught = await world.json(NOBODY, "GET", f"/v1/learning/{piece}")
    assert (taught["text"], taught["is_held_back"], taught["sources"][0]["flag"]) == (None, True, "withdrawn")
    await handle_all(world)
    assert [flag["reason"] for flag in (await world.json(EDITOR, "GET", "/v1/guides/flags"))["items"]] == ["withdrawn"]
    assert await queue(world, "?in_doubt=true") == [request]
    (cited,) = (await world.json(NOBODY, "GET", f"/v1/guides/{guide}"))["statements"]
    assert cited["flags"][0]["reason"] == "withdrawn"
    resolve = f"/v1/guides/{guide}/statements/{cited['id']}/citations/{account}/resolve"
    keep = {"decision": "keep", "because": "It still holds."}
    refused = await world.problem(EDITOR, "POST", resolve, keep, If_Match=await world.tag(f"/v1/guides/{guide}"))
    assert (refused["status"], "`repin`" in refused["detail"]) == (409, True)
    repin = {"decision": "repin"}
    await world.json(EDITOR, "POST", resolve, repin, If_Match=await world.tag(f"/v1/guides/{guide}"))
    content = await piece_content(world, items=[{"id": account, "edition": 1}])
    problem = await world.problem(EDITOR, "POST", "/v1/learning", content)
    assert problem["errors"][0]["pointer"] == "/items/0"
    patch = {"items": [{"id": account}], "text": "New."}
    await world.json(EDITOR, "PATCH", f"/v1/learning/{piece}", patch, If_Match="*")
    assert (await world.json(NOBODY, "GET", f"/v1/learning/{piece}"))["is_held_back"] is False


async def test_an_answer_whose_source_merely_changed_waits_for_an_editor_and_stays_public(world: EvidenceWorld) -> None:
    practice = await world.publish(PRACTICE)
    request = await publish_quoting(world, practice)
    await guide_factories.change_item(world, practice, what_happened="Half did.")
    await handle_all(world)
    public = await read(world, request)
    assert (public["answer"], public["is_held_back"], public["is_being_looked_at"]) == (QUOTED, False, True)
    assert public["cites"][0]["doubt"] == "changed"
    assert await queue(world) == [request]
    await decide(world, request, decision="keep")
    assert await queue(world) == []
    await guide_factories.change_item(world, practice, what_happened="Nobody did.")
    await handle_all(world)
    assert await queue(world) == [request]
