"""A carer tells their account: with and without script, on a desk and at 400 % zoom, with a mouse and by keyboard."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.support.platform import Platform
from tests.verify.browser.conftest import DESK, PHONE, PageVisit, record_foreign_request
from tests.verify.browser.test_pages import violations, wider_than_the_window

MAX_TABS = 120
ANSWERS: tuple[tuple[str, dict[str, str]], ...] = (
    ("whose-story", {"My own story": ""}),
    ("about-you", {"An unpaid carer": "", "In a few words, if you like": "daughter who lives with her mother"}),
    ("what-happened", {"What happened?": "For four years I did not sleep. Then a sitter came on Thursdays."}),
    ("what-helped", {"What helped, and what did not?": "That the same person came each time."}),
    ("when", {"From which year?": "2021"}),
    ("where", {"In which place?": "at home"}),
    ("topic", {"Which support is it about?": "replacement care"}),
    ("title", {"Give it a title": "Thursdays by the sea"}),
    ("who-may-see-it", {"Everybody. You may publish it.": ""}),
    ("name", {"With a first name": "", "The name that we show": "Mair"}),
)
"""By question: what is chosen (without a text), and what is written into which field."""


@dataclass
class Visitor:
    """Somebody at a browser, with a mouse or with the keyboard alone."""

    visit: PageVisit
    script: bool
    keyboard: bool

    @property
    def page(self) -> Page:
        return self.visit.page

    def choose(self, label: str) -> None:
        radio = self.page.get_by_label(label, exact=True)
        if not self.keyboard:
            radio.check()
            return
        name = radio.get_attribute("name")
        self._tab_to(self.page.locator(f"input[name={name}]").first)
        for _ in range(10):
            if radio.evaluate("element => element === document.activeElement"):
                break
            self.page.keyboard.press("ArrowDown")
        self.page.keyboard.press("Space")
        expect(radio).to_be_checked()

    def write(self, label: str, text: str) -> None:
        field = self.page.get_by_label(label, exact=True)
        if self.keyboard:
            self._tab_to(field)
            self.page.keyboard.type(text)
        else:
            field.fill(text)

    def press(self, name: str) -> None:
        control = self.page.get_by_role("main").get_by_role("button", name=name, exact=True)
        control = control.or_(self.page.get_by_role("main").get_by_role("link", name=name, exact=True))
        if self.keyboard:
            self._tab_to(control)
            with self.page.expect_navigation():
                self.page.keyboard.press("Enter")
        else:
            with self.page.expect_navigation():
                control.click()

    def answer(self, answers: dict[str, str]) -> None:
        for label, text in answers.items():
            if text:
                self.write(label, text)
            else:
                self.choose(label)

    def look(self) -> None:
        """Assert what every page must fulfil. Where scripts do not run, axe does not either."""
        if self.script:
            assert violations(self.page) == []
        assert wider_than_the_window(self.page) == []
        assert self.page.locator("h1").count() == 1

    def _tab_to(self, control: Locator) -> None:
        for _ in range(MAX_TABS):
            if control.evaluate("element => element === document.activeElement"):
                return
            self.page.keyboard.press("Tab")
        raise AssertionError(f"the keyboard does not reach {control}")


@pytest.fixture(
    params=[(True, DESK, False), (False, PHONE, False), (False, DESK, True)],
    ids=["with script", "without script at 400 % zoom", "by keyboard without script"],
)
def person(request: pytest.FixtureRequest, chromium: Browser, platform: Platform) -> Iterator[Visitor]:
    script, (width, height), keyboard = request.param
    context = chromium.new_context(
        viewport={"width": width, "height": height}, locale="en-GB", java_script_enabled=script
    )
    visit = PageVisit(context.new_page(), platform.url)
    host = urlsplit(platform.url).netloc
    visit.page.on("request", lambda sent: record_foreign_request(visit, host, sent.url))
    yield Visitor(visit, script, keyboard)
    assert visit.foreign_requests == []
    context.close()


def sign_in(person: Visitor, platform: Platform) -> None:
    person.visit.page.goto(platform.impact("link", "carer").split()[-1])
    person.visit.page.get_by_role("main").get_by_role("button", name="Sign in").click()


def test_a_carer_tells_an_account_though_the_session_ends_in_between(person: Visitor, platform: Platform) -> None:
    page = person.page
    sign_in(person, platform)
    person.visit.open("/tell")
    person.look()
    person.choose("Something I have lived through")
    person.press("Start")
    for slug, answers in ANSWERS:
        assert urlsplit(page.url).path == f"/tell/{slug}"
        person.look()
        if slug == "what-happened":
            person.press("Continue")
            expect(page.locator(".govuk-error-summary")).to_contain_text("Write what happened, in your own words")
            person.look()
        person.answer(answers)
        if slug == "what-helped":
            page.context.clear_cookies(name="impact_session")
            person.press("Continue")
            assert urlsplit(page.url)[2:4] == ("/sign-in", "next=%2Ftell%2Fwhat-helped")
            sign_in(person, platform)
            person.visit.open("/tell/what-helped")
            expect(page.get_by_label("What helped")).to_have_value(answers["What helped, and what did not?"])
        person.press("Continue")
    expect(page.locator("h1")).to_have_text("How others will see it")
    person.look()
    expect(page.locator(".impact-preview")).to_contain_text("under the name Mair.")
    person.press("Continue to check and send")
    person.look()
    if person.keyboard:
        person.press("Send it")
    else:
        page.get_by_role("button", name="Send it").dblclick()
        page.wait_for_url("**/contributions/*")
    expect(page.get_by_role("status")).to_contain_text("Thank you. We have received it.")
    person.look()
    sent = page.url
    page.go_back()
    page.goto(f"{platform.url}/tell/check")
    assert page.url == sent
    page.goto(f"{sent.partition('?')[0]}/withdraw")
    person.look()
    person.press("Yes, take it back for good")
    expect(page.locator("h1")).to_have_text("You took this back")
    person.look()
