from typing import Any
from uuid import UUID

from shared.callers import Caller, Role, person
from shared.events.contracts.evidence import (
    EvidenceChanged,
    EvidenceMerged,
    EvidenceRetracted,
    EvidenceWithdrawn,
    GuideFlagsChanged,
    GuidePublished,
    GuideWithdrawn,
)
from shared.persistence.tables import new_id
from tests.evidence.publications.guides import guide_factories
from tests.evidence.publications.learning.learning_factories import (
    RIGHT,
    create_draft,
    finish_piece,
    piece_content,
    publish_piece,
)
from tests.evidence.world import ACCOUNT, PRACTICE, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

PARTNER = Caller(new_id(), "client", scopes=frozenset({"evidence:write"}))
HEARD = (
    *(EvidenceChanged, EvidenceWithdrawn, EvidenceRetracted, EvidenceMerged),
    *(GuidePublished, GuideWithdrawn, GuideFlagsChanged),
)


async def hear_all(world: EvidenceWorld) -> None:
    await world.handle_all([(event, new_id()) for event in await world.events() if isinstance(event, HEARD)])


async def source_of(world: EvidenceWorld, piece: dict[str, Any]) -> dict[str, Any]:
    return (await world.json(NOBODY, "GET", f"/v1/learning/{piece['id']}"))["sources"][0]


async def flagged(world: EvidenceWorld) -> list[str]:
    return [piece["id"] for piece in (await world.json(EDITOR, "GET", "/v1/learning?is_flagged=true"))["items"]]


async def test_a_withdrawn_account_is_gone_from_a_piece_at_once(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    piece = await publish_piece(world, items=[{"id": account}], text=f"She says: {ACCOUNT['account']}")
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    response = await world.call(NOBODY, "GET", f"/v1/learning/{piece['id']}")
    assert not [text for text in ("Mary", "My first week away", ACCOUNT["account"]) if text in response.text]
    [source] = response.json()["sources"]
    assert (source["status"], source["flag"], response.json()["is_flagged"]) == ("withdrawn", "withdrawn", True)
    await hear_all(world)
    assert await flagged(world) == [piece["id"]]


async def test_a_piece_on_a_withdrawn_account_is_held_back_until_it_has_an_edition_without_it(
    world: EvidenceWorld,
) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    video = {"title": "A week away", "url": "https://example.org/video", "seconds": 60}
    piece = await publish_piece(world, items=[{"id": account}, {"id": practice}], media=[video])
    path = f"/v1/learning/{piece['id']}"
    question = piece["questions"][0]
    own: list[str] = [piece["point"], piece["text"], question["ask"], question["why"], "A week away"]
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    for caller, is_staff in ((NOBODY, False), (CARER, False), (PARTNER, False), (EDITOR, True)):
        for address in (path, "/v1/learning"):
            shown = await world.call(caller, "GET", address)
            words = own if address == path else own[:1]
            assert [text in shown.text for text in words] == [is_staff] * len(words), (caller, address)
    public = await world.json(NOBODY, "GET", path)
    assert (public["is_held_back"], public["title"], public["questions"]) == (True, piece["title"], [])
    assert public["notice"].startswith("A source of this piece was withdrawn. ")
    [summary] = (await world.json(NOBODY, "GET", "/v1/learning"))["items"]
    assert (summary["is_flagged"], summary["is_held_back"], summary["point"]) == (True, True, None)
    refused = await world.problem(CARER, "POST", f"{path}/completions", {"answers": RIGHT})
    assert (refused["status"], own[3] in str(refused)) == (409, False)
    await world.json(EDITOR, "PATCH", path, {"items": [{"id": practice}]}, If_Match=await world.tag(path))
    public = await world.json(NOBODY, "GET", path)
    assert (public["is_held_back"], public["notice"], public["text"]) == (False, None, piece["text"])
    await finish_piece(world, piece["id"])


async def test_a_piece_on_a_retracted_work_is_held_back_until_an_editor_keeps_it(world: EvidenceWorld) -> None:
    (paper,) = await guide_factories.publish_papers(world, "A paper of breaks")
    piece = await publish_piece(world, items=[{"id": paper}])
    other = await publish_piece(world)
    path = f"/v1/learning/{piece['id']}"
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", guide_factories.RETRACTED)
    public = await world.json(NOBODY, "GET", path)
    assert (public["is_held_back"], public["text"]) == (True, None)
    assert public["notice"].startswith("A work that this piece teaches was retracted. ")
    await hear_all(world)
    for query, expected in (("is_flagged=true", [piece["id"]]), ("is_flagged=false", [other["id"]])):
        assert [row["id"] for row in (await world.json(NOBODY, "GET", f"/v1/learning?{query}"))["items"]] == expected
    keep, because = f"{path}/sources/item/{paper}/keep", {"because": "What is taught of it was not retracted."}
    await world.json(EDITOR, "POST", keep, because, If_Match=await world.tag(path))
    public = await world.json(NOBODY, "GET", path)
    assert (public["is_held_back"], public["text"], public["is_flagged"]) == (False, piece["text"], False)


async def test_a_changed_item_flags_the_piece_until_an_editor_keeps_it(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    piece = await publish_piece(world, items=[{"id": item}])
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"what_happened": "Half did."}, If_Match="*")
    await hear_all(world)
    source = await source_of(world, piece)
    assert (source["flag"], source["edition"], source["current_edition"]) == ("changed", 1, 2)
    assert await flagged(world) == [piece["id"]]
    path = f"/v1/learning/{piece['id']}"
    keep, because = f"{path}/sources/item/{item}/keep", {"because": "The point is the same."}
    await world.json(EDITOR, "POST", keep, because, If_Match=await world.tag(path))
    assert await flagged(world) == []
    assert (await source_of(world, piece))["accepted_issues"][0]["because"] == "The point is the same."
    problem = await world.problem(EDITOR, "POST", keep, {"because": "Twice."}, If_Match=await world.tag(path))
    assert problem["title"] == "There is nothing to decide here"


async def test_an_editor_lists_the_pieces_that_they_own(world: EvidenceWorld) -> None:
    item, other = await world.publish(PRACTICE), person(new_id(), Role.EVIDENCE_EDITOR)
    own_piece = await publish_piece(world, items=[{"id": item}])
    content = await piece_content(world, items=[{"id": item}])
    other_id = (await world.json(other, "POST", "/v1/learning", content))["id"]
    await world.json(other, "POST", f"/v1/learning/{other_id}/publish")
    draft = await create_draft(world, items=[{"id": item}])
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"what_happened": "Half did."}, If_Match="*")
    await hear_all(world)

    async def list_ids(caller: Caller, query: str) -> list[str]:
        return [piece["id"] for piece in (await world.json(caller, "GET", f"/v1/learning?{query}"))["items"]]

    assert await list_ids(EDITOR, "is_flagged=true") == [other_id, own_piece["id"]]
    assert (
        await list_ids(EDITOR, "is_flagged=true&mine=true") == await list_ids(EDITOR, "mine=true") == [own_piece["id"]]
    )
    assert await list_ids(other, "is_flagged=true&mine=true") == [other_id]
    assert await list_ids(EDITOR, "status=draft&mine=true") == [draft]
    assert (await world.call(NOBODY, "GET", "/v1/learning?mine=true")).status_code == 401
    assert (await world.call(CARER, "GET", "/v1/learning?mine=true")).status_code == 403


async def test_a_guide_of_a_new_edition_and_a_withdrawn_one_flag_the_piece(world: EvidenceWorld) -> None:
    guide = await guide_factories.publish_guide(world)
    piece = await publish_piece(world, guides=[{"id": guide["id"]}])
    await hear_all(world)
    assert await flagged(world) == []
    await world.json(EDITOR, "PATCH", f"/v1/guides/{guide['id']}", {"title": "Better"}, If_Match="*")
    await guide_factories.submit_and_publish(world, guide["id"])
    await hear_all(world)
    assert ((await source_of(world, piece))["flag"], await flagged(world)) == ("changed", [piece["id"]])
    tied = {"guides": [{"id": guide["id"]}]}
    await world.json(EDITOR, "PATCH", f"/v1/learning/{piece['id']}", tied, If_Match="*")
    assert (await source_of(world, piece))["edition"] == 2
    assert await flagged(world) == []
    await world.json(EDITOR, "POST", f"/v1/guides/{guide['id']}/withdraw")
    source = await source_of(world, piece)
    assert (source["status"], source["title"], source["flag"]) == ("withdrawn", None, "withdrawn")
    await hear_all(world)
    assert await flagged(world) == [piece["id"]]
    path = f"/v1/learning/{piece['id']}"
    keep, because = f"{path}/sources/guide/{guide['id']}/keep", {"because": "We liked it."}
    assert (await world.call(EDITOR, "POST", keep, because, If_Match=await world.tag(path))).status_code == 409


async def test_an_item_withdrawn_before_the_piece_is_published_is_refused(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT)
    piece = await create_draft(world, items=[{"id": account}])
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    problem = await world.problem(EDITOR, "POST", f"/v1/learning/{piece}/publish")
    assert [error["pointer"] for error in problem["errors"]] == ["/items/0"]
    draft = await world.json(EDITOR, "PATCH", f"/v1/learning/{piece}", {"title": "Still writing"}, If_Match="*")
    assert draft["title"] == "Still writing"


async def test_events_in_any_order_and_twice_leave_the_same_flags(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    await publish_piece(world, items=[{"id": item}])
    for outcome in ("Two.", "Three."):
        await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"what_happened": outcome}, If_Match="*")
    for edition in (3, 2, 3):
        await world.handle(EvidenceChanged(item_id=UUID(item), edition=edition))
    assert [row["flagged_key"] for row in await world.rows("SELECT flagged_key FROM learning_sources")] == ["changed:3"]


async def test_doubt_about_a_statement_of_a_guide_reaches_the_piece_and_leaves_it(world: EvidenceWorld) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    statements = (guide_factories.statement(practice, account), guide_factories.statement(practice))
    guide = (await guide_factories.publish_guide(world, *statements))["id"]
    piece = await publish_piece(world, guides=[{"id": guide}])
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{practice}", {"what_happened": "Half did."}, If_Match="*")
    response = await world.call(NOBODY, "GET", f"/v1/learning/{piece['id']}")
    assert (response.json()["is_flagged"], response.json()["sources"][0]["flag"]) == (True, "doubted")
    await hear_all(world)
    await hear_all(world)
    assert await flagged(world) == [piece["id"]]
    path = f"/v1/learning/{piece['id']}"
    keep, because = f"{path}/sources/guide/{guide}/keep", {"because": "The point is the same."}
    view = await world.json(EDITOR, "POST", keep, because, If_Match=await world.tag(path))
    assert (view["is_flagged"], len(view["sources"][0]["accepted_issues"]), await flagged(world)) == (False, 2, [])
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await hear_all(world)
    await hear_all(world)
    assert ((await source_of(world, piece))["flag"], await flagged(world)) == ("doubted", [piece["id"]])


async def test_a_statement_with_nothing_left_flags_the_piece_until_an_editor_settles_it_in_the_guide(
    world: EvidenceWorld,
) -> None:
    (paper,) = await guide_factories.publish_papers(world, "A paper of breaks")
    guide = (await guide_factories.publish_guide(world, guide_factories.statement(paper)))["id"]
    piece = await publish_piece(world, guides=[{"id": guide}])
    before = await world.call(NOBODY, "GET", f"/v1/learning/{piece['id']}")
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", guide_factories.RETRACTED)
    after = await world.call(NOBODY, "GET", f"/v1/learning/{piece['id']}", If_None_Match=before.headers["etag"])
    assert (after.status_code, after.json()["sources"][0]["flag"]) == (200, "unsupported")
    await hear_all(world)
    await hear_all(world)
    assert await flagged(world) == [piece["id"]]
    (flag,) = await guide_factories.list_flags(world)
    await guide_factories.decide(world, flag, decision="keep", because="What is cited of it was not retracted.")
    await hear_all(world)
    assert ((await source_of(world, piece))["flag"], await flagged(world)) == (None, [])


async def test_nobody_keeps_what_happened_after_they_read_the_piece_or_the_guide(world: EvidenceWorld) -> None:
    item = await world.publish(PRACTICE)
    guide = await guide_factories.publish_guide(world, guide_factories.statement(item))
    piece = await publish_piece(world, items=[{"id": item}])
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"what_happened": "Half did."}, If_Match="*")
    await hear_all(world)
    statement_id = guide["statements"][0]["id"]
    decisions = {
        f"/v1/learning/{piece['id']}": (f"sources/item/{item}/keep", {"because": "It says the same."}),
        f"/v1/guides/{guide['id']}": (
            f"statements/{statement_id}/citations/{item}/resolve",
            {"decision": "keep", "because": "It says the same."},
        ),
    }
    tags = {path: (await world.call(EDITOR, "GET", path)).headers["etag"] for path in decisions}
    await world.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"what_happened": "Nobody did."}, If_Match="*")
    for path, (decision, body) in decisions.items():
        for header in ({}, {"If_Match": "*"}):
            assert (await world.call(EDITOR, "POST", f"{path}/{decision}", body, **header)).status_code == 428
        assert (await world.call(EDITOR, "POST", f"{path}/{decision}", body, If_Match=tags[path])).status_code == 412
        tag = (await world.call(EDITOR, "GET", path)).headers["etag"]
        assert (await world.call(EDITOR, "POST", f"{path}/{decision}", body, If_Match=tag)).status_code == 200
