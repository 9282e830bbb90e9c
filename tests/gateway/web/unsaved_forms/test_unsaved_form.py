"""What somebody sees of a form that they send while the evidence service is down, or does not answer in time."""

import asyncio
import html
import re
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Receive, Scope, Send

from gateway.web import api_client
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.servers import answer_lifespan, open_socket, serve
from tests.gateway.web.contributions.world import CARER, FROM_HERE, LIVED, Browser, Site, text_of
from tests.gateway.web.work.items.items import form_values, shown_form
from tests.support.callers import EDITOR

NOBODY_LISTENS = "http://127.0.0.1:9"
RESULTS = "We asked <ninety> people & wrote it down."


def redirect_evidence(site: Site, url: str, patch: pytest.MonkeyPatch) -> None:
    """Have the gateway look for the evidence service elsewhere."""
    patch.setattr(site.gateway.app.pages.state.settings, "evidence_url", url)


def action_of(page: httpx.Response) -> str:
    match = re.search(r'<form method="post" action="([^"]*)" novalidate', page.text)
    assert match is not None, page.text
    return html.unescape(match[1])


async def send_while_down(site: Site, browser: Browser, path: str, values: dict[str, Any]) -> httpx.Response:
    """Send the form while the service is down, and again from the page that answers once it is back."""
    with pytest.MonkeyPatch.context() as patch:
        redirect_evidence(site, NOBODY_LISTENS, patch)
        refused = await browser.send_form(path, **values)
    assert refused.status_code == 503, refused.text
    assert "This was not saved" in text_of(refused)
    assert int(refused.headers["retry-after"]) > 0
    again = form_values(refused)
    for name, value in values.items():
        if not name.startswith("label:") or values[name.removeprefix("label:")]:
            assert again.get(name, "") == value, name
    return await browser.send_form(action_of(refused), **again)


async def test_a_form_of_staff_is_shown_again_with_what_was_typed_and_the_same_key(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    path = "/staff/evidence/new?way=research"
    values = await shown_form(browser, path)
    values |= {"title": "Breaks & nights", "summary": f"{RESULTS}\r\n\r\nAnd more.", "kind": "report"}
    sent = await send_while_down(site, browser, path, values)
    assert sent.status_code == 303, text_of(sent)
    [item] = await site.items()
    assert (item["title"], item["summary"]) == ("Breaks & nights", f"{RESULTS}\n\nAnd more.")


async def test_a_text_is_shown_under_the_name_that_its_field_has_in_the_language_of_the_page(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = await site.evidence.publish(RESEARCH)
    browser = await site.browser("evidence-editor")
    path = f"/staff/evidence/{item}/notice"
    values = await shown_form(browser, path) | {"source": "The journal"}
    redirect_evidence(site, NOBODY_LISTENS, monkeypatch)
    page = await browser.send_form(path, **values)
    label = html.escape(values["label:source"])
    assert re.search(rf'<label class="[^"]*" for="source">\s*{re.escape(label)}\s*</label>', page.text)
    assert 'name="label:source"' in page.text
    twice = await browser.send_form(path, **form_values(page))
    assert twice.text == page.text.replace(page.headers["x-request-id"], twice.headers["x-request-id"])


async def test_a_form_of_the_public_is_shown_again_with_what_was_typed(site: Site) -> None:
    browser = await site.browser("practitioner")
    path = "/questions/ask"
    values = await shown_form(browser, path) | {"question": "How do we ask about breaks?\r\nAnd when?"}
    values["urgency"] = "this_week"
    sent = await send_while_down(site, browser, path, values)
    assert sent.status_code == 303, text_of(sent)
    assert len(await site.evidence.rows("SELECT id FROM evidence_requests")) == 1


async def test_the_last_page_of_what_somebody_tells_is_sent_again(site: Site) -> None:
    browser = await site.browser("carer")
    await browser.answer("lived_experience", LIVED)
    sent = await send_while_down(site, browser, "/tell/check", {"key": await browser.key()})
    assert sent.status_code == 303, text_of(sent)
    assert len(await site.items()) == 1


async def test_what_may_have_been_saved_is_said_to_be_so_and_pressing_again_does_it_once(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(api_client, "MAX_SECONDS", 1.0)
    browser = await site.browser("evidence-editor")
    path = "/staff/evidence/new?way=research"
    values = await shown_form(browser, path) | {"title": "Breaks", "summary": RESULTS, "kind": "report"}

    async def answer_no_change(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        elif scope["method"] == "GET":
            await site.evidence.app(scope, receive, send)
        else:
            await site.evidence.app(scope, receive, _discard)
            await asyncio.sleep(3)

    async with serve(answer_no_change, open_socket()) as url:
        with pytest.MonkeyPatch.context() as patch:
            redirect_evidence(site, url, patch)
            unknown = await browser.send_form(path, **values)
    assert unknown.status_code == 503
    assert "We do not know whether this was saved" in text_of(unknown)
    assert "it is never done twice" in text_of(unknown)
    assert 'href="/staff/evidence"' in unknown.text
    assert len(await site.items()) == 1
    with pytest.MonkeyPatch.context() as patch:
        redirect_evidence(site, NOBODY_LISTENS, patch)
        still_unknown = await browser.send_form(action_of(unknown), **form_values(unknown))
    assert "We do not know whether this was saved" in text_of(still_unknown), "the first attempt may have been saved"
    again = await browser.send_form(action_of(unknown), **form_values(still_unknown))
    [item] = await site.items()
    assert again.headers["location"].startswith(f"/staff/evidence/{item['id']}"), text_of(again)


async def test_a_change_that_was_never_sent_because_reading_took_too_long_was_not_saved(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    item = await site.evidence.draft(ACCOUNT, CARER)
    browser = await site.browser("carer")
    path = f"/contributions/{item}/words"
    values = await shown_form(browser, path) | {"title": "Another title"}
    monkeypatch.setattr(api_client, "MAX_SECONDS", 0.5)

    async def hang(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await answer_lifespan(receive, send)
        else:
            await asyncio.sleep(2)

    async with serve(hang, open_socket()) as url:
        redirect_evidence(site, url, monkeypatch)
        page = await browser.send_form(path, **values)
    assert (page.status_code, "This was not saved" in text_of(page)) == (503, True)
    assert form_values(page)["title"] == "Another title"


async def test_a_file_is_asked_for_again(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = await site.browser("evidence-editor")
    key = (await shown_form(browser, "/staff/imports"))["key"]
    redirect_evidence(site, NOBODY_LISTENS, monkeypatch)
    files = {"file": ("a.ris", b"TY  - JOUR\nTI  - A\nER  - \n")}
    page = await browser.post("/staff/imports/file", data={"key": key}, files=files, headers=FROM_HERE)
    assert (page.status_code, form_values(page)["key"]) == (503, key)
    assert "Choose the file again" in text_of(page)
    assert 'enctype="multipart/form-data"' in page.text


async def test_a_page_that_cannot_be_shown_does_not_ask_whether_anything_was_done(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = await site.browser("evidence-editor")
    redirect_evidence(site, NOBODY_LISTENS, monkeypatch)
    page = await browser.get("/staff/evidence/01900000-0000-7000-8000-000000000000", headers=FROM_HERE)
    assert page.status_code == 503
    assert "This page cannot be shown at the moment" in text_of(page)
    assert "whether it was done" not in page.text


async def test_a_program_reads_the_problem(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    item = await site.evidence.draft(PRACTICE, EDITOR)
    browser = await site.browser("evidence-editor")
    redirect_evidence(site, NOBODY_LISTENS, monkeypatch)
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
    response = await browser.post(f"/staff/evidence/{item}/publish", data={"key": "a"}, headers=headers)
    assert (response.status_code, response.headers["content-type"]) == (503, "application/problem+json")


def test_no_filter_sends_the_names_of_its_fields_into_the_address() -> None:
    filters = 0
    for template in Path("gateway/web").rglob("*.html"):
        for form in re.findall(r"<form (?![^>]*method=\"post\").*?</form>", template.read_text(), re.DOTALL):
            for field in re.findall(r"fields\.(?:input|textarea)\(.*\) }}", form):
                assert "filters=true" in field, template
                filters += 1
    assert filters > 5


async def _discard(_message: object) -> None:
    """Lose what the service answers, as a broken connection does."""
