"""One item as an editor sees it, and what they do with it as a whole."""

import asyncio
import re

import pytest

from tests.evidence.exchange.imports.matches.records import POOR, RICH
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Site, text_of
from tests.gateway.web.work.items.items import press, shown_form
from tests.support.callers import EDITOR


async def test_a_draft_says_what_it_lacks_and_is_published_once(site: Site) -> None:
    item = await site.evidence.draft(RESEARCH, EDITOR, summary="")
    browser = await site.browser("evidence-editor")
    page = await browser.text(f"/staff/evidence/{item}")
    for gap in ("It has no topic", "It has no abstract.", "It does not name a country."):
        assert gap in page
    path = f"/staff/evidence/{item}/publish"
    values = await shown_form(browser, path)
    pressed = await asyncio.gather(*(browser.send_form(path, **values) for _ in range(3)))
    assert {response.headers["location"] for response in pressed} == {f"/staff/evidence/{item}?done=published"}
    assert (await press(browser, path)).headers["location"].endswith("done=published")
    assert "Everybody can read it now." in await browser.text(f"/staff/evidence/{item}?done=published")
    assert (await site.evidence.json(CARER, "GET", f"/v1/evidence/{item}"))["status"] == "published"


async def test_what_nobody_agreed_to_is_not_published_and_the_page_says_why(site: Site) -> None:
    item = await site.evidence.draft(ACCOUNT, CARER, consent={"to_publish": False})
    browser = await site.browser("evidence-editor")
    refused = await press(browser, f"/staff/evidence/{item}/publish")
    assert refused.status_code == 409
    assert "This account can be published once the person who gave it agrees" in text_of(refused)
    assert (await site.items())[0]["status"] == "draft"


async def test_a_withdrawn_item_is_not_published_again(site: Site) -> None:
    item = await site.evidence.draft(RESEARCH, EDITOR)
    browser = await site.browser("evidence-editor")
    values = await shown_form(browser, f"/staff/evidence/{item}/publish")
    await site.evidence.json(EDITOR, "POST", f"/v1/evidence/{item}/withdraw")
    late = await browser.send_form(f"/staff/evidence/{item}/publish", **values)
    assert late.headers["location"] == f"/staff/evidence/{item}"
    page = await browser.text(late.headers["location"])
    assert "This item was withdrawn" in page
    assert "It cannot be published again" in page
    assert (await site.items())[0]["status"] == "withdrawn"


@pytest.mark.parametrize("item", [RESEARCH, ACCOUNT, PRACTICE], ids=["research", "account", "practice"])
async def test_an_item_is_withdrawn_once_it_is_said_what_that_means(site: Site, item: dict[str, object]) -> None:
    id = await site.evidence.publish(item, CARER)
    browser = await site.browser("evidence-editor")
    path = f"/staff/evidence/{id}/withdraw"
    assert ("Its reference stays" in await browser.text(path)) == (item is RESEARCH)
    assert (await site.items())[0]["status"] == "published"
    values = await shown_form(browser, path)
    pressed = [await browser.send_form(path, **values) for _ in range(2)]
    assert {response.headers["location"] for response in pressed} == {f"/staff/evidence/{id}?done=withdrawn"}
    assert "It is withdrawn." in await browser.text(f"/staff/evidence/{id}?done=withdrawn")


async def test_a_notice_is_recorded_and_lifted(site: Site) -> None:
    item = await site.evidence.publish(RESEARCH)
    browser = await site.browser("evidence-editor")
    path = f"/staff/evidence/{item}/notice"
    missing = await press(browser, path)
    for error in ("Choose what happened to the work", "Say who reports it"):
        assert text_of(missing).count(error) == 2
    invalid = await press(browser, path, nature="retraction", source="Journal", on="yesterday", notice="nonsense")
    assert invalid.status_code == 422
    assert text_of(invalid).count("Write the date as year, month and day") == 2
    assert re.search(r'id="on" name="on" type="date" value="yesterday"', invalid.text), invalid.text
    values = {"nature": "retraction", "source": "Journal", "on": "2024-03-14", "reasons": "Error\r\nFraud"}
    recorded = await press(browser, path, **values, notice="https://doi.org/10.5555/NOTICE.1")
    assert recorded.headers["location"].endswith("done=noticed"), text_of(recorded)
    shown = (await site.evidence.json(EDITOR, "GET", f"/v1/evidence/{item}"))["retraction"]
    assert (shown["reasons"], shown["notice"]["value"]) == (["Error", "Fraud"], "10.5555/notice.1")
    milder = await press(browser, path, nature="correction", source="Journal")
    assert "A retraction is recorded here." in text_of(milder)
    lifted = await press(browser, path, nature="reinstatement", source="Journal", on="2024-05-01")
    assert lifted.headers["location"].endswith("done=noticed")


async def test_a_notice_is_kept_when_the_session_ends(site: Site) -> None:
    item = await site.evidence.publish(RESEARCH)
    browser = await site.browser("evidence-editor")
    path = f"/staff/evidence/{item}/notice"
    await site.end_sessions()
    await browser.send_form(path, nature="retraction", source="The journal itself")
    await site.sign_in(browser, "evidence-editor")
    assert (await shown_form(browser, path))["source"] == "The journal itself"


async def test_the_words_of_an_earlier_version_are_erased(site: Site) -> None:
    item = await site.evidence.publish(ACCOUNT)
    await site.evidence.reword(f"/v1/evidence/{item}", account="Other words.")
    browser = await site.browser("evidence-editor")
    page = await browser.get(f"/staff/evidence/{item}", headers=FROM_HERE)
    assert "with the other's agreement" in text_of(page)
    path = f"/staff/evidence/{item}/versions/1/erase"
    assert f'href="{path}"' in page.text
    assert ACCOUNT["account"] in await browser.text(path)
    values = await shown_form(browser, path)
    pressed = [await browser.send_form(path, **values) for _ in range(2)]
    assert {response.headers["location"] for response in pressed} == {f"/staff/evidence/{item}?done=erased"}
    after = await browser.text(f"/staff/evidence/{item}")
    assert "Its words were erased." in after
    assert f"{path}" not in after


async def test_an_item_says_which_records_gave_what(site: Site) -> None:
    for content in (POOR, RICH):
        await site.evidence.import_file(content)
    [item] = await site.items()
    browser = await site.browser("evidence-editor")
    page = await browser.text(f"/staff/evidence/{item['id']}")
    assert "Record 1 of an import : became this item" in page
    assert "matched it, and added:" in page
    assert "Abstract" in page


async def test_what_was_merged_leads_to_what_stands_for_it(site: Site) -> None:
    first = await site.evidence.publish(RESEARCH)
    second = await site.evidence.publish(RESEARCH, title="Another title of it", identifiers=[])
    await site.evidence.json(EDITOR, "POST", "/v1/merges", {"into": first, "items": [second]})
    browser = await site.browser("evidence-editor")
    moved = await browser.get(f"/staff/evidence/{second}", headers=FROM_HERE)
    assert moved.headers["location"] == f"/staff/evidence/{first}?done=merged"
