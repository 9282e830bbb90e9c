import html
import re
from typing import Any

import httpx

from tests.evidence.library.bulk_changes.bulk_changes import make_all
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Browser, Site, text_of
from tests.gateway.web.work.items.items import form_values, press, shown_form
from tests.support.callers import EDITOR


async def choose(browser: Browser, query: str) -> httpx.Response:
    page = await browser.get(f"/staff/bulk-changes/new?{query}", headers=FROM_HERE)
    assert page.status_code == 200, page.text
    return page


async def previewed(browser: Browser, query: str, **changes: Any) -> str:
    """Return the path of the preview of these changes."""
    values: dict[str, Any] = form_values(await choose(browser, query))
    ids = re.findall(r"id=([0-9a-f-]{36})", query)
    values |= ({"id": ids} if ids else {}) | changes
    response = await browser.send_form("/staff/bulk-changes/new", **values)
    assert response.status_code == 303, text_of(response)
    return response.headers["location"]


async def test_ticked_items_are_previewed_confirmed_once_and_followed_line_by_line(site: Site) -> None:
    topic = await site.evidence.topic("Breaks")
    ids = [await site.evidence.publish(PRACTICE, title=f"Practice {number}") for number in range(2)]
    there = await site.evidence.publish(RESEARCH, topics=[topic], country="GB-WLS")
    browser = await site.browser("evidence-editor")
    query = "&".join(f"id={id}" for id in (*ids, there)) + "&of=chosen&status=published"
    assert "Change 3 items at once" in text_of(await choose(browser, query))
    values = {"add_topics": topic, "new_country": "GB-WLS"}
    body = {**form_values(await choose(browser, query)), "id": [*ids, there], **values}
    sent = [await browser.send_form("/staff/bulk-changes/new", **body) for _ in range(2)]
    [path] = {response.headers["location"] for response in sent}
    page = await browser.text(path)
    assert "2 will change 1 will not" in page
    assert "It is like this already." in page
    assert "Topics: nothing → Breaks" in page
    assert (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/{ids[0]}"))["country"] is None
    form = await shown_form(browser, path)
    pressed = [await browser.send_form(f"{path}/confirm", **form) for _ in range(2)]
    assert {response.headers["location"] for response in pressed} == {path}
    assert "In progress" in await browser.text(path)
    await make_all(site.evidence)
    done = await browser.text(path)
    assert "2 are changed 1 was left" in done
    assert (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/{ids[0]}"))["topics"] == [topic]
    left = await browser.text(f"{path}?status=left")
    assert "It is like this already." in left
    assert "Practice 0" not in left
    again = await browser.send_form(f"{path}/confirm", **form | {"key": "another"})
    assert again.headers["location"] == path
    assert "Add Breaks; country: Wales" in await browser.text("/staff/bulk-changes")


async def test_all_that_match_are_published_and_what_changed_meanwhile_is_said(site: Site) -> None:
    changed = await site.evidence.draft(PRACTICE, title="Practice 1")
    other = await site.evidence.draft(PRACTICE, title="Practice 2")
    agreed = await site.evidence.draft(ACCOUNT, CARER, consent={"to_publish": False})
    await site.evidence.publish(PRACTICE, title="Public already")
    browser = await site.browser("evidence-editor")
    page = await browser.get("/staff/evidence?status=draft", headers=FROM_HERE)
    assert "Change all 3 that match" in text_of(page)
    path = await previewed(browser, "of=all&status=draft", state="publish")
    page = await browser.text(path)
    assert "2 will change 1 will not" in page
    assert "The person has not agreed to publish it." in page
    assert "Status: Draft → Published" in page
    await site.evidence.json(EDITOR, "PATCH", f"/v1/evidence/{changed}", {"country": "GB"}, If_Match="*")
    assert "It has changed since, so it will be left as it is." in await browser.text(path)
    await browser.send_form(f"{path}/confirm", **await shown_form(browser, path))
    await make_all(site.evidence)
    assert "It was changed after the preview." in await browser.text(f"{path}?status=left")
    assert "1 is changed 2 were left" in await browser.text(path)
    states = {str(item["id"]): item["status"] for item in await site.items()}
    assert (states[changed], states[other], states[agreed]) == ("draft", "published", "draft")


async def test_the_filters_of_the_list_are_those_of_all_that_match(site: Site) -> None:
    await site.evidence.draft(PRACTICE, title="One practice", country="GB-WLS")
    await site.evidence.draft(PRACTICE, title="Another practice")
    browser = await site.browser("evidence-editor")
    page = await browser.get("/staff/evidence?status=draft&country=GB-WLS&q=practice&imported=false", headers=FROM_HERE)
    names = re.findall(r'<input type="hidden" name="([a-z_]+)" value="([^"]*)"', page.text.partition("<main")[2])
    query = "&".join(f"{name}={html.unescape(value)}" for name, value in names)
    path = await previewed(browser, f"{query}&of=all", new_setting="care home")
    assert "1 will change 0 will not" in await browser.text(path)


async def test_nothing_chosen_and_nothing_to_change_are_said(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    browser = await site.browser("evidence-editor")
    empty = await browser.get("/staff/bulk-changes/new?of=chosen&status=published", headers=FROM_HERE)
    assert (empty.status_code, "Nothing is chosen" in text_of(empty)) == (422, True)
    nothing = await press(browser, f"/staff/bulk-changes/new?id={item}", id=item)
    assert "Choose what to change" in text_of(nothing)
    both = await browser.send_form("/staff/bulk-changes/new", id=item, new_setting="x", setting_removed="yes")
    assert "not both" in text_of(both)
    mixed = await browser.send_form("/staff/bulk-changes/new", id=item, new_setting="x", state="withdraw")
    assert "leave out the other changes" in text_of(mixed)
    removed = await browser.send_form("/staff/bulk-changes/new", id=item, setting_removed="yes")
    page = await browser.text(removed.headers["location"])
    assert "There is nothing to change. The list says why for each item." in page
    assert "Practice knowledge cannot be without a setting." in page


async def test_what_was_chosen_is_there_after_the_session_ended(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    browser = await site.browser("evidence-editor")
    values = await shown_form(browser, f"/staff/bulk-changes/new?id={item}")
    await site.end_sessions()
    ended = await browser.send_form("/staff/bulk-changes/new", **values | {"new_setting": "care home"})
    assert ended.headers["location"].startswith("/sign-in")
    await site.sign_in(browser, "evidence-editor")
    shown = await shown_form(browser, "/staff/bulk-changes/new")
    assert (shown["id"], shown["new_setting"]) == (item, "care home")
