"""Filters of an editor's lists: folded until one is set, and chosen by name, never by an id."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.web.work import filters
from tests.gateway.web.contributions.world import FROM_HERE, Browser, Site, text_of
from tests.gateway.web.work.files import RIS, imported

FOLD = '<details class="govuk-details impact-filter-fold"'
CONFLICTING = RIS.replace(b"ER", b"VL  - %d\nER")


async def html_of(browser: Browser, address: str) -> str:
    page = await browser.get(address, headers=FROM_HERE)
    assert page.status_code == 200, page.text
    return page.text


@pytest.mark.parametrize(
    ("address", "is_open"),
    [
        ("/staff/evidence", False),
        ("/staff/evidence?status=draft&imported=true", False),
        ("/staff/evidence?status=draft&q=carers", False),
        ("/staff/evidence?status=draft&imported=true&q=carers", False),
        ("/staff/evidence?country=GB-WLS", True),
        ("/staff/evidence?status=withdrawn&imported=true", True),
        ("/staff/duplicates", False),
        ("/staff/duplicates?status=decided", False),
        ("/staff/import-conflicts", False),
        ("/staff/import-conflicts?field=volume", True),
        ("/staff/questions", False),
        ("/staff/questions?urgency=this_week&used=true", True),
    ],
)
async def test_filters_are_folded_until_one_is_set(site: Site, address: str, is_open: bool) -> None:
    editor = await site.browser("evidence-editor")
    page = await editor.get(address, headers=FROM_HERE)
    assert FOLD in page.text, text_of(page)
    assert (f"{FOLD} open>" in page.text) is is_open


async def test_an_import_is_chosen_by_its_file_and_day(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    path = await imported(site, editor, CONFLICTING % 1, name="breaks.ris")
    id = path.rpartition("/")[2]
    for list_path in ("/staff/duplicates", "/staff/import-conflicts", "/staff/duplicates/many"):
        page = await html_of(editor, list_path)
        assert re.search(rf'<option value="{id}">\s*breaks.ris, \d+ \w+ 20\d\d', page), page
        assert "its id" not in page
    chosen = await html_of(editor, f"/staff/import-conflicts?import={id}")
    assert re.search(rf'<option value="{id}" selected>', chosen)
    assert f"{FOLD} open>" in chosen


async def test_an_older_import_that_is_chosen_is_named_too(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(filters, "MAX_CHOICES", 1)
    editor = await site.browser("evidence-editor")
    old = (await imported(site, editor, CONFLICTING % 1, name="old.ris")).rpartition("/")[2]
    await imported(site, editor, CONFLICTING % 2, name="new.ris")
    assert f'value="{old}"' not in await html_of(editor, "/staff/duplicates")
    assert f'value="{old}" selected' in await html_of(editor, f"/staff/duplicates?import={old}")


async def test_differences_of_one_item_say_which_and_lead_back_to_all(site: Site) -> None:
    editor = await site.browser("evidence-editor")
    for volume in (1, 2):
        await imported(site, editor, CONFLICTING % volume)
    [item] = await site.items()
    page = await html_of(editor, f"/staff/import-conflicts?status=open&item={item['id']}")
    assert "Only differences of one item:" in page
    assert f'href="/staff/evidence/{item["id"]}"' in page
    assert "1 difference in total" in page
    [back] = re.findall(r'href="([^"]*)">Show those of all items', page)
    assert parse_qs(urlsplit(str(back)).query) == {"status": ["open"]}
    assert "Only differences of one item:" not in await html_of(editor, "/staff/import-conflicts")
