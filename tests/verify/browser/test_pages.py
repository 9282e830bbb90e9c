"""Every page of the gateway: accessible, usable on every screen, without requests to other hosts."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.support.platform import Platform
from tests.verify.browser.conftest import DESK, PHONE, PageVisit
from tests.verify.programs import npm_file

PAGES = ("/", "/docs", "/problems", "/problems/not-found", "/status", "/welcome")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]


def check(visit: PageVisit) -> None:
    """Assert what every page must fulfil."""
    page = visit.page
    page.evaluate("document.querySelectorAll('details').forEach(details => { details.open = true })")
    assert visit.console == []
    assert visit.foreign_requests == []
    assert page.title().endswith(" - IMPACT")
    assert page.locator("html").get_attribute("lang") == "en-GB"
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert wider_than_the_window(page) == []
    assert violations(page) == []


def wider_than_the_window(page: Page) -> list[str]:
    """Return the beginnings of the elements that need horizontal scrolling."""
    return page.evaluate(
        """() => document.documentElement.scrollWidth <= innerWidth ? [] : [...document.body.querySelectorAll('*')]
             .filter(element => element.getBoundingClientRect().right > innerWidth)
             .map(element => element.outerHTML.slice(0, 100))"""
    )


def violations(page: Page) -> list[str]:
    """Return every violation that axe finds, whatever its impact, by rule and element."""
    # Evaluated like a developer tool, since the pages' content security policy allows no scripts.
    page.evaluate(npm_file("axe-core/axe.min.js").read_text())
    results: dict[str, Any] = page.evaluate(
        "rules => axe.run(document, {runOnly: rules, resultTypes: ['violations']})", RULES
    )
    return [
        f"{violation['id']} ({violation['impact']}): {node['target']}"
        for violation in results["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_readable_for_everybody(visit: PageVisit, path: str) -> None:
    assert visit.open(path) == 200
    check(visit)


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_readable_in_the_dark(visit: PageVisit, path: str) -> None:
    visit.page.emulate_media(color_scheme="dark")
    assert visit.open(path) == 200
    check(visit)


def test_somebody_signs_in_by_a_link_once_and_out_again(visit: PageVisit, platform: Platform) -> None:
    link = next(line.split()[-1] for line in platform.impact("links").splitlines() if line.strip().startswith("carer "))
    path = link.removeprefix(platform.url)
    page = visit.page
    visit.open(path)
    expect(page.locator("h1")).to_have_text("Sign in")
    check(visit)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/welcome")
    expect(page.locator("h1")).to_have_text("You are signed in")
    check(visit)
    page.get_by_role("main").get_by_role("button", name="Sign out").click()
    expect(page.locator("h1")).to_have_text("You are signed out")
    check(visit)
    visit.open("/welcome")
    expect(page.locator("h1")).to_have_text("You are not signed in")
    assert visit.open(path) == 410
    assert page.locator("h1").count() == 1


def test_the_reference_opens_by_keyboard_alone(visit: PageVisit) -> None:
    visit.open("/docs")
    page = visit.page
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.locator("details").first).to_have_attribute("open", "")
    assert visit.console == []
