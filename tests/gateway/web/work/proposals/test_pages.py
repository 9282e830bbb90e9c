import pytest

from tests.evidence.world import ACCOUNT
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Site, text_of
from tests.gateway.web.work.items.items import press, shown_form
from tests.support.callers import EDITOR


async def proposed_by_person(site: Site, **words: str) -> tuple[str, str]:
    """Return the id of a published account and of its person's proposal for other words."""
    item = await site.evidence.publish(ACCOUNT, CARER)
    return item, (await site.evidence.propose(f"/v1/evidence/{item}", CARER, **words)).rpartition("/")[2]


async def test_the_queue_holds_what_waits_for_an_editor_and_apart_what_waits_for_people(site: Site) -> None:
    item, proposal = await proposed_by_person(site, account="I slept at last.")
    await site.propose(item, title="A week of rest")
    browser = await site.browser("evidence-editor")
    page = await browser.get("/staff/proposals", headers=FROM_HERE)
    assert f'href="/staff/proposals/{proposal}"' in page.text
    assert "1 proposal" in text_of(page)
    assert "Proposed wording for: What happened" in text_of(page)
    people = await browser.text("/staff/proposals?waiting_for=contributor")
    assert "Proposed wording for: Title" in people
    assert "Proposed by an editor" in people
    work = await browser.get("/staff", headers=FROM_HERE)
    assert 'href="/staff/proposals"' in work.text


async def test_words_are_compared_and_accepted_once(site: Site) -> None:
    item, proposal = await proposed_by_person(site, title="My first week of rest")
    browser = await site.browser("evidence-editor")
    path = f"/staff/proposals/{proposal}"
    page = await browser.get(path, headers=FROM_HERE)
    assert "My first week <del>away</del>" in page.text
    assert "My first week <ins>of rest</ins>" in page.text
    values = await shown_form(browser, path) | {"decision": "accept"}
    pressed = [await browser.send_form(path, **values) for _ in range(2)]
    assert {response.headers["location"] for response in pressed} == {f"{path}?done=accept"}
    assert "The new words are shown from now on." in await browser.text(f"{path}?done=accept")
    assert (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/{item}"))["title"] == "My first week of rest"


async def test_no_comes_with_a_reason(site: Site) -> None:
    _, proposal = await proposed_by_person(site, title="Rest")
    browser = await site.browser("evidence-editor")
    path = f"/staff/proposals/{proposal}"
    missing = await press(browser, path, decision="decline")
    assert text_of(missing).count("Say why, so that they understand it") == 2
    undecided = await press(browser, path)
    assert "Choose yes or no" in text_of(undecided)
    declined = await press(browser, path, decision="decline", reason="It names somebody.")
    assert declined.headers["location"] == f"{path}?done=decline"
    assert (await site.evidence.json(CARER, "GET", f"/v1/evidence/proposals/{proposal}"))[
        "reason"
    ] == "It names somebody."


async def test_of_two_editors_who_decide_the_second_is_told(site: Site) -> None:
    _, proposal = await proposed_by_person(site, title="Rest")
    first, second = await site.browser("evidence-editor"), await site.browser("guide-reviewer")
    path = f"/staff/proposals/{proposal}"
    values = await shown_form(second, path)
    await press(first, path, decision="accept")
    late = await second.send_form(path, **{**values, "decision": "decline", "reason": "No"})
    assert late.status_code == 422
    assert "It is accepted." in text_of(late)


async def test_words_that_were_changed_since_can_only_be_declined(site: Site) -> None:
    item, proposal = await proposed_by_person(site, title="Rest")
    other = (await site.evidence.propose(f"/v1/evidence/{item}", EDITOR, title="Breaks")).rpartition("/")[2]
    tag = await site.evidence.tag(f"/v1/evidence/proposals/{other}", CARER)
    await site.evidence.json(CARER, "POST", f"/v1/evidence/proposals/{other}/accept", If_Match=tag)
    browser = await site.browser("evidence-editor")
    page = await browser.get(f"/staff/proposals/{proposal}", headers=FROM_HERE)
    assert "you can only decline it" in text_of(page)
    assert 'value="accept"' not in page.text


async def test_an_editors_proposal_is_taken_back(site: Site) -> None:
    item = await site.evidence.publish(ACCOUNT, CARER)
    await site.propose(item, title="Rest")
    [proposal] = (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/proposals?item={item}"))["items"]
    browser = await site.browser("guide-reviewer")
    path = f"/staff/proposals/{proposal['id']}"
    withdrawn = await press(browser, path, decision="withdraw")
    assert withdrawn.headers["location"] == f"{path}?done=withdraw"
    assert "its words are erased" in await browser.text(f"{path}?done=withdraw")
    assert "Proposed wording for: Title" in await browser.text("/staff/proposals?status=withdrawn")


@pytest.mark.parametrize("withdrawn", [True, False])
async def test_a_proposal_is_shown_also_when_its_item_is_gone(site: Site, withdrawn: bool) -> None:
    item, proposal = await proposed_by_person(site, title="Rest")
    if withdrawn:
        await site.evidence.json(CARER, "POST", f"/v1/evidence/{item}/withdraw")
    browser = await site.browser("evidence-editor")
    assert ("For something that was withdrawn." in await browser.text(f"/staff/proposals/{proposal}")) == withdrawn
    assert ("Something that was withdrawn" in await browser.text("/staff/proposals?status=withdrawn")) == withdrawn


async def test_a_reason_is_kept_when_the_session_ends(site: Site) -> None:
    _, proposal = await proposed_by_person(site, title="Rest")
    browser = await site.browser("evidence-editor")
    path = f"/staff/proposals/{proposal}"
    await site.end_sessions()
    await browser.send_form(path, decision="decline", reason="A long reason")
    await site.sign_in(browser, "evidence-editor")
    assert (await shown_form(browser, path))["reason"] == "A long reason"
