import re
from typing import Any

import httpx

from services.evidence.publications.guides.flags.rules import NothingFlagged
from tests.evidence.publications.guides.guide_factories import guide_content, handle_item_events, statement
from tests.evidence.world import ACCOUNT, PRACTICE
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, hidden, text_of
from tests.gateway.web.work.guides.world import AUTHOR, REVIEWER, follow, open_page


async def publish_guide(site: Site, *statements: dict[str, Any]) -> str:
    """Publish a guide of the author; return its id."""
    content = await guide_content(site.evidence, *statements)
    guide = (await site.evidence.json(AUTHOR, "POST", "/v1/guides", content))["id"]
    await site.evidence.json(AUTHOR, "POST", f"/v1/guides/{guide}/submit")
    await site.evidence.json(REVIEWER, "POST", f"/v1/guides/{guide}/publish")
    return guide


async def change_item(site: Site, item: str, words: str = "Families got an answer within an hour.") -> None:
    await site.evidence.json(AUTHOR, "PATCH", f"/v1/evidence/{item}", {"what_happened": words}, If_Match="*")
    await handle_item_events(site.evidence)


async def flags_of(site: Site, query: str = "") -> list[dict[str, Any]]:
    return (await site.evidence.json(AUTHOR, "GET", f"/v1/guides/flags{query}"))["items"]


async def only_flag(browser: Browser) -> str:
    """Return the path of the page of the only flag in the list."""
    page = await open_page(browser, "/staff/flags")
    (path,) = set(re.findall(r'href="(/staff/flags/[^"?]+)"', page.text))
    return path


async def decide(browser: Browser, path: str, page: httpx.Response | None = None, **values: str) -> httpx.Response:
    page = page or await open_page(browser, path)
    return await browser.send_form(path, shown=hidden(page, "shown"), **values)


def chosen(page: httpx.Response) -> list[str]:
    return re.findall(r'name="flag" id="choose-\d+" value="([^"]+)"', page.text)


async def test_a_statement_is_shown_beside_what_changed_and_kept_with_a_reason(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    guide = await publish_guide(site, statement(item))
    await change_item(site, item)
    author = await site.browser("evidence-editor")
    path = await only_flag(author)
    page = await open_page(author, path)
    assert "<del>the</del>" in page.text
    assert "<ins>within</ins>" in page.text
    empty = await decide(author, path, page, decision="keep", because=" ")
    assert (empty.status_code, 'href="#because"' in empty.text) == (422, True)
    values = {"decision": "keep", "because": "It is faster, and as good."}
    first, second = [await decide(author, path, page, **values) for _ in range(2)]
    assert first.headers["location"] == "/staff/flags?done=keep"
    assert second.headers["location"] == "/staff/flags?done=already"
    assert "Readers see why." in text_of(await follow(author, first))
    assert await flags_of(site) == []
    assert "It is faster, and as good." in await (await site.browser()).text(f"/guides/{guide}")


async def test_a_citation_is_changed_in_the_next_edition_once(site: Site) -> None:
    item, other = await site.evidence.publish(PRACTICE), await site.evidence.publish(ACCOUNT)
    guide = await publish_guide(site, statement(item, other))
    await change_item(site, item)
    author = await site.browser("evidence-editor")
    path = await only_flag(author)
    page = await open_page(author, path)
    first, second = [await decide(author, path, page, decision="repin") for _ in range(2)]
    assert first.headers["location"] == "/staff/flags?done=repin"
    assert second.headers["location"] == "/staff/flags?done=already"
    draft = await site.evidence.json(AUTHOR, "GET", f"/v1/guides/{guide}/draft")
    assert [citation["edition"] for citation in draft["statements"][0]["citations"]] == [2, 1]
    assert "This is decided" in await author.text(path)
    assert "Cite its current version" in await author.text("/staff/flags?decided=true")


async def test_nobody_decides_about_a_change_that_they_have_not_read(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    await publish_guide(site, statement(item))
    await change_item(site, item)
    author = await site.browser("evidence-editor")
    path = await only_flag(author)
    page = await open_page(author, path)
    await change_item(site, item, "Families waited a month.")
    late = await decide(author, path, page, decision="keep", because="As good")
    assert late.status_code == 412
    assert "It has changed since you looked at it" in text_of(late)
    assert "waited" in late.text
    assert "As good" in late.text
    assert len(await flags_of(site)) == 1
    assert (await decide(author, path, late, decision="keep", because="As good")).status_code == 303


async def test_what_was_withdrawn_can_only_be_removed(site: Site) -> None:
    gone, other = await site.evidence.publish(ACCOUNT), await site.evidence.publish(PRACTICE)
    await publish_guide(site, statement(gone, other))
    await site.evidence.json(AUTHOR, "POST", f"/v1/evidence/{gone}/withdraw")
    await handle_item_events(site.evidence)
    author = await site.browser("evidence-editor")
    path = await only_flag(author)
    page = await open_page(author, path)
    assert re.findall(r'name="decision"[^>]*value="([^"]+)"', page.text) == ["remove"]
    refused = await decide(author, path, page, decision="repin")
    assert "The item is no longer shown." in text_of(refused)
    assert (await decide(author, path, page, decision="remove")).status_code == 303


async def test_one_decision_about_several_is_shown_first_and_then_said_line_by_line(site: Site) -> None:
    first, second, gone = [await site.evidence.publish(item) for item in (PRACTICE, PRACTICE, ACCOUNT)]
    await publish_guide(site, statement(first, gone, text="One"), statement(second, text="Two"))
    await change_item(site, first)
    await change_item(site, second)
    await site.evidence.json(AUTHOR, "POST", f"/v1/evidence/{gone}/withdraw")
    await handle_item_events(site.evidence)
    author = await site.browser("evidence-editor")
    page = await open_page(author, "/staff/flags")
    assert len(chosen(page)) == 3
    nothing = await author.send_form("/staff/flags", decision="keep", because="As good")
    assert "Choose at least one" in text_of(nothing)
    values = {"decision": "keep", "because": "As good"}
    preview = await author.send_form("/staff/flags", flag=chosen(page), **values)
    assert "2 will be decided One" in text_of(preview)
    assert "1 cannot be decided One It was withdrawn" in text_of(preview)
    assert len(await flags_of(site)) == 3, "a preview decides nothing"
    await change_item(site, second, "Families waited a month.")
    flags = re.findall(r'name="flag" value="([^"]+)"', preview.text)
    sent = [
        await author.send_form("/staff/flags/decide", key=hidden(preview, "key"), flag=flags, **values)
        for _ in range(2)
    ]
    assert {response.headers["location"] for response in sent} == {"/staff/flags/decide"}
    lines = await author.text("/staff/flags/decide")
    assert re.search(r"(?<!Not )Decided One", lines, re.IGNORECASE)
    assert "Not decided Two" in lines
    assert "It has changed since you looked at it" in lines
    assert {flag["item_id"] for flag in await flags_of(site)} == {second, gone}


async def test_a_session_that_ends_loses_no_reason(site: Site) -> None:
    item = await site.evidence.publish(PRACTICE)
    await publish_guide(site, statement(item))
    await change_item(site, item)
    author = await site.browser("evidence-editor")
    path = await only_flag(author)
    page, several = await open_page(author, path), await open_page(author, "/staff/flags")
    await site.end_sessions()
    sent = await decide(author, path, page, decision="keep", because="A long reason")
    assert sent.headers["location"].startswith("/sign-in?next=%2Fstaff%2Fflags%2F")
    await site.sign_in(author, "evidence-editor")
    assert "A long reason" in (await open_page(author, path)).text
    await site.end_sessions()
    await author.send_form("/staff/flags", flag=chosen(several), decision="keep", because="Another reason")
    await site.sign_in(author, "evidence-editor")
    again = await open_page(author, "/staff/flags")
    assert "Another reason" in again.text
    assert re.search(r'value="[^"]+" checked', again.text)


async def test_flags_are_for_editors_and_their_addresses_lead_there(site: Site) -> None:
    carer, author = await site.browser("carer"), await site.browser("evidence-editor")
    assert (await carer.get("/staff/flags", headers=FROM_HERE)).status_code == 403
    assert "Nothing is waiting here." in await author.text("/staff/flags?mine=true")
    moved = await author.get("/v1/guides/flags?mine=true", headers=FROM_HERE)
    assert moved.headers["location"] == "/staff/flags?mine=true"
    odd = await author.send_form("/staff/flags", flag="a/b/c/d", decision="keep", because="x")
    assert odd.status_code == 404
    assert NothingFlagged.slug() == "nothing-flagged", "the pages know it by this name"
