"""Finding and reading in a real browser: with and without script, by keyboard alone, on a phone, at 400 % zoom."""

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support.platform import Platform
from tests.verify.browser.conftest import DESK, PHONE, PageVisit
from tests.verify.browser.test_pages import check

ZOOMED = (320, 256)
"""What a window of 1280 by 1024 pixels shows at 400 %."""
FIRST_PAGE_BYTES, NEXT_PAGE_BYTES = 40 * 1024, 15 * 1024
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


@pytest.mark.parametrize("size", [DESK, PHONE, ZOOMED], ids=["desk", "phone", "zoomed"])
def test_every_page_is_readable_for_everybody(visit: PageVisit, paths: list[str]) -> None:
    for path in paths:
        assert visit.open(path) == 200, path
        check(visit)


def test_every_page_is_readable_in_the_dark(visit: PageVisit, paths: list[str]) -> None:
    visit.page.emulate_media(color_scheme="dark")
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
    page.get_by_role("link", name="See the whole thread").click()
    page.get_by_text("The same as a table").click()
    expect(page.get_by_role("link", name="Get these rows")).to_be_visible()


def test_pages_are_small(chromium: Browser, platform: Platform, paths: list[str]) -> None:
    context = chromium.new_context()
    page = context.new_page()
    network = context.new_cdp_session(page)
    network.send("Network.enable")
    loaded: list[float] = []
    network.on("Network.loadingFinished", lambda event: loaded.append(event["encodedDataLength"]))
    page.goto(platform.url, wait_until="networkidle")
    assert 0 < sum(loaded) <= FIRST_PAGE_BYTES
    for path in paths:
        loaded.clear()
        page.goto(platform.url + path, wait_until="networkidle")
        assert 0 < sum(loaded) <= NEXT_PAGE_BYTES, path
    context.close()
