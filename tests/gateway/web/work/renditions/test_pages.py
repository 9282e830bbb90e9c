import re
from typing import Any

import pytest

from services.evidence.library.renditions.rules import RenditionExists
from tests.evidence.publications.guides.guide_factories import statement
from tests.evidence.world import PRACTICE
from tests.gateway.web.contributions.world import FROM_HERE, Site, hidden, text_of
from tests.gateway.web.work.flags.test_pages import publish_guide
from tests.gateway.web.work.guides.world import AUTHOR, follow, open_page

VALUES = {
    "kind": "easy_read",
    "title": "Breaks, in Easy Read",
    "content": "Ring a number.\r\nBook a break.",
    "language": "en",
    "made_on": "2026-01-02",
    "made_by": "user_led_organisation",
}


async def original(site: Site, collection: str) -> str:
    """Return the path of an item or a guide without /v1."""
    item = await site.evidence.publish(PRACTICE)
    return f"evidence/{item}" if collection == "evidence" else f"guides/{await publish_guide(site, statement(item))}"


async def renditions(site: Site, path: str) -> list[dict[str, Any]]:
    return (await site.evidence.json(AUTHOR, "GET", f"/v1/{path}/renditions"))["items"]


@pytest.mark.parametrize("collection", ["evidence", "guides"])
async def test_the_first_rendition_is_added_once_and_read_at_once(site: Site, collection: str) -> None:
    path = await original(site, collection)
    editor = await site.browser("evidence-editor")
    assert "There are none yet." in await editor.text(f"/staff/renditions/{path}")
    page = await open_page(editor, f"/staff/renditions/{path}/new")
    refused = await editor.send_form(f"/staff/renditions/{path}/new", key=hidden(page, "key"), **VALUES | {"title": ""})
    assert (refused.status_code, 'href="#title"' in refused.text) == (422, True)
    key = hidden(page, "key")
    sent = [await editor.send_form(f"/staff/renditions/{path}/new", key=key, **VALUES) for _ in range(2)]
    assert {response.headers["location"] for response in sent} == {f"/staff/renditions/{path}?done=added"}
    assert "Breaks, in Easy Read" in text_of(await follow(editor, sent[0]))
    assert len(await renditions(site, path)) == 1
    assert "Book a break." in await (await site.browser()).text(f"/{path}")


async def test_an_outdated_rendition_is_brought_up_to_date_beside_what_changed(site: Site) -> None:
    path = await original(site, "evidence")
    editor = await site.browser("evidence-editor")
    await editor.send_form(f"/staff/renditions/{path}/new", key="k", **VALUES)
    await site.evidence.json(AUTHOR, "PATCH", f"/v1/{path}", {"what_happened": "Within an hour."}, If_Match="*")
    queue = await open_page(editor, "/staff/renditions")
    (address,) = re.findall(rf'href="(/staff/renditions/{path}/[^"]+)"', queue.text)
    page = await open_page(editor, address)
    assert "<ins>Within</ins>" in page.text
    hidden_values = {name: hidden(page, name) for name in ("etag", "current_edition")}
    response = await editor.send_form(address, **hidden_values, **VALUES | {"content": "Within an hour."})
    assert response.status_code == 303
    assert (await renditions(site, path))[0]["outdated"], "nobody said that it says what the original says today"
    page = await open_page(editor, address)
    values = {name: hidden(page, name) for name in ("etag", "current_edition")} | {"up_to_date": "yes"}
    sent = [await editor.send_form(address, **values, **VALUES | {"content": "In an hour."}) for _ in range(2)]
    assert {response.headers["location"] for response in sent} == {f"/staff/renditions/{path}?done=saved"}
    (rendition,) = await renditions(site, path)
    assert (rendition["outdated"], rendition["content"]) == (False, "In an hour.")
    assert "Every format matches the current version of its original." in await editor.text("/staff/renditions")


async def test_nobody_overwrites_a_rendition_that_they_have_not_read(site: Site) -> None:
    path = await original(site, "evidence")
    editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    await editor.send_form(f"/staff/renditions/{path}/new", key="k", **VALUES)
    address = f"/staff/renditions/{path}/{(await renditions(site, path))[0]['id']}"
    mine, theirs = await open_page(editor, address), await open_page(other, address)
    await other.send_form(address, etag=hidden(theirs, "etag"), **VALUES | {"content": "Their words"})
    late = await editor.send_form(address, etag=hidden(mine, "etag"), **VALUES | {"content": "My words"})
    assert late.status_code == 412
    assert "<del>Their</del>" in late.text
    assert "<ins>My</ins>" in late.text
    assert (await renditions(site, path))[0]["content"] == "Their words"
    saved = await editor.send_form(address, etag=hidden(late, "etag"), **VALUES | {"content": "My words"})
    assert saved.status_code == 303


async def test_a_rendition_outlasts_the_session_and_is_removed_once(site: Site) -> None:
    path = await original(site, "guides")
    editor = await site.browser("evidence-editor")
    page = await open_page(editor, f"/staff/renditions/{path}/new")
    await site.end_sessions()
    await editor.send_form(f"/staff/renditions/{path}/new", key=hidden(page, "key"), **VALUES)
    await site.sign_in(editor, "evidence-editor")
    page = await open_page(editor, f"/staff/renditions/{path}/new")
    assert "Book a break." in page.text
    await editor.send_form(f"/staff/renditions/{path}/new", key=hidden(page, "key"), **VALUES)
    address = f"/staff/renditions/{path}/{(await renditions(site, path))[0]['id']}"
    asked = await open_page(editor, f"{address}/remove")
    sent = [await editor.send_form(f"{address}/remove", etag=hidden(asked, "etag")) for _ in range(2)]
    assert {response.headers["location"] for response in sent} == {f"/staff/renditions/{path}?done=removed"}
    assert await renditions(site, path) == []


async def test_a_film_has_an_address_and_a_kind_is_there_once(site: Site) -> None:
    path = await original(site, "evidence")
    editor = await site.browser("evidence-editor")
    new = f"/staff/renditions/{path}/new"
    odd = await editor.send_form(new, key="k", **VALUES | {"url": "javascript:alert(1)"})
    assert 'href="#url"' in odd.text
    film = await editor.send_form(new, key="k", **VALUES | {"kind": "bsl"})
    assert 'href="#url"' in film.text
    await editor.send_form(new, key="k", **VALUES)
    again = await editor.send_form(new, key="l", **VALUES | {"title": "Another"})
    assert "This format already exists" in text_of(again)
    assert RenditionExists.slug() == "rendition-exists", "the pages know it by this name"


async def test_renditions_are_for_editors_and_their_address_leads_there(site: Site) -> None:
    carer, editor = await site.browser("carer"), await site.browser("evidence-editor")
    assert (await carer.get("/staff/renditions", headers=FROM_HERE)).status_code == 403
    moved = await editor.get("/v1/evidence/renditions/outdated", headers=FROM_HERE)
    assert moved.headers["location"] == "/staff/renditions"
    assert (await editor.get("/staff/renditions/odd/1", headers=FROM_HERE)).status_code in (404, 422)
