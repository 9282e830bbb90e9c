"""An item that changes while an editor decides about it; why it is withdrawn; the next draft after one."""

import html
import re

import pytest

from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Site, text_of
from tests.gateway.web.work.items.items import form_values, press, shown_form
from tests.support.callers import EDITOR

WHY = "Told twice & kept once."


@pytest.mark.parametrize(
    ("action", "typed", "done"),
    [
        ("publish", {}, "published"),
        ("withdraw", {"reason": WHY}, "withdrawn"),
        ("notice", {"nature": "retraction", "source": "The journal"}, "noticed"),
    ],
)
async def test_a_conflict_keeps_what_was_typed_and_shows_what_changed(
    site: Site, action: str, typed: dict[str, str], done: str
) -> None:
    item = await site.evidence.draft(RESEARCH, EDITOR)
    browser = await site.browser("evidence-editor")
    path = f"/staff/evidence/{item}/{action}"
    values = await shown_form(browser, path) | typed
    await site.evidence.json(EDITOR, "PATCH", f"/v1/evidence/{item}", {"title": "Respite <b>"}, If_Match="*")
    refused = await browser.send_form(path, **values)
    assert refused.status_code == 412
    shown = text_of(refused)
    assert "Somebody has changed this since you opened it. Nothing was done." in shown
    assert "What changed meanwhile" in shown
    assert RESEARCH["title"] in shown
    assert "Respite <b>" in shown
    assert (await site.items())[0]["status"] == "draft"
    again = form_values(refused)
    assert {name: again[name] for name in typed} == typed
    assert again["key"] == values["key"]
    accepted = await browser.send_form(path, **again)
    assert accepted.headers["location"].endswith(f"done={done}"), text_of(accepted)


async def test_a_form_without_what_was_shown_says_no_more_than_that_it_changed(site: Site) -> None:
    item = await site.evidence.draft(RESEARCH, EDITOR)
    browser = await site.browser("evidence-editor")
    for shown in ("", "no JSON", "[]", '{"title": 3, "unknown": []}'):
        refused = await browser.send_form(f"/staff/evidence/{item}/publish", key="a", etag='"0"', shown=shown)
        assert refused.status_code == 412, refused.text
        assert "Somebody has changed this" in text_of(refused)


async def test_who_publishes_what_a_colleague_has_just_published_finds_it_done(site: Site) -> None:
    item = await site.evidence.draft(RESEARCH, EDITOR)
    browser = await site.browser("evidence-editor")
    values = await shown_form(browser, f"/staff/evidence/{item}/publish")
    await site.evidence.json(EDITOR, "POST", f"/v1/evidence/{item}/publish")
    late = await browser.send_form(f"/staff/evidence/{item}/publish", **values)
    assert late.headers["location"].endswith("done=published")


async def test_why_an_item_was_withdrawn_is_shown_to_editors_and_to_whoever_gave_it(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE, CARER)
    editor, person = await site.browser("evidence-editor"), await site.browser("carer")
    path = f"/staff/evidence/{item}/withdraw"
    assert "Leave out names" in await editor.text(path)
    withdrawn = await press(editor, path, reason=WHY)
    assert withdrawn.headers["location"].endswith("done=withdrawn"), text_of(withdrawn)
    page = await editor.text(f"/staff/evidence/{item}")
    assert "An editor withdrew it." in page
    assert f"Why: {WHY}" in page
    own = await person.text(f"/contributions/{item}")
    assert "An editor withdrew this" in own
    assert f"Why: {WHY}" in own
    assert "You took this back" not in own
    public = await person.get(f"/evidence/{item}", headers=FROM_HERE)
    assert WHY not in html.unescape(public.text)


async def test_a_reason_may_be_left_out_and_is_kept_when_the_session_ends(site: Site) -> None:
    first, second = await site.evidence.publish(RESEARCH), await site.evidence.publish(ACCOUNT)
    browser = await site.browser("evidence-editor")
    assert (await press(browser, f"/staff/evidence/{first}/withdraw")).status_code == 303
    assert "Why:" not in await browser.text(f"/staff/evidence/{first}")
    path = f"/staff/evidence/{second}/withdraw"
    too_long = await press(browser, path, reason="x" * 2_001)
    assert (too_long.status_code, "This is too long." in text_of(too_long)) == (422, True)
    await site.end_sessions()
    await browser.send_form(path, reason=WHY)
    await site.sign_in(browser, "evidence-editor")
    assert (await shown_form(browser, path))["reason"] == WHY
    assert [item["status"] for item in await site.items()] == ["withdrawn", "published"]


async def test_what_cannot_be_published_offers_no_button_and_says_who_can_change_that(site: Site) -> None:
    item = await site.evidence.draft(ACCOUNT, CARER, consent={"to_publish": False})
    browser = await site.browser("evidence-editor")
    page = await browser.get(f"/staff/evidence/{item}", headers=FROM_HERE)
    assert f'href="/staff/evidence/{item}/publish' not in page.text
    assert "Only the person who gave it can, on their own page." in text_of(page)
    asked = await browser.get(f"/staff/evidence/{item}/publish", headers=FROM_HERE)
    assert 'name="etag"' not in asked.text
    assert "Only the person who gave it can" in text_of(asked)


async def test_after_a_draft_is_published_the_next_one_of_the_same_list_comes(site: Site) -> None:
    ids = [
        await site.evidence.draft(item, CARER, title=title)
        for item, title in (
            (PRACTICE, "The oldest practice"),
            (ACCOUNT, "An account between"),
            (PRACTICE, "A practice in the middle"),
            (PRACTICE, "The newest practice"),
        )
    ]
    browser = await site.browser("evidence-editor")
    page = await browser.get("/staff/evidence?status=draft&way_of_knowing=practice_knowledge", headers=FROM_HERE)
    address = _link_to(page.text, f"/staff/evidence/{ids[3]}")
    for here, following in ((ids[3], ids[2]), (ids[2], ids[0]), (ids[0], None)):
        assert address.startswith(f"/staff/evidence/{here}?list=")
        item = await browser.get(address, headers=FROM_HERE)
        publish = _link_to(item.text, f"/staff/evidence/{here}/publish")
        published = await press(browser, publish)
        done = await browser.get(published.headers["location"], headers=FROM_HERE)
        if following:
            assert "Next draft:" in text_of(done)
            address = _link_to(done.text, f"/staff/evidence/{following}")
        else:
            assert "No other draft waits here" in text_of(done)
    assert [item["status"] for item in await site.items()] == ["published", "draft", "published", "published"]


async def test_a_draft_that_was_opened_from_no_list_is_followed_by_any_other(site: Site) -> None:
    first, second = await site.evidence.draft(RESEARCH, EDITOR), await site.evidence.draft(PRACTICE, CARER)
    browser = await site.browser("evidence-editor")
    published = await press(browser, f"/staff/evidence/{first}/publish")
    done = await browser.get(published.headers["location"], headers=FROM_HERE)
    assert _link_to(done.text, f"/staff/evidence/{second}") == f"/staff/evidence/{second}"
    for bad in ("status=published", "topic=x", "%00", "status=draft&topic=x"):
        page = await browser.get(f"/staff/evidence/{first}", params={"done": "published", "list": bad})
        assert page.status_code == 200, bad


def _link_to(page: str, path: str) -> str:
    match = re.search(rf'href="({re.escape(path)}(?:\?[^"]*)?)"', page)
    assert match is not None, page
    return html.unescape(match[1])
