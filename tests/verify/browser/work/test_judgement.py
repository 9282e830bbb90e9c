"""An editor decides duplicates and appraises: with and without script, on a desk and at 400 % zoom, by keyboard."""

import re

from playwright.sync_api import expect

from tests.support.platform import Platform
from tests.verify.browser.test_tell import Visitor, person

__all__ = ["person"]


def sign_in(person: Visitor, platform: Platform) -> None:
    person.visit.page.goto(platform.impact("link", "evidence-editor").split()[-1])
    person.visit.page.get_by_role("main").get_by_role("button", name="Sign in").click()


def test_pages_of_judgement_can_be_read_and_used(person: Visitor, platform: Platform) -> None:
    page = person.page
    sign_in(person, platform)
    for path in (
        "/staff",
        "/staff/duplicates",
        "/staff/duplicates/many",
        "/staff/merges",
        "/staff/import-conflicts",
        "/staff/appraisals",
        "/staff/appraisals/agreement",
    ):
        person.visit.open(path)
        person.look()
    person.visit.open("/staff/duplicates")
    group = page.locator(".impact-judge-list a").first
    if group.count():
        page.goto(platform.url + str(group.get_attribute("href")))
        person.look()
        person.choose("Not the same: they are different works")
        person.press("Save decision and show the next")
        expect(page.get_by_role("alert")).to_contain_text("marked as not the same")
        person.look()


def test_an_item_is_appraised_with_the_questions_of_its_kind(person: Visitor, platform: Platform) -> None:
    page = person.page
    sign_in(person, platform)
    person.visit.open("/evidence?way_of_knowing=practice_knowledge")
    address = str(page.get_by_role("main").locator("a[href^='/evidence/']").first.get_attribute("href"))
    page.goto(f"{platform.url}{address}")
    person.look()
    page.goto(f"{platform.url}/staff{address}/appraisals")
    person.look()
    instrument = page.get_by_label(re.compile("Provenance and use"))
    instrument.check()
    page.get_by_role("button", name="Open it").click()
    if page.locator(".govuk-error-summary").count():
        expect(page.locator(".govuk-error-summary")).to_contain_text("Submit your judgement there")
        page.get_by_role("main").locator("a[href*='/appraisals/']").first.click()
    person.look()
    judge = page.get_by_role("link", name="Judge it")
    if judge.count():
        judge.click()
        person.look()
        person.press("Submit my judgement")
        expect(page.locator(".govuk-error-summary")).to_contain_text("Answer this question")
        person.look()
    page.goto(f"{platform.url}/staff{address}/transferability/new")
    person.look()
    person.press("Save")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Choose the country")
    person.look()
