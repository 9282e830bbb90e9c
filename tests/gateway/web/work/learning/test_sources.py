from tests.evidence.publications.guides.guide_factories import statement
from tests.evidence.world import PRACTICE
from tests.gateway.web.contributions.world import Site, hidden
from tests.gateway.web.work.flags.test_pages import change_item, publish_guide
from tests.gateway.web.work.guides.world import open_page, press
from tests.gateway.web.work.learning.world import begin_piece, piece_of


async def test_a_source_is_searched_chosen_and_removed_and_saved_at_once(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    guide = await publish_guide(site, statement(item))
    await site.evidence.indexed()
    editor = await site.browser("evidence-editor")
    piece = await begin_piece(editor)
    path = f"{piece}/sources"
    searched = await open_page(editor, f"{path}?q=booking")
    assert f'name="add" value="item/{item}"' in searched.text
    for source in (f"item/{item}", f"guide/{guide}", f"item/{item}"):
        added = await editor.send_form(path, q="booking", add=source)
        assert added.headers["location"] == f"{path}?q=booking&done=added"
    for nothing in ("item/no-id", "person/1", ""):
        ignored = await editor.send_form(path, q="booking", add=nothing)
        assert ignored.headers["location"] == f"{path}?q=booking"
    unknown = await editor.send_form(path, q="booking", add=f"guide/{item}")
    assert (unknown.status_code, 'role="alert"' in unknown.text) == (422, True)
    assert {source["id"] for source in (await piece_of(site, piece))["sources"]} == {item, guide}
    searched = await open_page(editor, f"{path}?q=booking")
    assert f'name="add" value="item/{item}"' not in searched.text
    assert "The piece teaches from it already." in searched.text
    for _ in range(2):
        dropped = await editor.send_form(path, drop=f"item/{item}")
        assert dropped.headers["location"] == f"{path}?done=removed"
    assert [source["id"] for source in (await piece_of(site, piece))["sources"]] == [guide]


async def test_a_new_piece_begins_with_what_it_is_to_teach(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    editor = await site.browser("evidence-editor")
    page = await open_page(editor, f"/staff/learning/new?item={item}")
    assert f'name="source" value="item/{item}"' in page.text
    assert PRACTICE["title"] in page.text
    refused = await editor.send_form("/staff/learning/new", source=f"item/{item}", title="")
    assert f'name="source" value="item/{item}"' in refused.text


async def test_a_source_that_changed_is_kept_with_a_reason_or_taught_anew(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, f"item/{item}", questions=3)
    await press(editor, path, "publish")
    for words, because in (("Within an hour.", "It is faster."), ("Within a day.", "")):
        await change_item(site, item, words)
        assert "Decide about Booking replacement care in one call" in await editor.text(path)
        address = f"{path}/sources/item/{item}"
        page = await open_page(editor, address)
        assert words.split()[-1] in page.text
        sent = await editor.send_form(address, etag=hidden(page, "etag"), key=hidden(page, "key"), because=because)
        assert sent.status_code == (303 if because else 422)
    assert "Use the current version, number 3" in (await open_page(editor, f"{path}/sources")).text
    for _ in range(2):
        await editor.send_form(f"{path}/sources", add=f"item/{item}")
    assert "Decide about" not in await editor.text(path)
    assert (await piece_of(site, path))["sources"][0]["edition"] == 3


async def test_a_reason_is_for_the_change_that_was_read(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    editor = await site.browser("evidence-editor")
    path = await begin_piece(editor, f"item/{item}", questions=3)
    await press(editor, path, "publish")
    await change_item(site, item, "Fast.")
    address = f"{path}/sources/item/{item}"
    page = await open_page(editor, address)
    await change_item(site, item, "Slow.")
    late = await editor.send_form(address, etag=hidden(page, "etag"), key=hidden(page, "key"), because="As good")
    assert (late.status_code, "As good" in late.text, "Slow." in late.text) == (412, True, True)
    response = await editor.send_form(address, etag=hidden(late, "etag"), key=hidden(late, "key"), because="As good")
    assert response.status_code == 303
