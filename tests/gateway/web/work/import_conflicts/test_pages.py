import asyncio
import re
from typing import Any

import httpx

from tests.evidence.world import RESEARCH
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, hidden, text_of
from tests.support.callers import EDITOR

RIS = (
    b"TY  - JOUR\nTI  - Replacement care and the health of carers\nAU  - Okoro, A.\nAU  - Lind, B.\n"
    b"T2  - Journal of Invented Studies\nDO  - 10.5555/abc.1\nPY  - 2020\nVL  - 9\nER  - \n"
)


async def conflicts(site: Site) -> list[dict[str, Any]]:
    """Publish an item, import a record that differs from it in two fields, and return what waits."""
    await site.evidence.publish(RESEARCH, volume="12")
    await site.evidence.import_file(RIS)
    return (await site.evidence.json(EDITOR, "GET", "/v1/import-conflicts"))["items"]


async def decide(browser: Browser, id: str, value: str, page: httpx.Response | None = None) -> httpx.Response:
    address = f"/staff/import-conflicts/{id}"
    page = page or await browser.get(address, headers=FROM_HERE)
    shown = {name: hidden(page, name) for name in ("key", "etag", "shown")}
    return await browser.send_form(address, value=value, **shown)


async def check(browser: Browser, ids: list[str], value: str) -> tuple[httpx.Response, dict[str, str]]:
    query = "&".join(f"conflict={id}" for id in ids)
    page = await browser.get(f"/staff/import-conflicts/check?{query}&value={value}", headers=FROM_HERE)
    names = {f"shown-{id}" for id in ids if f"shown-{id}" in page.text} | {"key", "value"}
    return page, {name: hidden(page, name) for name in names}


async def item(site: Site) -> dict[str, Any]:
    (item,) = await site.items()
    return item["details"]


async def test_both_values_stand_side_by_side_and_filters_are_addresses(site: Site) -> None:
    waiting = await conflicts(site)
    assert {conflict["field"] for conflict in waiting} == {"volume", "published_on"}
    browser = await site.browser("evidence-editor")
    page = await browser.get("/staff/import-conflicts", headers=FROM_HERE)
    text = text_of(page)
    assert "2 differences in total" in text
    assert re.search(r"The library's value 12 The file's value 9", text)
    assert "1 difference in total" in await browser.text("/staff/import-conflicts?field=volume")
    assert "Nothing is waiting here" in await browser.text("/staff/import-conflicts?status=accepted")
    assert (await browser.get("/staff/import-conflicts?item=x", headers=FROM_HERE)).status_code == 422
    moved = await browser.get(f"/v1/import-conflicts/{waiting[0]['id']}", headers=FROM_HERE)
    assert moved.headers["location"] == f"/staff/import-conflicts/{waiting[0]['id']}"


async def test_one_is_decided_and_the_next_comes(site: Site) -> None:
    waiting = {conflict["field"]: conflict["id"] for conflict in await conflicts(site)}
    browser = await site.browser("evidence-editor")
    nothing = await decide(browser, waiting["volume"], "")
    assert nothing.status_code == 422
    assert "Choose which value to keep" in text_of(nothing)
    taken = await decide(browser, waiting["volume"], "record")
    assert taken.headers["location"] == f"/staff/import-conflicts/{waiting['published_on']}?done=taken"
    assert (await item(site))["volume"] == "9"
    decided = await decide(browser, waiting["published_on"], "ours")
    assert decided.headers["location"] == "/staff/import-conflicts?done=kept"
    assert "Nothing else is waiting here" in await browser.text(decided.headers["location"])
    page = await browser.text(f"/staff/import-conflicts/{waiting['published_on']}")
    assert "The library keeps its value." in page


async def test_several_of_one_item_are_previewed_and_decided(site: Site) -> None:
    ids = [conflict["id"] for conflict in await conflicts(site)]
    browser = await site.browser("evidence-editor")
    page, values = await check(browser, ids, "record")
    assert "Use the file's values for 2 fields?" in text_of(page)
    assert (await item(site))["volume"] == "12", "nothing changes before it is confirmed"
    responses = await asyncio.gather(*(browser.send_form("/staff/import-conflicts/check", **values) for _ in range(2)))
    assert {response.headers["location"] for response in responses} == {"/staff/import-conflicts/result"}
    text = await browser.text("/staff/import-conflicts/result")
    assert "2 were decided" in text
    assert text.count("The library now has the file's value.") == 2
    details = await item(site)
    assert (details["volume"], details["published_on"]) == ("9", "2020")


async def test_of_several_what_somebody_changed_meanwhile_is_left_with_why(site: Site) -> None:
    waiting = await conflicts(site)
    browser = await site.browser("evidence-editor")
    _, values = await check(browser, [conflict["id"] for conflict in waiting], "record")
    await site.evidence.json(EDITOR, "PATCH", f"/v1/evidence/{waiting[0]['item_id']}", {"volume": "13"}, If_Match="*")
    await browser.send_form("/staff/import-conflicts/check", **values)
    text = await browser.text("/staff/import-conflicts/result")
    assert "0 were decided" in text
    assert "2 were left as they are. The reasons are shown below." in text
    assert (await item(site))["volume"] == "13"


async def test_what_is_decided_already_is_left_out_of_several(site: Site) -> None:
    ids = [conflict["id"] for conflict in await conflicts(site)]
    first_editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    await decide(other, ids[0], "ours")
    page, _ = await check(first_editor, ids, "record")
    assert "1 that you ticked has been decided in the meantime" in text_of(page)
    empty = await first_editor.get("/staff/import-conflicts/check?value=record", headers=FROM_HERE)
    assert empty.headers["location"] == "/staff/import-conflicts?done=nothing"


async def test_an_item_that_changed_is_shown_again(site: Site) -> None:
    waiting = {conflict["field"]: conflict for conflict in await conflicts(site)}
    conflict = waiting["volume"]
    browser = await site.browser("evidence-editor")
    page = await browser.get(f"/staff/import-conflicts/{conflict['id']}", headers=FROM_HERE)
    await site.evidence.json(EDITOR, "PATCH", f"/v1/evidence/{conflict['item_id']}", {"volume": "13"}, If_Match="*")
    late = await decide(browser, conflict["id"], "record", page)
    assert late.status_code == 412
    assert "One of the two values below has changed since you saw it." in text_of(late)
    assert 'value="record" checked' in late.text
    assert (await decide(browser, conflict["id"], "record", late)).status_code == 303


async def test_of_two_editors_the_second_sees_what_was_decided(site: Site) -> None:
    waiting = await conflicts(site)
    id = waiting[0]["id"]
    first_editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    page = await other.get(f"/staff/import-conflicts/{id}", headers=FROM_HERE)
    assert (await decide(first_editor, id, "ours")).status_code == 303
    late = await decide(other, id, "record", page)
    assert late.status_code in (409, 412)
    assert "decided" in text_of(late)


async def test_a_session_that_ended_leads_back_and_only_editors_decide(site: Site) -> None:
    id = (await conflicts(site))[0]["id"]
    browser, carer = await site.browser("evidence-editor"), await site.browser("carer")
    assert (await carer.get(f"/staff/import-conflicts/{id}", headers=FROM_HERE)).status_code == 403
    page = await browser.get(f"/staff/import-conflicts/{id}", headers=FROM_HERE)
    _, values = await check(browser, [id], "ours")
    await site.end_sessions()
    response = await decide(browser, id, "ours", page)
    assert response.headers["location"] == f"/sign-in?next=%2Fstaff%2Fimport-conflicts%2F{id}"
    several = await browser.send_form("/staff/import-conflicts/check", **values)
    assert several.headers["location"].startswith("/sign-in?next=%2Fstaff%2Fimport-conflicts%2Fcheck")
    await site.sign_in(browser, "evidence-editor")
    assert 'value="ours" checked' in (await browser.get(f"/staff/import-conflicts/{id}", headers=FROM_HERE)).text
