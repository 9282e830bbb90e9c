"""A publication that quoted an account before it was withdrawn, without citing it, is held back like what cites it."""

from typing import Any

import pytest

from shared.persistence.tables import new_id
from tests.evidence.library.renditions.renditions import add as add_rendition
from tests.evidence.publications.guides.guide_factories import (
    change_guide,
    decide,
    get_guide,
    list_flags,
    publish_guide,
    publish_papers,
    statement,
    submit_and_publish,
)
from tests.evidence.publications.learning.learning_factories import publish_piece
from tests.evidence.publications.quotations.quotations import (
    EXCERPT,
    QUOTE,
    published_account,
    withdraw,
)
from tests.evidence.publications.requests.request_factories import PATH as REQUESTS
from tests.evidence.publications.requests.request_factories import REWORDED, ask, do
from tests.evidence.world import PRACTICE, EvidenceWorld
from tests.support.callers import EDITOR, NOBODY


async def test_a_statement_that_quoted_an_account_is_held_back_whatever_else_it_cites(world: EvidenceWorld) -> None:
    account = await published_account(world)
    (study,) = await publish_papers(world, "Of forms")
    guide = await publish_guide(world, statement(study, conditions=QUOTE), statement(study))
    path = f"/v1/guides/{guide['id']}"
    request = await ask(world)
    await do(world, request, "answer", {"answer": "See the guide.", "guides": [guide["id"]]})
    await do(world, request, "publish", {"question": REWORDED})
    await withdraw(world, account)
    public = await get_guide(world, guide)
    assert ("eleven" in str(public), [part["held_back"] for part in public["statements"]]) == (False, [True, False])
    assert [flag["item_id"] for flag in public["statements"][0]["flags"]] == [account]
    cited = [(citation["item_id"], citation["repeats"]) for citation in public["statements"][0]["citations"]]
    assert cited == [(study, False), (account, True)]
    assert public["statements"][0]["citations"][1]["title"] is None
    assert public["balance"]["research"] == 1
    events = [event for event in await world.events() if event.event_type.startswith("evidence.guide-flags-changed")]
    await world.handle_all([(event, new_id()) for event in events])
    assert (await world.json(NOBODY, "GET", f"{REQUESTS}/{request}"))["is_held_back"] is True
    (flag,) = await list_flags(world)
    assert (flag["reason"], flag["held_back"], flag["statement_id"]) == (
        "withdrawn",
        True,
        guide["statements"][0]["id"],
    )
    refused = await world.problem(
        EDITOR,
        "POST",
        f"{path}/statements/{flag['statement_id']}/citations/{account}/resolve",
        {"decision": "keep", "because": "It is only a sentence."},
        If_Match=await world.tag(path),
    )
    assert refused["status"] == 409
    await decide(world, flag, decision="remove")
    assert (await world.problem(EDITOR, "POST", f"{path}/submit"))["errors"][0]["pointer"] == "/statements/0/conditions"
    statements = (await world.json(EDITOR, "GET", f"{path}/draft"))["statements"]
    clean = [{**statement(study), "id": part["id"]} for part in statements]
    await change_guide(world, guide["id"], {"statements": clean})
    await submit_and_publish(world, guide["id"])
    assert [part["held_back"] for part in (await get_guide(world, guide))["statements"]] == [False, False]
    assert await list_flags(world) == []
    assert "eleven" not in (await world.call(NOBODY, "GET", f"{path}/versions/1")).text


async def test_the_summary_of_a_guide_that_quoted_an_account_is_held_back(world: EvidenceWorld) -> None:
    account, practice = await published_account(world), await world.publish(PRACTICE)
    guide = await publish_guide(world, statement(practice), summary=QUOTE)
    await withdraw(world, account)
    for address in (f"/v1/guides/{guide['id']}", "/v1/guides", f"/v1/guides/{guide['id']}/versions"):
        assert "eleven" not in (await world.call(NOBODY, "GET", address)).text
    assert [flag["item_id"] for flag in await list_flags(world)] == [account]


@pytest.mark.parametrize("place", ["text", "title", "question", "video"])
async def test_a_learning_piece_that_quoted_an_account_is_held_back(world: EvidenceWorld, place: str) -> None:
    account, practice = await published_account(world), await world.publish(PRACTICE)
    more: dict[str, Any] = {place: QUOTE if place == "text" else EXCERPT}
    piece = await publish_piece(world, items=[{"id": practice}])
    path = f"/v1/learning/{piece['id']}"
    if place == "question":
        questions = [{**question, "why": QUOTE} for question in (await world.json(EDITOR, "GET", path))["questions"]]
        more = {
            "questions": [
                {name: question[name] for name in ("ask", "options", "right", "why")} for question in questions
            ]
        }
    if place == "video":
        more = {"media": [{"title": EXCERPT, "url": "https://example.org/video", "seconds": 60}]}
    await world.json(EDITOR, "PATCH", path, more, If_Match=await world.tag(path))
    await withdraw(world, account)
    public = await world.call(NOBODY, "GET", path)
    assert (public.json()["is_held_back"], "eleven" in public.text) == (True, False)
    assert "eleven" not in (await world.call(NOBODY, "GET", "/v1/learning")).text
    flagged = (await world.json(EDITOR, "GET", "/v1/learning?is_flagged=true"))["items"]
    assert [summary["id"] for summary in flagged] == [piece["id"]]
    clean = {name: piece[name] for name in ("title", "text")}
    clean |= {
        "media": [],
        "questions": [{name: q[name] for name in ("ask", "options", "right", "why")} for q in piece["questions"]],
    }
    if place != "title":
        still = await world.call(EDITOR, "PATCH", path, {"items": [{"id": practice}]}, If_Match=await world.tag(path))
        assert still.status_code == 422
    await world.json(EDITOR, "PATCH", path, {**clean, "items": [{"id": practice}]}, If_Match=await world.tag(path))
    assert (await world.json(NOBODY, "GET", path))["is_held_back"] is False


async def test_an_answer_that_quoted_an_account_is_held_back_until_an_editor_revises_it(world: EvidenceWorld) -> None:
    account, practice = await published_account(world), await world.publish(PRACTICE)
    request = await ask(world)
    await do(world, request, "answer", {"answer": QUOTE, "items": [practice]})
    await do(world, request, "publish", {"question": REWORDED})
    path = f"{REQUESTS}/{request}"
    await withdraw(world, account)
    public = await world.json(NOBODY, "GET", path)
    assert (public["answer"], public["is_held_back"]) == (None, True)
    queue = await world.json(EDITOR, "GET", f"{REQUESTS}/queue?in_doubt=true")
    assert [waiting["id"] for waiting in queue["items"]] == [request]
    body = {"turn": 1, "because": "She has taken it back."}
    for decision in ({"decision": "keep"}, {"decision": "revise", "answer": QUOTE}):
        refused = await world.call(
            EDITOR, "POST", f"{path}/decisions", {**body, **decision}, If_Match=await world.tag(path)
        )
        assert refused.status_code in (409, 422)
    revised = {**body, "decision": "revise", "answer": "Use a short form.", "public_answer": "Use a short form."}
    await world.json(EDITOR, "POST", f"{path}/decisions", revised, If_Match=await world.tag(path))
    public = await world.json(NOBODY, "GET", path)
    assert (public["answer"], [source["id"] for source in public["cites"]]) == ("Use a short form.", [practice])


async def test_a_question_in_the_words_of_an_account_is_not_public_any_more(world: EvidenceWorld) -> None:
    account, practice = await published_account(world), await world.publish(PRACTICE)
    request = await ask(world)
    await do(world, request, "answer", {"answer": "Use a short form.", "items": [practice]})
    await do(world, request, "publish", {"question": EXCERPT})
    await withdraw(world, account)
    assert (await world.call(NOBODY, "GET", f"{REQUESTS}/{request}")).status_code == 404
    queue = await world.json(EDITOR, "GET", f"{REQUESTS}/queue?in_doubt=true")
    assert [waiting["id"] for waiting in queue["items"]] == [request]


async def test_a_rendition_that_quoted_an_account_is_withheld_until_an_editor_changes_it(world: EvidenceWorld) -> None:
    account, original = await published_account(world), f"/v1/evidence/{await world.publish(PRACTICE)}"
    rendition = await add_rendition(world, original, content=QUOTE)
    await withdraw(world, account)
    assert (await world.call(NOBODY, "GET", rendition)).status_code == 404
    assert (await world.json(NOBODY, "GET", f"{original}/renditions"))["items"] == []
    (waiting,) = (await world.json(EDITOR, "GET", "/v1/evidence/renditions/outdated"))["items"]
    assert (waiting["id"], waiting["withheld"]) == (rendition.rpartition("/")[2], True)
    assert (await world.call(EDITOR, "PATCH", rendition, {"made_by": "provider"}, If_Match="*")).status_code == 422
    await world.json(EDITOR, "PATCH", rendition, {"content": "A short form."}, If_Match="*")
    assert (await world.json(NOBODY, "GET", rendition))["withheld"] is False


async def test_a_topic_that_is_called_by_words_of_an_account_loses_the_name(world: EvidenceWorld) -> None:
    account = await published_account(world)
    topic = await world.topic(EXCERPT)
    synonyms = {"name": "Forms", "synonyms": [f"So {EXCERPT}", "Papers"]}
    other = (await world.json(EDITOR, "POST", "/v1/topics", synonyms))["id"]
    await withdraw(world, account)
    assert "eleven" not in (await world.call(NOBODY, "GET", "/v1/topics")).text
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{topic}"))["name"].startswith("Held back")
    assert (await world.json(NOBODY, "GET", f"/v1/topics/{other}"))["synonyms"] == ["Papers"]
