"""An answer that stands on what is withdrawn, retracted or doubted waits for an editor, and nobody misses it."""

from typing import Any

import pytest

from shared.callers import Caller, Role, person
from shared.persistence.tables import new_id
from tests.evidence.publications.guides import guide_factories
from tests.evidence.publications.guides.guide_factories import RETRACTED, publish_guide, statement
from tests.evidence.publications.learning.learning_factories import publish_piece
from tests.evidence.publications.requests.request_factories import (
    ASKER,
    OTHER,
    PATH,
    REWORDED,
    ask,
    do,
)
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH, EvidenceWorld
from tests.support.callers import CARER, EDITOR, NOBODY

QUOTED = "She says: replacement care let me sleep."
CONCERN = {**RETRACTED, "nature": "expression_of_concern"}
REINSTATED = {**RETRACTED, "nature": "reinstatement", "on": "2026-02-05"}


async def handle_all(world: EvidenceWorld) -> None:
    """What the worker does, also with the events that this publishes."""
    handled = 0
    while len(events := await world.events()) > handled:
        await world.handle_all([(event, new_id()) for event in events[handled:]])
        handled = len(events)


async def publish_quoting(world: EvidenceWorld, *items: str, **more: Any) -> str:
    """A question that is answered with these items, and published with the same words."""
    request = await ask(world)
    await do(world, request, "answer", {"answer": QUOTED, "items": list(items), **more})
    await do(world, request, "publish", {"question": REWORDED})
    return request


async def queue(world: EvidenceWorld, query: str = "") -> list[str]:
    return [request["id"] for request in (await world.json(EDITOR, "GET", f"{PATH}/queue{query}"))["items"]]


async def read(world: EvidenceWorld, request: str, caller: Caller = NOBODY) -> dict[str, Any]:
    return await world.json(caller, "GET", f"{PATH}/{request}")


async def decide(world: EvidenceWorld, request: str, **decision: Any) -> dict[str, Any]:
    """Read it, then decide."""
    tag = (await world.call(EDITOR, "GET", f"{PATH}/{request}")).headers["etag"]
    body = {"turn": 1, "because": "Two studies say the same.", **decision}
    return await world.json(EDITOR, "POST", f"{PATH}/{request}/decisions", body, If_Match=tag)


async def test_an_answer_that_quotes_a_withdrawn_account_is_held_back_until_an_editor_decides(
    world: EvidenceWorld,
) -> None:
    account, study = await world.publish(ACCOUNT), await world.publish(RESEARCH)
    request = await publish_quoting(world, account, study)
    before = await world.call(NOBODY, "GET", f"{PATH}/{request}")
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    after = await world.call(NOBODY, "GET", f"{PATH}/{request}", **{"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["answer"], after.json()["is_held_back"]) == (200, None, True)
    assert after.json()["notice"].startswith("Something that this answer stands on was withdrawn. ")
    for caller in (NOBODY, OTHER, ASKER):
        for path in (f"{PATH}/{request}", PATH, *([f"{PATH}/mine"] if caller is ASKER else [])):
            assert "sleep" not in (await world.call(caller, "GET", path)).text
    own = await read(world, request, ASKER)
    assert (own["is_being_looked_at"], own["turns"][0]["is_held_back"], own["public"]["is_held_back"]) == (True,) * 3
    assert (await read(world, request, EDITOR))["turns"][0]["answer"] == QUOTED
    await handle_all(world)
    assert await queue(world) == await queue(world, "?in_doubt=true&status=answered") == [request]
    assert await queue(world, "?in_doubt=false") == await queue(world, "?status=open") == []
    decided = await decide(world, request, decision="revise", answer="Breaks help.", public_answer="Breaks help many.")
    assert await queue(world) == []
    public = await read(world, request)
    assert (public["answer"], public["is_held_back"], public["notice"]) == ("Breaks help many.", False, None)
    assert [source["id"] for source in public["cites"]] == [study]
    (decision,) = decided["turns"][0]["decisions"]
    assert (decision["decision"], decision["decided_by"]) == ("revise", str(EDITOR.id))
    assert (await read(world, request, ASKER))["turns"][0]["decisions"][0]["decided_by"] is None
    assert not [
        row for row in await world.rows("SELECT * FROM request_turns, evidence_requests") if "sleep" in str(row)
    ]
    (entry,) = await world.rows("SELECT actor, after FROM audit_entries WHERE kind = 'AnswerDecision'")
    assert (entry["actor"], entry["after"]["doubts"][0]["reason"]) == (EDITOR.id, "withdrawn")
    assert "Two studies" not in str(entry)


async def test_the_thread_says_what_is_looked_at_and_forgets_what_an_answer_no_longer_stands_on(
    world: EvidenceWorld,
) -> None:
    paper, study = await guide_factories.publish_papers(world, "Of breaks", "Of sleep")
    guide = (await publish_guide(world, statement(paper)))["id"]
    piece = (await publish_piece(world, guides=[{"id": guide}]))["id"]
    request = await publish_quoting(world, paper, study, guides=[guide])
    await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", RETRACTED)
    await handle_all(world)
    path = f"/v1/line-of-sight?from=evidence:{paper}"
    doubted = {f"guide:{guide}", f"learning:{piece}", f"request:{request}"}
    for caller in (NOBODY, EDITOR):
        nodes = (await world.json(caller, "GET", path))["nodes"]
        assert {node["ref"] for node in nodes if node["facts"].get("being_looked_at")} == doubted
    await decide(world, request, decision="revise", answer="Breaks help.", public_answer="Breaks help many.")
    await handle_all(world)
    thread = await world.json(NOBODY, "GET", f"/v1/line-of-sight?from=request:{request}")
    assert [link["to"] for link in thread["links"] if link["relation"] == "answered_by"] == [f"evidence:{study}"]
    assert not [node for node in thread["nodes"] if node["facts"].get("being_looked_at")]


async def test_what_was_withdrawn_is_not_kept_and_a_revised_answer_is_public_only_if_that_is_asked(
    world: EvidenceWorld,
) -> None:
    account = await world.publish(ACCOUNT)
    request = await publish_quoting(world, account)
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    tag = (await world.call(EDITOR, "GET", f"{PATH}/{request}")).headers["etag"]
    body = {"turn": 1, "decision": "keep", "because": "We liked it."}
    path = f"{PATH}/{request}/decisions"
    problem = await world.problem(EDITOR, "POST", path, body, If_Match=tag)
    assert (problem["status"], "revise" in problem["detail"]) == (409, True)
    copied = {"turn": 1, "decision": "revise", "because": "It went.", "answer": "Breaks help."}
    own_words = {**copied, "public_answer": "Mrs Sample's daughter in Mill Lane: which breaks help?"}
    problem = await world.problem(EDITOR, "POST", path, own_words, If_Match=tag)
    assert problem["errors"][0]["pointer"] == "/public_answer"
    problem = await world.problem(EDITOR, "POST", path, {**copied, "turn": 2}, If_Match=tag)
    assert problem["errors"][0]["pointer"] == "/turn"
    await decide(world, request, decision="revise", answer="Breaks help.")
    assert (await world.call(NOBODY, "GET", f"{PATH}/{request}")).status_code == 404
    assert (await read(world, request, ASKER))["turns"][0]["answer"] == "Breaks help."
    tag = (await world.call(EDITOR, "GET", f"{PATH}/{request}")).headers["etag"]
    assert (await world.problem(EDITOR, "POST", path, copied, If_Match=tag))["status"] == 409


async def test_nobody_decides_about_what_they_have_not_read(world: EvidenceWorld) -> None:
    studies = await guide_factories.publish_papers(world, "Of breaks", "Of sleep")
    request = await publish_quoting(world, *studies)
    await world.json(EDITOR, "POST", f"/v1/evidence/{studies[0]}/retract", CONCERN)
    tag = (await world.call(EDITOR, "GET", f"{PATH}/{request}")).headers["etag"]
    await world.json(EDITOR, "POST", f"/v1/evidence/{studies[1]}/retract", RETRACTED)
    path, body = f"{PATH}/{request}/decisions", {"turn": 1, "decision": "keep", "because": "It holds."}
    expected = {None: 428, "*": 428, f'{tag}, "2"': 428, tag: 412}
    for header, status in expected.items():
        more = {} if header is None else {"If_Match": header}
        assert (await world.call(EDITOR, "POST", path, body, **more)).status_code == status
    assert await queue(world) == []
    await handle_all(world)
    assert await queue(world) == [request]


@pytest.mark.parametrize(("notice", "held_back"), [(CONCERN, False), (RETRACTED, True)])
async def test_a_doubt_that_is_lifted_frees_what_it_held_and_one_that_comes_again_holds_it_again(
    world: EvidenceWorld, notice: dict[str, Any], held_back: bool
) -> None:
    study = await world.publish(RESEARCH)
    request = await publish_quoting(world, study)
    await world.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", notice)
    await handle_all(world)
    public = await read(world, request)
    assert (public["is_held_back"], public["is_being_looked_at"]) == (held_back, True)
    retracted = "A work that this answer stands on was retracted. This is not shown until an editor has looked at it."
    assert public["notice"] == (retracted if held_back else None)
    assert (public["answer"] is None, await queue(world)) == (held_back, [request])
    assert (await read(world, request, ASKER))["turns"][0]["answer"] == QUOTED
    await world.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", REINSTATED)
    await handle_all(world)
    public = await read(world, request)
    assert (public["answer"], public["is_being_looked_at"], await queue(world)) == (QUOTED, False, [])


async def test_an_answer_that_an_editor_keeps_is_public_again_until_there_is_another_doubt(
    world: EvidenceWorld,
) -> None:
    studies = await guide_factories.publish_papers(world, "Of breaks", "Of sleep")
    request = await publish_quoting(world, *studies)
    await world.json(EDITOR, "POST", f"/v1/evidence/{studies[0]}/retract", RETRACTED)
    await handle_all(world)
    await decide(world, request, decision="keep")
    public = await read(world, request)
    assert (public["answer"], await queue(world)) == (QUOTED, [])
    assert public["cites"][0]["accepted_issues"][0]["because"] == "Two studies say the same."
    await world.json(EDITOR, "POST", f"/v1/evidence/{studies[1]}/retract", RETRACTED)
    await handle_all(world)
    assert ((await read(world, request))["answer"], await queue(world)) == (None, [request])


async def test_doubt_reaches_an_answer_in_two_steps_and_leaves_it_when_an_editor_keeps_the_statement(
    world: EvidenceWorld,
) -> None:
    study, account = await world.publish(RESEARCH), await world.publish(ACCOUNT)
    guide = (await publish_guide(world, statement(study, account)))["id"]
    request = await publish_quoting(world, guides=[guide])
    before = await world.call(EDITOR, "GET", f"{PATH}/{request}")
    await world.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", CONCERN)
    after = await world.call(EDITOR, "GET", f"{PATH}/{request}", **{"If-None-Match": before.headers["etag"]})
    assert (after.status_code, after.json()["turns"][0]["cites"][0]["doubt"]) == (200, "doubted")
    assert (await read(world, request))["answer"] == QUOTED
    await handle_all(world)
    assert await queue(world) == [request]
    (flag,) = await guide_factories.list_flags(world)
    await guide_factories.decide(world, flag, decision="keep", because="The concern is about another table.")
    assert (await read(world, request, EDITOR))["is_being_looked_at"] is False
    await handle_all(world)
    assert await queue(world) == []


async def test_a_statement_with_nothing_left_holds_back_the_answer_until_the_guide_has_another_edition(
    world: EvidenceWorld,
) -> None:
    account, practice = await world.publish(ACCOUNT), await world.publish(PRACTICE)
    guide = (await publish_guide(world, statement(account), statement(practice)))["id"]
    request = await publish_quoting(world, guides=[guide])
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    await handle_all(world)
    public = await read(world, request)
    assert (public["answer"], public["cites"][0]["doubt"], await queue(world)) == (None, "unsupported", [request])
    (flag,) = await guide_factories.list_flags(world)
    await guide_factories.decide(world, flag, decision="remove")
    await guide_factories.change_guide(world, guide, {"statements": [statement(practice)]})
    await guide_factories.submit_and_publish(world, guide)
    await handle_all(world)
    public = await read(world, request)
    assert (public["answer"], public["cites"][0]["has_changed"], await queue(world)) == (QUOTED, True, [])
    await world.json(EDITOR, "POST", f"/v1/guides/{guide}/withdraw")
    await handle_all(world)
    assert ((await read(world, request))["answer"], await queue(world)) == (None, [request])


async def test_what_is_in_doubt_first_is_not_cited_or_published_after(world: EvidenceWorld) -> None:
    study, account = await world.publish(RESEARCH), await world.publish(ACCOUNT)
    guide = (await publish_guide(world, statement(account)))["id"]
    await world.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", RETRACTED)
    await world.json(CARER, "POST", f"/v1/evidence/{account}/withdraw")
    request = await ask(world)
    body = {"answer": QUOTED, "items": [study, account]}
    problem = await world.problem(EDITOR, "POST", f"{PATH}/{request}/answer", body)
    assert [error["pointer"] for error in problem["errors"]] == ["/items/0", "/items/1"]
    await do(world, request, "answer", {"answer": QUOTED, "guides": [guide]})
    assert await queue(world) == [request]
    problem = await world.problem(EDITOR, "POST", f"{PATH}/{request}/publish", {"question": REWORDED})
    assert (problem["status"], "/decisions" in problem["detail"]) == (409, True)
    await decide(world, request, decision="keep", because="The statement is what we see every day.")
    await do(world, request, "publish", {"question": REWORDED})
    assert ((await read(world, request))["answer"], await queue(world)) == (QUOTED, [])


async def test_a_question_that_is_taken_back_waits_for_nobody_and_its_reasons_are_erased(world: EvidenceWorld) -> None:
    study = await world.publish(RESEARCH)
    request = await publish_quoting(world, study)
    await world.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", CONCERN)
    await handle_all(world)
    await decide(world, request, decision="keep", because="Mrs Sample would not mind.")
    await world.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", RETRACTED)
    await handle_all(world)
    assert await queue(world) == [request]
    await do(world, request, "withdraw", by=ASKER)
    await handle_all(world)
    assert await queue(world) == []
    assert "Sample" not in str(await world.rows("SELECT * FROM answer_decisions"))
    body = {"turn": 1, "decision": "keep", "because": "Still."}
    response = await world.call(EDITOR, "POST", f"{PATH}/{request}/decisions", body, If_Match='"1"')
    assert response.status_code == 409


@pytest.mark.parametrize("caller", [NOBODY, ASKER, OTHER, person(new_id(), Role.ADMINISTRATOR)])
async def test_only_editors_decide(world: EvidenceWorld, caller: Caller) -> None:
    request = await ask(world)
    body = {"turn": 1, "decision": "keep", "because": "Mine."}
    response = await world.call(caller, "POST", f"{PATH}/{request}/decisions", body, If_Match='"1"')
    assert response.status_code == (401 if caller is NOBODY else 403)


async def test_events_in_any_order_and_twice_leave_the_same_flags(world: EvidenceWorld) -> None:
    study, account = await world.publish(RESEARCH), await world.publish(ACCOUNT)
    guide = (await publish_guide(world, statement(study, account)))["id"]
    await publish_quoting(world, study, guides=[guide])
    for notice in (CONCERN, REINSTATED, {**RETRACTED, "on": "2026-03-01"}):
        await world.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", notice)
    events = await world.events()
    for order in (events, events[::-1], events):
        await world.handle_all([(event, new_id()) for event in order])
        rows = await world.rows("SELECT kind, flagged_key, flagged_reason FROM request_citations ORDER BY kind")
        assert [(row["kind"], row["flagged_reason"]) for row in rows] == [("guide", "doubted"), ("item", "retracted")]
        assert rows[1]["flagged_key"] == "retracted:2026-03-01"


async def test_a_search_says_at_once_that_a_guide_is_in_doubt(world: EvidenceWorld) -> None:
    (paper,) = await guide_factories.publish_papers(world, "A paper about something else")
    guide = await publish_guide(world, statement(paper))
    await world.indexed()
    for notice, is_flagged in ((None, False), (CONCERN, True), (REINSTATED, False)):
        if notice:
            await world.json(EDITOR, "POST", f"/v1/evidence/{paper}/retract", notice)
        (hit,) = (await world.search("breaks that carers can book", **{"is": "guide"}))["items"]
        assert (hit["id"], hit["is_flagged"]) == (guide["id"], is_flagged)
