import pytest

from tests.evidence.world import PRACTICE
from tests.gateway.web.contributions.world import Site, hidden, text_of
from tests.gateway.web.work.guides.world import open_page, press
from tests.gateway.web.work.learning.world import QUESTION, begin_piece, piece_of, write_part

MEDIUM = {"title": "A film", "url": "https://example.org/film", "seconds": "90"}


async def test_a_question_is_added_changed_and_removed_on_pages_of_its_own(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, questions=2)
    await write_part(editor, f"{path}/questions/1", **QUESTION | {"ask": "When would you offer it?"})
    asked = [question["ask"] for question in (await piece_of(site, path))["questions"]]
    assert asked == ["When would you offer it?", "Question 1?"], "the others stay in their places"
    page = await open_page(editor, path)
    assert "Right</strong></li></ul>" in page.text.replace("\n", "")
    question_page = await open_page(editor, f"{path}/questions/1/remove")
    assert "When would you offer it?" in text_of(question_page)
    shown = {name: hidden(question_page, name) for name in ("shown", "of")}
    sent = [await editor.send_form(f"{path}/questions/1/remove", **shown) for _ in range(2)]
    assert {response.headers["location"] for response in sent} == {f"{path}?done=removed#questions"}
    assert [question["ask"] for question in (await piece_of(site, path))["questions"]] == ["Question 1?"]
    gone = await editor.get(f"{path}/questions/2")
    assert gone.headers["location"] == f"{path}?done=changed#questions"


async def test_a_question_must_be_whole_and_what_is_written_of_it_is_kept(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = f"{await begin_piece(editor)}/questions/new"
    for values, names in (
        ({"ask": "When?", "option-1": "Now"}, ("option-1", "right", "why")),
        ({"ask": "", "option-1": "Yes", "option-2": "yes", "right": "2", "why": "So."}, ("ask", "option-1")),
        ({"ask": "When?", "option-1": "Yes", "option-2": "No", "option-3": "", "right": "3"}, ("right", "why")),
    ):
        refused = await editor.send_form(path, shown="", **values)
        assert refused.status_code == 422
        for name in names:
            assert f'href="#{name}"' in refused.text, (values, name)
    again = await open_page(editor, path)
    assert "This is what you wrote last. It is not saved yet." in again.text
    assert 'value="When?"' in again.text
    await write_part(editor, path, **QUESTION)
    assert 'value="When?"' not in (await open_page(editor, path)).text, "what is saved is kept no longer"


async def test_room_for_another_answer_is_made_without_losing_what_is_written(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = f"{await begin_piece(editor)}/questions/new"
    assert 'id="option-4"' not in (await open_page(editor, path)).text
    values = {"ask": "When?", "option-1": "Now", "option-2": "", "option-3": ""}
    for number in (4, 5, 6):
        page = await editor.send_form(path, shown="", do="option", **values)
        assert page.status_code == 200
        assert 'value="When?"' in page.text
        assert (f'id="option-{number}"' in page.text, f'id="option-{number + 1}"' in page.text) == (True, False)
        values[f"option-{number}"] = f"Answer {number}"
    assert 'name="do" value="option"' not in page.text, "six are enough"
    page = await editor.send_form(path, shown="", **values)
    assert (page.status_code, 'value="Answer 6"' in page.text) == (422, True)


async def test_a_fourth_question_has_no_room_and_a_press_too_many_adds_none(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, questions=2)
    form = QUESTION | {"shown": ""}
    sent = [await editor.send_form(f"{path}/questions/new", **form) for _ in range(2)]
    assert {response.headers["location"] for response in sent} == {f"{path}?done=saved#questions"}
    assert len((await piece_of(site, path))["questions"]) == 3
    full = await editor.get(f"{path}/questions/new")
    assert full.headers["location"] == f"{path}?done=full#questions"
    late = await editor.send_form(f"{path}/questions/new", **form | {"ask": "One too many?"})
    assert (late.status_code, "One too many?" in late.text) == (422, True)


async def test_two_editors_change_two_questions_and_neither_overwrites_the_other(site: Site) -> None:
    editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    path = await begin_piece(editor, questions=2)
    first = await open_page(editor, f"{path}/questions/1")
    same = await open_page(other, f"{path}/questions/1")
    await write_part(other, f"{path}/questions/2", **QUESTION | {"ask": "Their second?"})
    saved = await editor.send_form(
        f"{path}/questions/1", shown=hidden(first, "shown"), **QUESTION | {"ask": "My first?"}
    )
    assert saved.status_code == 303, "another question of the piece changed, not this one"
    asked = [question["ask"] for question in (await piece_of(site, path))["questions"]]
    assert asked == ["My first?", "Their second?"]
    late = await other.send_form(
        f"{path}/questions/1", shown=hidden(same, "shown"), **QUESTION | {"ask": "Their first?"}
    )
    assert (late.status_code, "<del>My</del>" in late.text) == (412, True)
    decided = QUESTION | {"ask": "Their first?", "shown": hidden(late, "shown")}
    assert (await other.send_form(f"{path}/questions/1", **decided)).status_code == 303
    assert (await piece_of(site, path))["questions"][0]["ask"] == "Their first?"


async def test_a_question_that_somebody_changed_meanwhile_is_not_said_to_be_removed(site: Site) -> None:
    editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    path = await begin_piece(editor, questions=1)
    removal = await open_page(editor, f"{path}/questions/1/remove")
    await write_part(other, f"{path}/questions/1", **QUESTION | {"ask": "When would you offer it?"})
    shown = {name: hidden(removal, name) for name in ("shown", "of")}
    late = await editor.send_form(f"{path}/questions/1/remove", **shown)
    assert late.headers["location"] == f"{path}?done=changed#questions"
    assert [question["ask"] for question in (await piece_of(site, path))["questions"]] == ["When would you offer it?"]


async def test_a_question_that_somebody_removed_meanwhile_can_be_added_again(site: Site) -> None:
    editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    path = await begin_piece(editor, questions=1)
    mine = await open_page(editor, f"{path}/questions/1")
    question_page = await open_page(other, f"{path}/questions/1/remove")
    await other.send_form(f"{path}/questions/1/remove", shown=hidden(question_page, "shown"))
    late = await editor.send_form(f"{path}/questions/1", shown=hidden(mine, "shown"), **QUESTION)
    assert late.status_code == 412
    assert "Somebody else has removed this while you were writing" in late.text
    assert f'action="{path}/questions/new"' in late.text
    await editor.send_form(f"{path}/questions/new", shown=hidden(late, "shown"), **QUESTION)
    assert [question["ask"] for question in (await piece_of(site, path))["questions"]] == [QUESTION["ask"]]


async def test_a_session_that_ends_loses_no_question(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = f"{await begin_piece(editor)}/questions/new"
    page = await open_page(editor, path)
    await site.end_sessions()
    sent = await editor.send_form(path, shown=hidden(page, "shown"), **QUESTION)
    assert sent.headers["location"].startswith("/sign-in?next=%2Fstaff%2Flearning%2F")
    await site.sign_in(editor, "evidence-editor")
    assert f'value="{QUESTION["ask"]}"' in (await open_page(editor, path)).text


@pytest.mark.parametrize(
    ("values", "names"),
    [({}, ("title", "url", "seconds")), (MEDIUM | {"url": "film", "seconds": "601"}, ("url", "seconds"))],
)
async def test_something_to_watch_says_what_it_is_where_and_how_long(
    site: Site, values: dict[str, str], names: tuple[str, ...]
) -> None:
    editor = await site.browser("evidence-editor")
    path = f"{await begin_piece(editor)}/media/new"
    refused = await editor.send_form(path, shown="", **values)
    assert refused.status_code == 422
    for name in names:
        assert f'href="#{name}"' in refused.text, name


async def test_something_to_watch_is_added_and_a_published_piece_keeps_its_questions(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, f"item/{await site.evidence.publish(PRACTICE)}", questions=3)
    await write_part(editor, f"{path}/media/new", **MEDIUM)
    assert (await piece_of(site, path))["media"] == [MEDIUM | {"seconds": 90}]
    assert f"{path}/questions/1/remove" in (await open_page(editor, path)).text
    await press(editor, path, "publish")
    assert f"{path}/questions/1/remove" not in (await open_page(editor, path)).text
    question_page = await open_page(editor, f"{path}/questions/1/remove")
    refused = await editor.send_form(f"{path}/questions/1/remove", shown=hidden(question_page, "shown"))
    assert refused.status_code == 422
    assert "Ask exactly three questions: there are 2." in text_of(refused)
    assert len((await piece_of(site, path))["questions"]) == 3
