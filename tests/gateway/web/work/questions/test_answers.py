"""Writing an answer: sources picked, seen as the asker will, sent; and what others do meanwhile."""

import asyncio
from typing import Any

import pytest

from shared.callers import Caller
from tests.evidence.world import ACCOUNT
from tests.gateway.web.contributions.world import FROM_HERE, Site, text_of
from tests.gateway.web.work.questions.world import (
    ANSWER,
    ASKER,
    COLLEAGUE,
    ME,
    PATH,
    PUBLIC,
    WORDS,
    WORK,
    ask,
    call,
    editor_of,
    publish_study,
    question_of,
)


async def test_an_editor_picks_what_the_answer_stands_on_sees_it_as_the_asker_will_and_sends_it(site: Site) -> None:
    study = await publish_study(site)
    id = await ask(site.evidence)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/answer"
    page = await editor.get(path)
    assert f'value="item:{study}"' in page.text
    assert "Sample" not in page.text.partition('name="words"')[2].partition(">")[0]
    preview = await editor.press(page, path, answer=ANSWER, cite=f"item:{study}", action="preview")
    text = text_of(preview)
    assert ANSWER.replace("\n", " ") in text
    assert "Replacement care and the health of carers" in text
    assert (await question_of(site, id))["status"] == "open"
    sent = await editor.press(preview, path, action="send")
    assert "Your answer is sent" in text_of(await editor.follow(sent))
    (turn,) = (await site.evidence.json(ASKER, "GET", f"{PATH}/{id}"))["turns"]
    assert (turn["answer"], [source["id"] for source in turn["cites"]]) == (ANSWER, [study])
    again = await editor.press(preview, path, action="send")
    assert again.headers["location"] == sent.headers["location"]
    assert "Write the answer" not in await editor.text(f"{WORK}/{id}")


async def test_what_an_editor_writes_is_there_again_after_their_session_has_ended(site: Site) -> None:
    study = await publish_study(site)
    first, second = await ask(site.evidence), await ask(site.evidence)
    editor = await editor_of(site)
    path = f"{WORK}/{first}/answer"
    page = await editor.get(path)
    await site.end_sessions()
    response = await editor.press(page, path, answer=ANSWER, cite=f"item:{study}", action="send")
    assert response.headers["location"].startswith("/sign-in?next=")
    assert (await question_of(site, first))["status"] == "open"
    await site.sign_in(editor.browser, "evidence-editor")
    page = await editor.get(path)
    assert "This is as you left it." in text_of(page)
    assert f'value="item:{study}" checked' in page.text
    assert ANSWER.partition("\n")[0] not in (await editor.get(f"{WORK}/{second}/answer")).text
    await editor.follow(await editor.press(page, path, action="send"))
    assert (await question_of(site, first))["turns"][0]["answer"] == ANSWER
    colleague = await site.browser("guide-reviewer")
    colleague.cookies.update(
        {name: value for name, value in editor.browser.cookies.items() if name != "impact_session"}
    )
    assert ANSWER not in (await colleague.get(f"{WORK}/{second}/answer", headers=FROM_HERE)).text


async def test_an_answer_to_a_question_that_was_changed_meanwhile_waits_until_the_editor_has_read_it(
    site: Site,
) -> None:
    id = await ask(site.evidence)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/answer"
    page = await editor.get(path)
    further = "Which breaks help a son who works at night?"
    await site.evidence.json(ASKER, "PATCH", f"{PATH}/{id}", {"question": further}, If_Match="*")
    conflict = await editor.press(page, path, answer=ANSWER, action="send")
    text = text_of(conflict)
    assert conflict.status_code == 412
    assert "Your answer was not sent." in text
    assert "Somebody" not in text.partition("What was asked")[0]
    assert "<ins>night?</ins>" in conflict.text
    assert ANSWER in conflict.text
    assert (await question_of(site, id))["turns"][0]["answer"] is None
    await editor.follow(await editor.press(conflict, path, action="send"))
    assert (await question_of(site, id))["turns"][0]["answer"] == ANSWER


@pytest.mark.parametrize(
    ("by", "action", "body", "heading"),
    [
        (ASKER, "withdraw", None, "This question was withdrawn"),
        (COLLEAGUE, "answer", {"answer": "An hour at home."}, "This question is already answered"),
    ],
)
async def test_an_answer_that_comes_too_late_is_not_sent_and_not_lost(
    site: Site, by: Caller, action: str, body: Any, heading: str
) -> None:
    id = await ask(site.evidence)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/answer"
    page = await editor.get(path)
    await call(site, by, id, action, body)
    late = await editor.press(page, path, answer=ANSWER, action="send")
    text = text_of(late)
    assert (late.status_code, heading in text, ANSWER in late.text) == (409, True, True)
    assert WORDS not in text or action == "answer"
    assert (await question_of(site, id))["turns"][0]["answer"] in ("An hour at home.", "", None)


async def test_while_a_colleague_has_it_an_answer_is_not_sent_and_not_lost(site: Site) -> None:
    id = await ask(site.evidence)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/answer"
    page = await editor.get(path)
    await call(site, COLLEAGUE, id, "assign")
    for status in (409, 409):
        page = await editor.press(page, path, answer=ANSWER, action="send")
        assert (page.status_code, ANSWER in page.text) == (status, True)
    assert "A colleague is looking" not in text_of(page)
    assert "Ask them to answer" in text_of(page)


async def test_two_presses_at_once_send_one_answer(site: Site) -> None:
    id = await ask(site.evidence)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/answer"
    page = await editor.get(path)
    presses = [editor.press(page, path, answer=ANSWER, action="send") for _ in range(2)]
    assert {response.status_code for response in await asyncio.gather(*presses)} == {303}
    assert len((await question_of(site, id))["turns"]) == 1


async def test_sources_are_added_by_address_and_by_another_answer(site: Site) -> None:
    study = await publish_study(site)
    draft = await site.evidence.draft(ACCOUNT)
    answered, id = await ask(site.evidence), await ask(site.evidence)
    await call(site, ME, answered, "answer", {"answer": "One hour.", "items": [study]})
    await call(site, ME, answered, "publish", {"question": PUBLIC, "answer": "One hour at home is a start."})
    editor = await editor_of(site)
    path = f"{WORK}/{id}/answer"
    page = await editor.get(path)
    assert PUBLIC in text_of(page)
    page = await editor.press(page, path, answer="Begin.", action=f"use-{answered}")
    assert "Begin.\n\nOne hour at home is a start." in page.text
    assert f'value="item:{study}" checked' in page.text
    for address in ("nothing", f"/guides/{study}", "https://elsewhere.example/evidence/1"):
        page = await editor.press(page, path, address=address, action="add")
        assert "There is no evidence or guide at this address" in text_of(page)
    page = await editor.press(page, path, address=f"https://centre.example/evidence/{draft}?view=x", action="add")
    assert f'value="item:{draft}" checked' in page.text
    refused = await editor.press(page, path, action="preview")
    assert refused.status_code == 422
    assert "These are not public" in text_of(refused)
    page = await editor.press(refused, path, cite=f"item:{study}", action="preview")
    assert "How the person who asked will read it" in text_of(page)
    page = await editor.press(page, path, action="change")
    assert f'value="item:{study}" checked' in page.text


async def test_an_answer_is_refused_at_its_fields(site: Site) -> None:
    id = await ask(site.evidence)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/answer"
    page = await editor.get(path)
    empty = await editor.press(page, path, action="preview")
    assert (empty.status_code, 'href="#answer">Write the answer' in empty.text) == (422, True)
    long = await editor.press(page, path, answer="a" * 20_001, action="send")
    assert (long.status_code, "20,000 characters or fewer" in long.text) == (422, True)
    markup = await editor.press(page, path, answer="<b>Bold</b>", action="send")
    assert (markup.status_code, 'href="#answer"' in markup.text) == (422, True)
