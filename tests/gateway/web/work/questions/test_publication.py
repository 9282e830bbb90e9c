"""The public version of a question: other words than the asker's, and taking them down again."""

from tests.gateway.web.contributions.world import Site, text_of
from tests.gateway.web.work.questions.world import (
    ANSWER,
    ASKER,
    COLLEAGUE,
    ME,
    PUBLIC,
    WORDS,
    WORK,
    ask,
    call,
    editor_of,
    question_of,
)
from tests.support.callers import NOBODY


async def answered(site: Site) -> str:
    id = await ask(site.evidence)
    await call(site, ME, id, "answer", {"answer": ANSWER})
    return id


async def test_an_answer_is_published_in_other_words_and_those_of_the_asker_are_refused_at_their_field(
    site: Site,
) -> None:
    id = await answered(site)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/publish"
    page = await editor.get(path)
    assert ANSWER in page.text
    refused = await editor.press(page, path, question=WORDS)
    assert (refused.status_code, 'href="#question">This repeats the asker' in refused.text) == (422, True)
    assert (await question_of(site, id))["public"] is None
    published = await editor.press(refused, path, question=PUBLIC)
    page = await editor.follow(published)
    assert "Everybody can read it now." in text_of(page)
    assert (await editor.press(refused, path, question=PUBLIC)).status_code == 303
    public = await site.evidence.json(NOBODY, "GET", f"/v1/evidence-requests/{id}")
    assert (public["question"], public["answer"]) == (PUBLIC, ANSWER)
    empty = await editor.press(await editor.get(path), path, question="Why?", answer=" ")
    assert ("10 characters or more" in empty.text, 'href="#answer"' in empty.text) == (True, True)


async def test_an_answer_is_taken_down_after_a_question_and_only_once(site: Site) -> None:
    id = await answered(site)
    await call(site, ME, id, "publish", {"question": PUBLIC})
    editor = await editor_of(site)
    path = f"{WORK}/{id}/unpublish"
    confirm = await editor.get(path)
    assert (await question_of(site, id))["public"] is not None
    page = await editor.follow(await editor.press(confirm, path))
    assert "It is no longer public." in text_of(page)
    assert (await editor.press(confirm, path)).status_code == 303
    assert (await question_of(site, id))["public"] is None
    await editor.get(path, 303)


async def test_nobody_takes_down_or_publishes_what_was_changed_since_they_read_it(site: Site) -> None:
    id = await answered(site)
    await call(site, ME, id, "publish", {"question": PUBLIC})
    editor = await editor_of(site)
    down, publish = f"{WORK}/{id}/unpublish", f"{WORK}/{id}/publish"
    confirm, form = await editor.get(down), await editor.get(publish)
    await call(site, COLLEAGUE, id, "publish", {"question": "What helps a carer to take a break from care?"})
    refused = await editor.press(confirm, down)
    assert (refused.status_code, "Nothing was done." in text_of(refused)) == (412, True)
    conflict = await editor.press(form, publish, question="How do carers get breaks that they take?")
    assert (conflict.status_code, "Nothing was published." in text_of(conflict)) == (412, True)
    assert "The public question" in text_of(conflict)
    assert "How do carers get breaks that they take?" in conflict.text
    await editor.follow(await editor.press(conflict, publish))
    assert (await question_of(site, id))["public"]["question"] == "How do carers get breaks that they take?"


async def test_public_words_are_there_again_after_the_session_has_ended(site: Site) -> None:
    id = await answered(site)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/publish"
    page = await editor.get(path)
    await site.end_sessions()
    response = await editor.press(page, path, question=PUBLIC)
    assert response.headers["location"].startswith("/sign-in")
    await site.sign_in(editor.browser, "evidence-editor")
    page = await editor.get(path)
    assert PUBLIC in page.text
    await editor.follow(await editor.press(page, path))
    assert (await question_of(site, id))["public"]["question"] == PUBLIC


async def test_what_was_withdrawn_meanwhile_is_not_published(site: Site) -> None:
    id = await answered(site)
    editor = await editor_of(site)
    path = f"{WORK}/{id}/publish"
    page = await editor.get(path)
    await call(site, ASKER, id, "withdraw")
    response = await editor.press(page, path, question=PUBLIC)
    assert (response.status_code, "The person who asked has withdrawn" in text_of(response)) == (412, True)
