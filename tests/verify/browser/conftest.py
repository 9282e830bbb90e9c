"""The system's Chromium, a record of console messages and requests, and a platform as people first see it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, Request, ViewportSize, sync_playwright

from tests.support.platform import Platform, running_platform, wait_for_demo_library
from tests.verify.programs import program

FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
DESK, PHONE = (1280, 900), (320, 640)


@dataclass
class PageVisit:
    """A page, with its console messages and its requests to other hosts."""

    page: Page
    url: str
    console: list[str] = field(default_factory=list[str])
    foreign_requests: list[str] = field(default_factory=list[str])

    def open(self, path: str) -> int:
        """Open the path. Returns the status of the response."""
        response = self.page.goto(self.url + path)
        assert response is not None
        return response.status


@pytest.fixture(scope="package")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    """Run a platform as `make up` does, with the demo library, and the story on it: the pages that people first see."""
    parent = tmp_path_factory.mktemp("demo")
    with running_platform(parent, DEMO="true", RATE_LIMIT_FACTOR="100000") as platform:
        wait_for_demo_library(platform)
        platform.impact("story")
        yield platform


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """Run one browser for this folder: while Playwright runs, no other test can run an event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture
def size() -> tuple[int, int]:
    """Return width and height of the window in CSS pixels; a test may override it."""
    return DESK


@pytest.fixture
def visit(chromium: Browser, platform: Platform, size: tuple[int, int]) -> Iterator[PageVisit]:
    """Return a page in a new browser context."""
    width, height = size
    viewport: ViewportSize = {"width": width, "height": height}
    context = chromium.new_context(viewport=viewport, locale="en-GB", color_scheme="light")
    page = context.new_page()
    visit = PageVisit(page, platform.url)
    host = urlsplit(platform.url).netloc
    page.on("console", lambda message: visit.console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: visit.console.append(str(error)))
    page.on("request", lambda request: record_foreign_request(visit, host, request.url))
    yield visit
    context.close()


def record_foreign_request(visit: PageVisit, host: str, url: str) -> None:
    if urlsplit(url).netloc != host:
        visit.foreign_requests.append(url)


def bytes_on_the_wire(request: Request) -> int:
    """Return how many bytes of the response came: none from the cache, where Playwright's number is negative."""
    return max(0, request.sizes()["responseBodySize"])
