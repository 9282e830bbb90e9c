"""Taking questions and giving them back, one and several, while colleagues do the same."""

import asyncio

from sqlalchemy import text

from tests.gateway.web.contributions.world import Site, text_of
from tests.gateway.web.work.questions.world import (
    ASKER,
    COLLEAGUE,
    ME,
    PATH,
    WORDS,
    WORK,
    ask,
    call,
    editor_of,
    question_of,
)

SEVERAL = f"{WORK}/several"


async def test_an_editor_takes_a_question_from_the_list_and_gives_it_back_on_its_page(site: Site) -> None:
    id = await ask(site.evidence)
    editor = await editor_of(site)
    queue = await editor.get(WORK)
    page = await editor.follow(await editor.press(queue, f"{WORK}/{id}/assign"))
    assert "You have taken this question." in text_of(page)
    assert (await question_of(site, id))["held_by"] == str(ME.id)
    again = await editor.press(queue, f"{WORK}/{id}/assign")
    assert again.status_code == 303
    page = await editor.follow(await editor.press(page, f"{WORK}/{id}/unassign"))
    assert "It is back in the queue." in text_of(page)
    assert (await question_of(site, id))["held_by"] is None


async def test_of_two_editors_who_take_a_question_at_once_one_has_it_and_the_other_is_shown_that(site: Site) -> None:
    id = await ask(site.evidence)
    editors = await editor_of(site), await editor_of(site, "guide-reviewer")
    pages = [await editor.get(WORK) for editor in editors]
    presses = (editor.press(page, f"{WORK}/{id}/assign") for editor, page in zip(editors, pages, strict=True))
    responses = sorted(await asyncio.gather(*presses), key=lambda response: response.status_code)
    assert [response.status_code for response in responses] == [303, 412]
    assert "A colleague has taken this question in the meantime." in text_of(responses[1])


async def test_what_was_changed_since_the_list_was_shown_is_shown_before_it_is_taken(site: Site) -> None:
    id = await ask(site.evidence)
    editor = await editor_of(site)
    queue = await editor.get(WORK)
    further = "Which breaks help a son who works at night?"
    await site.evidence.json(ASKER, "PATCH", f"{PATH}/{id}", {"question": further}, If_Match="*")
    page = await editor.press(queue, f"{WORK}/{id}/assign")
    assert (page.status_code, further in text_of(page)) == (412, True)
    assert "Nothing was done." in text_of(page)
    assert (await question_of(site, id))["held_by"] is None
    await editor.follow(await editor.press(page, f"{WORK}/{id}/assign"))


async def test_what_a_colleague_has_is_freed_once_they_are_informed(site: Site) -> None:
    id = await ask(site.evidence)
    await call(site, COLLEAGUE, id, "assign")
    editor = await editor_of(site)
    path = f"{WORK}/{id}/unassign"
    page = await editor.get(f"{WORK}/{id}")
    assert f'action="{WORK}/{id}/assign"' not in page.text
    refused = await editor.press(page, path)
    assert (refused.status_code, "inform them" in text_of(refused)) == (409, True)
    await editor.follow(await editor.press(refused, path, informed="yes"))
    assert (await question_of(site, id))["status"] == "open"


async def test_several_are_taken_after_a_preview_and_what_others_changed_is_said_line_by_line(site: Site) -> None:
    plain, changed, taken, withdrawn, theirs, answered = [await ask(site.evidence) for _ in range(6)]
    await call(site, COLLEAGUE, theirs, "assign")
    await call(site, ME, answered, "answer", {"answer": "One hour."})
    editor = await editor_of(site)
    chosen = "&".join(f"chosen={id}" for id in (plain, changed, taken, withdrawn, theirs, answered))
    preview = await editor.get(f"{SEVERAL}?change=assign&{chosen}")
    page = text_of(preview)
    assert "4 will change. 2 will not." in page
    assert "Nothing will happen: A colleague has it." in page
    assert "Nothing will happen: It is not waiting for an answer." in page
    assert (await question_of(site, plain))["held_by"] is None
    await site.evidence.json(ASKER, "PATCH", f"{PATH}/{changed}", {"setting": "hospital"}, If_Match="*")
    await call(site, COLLEAGUE, taken, "assign")
    await call(site, ASKER, withdrawn, "withdraw")
    done = await editor.press(preview, SEVERAL)
    page = text_of(await editor.follow(done))
    assert "1 of 4 questions was taken" in page
    assert page.count("Nothing was done. Somebody has changed it since you saw it.") == 3
    assert "A colleague has it until" in page
    again = await editor.press(preview, SEVERAL)
    assert again.headers["location"] == done.headers["location"]
    audit = await site.evidence.rows("SELECT subject FROM audit_entries WHERE action = 'changed'")
    assert [str(entry["subject"]) for entry in audit].count(plain) == 1
    back = await editor.get(f"{SEVERAL}?change=unassign&chosen={plain}&chosen={theirs}")
    assert "1 will change. 1 will not." in text_of(back)
    page = text_of(await editor.follow(await editor.press(back, SEVERAL)))
    assert "1 of 1 questions was given back" in page
    assert (await question_of(site, plain))["status"] == "open"


async def test_whose_time_is_over_loses_a_question_to_whoever_answers_it(site: Site) -> None:
    id = await ask(site.evidence)
    await call(site, COLLEAGUE, id, "assign")
    async with site.evidence.database.transaction() as uow:
        await uow.session.execute(text("UPDATE evidence_requests SET assigned_at = now() - interval '25 hours'"))
    editor = await editor_of(site)
    page = await editor.get(f"{WORK}/{id}")
    assert "A colleague has it, but their time has run out." in text_of(page)
    await editor.follow(await editor.press(page, f"{WORK}/{id}/assign"))
    assert (await question_of(site, id))["held_by"] == str(ME.id)


async def test_nothing_chosen_and_ids_of_nothing_are_said(site: Site) -> None:
    editor = await editor_of(site)
    assert "You have not ticked any." in await editor.text(SEVERAL)
    page = await editor.text(f"{SEVERAL}?chosen=01900000-0000-7000-8000-0000000000ff")
    assert "0 will change. 1 will not." in page
    assert "It does not exist." in page
    ended = await editor_of(site)
    id = await ask(site.evidence)
    preview = await ended.get(f"{SEVERAL}?chosen={id}")
    await site.end_sessions()
    response = await ended.press(preview, SEVERAL)
    assert response.headers["location"].startswith("/sign-in?next=%2Fstaff%2Fquestions%2Fseveral%3Fchange")
    assert (await question_of(site, id))["held_by"] is None
    assert WORDS in text_of(preview)
