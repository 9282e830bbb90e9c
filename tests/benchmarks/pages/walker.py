"""Somebody at a browser on a phone, whose pages, presses and bytes are counted."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Request, StorageState, sync_playwright

from tests.support.platform import Platform
from tests.verify.browser.conftest import FLAGS, bytes_on_the_wire
from tests.verify.browser.site import kind_of
from tests.verify.programs import program

WIDTH, HEIGHT = 375, 667


@dataclass(frozen=True, slots=True)
class PageLoad:
    """A page as it came: its bytes on the wire, compressed, with whatever it brought along, and the presses to it."""

    kind: str
    size: int
    presses: int
    is_first: bool = False
    """Whether the browser's cache was empty."""


@dataclass
class Walker:
    """Walks through pages. Each press is a click, or Enter in a field; typing is none."""

    page: Page
    url: str
    presses: int = 0
    loads: list[PageLoad] = field(default_factory=list[PageLoad])
    foreign_requests: list[str] = field(default_factory=list[str])
    _finished: list[Request] = field(default_factory=list[Request])

    def watch(self) -> None:
        """Begin to count what the browser fetches."""
        self.page.on("requestfinished", self._note_finished)
        self.page.on("request", self._note_host)

    def open(self, path: str) -> None:
        """Open the first page, as somebody who has kept its address."""
        response = self.page.goto(f"{self.url}{path}")
        if response is None or response.status != 200:
            raise SystemExit(f"{path} does not open: {response and response.status}")
        self._note_page()

    def follow(self, name: str, region: str = "main") -> None:
        """Press the first link with this name, which leads to a page."""
        self._press(self.page.locator(region).get_by_role("link", name=name).first)

    def follow_to(self, path: str) -> None:
        """Press the first link of the page's content whose address begins like this."""
        self._press(self.page.locator(f"main a[href^='{path}']").first)

    def press(self, name: str) -> None:
        """Press the button with this name, which leads to a page."""
        self._press(self.page.locator("main").get_by_role("button", name=name, exact=True).first)

    def choose(self, label: str) -> None:
        """Choose a radio button or a box."""
        self.presses += 1
        self.page.get_by_label(label, exact=True).check()

    def write(self, label: str, text: str) -> None:
        self.page.get_by_label(label).first.fill(text)

    def enter(self, label: str, text: str) -> None:
        """Write into a field and send its form with Enter."""
        self.write(label, text)
        self.presses += 1
        with self.page.expect_navigation():
            self.page.get_by_label(label).first.press("Enter")
        self._note_page()

    def expect(self, text: str) -> None:
        """Stop the run unless the page says this: what is counted must be the journey."""
        if not self.page.locator("main").get_by_text(text).count():
            raise SystemExit(f"{self.page.url} does not say {text!r}")

    def _press(self, control: Locator) -> None:
        self.presses += 1
        with self.page.expect_navigation():
            control.click()
        self._note_page()

    def _note_page(self) -> None:
        self.page.wait_for_load_state("load")
        finished, self._finished[:] = list(self._finished), []
        size = sum(map(bytes_on_the_wire, finished))
        parts = urlsplit(self.page.url)
        kind = kind_of(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        self.loads.append(PageLoad(kind, size, self.presses, is_first=not self.loads))

    def _note_finished(self, request: Request) -> None:
        self._finished.append(request)

    def _note_host(self, request: Request) -> None:
        if urlsplit(request.url).netloc != urlsplit(self.url).netloc:
            self.foreign_requests.append(request.url)


class Phone:
    """A browser, and who has signed in with it."""

    def __init__(self, browser: Browser, platform: Platform) -> None:
        self._browser, self.platform = browser, platform
        self._states: dict[str, StorageState] = {}
        self._tokens: dict[str, str] = {}

    def token(self, persona: str) -> str:
        """Return a token by which this persona may use the API."""
        if persona not in self._tokens:
            self._tokens[persona] = self.platform.impact("token", persona)
        return self._tokens[persona]

    @contextmanager
    def walker(self, persona: str | None, *, script: bool) -> Generator[Walker]:
        """Return somebody with an empty cache, who signed in before unless they are nobody."""
        context = self._browser.new_context(
            viewport={"width": WIDTH, "height": HEIGHT},
            locale="en-GB",
            java_script_enabled=script,
            storage_state=self._signed_in(persona) if persona else None,
        )
        walker = Walker(context.new_page(), self.platform.url)
        walker.watch()
        yield walker
        context.close()

    def _signed_in(self, persona: str) -> StorageState:
        if persona not in self._states:
            context = self._browser.new_context()
            page = context.new_page()
            page.goto(self.platform.impact("link", persona).split()[-1])
            with page.expect_navigation():
                page.get_by_role("main").get_by_role("button", name="Sign in").click()
            self._states[persona] = context.storage_state()
            context.close()
        return self._states[persona]


@contextmanager
def running_phone(platform: Platform) -> Generator[Phone]:
    """Run the system's Chromium."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program("chromium"), args=[*FLAGS])
        yield Phone(browser, platform)
        browser.close()
