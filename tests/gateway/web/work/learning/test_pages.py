from typing import Any
from urllib.parse import urlsplit

from tests.evidence.publications.guides.guide_factories import statement
from tests.evidence.world import PRACTICE
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, hidden, text_of
from tests.gateway.web.work.flags.test_pages import change_item, publish_guide
from tests.gateway.web.work.guides.world import AUTHOR, follow, open_page, press

WORDS = {
    "title": "Asking about a break",
    "point": "Carers take breaks that are offered early.",
    "text": "Most carers do not ask for a break.",
    "language": "en",
}
QUESTIONS = {
    name: value
    for number in (1, 2, 3)
    for name, value in {
        f"ask-{number}": f"When do you offer it? {number}",
        f"option-{number}-1": "Late",
        f"option-{number}-3": "On the first visit",
        f"right-{number}": "3",
        f"why-{number}": "Before a crisis.",
    }.items()
}


async def begin_piece(browser: Browser, *sources: str, **more: Any) -> str:
    """Return the path of a new piece that teaches from these sources."""
    page = await open_page(browser, "/staff/learning/new")
    values = WORDS | QUESTIONS | {"key": hidden(page, "key"), "source": list(sources)} | more
    created = await browser.send_form("/staff/learning/new", **values)
    assert created.status_code == 303, text_of(created)
    return urlsplit(created.headers["location"]).path


async def piece_of(site: Site, path: str) -> dict[str, Any]:
    return await site.evidence.json(AUTHOR, "GET", f"/v1/learning/{path.rpartition('/')[2]}")


async def test_a_piece_from_nothing_to_published(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    guide = await publish_guide(site, statement(item))
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, title="Breaks", **dict.fromkeys(QUESTIONS, ""))
    page = await open_page(editor, path)
    assert 'href="#ask-1">Ask exactly three questions: there are 0.' in page.text
    values = WORDS | QUESTIONS | {"etag": hidden(page, "etag"), "source": [f"item/{item}/", f"guide/{guide}/1"]}
    saved = await follow(editor, await editor.send_form(path, **values))
    assert "It is complete." in text_of(saved)
    piece = await piece_of(site, path)
    assert [question["right"] for question in piece["questions"]] == [1, 1, 1], "an answer left empty is left out"
    assert {source["id"] for source in piece["sources"]} == {item, guide}
    key = hidden(saved, "key")
    pressed = [await editor.send_form(f"{path}/publish", key=key) for _ in range(2)]
    assert [response.status_code for response in pressed] == [303, 303]
    assert "On the first visit" in await (await site.browser()).text(path.removeprefix("/staff"))
    assert f'href="{path}"' in (await open_page(editor, path.removeprefix("/staff"))).text


async def test_sources_are_searched_added_and_dropped_without_losing_what_is_written(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    await site.evidence.indexed()
    editor = await site.browser("evidence-editor")
    searched = await editor.send_form("/staff/learning/new", title="Not saved yet", q="booking", do="search")
    assert searched.status_code == 200
    assert f'name="add" value="item/{item}/"' in searched.text
    added = await editor.send_form("/staff/learning/new", title="Not saved yet", add=f"item/{item}/")
    assert 'value="Not saved yet"' in added.text
    assert f'name="source" value="item/{item}/"' in added.text
    dropped = await editor.send_form("/staff/learning/new", source=f"item/{item}/", drop=f"item/{item}/")
    assert 'name="source"' not in dropped.text
    assert "There are none of these." in await editor.text("/staff/learning?status=draft")


async def test_a_question_must_be_whole(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    halves = {"ask-1": "When?", "option-1-1": "Now", "option-2-1": "Yes", "option-2-2": "yes", "ask-2": "Really?"}
    refused = await editor.send_form("/staff/learning/new", key="k", **WORDS, **halves)
    for name in ("option-1-1", "right-1", "why-1", "option-2-1"):
        assert f'href="#{name}"' in refused.text, name
    odd = await editor.send_form("/staff/learning/new", key="k", **WORDS, **{"media-1-title": "A film"})
    for name in ("media-1-url", "media-1-seconds"):
        assert f'href="#{name}"' in odd.text, name


async def test_nobody_overwrites_a_piece_that_they_have_not_read(site: Site) -> None:
    editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    path = await begin_piece(editor)
    mine, theirs = await open_page(editor, path), await open_page(other, path)
    await other.send_form(path, etag=hidden(theirs, "etag"), **WORDS | QUESTIONS | {"point": "Their point"})
    values = WORDS | QUESTIONS | {"point": "My point"}
    late = await editor.send_form(path, etag=hidden(mine, "etag"), **values)
    assert late.status_code == 412
    assert "<del>Their</del>" in late.text
    assert (await piece_of(site, path))["point"] == "Their point"
    sent = [await editor.send_form(path, etag=hidden(late, "etag"), **values) for _ in range(2)]
    assert {response.headers["location"] for response in sent} == {f"{path}?done=saved"}
    assert (await piece_of(site, path))["point"] == "My point"


async def test_a_source_that_changed_is_kept_with_a_reason_or_taught_anew(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, f"item/{item}/")
    await press(editor, path, "publish")
    for words, because in (("Within an hour.", "It is faster."), ("Within a day.", "")):
        await change_item(site, item, words)
        assert "Decide about Booking replacement care in one call" in await editor.text(path)
        address = f"{path}/sources/item/{item}"
        page = await open_page(editor, address)
        assert words.split()[-1] in page.text
        sent = await editor.send_form(address, etag=hidden(page, "etag"), key=hidden(page, "key"), because=because)
        assert sent.status_code == (303 if because else 422)
    page = await open_page(editor, path)
    values = WORDS | QUESTIONS | {"etag": hidden(page, "etag"), "source": f"item/{item}/1", "current": f"item/{item}"}
    await editor.send_form(path, **values)
    assert "Decide about" not in await editor.text(path)
    assert (await piece_of(site, path))["sources"][0]["edition"] == 3


async def test_a_reason_is_for_the_change_that_was_read(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, f"item/{item}/")
    await press(editor, path, "publish")
    await change_item(site, item, "Fast.")
    address = f"{path}/sources/item/{item}"
    page = await open_page(editor, address)
    await change_item(site, item, "Slow.")
    late = await editor.send_form(address, etag=hidden(page, "etag"), key=hidden(page, "key"), because="As good")
    assert (late.status_code, "As good" in late.text, "Slow." in late.text) == (412, True, True)
    response = await editor.send_form(address, etag=hidden(late, "etag"), key=hidden(late, "key"), because="As good")
    assert response.status_code == 303


async def test_a_session_that_ends_loses_no_piece_and_one_is_withdrawn_once(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor)
    page = await open_page(editor, path)
    await site.end_sessions()
    sent = await editor.send_form(path, etag=hidden(page, "etag"), **WORDS | {"text": "Much more to learn."})
    assert sent.headers["location"].startswith("/sign-in?next=%2Fstaff%2Flearning%2F")
    await site.sign_in(editor, "evidence-editor")
    assert "Much more to learn." in (await open_page(editor, path)).text
    key = hidden(await open_page(editor, f"{path}/withdraw"), "key")
    pressed = [await editor.send_form(f"{path}/withdraw", key=key) for _ in range(2)]
    assert {response.headers["location"] for response in pressed} == {"/staff/learning?done=withdrawn"}
    assert (await editor.get(path)).status_code == 410


async def test_learning_in_work_is_for_editors_and_its_addresses_lead_there(site: Site) -> None:
    carer, editor = await site.browser("carer"), await site.browser("evidence-editor")
    path = await begin_piece(editor)
    for address in ("/staff/learning", "/staff/learning/new", path):
        assert (await carer.get(address, headers=FROM_HERE)).status_code == 403
    assert "Asking about a break" in await editor.text("/staff/learning?status=draft&mine=true")
    moved = await editor.get("/v1/learning?is_flagged=true", headers=FROM_HERE)
    assert moved.headers["location"] == "/staff/learning?is_flagged=true"
