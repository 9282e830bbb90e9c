"""Finding and reading in a real browser: with and without script, by keyboard alone, on a phone, at 400 % zoom."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.platform import Platform
from tests.verify.browser.conftest import PageVisit
from tests.verify.browser.test_pages import check

ZOOMED = (320, 256)
"""What a window of 1280 by 1024 pixels shows at 400 %."""
LISTS = ("/", "/search", "/search?q=carers", "/search?q=carers&view=columns", "/search?q=nothinglikethis", "/evidence")
MORE_LISTS = ("/topics", "/gaps", "/gaps?missing=research", "/guides", "/line-of-sight")


@pytest.fixture(scope="module")
def paths(platform: Platform) -> list[str]:
    """Return the paths of every list, and of a page of each kind that the story leaves."""
    with httpx.Client(base_url=platform.url) as http:
        guide = http.get("/v1/guides").json()["items"][0]
        ways = ("research", "lived_experience", "practice_knowledge")
        items = [http.get("/v1/evidence", params={"way_of_knowing": way}).json()["items"][0]["id"] for way in ways]
    topic = guide["topics"][0]
    pages = [f"/evidence/{item}" for item in items] + [f"/topics/{topic}", f"/guides/{guide['id']}"]
    threads = [f"/line-of-sight?from=topic:{topic}", f"/line-of-sight?from=guide:{guide['id']}"]
    return [*LISTS, *MORE_LISTS, *pages, *threads]


@pytest.fixture
def page_without_script(chromium: Browser) -> Iterator[Page]:
    context = chromium.new_context(java_script_enabled=False, locale="en-GB")
    yield context.new_page()
    context.close()


@pytest.mark.parametrize("size", [ZOOMED])
def test_every_page_is_readable_at_400_per_cent(visit: PageVisit, paths: list[str]) -> None:
    for path in paths:
        assert visit.open(path) == 200, path
        check(visit)


def test_somebody_finds_a_guide_by_keyboard_alone(visit: PageVisit) -> None:
    page = visit.page
    visit.open("/")
    while not page.get_by_label("What do you want to know?").evaluate("field => field === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.type("carers")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=carers")
    guide = page.get_by_role("link", name="Breaks for carers, booked before they are needed")
    while not guide.evaluate("link => link === document.activeElement"):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="What to try today")).to_be_visible()
    assert visit.console == []


def test_somebody_finds_a_guide_without_script(page_without_script: Page, platform: Platform) -> None:
    page = page_without_script
    page.goto(platform.url)
    page.get_by_label("What do you want to know?").fill("carers")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Breaks for carers, booked before they are needed").click()
    page.get_by_role("link", name="See the whole line of sight").click()
    page.get_by_text("The same figures as a table").click()
    expect(page.get_by_role("link", name="Download these rows")).to_be_visible()
