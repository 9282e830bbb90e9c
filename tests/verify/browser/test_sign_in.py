"""Signing in by a mailed link and as a persona, and the pages around it, in a real browser."""

import pytest
from playwright.sync_api import expect

from tests.verify.browser.conftest import DESK, PHONE, PageVisit
from tests.verify.browser.test_pages import check


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_somebody_new_signs_in_by_a_mailed_link_and_out_everywhere(visit: PageVisit) -> None:
    page = visit.page
    visit.open("/sessions")
    expect(page.locator("h1")).to_have_text("Sign in")
    check(visit)
    page.get_by_label("Your email address").fill("nobody")
    page.get_by_role("button", name="Send me a link").click()
    page.get_by_role("link", name="Enter an email address in the correct format, like name@example.org").click()
    expect(page.get_by_label("Your email address")).to_be_focused()
    visit.console.clear()  # the browser notes the 422
    check(visit)
    page.get_by_label("Your email address").fill("Jo@Example.org ")
    page.get_by_role("button", name="Send me a link").click()
    expect(page.locator("h1")).to_have_text("Check your email")
    check(visit)
    page.get_by_role("link", name="See the emails that would have been sent").click()
    page.get_by_role("link", name="/sign-in/impact_link_").first.wait_for()
    check(visit)
    page.get_by_role("link", name="/sign-in/impact_link_").first.click()
    check(visit)
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.locator("h1")).to_have_text("Where you are signed in")
    expect(page.locator("main")).to_contain_text("Chrome on Linux (this one)")
    check(visit)
    page.get_by_role("button", name="Sign out everywhere").click()
    expect(page.locator("h1")).to_have_text("You are not signed in")


def test_somebody_tries_the_demo_as_a_persona(visit: PageVisit) -> None:
    visit.open("/sign-in")
    visit.page.get_by_role("button", name="An unpaid carer").click()
    expect(visit.page.locator("main")).to_contain_text("You are signed in as an unpaid carer")
    check(visit)
