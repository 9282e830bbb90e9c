"""Every item by filters, and a file of the same items."""

import csv
import html
import io
import re

import httpx
import pytest

from tests.evidence.exchange.imports.matches.records import ris
from tests.evidence.world import ACCOUNT, PRACTICE, RESEARCH
from tests.gateway.web.contributions.world import CARER, FROM_HERE, Browser, Site, text_of
from tests.support.callers import EDITOR


def ids_of(page: httpx.Response) -> list[str]:
    return re.findall(r'class="govuk-link" href="/staff/evidence/([0-9a-f-]{36})(?:[?][^"]*)?"', page.text)


async def show(browser: Browser, query: str = "") -> httpx.Response:
    page = await browser.get(f"/staff/evidence{query}", headers=FROM_HERE)
    assert page.status_code == 200, page.text
    return page


async def plant(site: Site) -> dict[str, str]:
    """Return the ids of items of each state and origin."""
    evidence = site.evidence
    await evidence.import_file(ris(TI="A work that an import brought"))
    [imported] = (await evidence.json(EDITOR, "GET", "/v1/evidence?status=draft"))["items"]
    account, study = await evidence.draft(ACCOUNT), await evidence.publish(RESEARCH)
    practice, gone = await evidence.publish(PRACTICE), await evidence.publish(PRACTICE, title="Taken back")
    await evidence.json(EDITOR, "POST", f"/v1/evidence/{gone}/withdraw")
    notice = {"nature": "retraction", "source": "Journal"}
    await evidence.json(EDITOR, "POST", f"/v1/evidence/{study}/retract", notice)
    return {"imported": imported["id"], "told": account, "study": study, "practice": practice, "gone": gone}


async def test_saved_filters_are_addresses_and_say_how_many(site: Site) -> None:
    planted = await plant(site)
    browser = await site.browser("evidence-editor")
    for query, names in (
        ("", ["study", "practice"]),
        ("?status=draft", ["imported", "told"]),
        ("?status=draft&imported=false", ["told"]),
        ("?status=draft&imported=true", ["imported"]),
        ("?status=withdrawn", ["gone"]),
        ("?retraction=retraction", ["study"]),
        ("?status=draft&q=WEEK+away", ["told"]),
        ("?way_of_knowing=practice_knowledge", ["practice"]),
        ("?country=GB-WLS", []),
    ):
        page = await show(browser, query)
        assert set(ids_of(page)) == {planted[name] for name in names}, query
        assert f"{len(names)} item" in text_of(page)
    current = await show(browser, "?status=draft&imported=false")
    assert 'href="/staff/evidence?status=draft&amp;imported=false" aria-current="page"' in current.text


@pytest.mark.parametrize(
    "query",
    ["", "?status=draft", "?status=draft&imported=true", "?retraction=retraction", "?status=draft&q=week", "?q=carers"],
)
async def test_each_file_holds_exactly_what_the_screen_lists(site: Site, query: str) -> None:
    await plant(site)
    await site.evidence.indexed()
    browser = await site.browser("evidence-editor")
    page = await show(browser, query)
    [address] = re.findall(r'href="(/v1/exports/evidence\?format=csv[^"]*)"', page.text)
    file = await browser.get(html.unescape(address), headers=FROM_HERE)
    assert (file.status_code, file.headers["content-type"].partition(";")[0]) == (200, "text/csv")
    rows = list(csv.DictReader(io.StringIO(file.text.removeprefix("\ufeff"))))
    assert {row["id"] for row in rows} == set(ids_of(page))
    assert len(ids_of(page)) == len(rows) > 0


async def test_words_of_what_is_published_are_found_by_the_search(site: Site) -> None:
    planted = await plant(site)
    await site.evidence.indexed()
    browser = await site.browser("evidence-editor")
    assert ids_of(await show(browser, "?q=trial")) == [planted["study"]]
    mixed = await browser.get("/staff/evidence?q=trial&retraction=retraction", headers=FROM_HERE)
    assert mixed.status_code == 422
    assert "You cannot search the words of published items" in text_of(mixed)


async def test_the_list_goes_on_by_cursor_with_its_filters(site: Site) -> None:
    for number in range(27):
        await site.evidence.draft(PRACTICE, title=f"Practice {number}", country="GB-WLS")
    browser = await site.browser("evidence-editor")
    first = await show(browser, "?status=draft&country=GB-WLS")
    [following] = re.findall(r'href="(/staff/evidence\?[^"]*cursor=[^"]*)"', first.text)
    second = await browser.get(html.unescape(following), headers=FROM_HERE)
    assert (len(ids_of(first)), len(ids_of(second))) == (25, 2)
    assert set(ids_of(first)).isdisjoint(ids_of(second))
    assert "27 items" in text_of(second)


async def test_a_filter_that_is_none_is_said_at_its_field(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    for query in ("country=Wales", "topic=x", "status=x"):
        page = await browser.get(f"/staff/evidence?{query}", headers=FROM_HERE)
        assert page.status_code == 422
        assert "There is a problem" in text_of(page)


async def test_the_library_is_kept_by_editors(site: Site) -> None:
    draft = await site.evidence.draft(ACCOUNT, CARER)
    carer, stranger = await site.browser("carer"), await site.browser()
    for path in ("/staff/evidence", f"/staff/evidence/{draft}", f"/staff/evidence/{draft}/edit", "/staff/proposals"):
        assert (await carer.get(path, headers=FROM_HERE)).status_code == 403
        assert (await stranger.get(path, headers=FROM_HERE)).headers["location"].startswith("/sign-in")
    for path in (f"/staff/evidence/{draft}/publish", "/staff/bulk-changes/new", f"/staff/evidence/{draft}/edit"):
        assert (await carer.send_form(path)).status_code == 403
    assert (await site.items())[0]["status"] == "draft"
    assert "Work on this item" not in await carer.text(f"/evidence/{draft}")
    editor = await site.browser("evidence-editor")
    assert f'href="/staff/evidence/{draft}">Work on this item' in (await editor.get(f"/evidence/{draft}")).text


async def test_addresses_of_the_api_that_are_for_editors_alone_lead_here(site: Site) -> None:
    browser = await site.browser("evidence-editor")
    for path, page in (
        ("/v1/bulk-changes", "/staff/bulk-changes"),
        ("/v1/evidence?topic=x", "/evidence?topic=x"),
    ):
        assert (await browser.get(path, headers=FROM_HERE)).headers["location"] == page
