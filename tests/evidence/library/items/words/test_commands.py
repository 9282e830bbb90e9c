"""Words that a person took back are refused wherever staff would put them before readers again."""

from typing import Any

import pytest

from shared.callers import person
from shared.persistence.tables import new_id
from tests.evidence.library.transferability.judgements import parts
from tests.evidence.publications.guides.guide_factories import (
    RETRACTED,
    create_draft,
    handle_item_events,
    list_flags,
    publish_guide,
    statement,
)
from tests.evidence.publications.learning.learning_factories import piece_content, publish_piece
from tests.evidence.publications.requests.request_factories import PATH, REWORDED, ask, do
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR

WORDS = "Every night the hoist in the hall of our house broke down and nobody from the depot came before noon."
QUOTE = f"One carer told us this, and we have not forgotten it since: {WORDS.upper()} It shows what breaks are worth."


async def take_back(world: EvidenceWorld) -> str:
    item = await world.publish(ACCOUNT, account=WORDS)
    await world.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    return item


def pointers(problem: dict[str, Any]) -> list[str]:
    assert problem["status"] == 422, problem
    return [error["pointer"] for error in problem["errors"]]


async def test_an_answer_does_not_repeat_what_was_taken_back(world: EvidenceWorld) -> None:
    account = await world.publish(ACCOUNT, account=WORDS)
    request = await ask(world)
    await do(world, request, "answer", {"answer": QUOTE, "items": [account]})
    await do(world, request, "publish", {"question": REWORDED})
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    path = f"{PATH}/{request}"
    body = {"turn": 1, "decision": "revise", "because": "It was withdrawn.", "answer": "Breaks help."}
    for more, expected in (
        ({"answer": QUOTE, "public_answer": "Breaks help."}, ["/answer"]),
        ({"public_answer": QUOTE}, ["/public_answer"]),
        ({"because": QUOTE}, ["/because"]),
    ):
        problem = await world.problem(EDITOR, "POST", f"{path}/decisions", body | more, If_Match=await world.tag(path))
        assert pointers(problem) == expected
    await world.json(EDITOR, "POST", f"{path}/decisions", body, If_Match=await world.tag(path))
    problem = await world.problem(EDITOR, "POST", f"{path}/publish", {"question": REWORDED, "answer": QUOTE})
    assert pointers(problem) == ["/answer"]
    problem = await world.problem(EDITOR, "POST", f"{PATH}/{await ask(world)}/answer", {"answer": QUOTE})
    assert pointers(problem) == ["/answer"]


async def test_a_learning_piece_does_not_go_on_teaching_what_was_taken_back(world: EvidenceWorld) -> None:
    account, practice = await world.publish(ACCOUNT, account=WORDS), await world.publish(PRACTICE)
    piece = (await publish_piece(world, items=[{"id": account}], text=QUOTE))["id"]
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    path, swap = f"/v1/learning/{piece}", {"items": [{"id": practice}]}
    assert pointers(await world.problem(EDITOR, "PATCH", path, swap, If_Match="*")) == ["/text"]
    await world.json(EDITOR, "PATCH", path, swap | {"text": "Breaks help."}, If_Match="*")
    content = await piece_content(world, items=[{"id": practice}])
    content["questions"][1]["why"] = QUOTE
    draft = (await world.json(EDITOR, "POST", "/v1/learning", content))["id"]
    assert pointers(await world.problem(EDITOR, "POST", f"/v1/learning/{draft}/publish")) == ["/questions/1/why"]


async def test_a_guide_does_not_state_what_was_taken_back(world: EvidenceWorld) -> None:
    await take_back(world)
    study = await world.publish(RESEARCH)
    guide = await create_draft(world, statement(study), statement(study, conditions=QUOTE), summary=QUOTE)
    problem = await world.problem(EDITOR, "POST", f"/v1/guides/{guide}/submit")
    assert pointers(problem) == ["/summary", "/statements/1/conditions"]


async def test_no_reason_to_keep_what_changed_says_it_to_readers(world: EvidenceWorld) -> None:
    await take_back(world)
    study = await world.publish(RESEARCH)
    guide, piece = await publish_guide(world, statement(study)), await publish_piece(world, items=[{"id": study}])
    await world.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", RETRACTED)
    await handle_item_events(world)
    [flag] = await list_flags(world)
    for path, keep in (
        (f"/v1/guides/{guide['id']}", f"statements/{flag['statement_id']}/citations/{study}/resolve"),
        (f"/v1/learning/{piece['id']}", f"sources/item/{study}/keep"),
    ):
        body = {"because": QUOTE} | ({"decision": "keep"} if keep.endswith("resolve") else {})
        problem = await world.problem(EDITOR, "POST", f"{path}/{keep}", body, If_Match=await world.tag(path))
        assert pointers(problem) == ["/because"]


async def test_a_rendition_does_not_say_what_was_taken_back(world: EvidenceWorld) -> None:
    await take_back(world)
    body = {"kind": "easy_read", "title": "A break", "content": QUOTE, "made_on": "2024-03-01", "made_by": "other"}
    path = f"/v1/evidence/{await world.publish(PRACTICE)}/renditions"
    assert pointers(await world.problem(EDITOR, "POST", path, body)) == ["/content"]


async def test_nobody_is_asked_whether_somebody_elses_words_shall_stand_in_their_place(world: EvidenceWorld) -> None:
    await take_back(world)
    account = f"/v1/evidence/{await world.publish(ACCOUNT, someone := person(new_id()))}"
    for caller in (EDITOR, someone):
        refused = await world.problem(caller, "PATCH", account, {"account": QUOTE}, If_Match="*")
        assert (refused["status"], refused["title"]) == (409, "The person who gave these words has taken them back")
    mine = f"/v1/evidence/{await world.publish(ACCOUNT)}"
    assert (await world.call(CARER, "PATCH", mine, {"account": WORDS}, If_Match="*")).status_code == 202


async def test_neither_a_notice_nor_a_judgement_of_another_place_says_it(world: EvidenceWorld) -> None:
    await take_back(world)
    path = f"/v1/evidence/{await world.publish(RESEARCH)}"
    notice = {"nature": "correction", "reasons": ["An error", QUOTE], "source": "Invented Press"}
    assert pointers(await world.problem(EDITOR, "POST", f"{path}/retract", notice)) == ["/reasons/1"]
    judgement: dict[str, Any] = {
        "target": {"country": "GB-WLS"},
        "judged_by": "commissioner",
        "judged_on": "2024-03-01",
    }
    judgement |= {"parts": parts()}
    refused = await world.problem(EDITOR, "POST", f"{path}/transferability", judgement | {"needs": QUOTE})
    assert pointers(refused) == ["/needs"]
    stored = await world.call(EDITOR, "POST", f"{path}/transferability", judgement)
    judgement["parts"]["transfer"]["why"] = QUOTE
    changed = await world.problem(EDITOR, "PATCH", stored.headers["location"], judgement, If_Match="*")
    assert pointers(changed) == ["/parts/transfer/why"]


@pytest.mark.parametrize("field", ["title", "population", "role", "service"])
async def test_no_field_of_an_item_holds_what_was_taken_back(world: EvidenceWorld, field: str) -> None:
    await take_back(world)
    item = PRACTICE | {field: WORDS}
    assert (await world.problem(person(new_id()), "POST", "/v1/evidence", item))["status"] == 409
    path = f"/v1/evidence/{await world.publish(PRACTICE, person(new_id()))}"
    assert (await world.problem(EDITOR, "PATCH", path, {field: WORDS}, If_Match="*"))["status"] == 409


async def test_what_its_person_gives_again_may_be_quoted_and_what_merely_resembles_it_too(world: EvidenceWorld) -> None:
    await take_back(world)
    alike = "Every night the lift in our home broke, and nobody from the firm came before the afternoon."
    await do(world, await ask(world), "answer", {"answer": alike})
    await world.publish(ACCOUNT, account=WORDS)
    await do(world, await ask(world), "answer", {"answer": QUOTE})
