import asyncio
import re
from typing import Any

import httpx

from tests.evidence.library.works.duplicates.groups import compare_all, groups, publish_similar
from tests.evidence.world import RESEARCH
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, hidden, text_of
from tests.support.callers import EDITOR


async def two_groups(site: Site) -> list[dict[str, Any]]:
    await publish_similar(site.evidence)
    for end in ("", "s"):
        await site.evidence.publish(
            RESEARCH, title=f"Sleep and the work of carer{end} at night", identifiers=[], volume="7"
        )
    return await groups(site.evidence)


async def decide(browser: Browser, address: str, decision: str, **values: Any) -> httpx.Response:
    """Press the button on the page as it is."""
    page = await browser.get(address, headers=FROM_HERE)
    return await send(browser, page, address, decision, **values)


async def send(browser: Browser, page: httpx.Response, address: str, decision: str, **values: Any) -> httpx.Response:
    shown = {name: hidden(page, name) for name in ("key", "etag", "shown")}
    return await browser.send_form(address, decision=decision, **shown | values)


async def test_groups_are_listed_with_how_many_there_are(site: Site) -> None:
    first, second = await two_groups(site)
    browser = await site.browser("evidence-editor")
    page = await browser.get("/staff/duplicates", headers=FROM_HERE)
    assert "2 groups in total" in text_of(page)
    assert all(f'href="/staff/duplicates/{group["id"]}"' in page.text for group in (first, second))
    maybe = await browser.text("/staff/duplicates?judgement=maybe")
    assert "Nothing is waiting here" in maybe
    unknown = await browser.get("/staff/duplicates?judgement=surely", headers=FROM_HERE)
    assert unknown.status_code == 422
    redirected = await browser.get("/v1/duplicates?status=decided", headers=FROM_HERE)
    assert redirected.headers["location"] == "/staff/duplicates?status=decided"


async def test_members_stand_side_by_side_with_what_differs_in_words(site: Site) -> None:
    first, _ = await two_groups(site)
    browser = await site.browser("evidence-editor")
    page = await browser.get(f"/staff/duplicates/{first['id']}", headers=FROM_HERE)
    text = text_of(page)
    assert re.search(r"Title\s+they differ", text)
    assert "<mark>carers</mark>" in page.text
    assert re.search(r"Authors\s+the same", text)
    assert "Somebody entered it" in text
    assert "Nobody yet" in text


async def test_a_merge_leads_to_the_next_group_and_can_be_undone(site: Site) -> None:
    first, second = await two_groups(site)
    browser = await site.browser("evidence-editor")
    address = f"/staff/duplicates/{first['id']}"
    stays = first["suggested"]
    decided = await decide(browser, address, stays)
    assert decided.headers["location"].startswith(f"/staff/duplicates/{second['id']}?cursor=end&done=merged&merge=")
    after = await browser.get(decided.headers["location"], headers=FROM_HERE)
    assert "The items are merged into one" in text_of(after)
    undo = re.search(r'href="(/staff/merges/[^"]+)"', after.text)
    assert undo is not None
    page = await browser.get(undo[1], headers=FROM_HERE)
    assert "Undo this merge" in text_of(page)
    undone = await browser.send_form(undo[1], key=hidden(page, "key"), etag=hidden(page, "etag"))
    assert undone.headers["location"] == f"{undo[1]}?done=undone"
    again = await browser.send_form(undo[1], key=hidden(page, "key"), etag=hidden(page, "etag"))
    assert again.headers["location"] == undone.headers["location"], "a second press does nothing"
    assert "The items are separate again" in await browser.text(undone.headers["location"])
    await compare_all(site.evidence)
    assert "2 groups in total" in await browser.text("/staff/duplicates")


async def test_two_who_undo_one_merge_do_it_once(site: Site) -> None:
    first, _ = await two_groups(site)
    first_editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    await decide(first_editor, f"/staff/duplicates/{first['id']}", first["suggested"])
    (merge,) = (await site.evidence.json(EDITOR, "GET", "/v1/merges"))["items"]
    path = f"/staff/merges/{merge['id']}"
    pages = [await browser.get(path, headers=FROM_HERE) for browser in (first_editor, other)]
    responses = [
        await browser.send_form(path, key=hidden(page, "key"), etag=hidden(page, "etag"))
        for browser, page in zip((first_editor, other), pages, strict=True)
    ]
    assert [response.status_code for response in responses] == [303, 412]
    assert "Nothing was undone" in text_of(responses[1])


async def test_works_that_are_not_the_same_do_not_come_back(site: Site) -> None:
    first, second = await two_groups(site)
    browser = await site.browser("evidence-editor")
    decided = await decide(browser, f"/staff/duplicates/{first['id']}", "different")
    assert decided.headers["location"] == f"/staff/duplicates/{second['id']}?cursor=end&done=different"
    last = await decide(browser, f"/staff/duplicates/{second['id']}", "different")
    assert last.headers["location"] == "/staff/duplicates?done=different"
    assert "Nothing is waiting here" in await browser.text(last.headers["location"])
    assert "This group was decided" in await browser.text(f"/staff/duplicates/{first['id']}")


async def test_a_decision_without_a_choice_says_what_is_missing(site: Site) -> None:
    first, _ = await two_groups(site)
    browser = await site.browser("evidence-editor")
    response = await decide(browser, f"/staff/duplicates/{first['id']}", "")
    assert response.status_code == 422
    assert "Choose whether they are the same" in text_of(response)


async def test_of_two_editors_who_decide_one_group_the_second_sees_that_it_is_decided(site: Site) -> None:
    first, _ = await two_groups(site)
    first_editor, other = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    address = f"/staff/duplicates/{first['id']}"
    pages = [await browser.get(address, headers=FROM_HERE) for browser in (first_editor, other)]
    responses = await asyncio.gather(
        send(first_editor, pages[0], address, first["suggested"]), send(other, pages[1], address, "different")
    )
    assert sorted(response.status_code for response in responses) == [303, 409]
    late = next(response for response in responses if response.status_code == 409)
    assert "Somebody decided it before you" in text_of(late)
    assert "This group was decided" in text_of(late)


async def test_a_double_click_decides_once(site: Site) -> None:
    first, second = await two_groups(site)
    browser = await site.browser("evidence-editor")
    address = f"/staff/duplicates/{first['id']}"
    page = await browser.get(address, headers=FROM_HERE)
    responses = await asyncio.gather(*(send(browser, page, address, first["suggested"]) for _ in range(2)))
    assert {response.status_code for response in responses} == {303}
    assert {response.headers["location"].partition("?")[0] for response in responses} == {
        f"/staff/duplicates/{second['id']}"
    }
    assert len((await site.evidence.json(EDITOR, "GET", "/v1/merges"))["items"]) == 1


async def test_a_member_that_was_withdrawn_meanwhile_is_named_and_the_choice_stays(site: Site) -> None:
    await publish_similar(site.evidence, 3)
    (group,) = await groups(site.evidence)
    browser = await site.browser("evidence-editor")
    address = f"/staff/duplicates/{group['id']}"
    page = await browser.get(address, headers=FROM_HERE)
    gone = next(member["id"] for member in group["members"] if member["id"] != group["suggested"])
    await site.evidence.json(EDITOR, "POST", f"/v1/evidence/{gone}/withdraw")
    everything = [member["id"] for member in group["members"]]
    late = await send(browser, page, address, group["suggested"], items=everything)
    assert late.status_code == 412
    assert "1 item is no longer in this group" in text_of(late)
    assert re.search(rf'value="{group["suggested"]}" checked', late.text)
    assert (await site.evidence.json(EDITOR, "GET", "/v1/merges"))["items"] == []
    decided = await send(browser, late, address, group["suggested"])
    assert decided.status_code == 303


async def test_what_is_left_out_still_waits(site: Site) -> None:
    await publish_similar(site.evidence, 3)
    (group,) = await groups(site.evidence)
    browser = await site.browser("evidence-editor")
    address = f"/staff/duplicates/{group['id']}"
    first, second, third = (member["id"] for member in group["members"])
    alone = await decide(browser, address, first, items=[first])
    assert alone.status_code == 422
    assert "Tick the items that you are deciding about" in text_of(alone)
    decided = await decide(browser, address, first, items=[first, second])
    assert decided.headers["location"].startswith(f"{address}?done=merged-some&merge=")
    page = await browser.text(decided.headers["location"])
    assert "The others in this group are still waiting" in page
    (after,) = await groups(site.evidence)
    assert {member["id"] for member in after["members"]} == {first, third}


async def test_a_session_that_ended_keeps_the_choice(site: Site) -> None:
    first, _ = await two_groups(site)
    browser = await site.browser("evidence-editor")
    address = f"/staff/duplicates/{first['id']}"
    page = await browser.get(address, headers=FROM_HERE)
    await site.end_sessions()
    response = await send(browser, page, address, "different")
    assert response.headers["location"] == f"/sign-in?next=%2Fstaff%2Fduplicates%2F{first['id']}"
    await site.sign_in(browser, "evidence-editor")
    again = await browser.get(address, headers=FROM_HERE)
    assert 'value="different" checked' in again.text


async def test_a_hundred_are_worked_through_one_after_the_other(site: Site) -> None:
    """Whoever leaves a group for now comes to each of the others once."""
    await two_groups(site)
    browser = await site.browser("evidence-editor")
    visited: list[str] = []
    address = "/staff/duplicates/next"
    for _ in range(2):
        response = await browser.get(address, headers=FROM_HERE)
        visited.append(response.headers["location"].partition("?")[0])
        page = await browser.get(response.headers["location"], headers=FROM_HERE)
        skip = re.search(r'href="(/staff/duplicates/next[^"]*)"', page.text)
        assert skip is not None
        address = skip[1].replace("&amp;", "&")
    assert len(set(visited)) == 2
    assert (await browser.get(address, headers=FROM_HERE)).headers["location"] == "/staff/duplicates"


async def test_only_editors_decide(site: Site) -> None:
    first, _ = await two_groups(site)
    carer = await site.browser("carer")
    address = f"/staff/duplicates/{first['id']}"
    for path in ("/staff/duplicates", address, "/staff/merges", "/staff/duplicates/next"):
        assert (await carer.get(path, headers=FROM_HERE)).status_code == 403
    assert (await carer.send_form(address, decision="different", shown="", etag='"1"', key="x")).status_code == 403
