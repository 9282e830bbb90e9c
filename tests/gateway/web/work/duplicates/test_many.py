import re

import httpx

from services.evidence.library.bulk_changes.jobs import make_next_step
from tests.evidence.library.works.duplicates.groups import groups, publish_similar
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, hidden, text_of
from tests.support.callers import EDITOR

ALL = {"judgement": "duplicate", "min_similarity": "0", "max_similarity": "100", "decision": "merge"}


async def work(site: Site) -> None:
    while await make_next_step(site.evidence.database):
        pass


async def preview(browser: Browser, **values: str) -> httpx.Response:
    page = await browser.get("/staff/duplicates/many", headers=FROM_HERE)
    return await browser.send_form("/staff/duplicates/many", key=hidden(page, "key"), **ALL | values)


async def test_many_are_previewed_confirmed_and_told_line_by_line(site: Site) -> None:
    await publish_similar(site.evidence)
    (group,) = await groups(site.evidence)
    browser = await site.browser("evidence-editor")
    previewed = await preview(browser, judgement=group["pairs"][0]["judgement"])
    address = previewed.headers["location"]
    page = await browser.get(address, headers=FROM_HERE)
    assert "1 will be decided this way." in text_of(page)
    values = {"key": hidden(page, "key"), "etag": hidden(page, "etag")}
    confirmed = [await browser.send_form(address, **values) for _ in range(2)]
    assert [response.headers["location"] for response in confirmed] == [address, address]
    await work(site)
    done = await browser.get(address, headers=FROM_HERE)
    assert "1 of 1 are done" in text_of(done)
    assert re.search(r'href="/staff/merges/[0-9a-f-]+"', done.text)
    assert "not confirmed" not in await browser.text("/staff/duplicates/many")


async def test_what_was_changed_after_the_preview_is_left_with_why(site: Site) -> None:
    first, _ = await publish_similar(site.evidence)
    (group,) = await groups(site.evidence)
    browser = await site.browser("evidence-editor")
    address = (await preview(browser, judgement=group["pairs"][0]["judgement"])).headers["location"]
    await site.evidence.json(EDITOR, "PATCH", f"/v1/evidence/{first}", {"volume": "3"}, If_Match="*")
    page = await browser.get(address, headers=FROM_HERE)
    assert "changed since, so it will be left as it is" in text_of(page)
    await browser.send_form(address, key=hidden(page, "key"), etag=hidden(page, "etag"))
    await work(site)
    left = await browser.text(f"{address}?status=left")
    assert "It was changed after the preview." in left
    assert (await site.evidence.json(EDITOR, "GET", "/v1/merges"))["items"] == []


async def test_two_editors_confirm_one_preview_once(site: Site) -> None:
    await publish_similar(site.evidence)
    (group,) = await groups(site.evidence)
    first_editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    address = (await preview(first_editor, judgement=group["pairs"][0]["judgement"])).headers["location"]
    pages = [await browser.get(address, headers=FROM_HERE) for browser in (first_editor, other)]
    responses = [
        await browser.send_form(address, key=hidden(page, "key"), etag=hidden(page, "etag"))
        for browser, page in zip((first_editor, other), pages, strict=True)
    ]
    assert [response.status_code for response in responses] == [303, 409]
    assert "Somebody confirmed it before you" in text_of(responses[1])


async def test_what_cannot_be_read_is_said_at_its_field(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    response = await preview(browser, min_similarity="many", decision="", **{"import": "a file"})
    text = text_of(response)
    assert response.status_code == 422
    assert "Write a number from 0 to 100" in text
    assert "Choose what to do with them" in text
    response = await preview(browser, **{"import": "a file"})
    assert response.status_code == 422
    assert 'href="#import"' in response.text


async def test_a_session_that_ended_keeps_what_was_chosen(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    await site.end_sessions()
    response = await browser.send_form("/staff/duplicates/many", key="x", **ALL | {"min_similarity": "88"})
    assert response.headers["location"] == "/sign-in?next=%2Fstaff%2Fduplicates%2Fmany"
    await site.sign_in(browser, "evidence-editor")
    page = await browser.get("/staff/duplicates/many", headers=FROM_HERE)
    assert 'value="88"' in page.text
    assert (await (await site.browser("carer")).get("/staff/duplicates/many", headers=FROM_HERE)).status_code == 403
