"""Chromium of the system, in a window of a phone and of a desk, and what it meets on a page."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.support.platform import Platform
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
class Visit:
    """A page, and what was noted while it was used."""

    page: Page
    url: str
    console: list[str] = field(default_factory=list[str])
    elsewhere: list[str] = field(default_factory=list[str])

    def open(self, path: str) -> int:
        """Go there; the status of the answer."""
        response = self.page.goto(self.url + path)
        assert response is not None
        return response.status


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    """One browser for this folder: while Playwright is there, no other test can run an event loop."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=[*FLAGS])
        yield browser
        browser.close()


@pytest.fixture
def size() -> tuple[int, int]:
    """Width and height of the window in CSS pixels; a test may choose another."""
    return DESK


@pytest.fixture
def visit(chromium: Browser, platform: Platform, size: tuple[int, int]) -> Iterator[Visit]:
    """A browser that has been nowhere yet."""
    width, height = size
    viewport: ViewportSize = {"width": width, "height": height}
    context = chromium.new_context(viewport=viewport, locale="en-GB", color_scheme="light")
    page = context.new_page()
    visit = Visit(page, platform.url)
    host = urlsplit(platform.url).netloc
    page.on("console", lambda message: visit.console.append(f"{message.type}: {message.text}"))
    page.on("pageerror", lambda error: visit.console.append(str(error)))
    page.on("request", lambda request: note_elsewhere(visit, host, request.url))
    yield visit
    context.close()


def note_elsewhere(visit: Visit, host: str, url: str) -> None:
    if urlsplit(url).netloc != host:
        visit.elsewhere.append(url)
