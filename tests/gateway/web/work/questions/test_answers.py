"""Writing an answer: sources picked, seen as the asker will, sent; and what others do meanwhile."""

import asyncio

import pytest

from tests.gateway.web.contributions.world import FROM_HERE, Site, text_of
from tests.gateway.web.work.questions.world import (
    ANSWER,
    ASKER,
    COLLEAGUE,
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
