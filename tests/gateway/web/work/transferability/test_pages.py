from typing import Any

import httpx

from tests.evidence.world import RESEARCH
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, hidden, text_of
from tests.support.callers import EDITOR

JUDGED: dict[str, str] = {
    "country": "GB-ENG",
    "setting": "council team",
    "service": "",
    "population-needs": "fits",
    "population-needs-why": "Older people with much the same needs.",
    "environment-money": "fits_if_adapted",
    "environment-money-why": "Two budgets here.",
    **{f"{part}-why": "Much alike." for part in ("population", "intervention", "environment", "transfer")},
    "needs": "A pooled fund.",
    "judged_by": "facilitator",
    "judged_on": "2024-03-01",
}


async def published(site: Site) -> str:
    return f"/staff/evidence/{await site.evidence.publish(RESEARCH, EDITOR)}/transferability"


async def save(browser: Browser, path: str, **others: Any) -> httpx.Response:
    page = await browser.get(path, headers=FROM_HERE)
    shown = {"key": hidden(page, "key")} | ({} if path.endswith("/new") else {"etag": hidden(page, "etag")})
    return await browser.send_form(path, **JUDGED | shown | others)


async def judgement(site: Site, address: str) -> dict[str, Any]:
    (judged,) = (await site.evidence.json(EDITOR, "GET", address.replace("/staff", "/v1")))["items"]
    return judged


async def test_a_facilitator_judges_changes_and_removes(site: Site) -> None:
    address = await published(site)
    facilitator = await site.browser("engagement-officer")
    assert "Nobody has judged it for another place yet." in await facilitator.text(address)
    created = await save(facilitator, f"{address}/new")
    assert created.headers["location"] == f"{address}?done=created"
    assert "Too little is known to say" in await facilitator.text(created.headers["location"])
    path = f"{address}/{(await judgement(site, address))['id']}"
    page = await facilitator.get(path, headers=FROM_HERE)
    assert 'value="fits_if_adapted" checked' in page.text
    assert "Two budgets here." in page.text
    changed = await save(facilitator, path, **{"environment-money": "", "environment-money-why": ""})
    assert changed.headers["location"] == f"{address}?done=changed"
    assert (await judgement(site, address))["parts"]["environment"]["criteria"]["money"] is None
    page = await facilitator.get(f"{path}/delete", headers=FROM_HERE)
    removed = [await facilitator.send_form(f"{path}/delete", etag=hidden(page, "etag")) for _ in range(2)]
    assert {response.headers["location"] for response in removed} == {f"{address}?done=removed"}
    assert "Its words are erased." in await facilitator.text(f"{address}?done=removed")


async def test_what_is_missing_is_said_at_its_field(site: Site) -> None:
    address = await published(site)
    browser = await site.browser("evidence-editor")
    others = {
        "country": "",
        "population-needs-why": "",
        "transfer-why": "",
        "judged_on": "last week",
        "transfer-lasting-why": "x",
    }
    response = await save(browser, f"{address}/new", **others)
    assert response.status_code == 422
    for name in ("country", "population-needs-why", "transfer-why", "judged_on", "transfer-lasting"):
        assert f'href="#{name}"' in response.text, name
    assert "Two budgets here." in response.text
    unsaid = await save(browser, f"{address}/new", needs="")
    assert (unsaid.status_code, 'href="#adapted"' in unsaid.text) == (422, True)
    later = await save(browser, f"{address}/new", judged_on="2999-01-01")
    assert (later.status_code, "in the future" in text_of(later)) == (422, True)


async def test_facilitators_change_their_own_and_editors_any(site: Site) -> None:
    address = await published(site)
    editor, facilitator = await site.browser("evidence-editor"), await site.browser("engagement-officer")
    await save(editor, f"{address}/new", judged_by="evidence_editor")
    path = f"{address}/{(await judgement(site, address))['id']}"
    assert f'href="{path}"' in (await editor.get(address, headers=FROM_HERE)).text
    assert f'href="{path}"' not in (await facilitator.get(address, headers=FROM_HERE)).text
    refused = await save(facilitator, path)
    assert refused.status_code == 403
    assert "This judgement is somebody else" in text_of(refused) or "Only its author or an editor" in text_of(refused)


async def test_a_change_meanwhile_is_shown_beside_what_was_written(site: Site) -> None:
    address = await published(site)
    first_editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    await save(first_editor, f"{address}/new")
    path = f"{address}/{(await judgement(site, address))['id']}"
    page = await first_editor.get(path, headers=FROM_HERE)
    await save(other, path, needs="Two pooled funds.")
    values = JUDGED | {"key": hidden(page, "key"), "etag": hidden(page, "etag"), "needs": "One fund."}
    late = await first_editor.send_form(path, **values)
    assert late.status_code == 412
    assert "One fund." in late.text
    assert "Current version: Two pooled funds." in text_of(late)
    again = await first_editor.send_form(path, **values | {"etag": hidden(late, "etag")})
    assert again.status_code == 303


async def test_a_double_click_makes_one_judgement(site: Site) -> None:
    address = await published(site)
    browser = await site.browser("evidence-editor")
    page = await browser.get(f"{address}/new", headers=FROM_HERE)
    values = JUDGED | {"key": hidden(page, "key")}
    responses = [await browser.send_form(f"{address}/new", **values) for _ in range(2)]
    assert {response.status_code for response in responses} == {303}
    await judgement(site, address)


async def test_a_session_that_ends_keeps_what_was_written(site: Site) -> None:
    address = await published(site)
    browser = await site.browser("engagement-officer")
    page = await browser.get(f"{address}/new", headers=FROM_HERE)
    await site.end_sessions()
    response = await browser.send_form(f"{address}/new", **JUDGED | {"key": hidden(page, "key")})
    assert response.headers["location"].startswith("/sign-in?next=%2Fstaff%2Fevidence%2F")
    await site.sign_in(browser, "engagement-officer")
    assert "Two budgets here." in (await browser.get(f"{address}/new", headers=FROM_HERE)).text


async def test_others_do_not_judge(site: Site) -> None:
    address = await published(site)
    carer, stranger = await site.browser("carer"), await site.browser()
    for path in (address, f"{address}/new"):
        assert (await carer.get(path, headers=FROM_HERE)).status_code == 403
        assert (await stranger.get(path, headers=FROM_HERE)).status_code == 303
    assert (await carer.send_form(f"{address}/new", **JUDGED)).status_code == 403
