from tests.evidence.publications.guides.guide_factories import statement
from tests.evidence.world import PRACTICE
from tests.gateway.web.contributions.world import FROM_HERE, Site, hidden, text_of
from tests.gateway.web.work.flags.test_pages import publish_guide
from tests.gateway.web.work.guides.world import follow, open_page
from tests.gateway.web.work.learning.world import QUESTION, WORDS, begin_piece, piece_of, write_part


async def test_a_piece_from_nothing_to_published(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    guide = await publish_guide(site, statement(item))
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, f"item/{item}", f"guide/{guide}")
    page = await open_page(editor, path)
    assert f'href="{path}/questions/new">Ask exactly three questions: there are 0.' in page.text
    assert "A piece asks three questions. There is none yet." in text_of(page)
    for number in (1, 2, 3):
        page = await open_page(editor, path)
        assert f'href="{path}/questions/new">{"Add another question" if number > 1 else "Add a question"}' in page.text
        await write_part(editor, f"{path}/questions/new", **QUESTION | {"ask": f"When? {number}"})
    page = await open_page(editor, path)
    assert "It is complete." in text_of(page)
    assert "Add another question" not in page.text
    piece = await piece_of(site, path)
    assert [question["right"] for question in piece["questions"]] == [1, 1, 1], "an answer left empty is left out"
    assert {source["id"] for source in piece["sources"]} == {item, guide}
    key = hidden(page, "key")
    pressed = [await editor.send_form(f"{path}/publish", key=key) for _ in range(2)]
    assert [response.status_code for response in pressed] == [303, 303]
    assert "On the first visit" in await (await site.browser()).text(path.removeprefix("/staff"))
    assert f'href="{path}"' in (await open_page(editor, path.removeprefix("/staff"))).text


async def test_a_piece_that_is_not_complete_is_not_published_and_the_page_says_why(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor)
    refused = await editor.send_form(f"{path}/publish", key="k")
    assert refused.status_code == 422
    assert "The learning piece is not complete yet" in refused.text


async def test_words_are_changed_on_a_page_of_their_own_which_keeps_what_is_not_complete(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, questions=1)
    page = await open_page(editor, f"{path}/words")
    values = {"etag": hidden(page, "etag"), **WORDS, "text": "Much more to learn."}
    refused = await editor.send_form(f"{path}/words", **values | {"title": ""})
    assert (refused.status_code, 'href="#title"' in refused.text) == (422, True)
    again = await open_page(editor, f"{path}/words")
    assert "This is what you wrote last. It is not saved yet." in again.text
    assert "Much more to learn." in again.text
    await follow(editor, await editor.send_form(f"{path}/words", **values))
    piece = await piece_of(site, path)
    assert (piece["text"], len(piece["questions"])) == ("Much more to learn.", 1), "questions stay"
    assert "It is not saved yet" not in (await open_page(editor, f"{path}/words")).text


async def test_nobody_overwrites_words_that_they_have_not_read(site: Site) -> None:
    editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    path = f"{await begin_piece(editor)}/words"
    piece = path.removesuffix("/words")
    mine, theirs = await open_page(editor, path), await open_page(other, path)
    await other.send_form(path, etag=hidden(theirs, "etag"), **WORDS | {"point": "Their point"})
    values = WORDS | {"point": "My point"}
    late = await editor.send_form(path, etag=hidden(mine, "etag"), **values)
    assert late.status_code == 412
    assert "<del>Their</del>" in late.text
    assert (await piece_of(site, piece))["point"] == "Their point"
    sent = [await editor.send_form(path, etag=hidden(late, "etag"), **values) for _ in range(2)]
    assert {response.headers["location"] for response in sent} == {f"{piece}?done=saved"}
    assert (await piece_of(site, piece))["point"] == "My point"


async def test_a_session_that_ends_loses_no_words_and_a_piece_is_withdrawn_once(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor)
    page = await open_page(editor, f"{path}/words")
    await site.end_sessions()
    sent = await editor.send_form(f"{path}/words", etag=hidden(page, "etag"), **WORDS | {"text": "Much more to learn."})
    assert sent.headers["location"].startswith("/sign-in?next=%2Fstaff%2Flearning%2F")
    await site.sign_in(editor, "evidence-editor")
    assert "Much more to learn." in (await open_page(editor, f"{path}/words")).text
    key = hidden(await open_page(editor, f"{path}/withdraw"), "key")
    pressed = [await editor.send_form(f"{path}/withdraw", key=key) for _ in range(2)]
    assert {response.headers["location"] for response in pressed} == {"/staff/learning?done=withdrawn"}
    assert (await editor.get(path)).status_code == 410


async def test_learning_in_work_is_for_editors_and_its_addresses_lead_there(site: Site) -> None:
    carer, editor = await site.browser("carer"), await site.browser("evidence-editor")
    path = await begin_piece(editor)
    pages = ("/words", "/questions/new", "/media/new", "/sources")
    for address in ("/staff/learning", "/staff/learning/new", path, *(path + page for page in pages)):
        assert (await carer.get(address, headers=FROM_HERE)).status_code == 403
    assert "Asking about a break" in await editor.text("/staff/learning?status=draft&mine=true")
    moved = await editor.get("/v1/learning?is_flagged=true", headers=FROM_HERE)
    assert moved.headers["location"] == "/staff/learning?is_flagged=true"
