"""Two editors write and review a guide: with and without script, at 400 % zoom, and by keyboard."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.support.platform import Platform
from tests.verify.browser.test_tell import Visitor, person

__all__ = ["person"]

STATEMENT = {
    "The statement": "A weekday and a name work better than a leaflet.",
    "What to try today": "Offer one weekday and one name on the first visit.",
    "Who it applies to, where and when": "Carers who live with the person.",
}


def sign_in(person: Visitor, platform: Platform, persona: str) -> None:
    person.page.context.clear_cookies(name="impact_session")
    person.page.goto(platform.impact("link", persona).split()[-1])
    person.page.get_by_role("main").get_by_role("button", name="Sign in").click()


def begin_guide(person: Visitor) -> str:
    """Return the path of a new guide, which is shown."""
    page = person.page
    person.press("Write a new guide")
    person.press("Create the guide")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Give the guide a title")
    person.look()
    person.write("Title", "Offer a weekday and a name")
    person.write("Summary", "For whoever visits carers.")
    page.get_by_label("Review by").fill("2100-01-01")
    page.get_by_role("checkbox").first.check()
    person.press("Create the guide")
    expect(page.get_by_role("alert")).to_contain_text("The guide is created.")
    person.look()
    return urlsplit(page.url).path


def cite_evidence(person: Visitor) -> None:
    """Write a statement, find evidence for it and cite that."""
    page = person.page
    person.press("Add a statement")
    for label, text in STATEMENT.items():
        person.write(label, text)
    person.write("Search words, or the address or id of an item", "breaks")
    person.press("Search")
    expect(page.get_by_label("The statement", exact=True)).to_have_value(STATEMENT["The statement"])
    person.look()
    page.get_by_role("button", name="Cite this").first.click()
    expect(page.get_by_role("alert")).to_contain_text("It is cited.")
    person.look()


def complete_statement(person: Visitor, platform: Platform) -> None:
    """Write what the statement lacks, though the session ends in between."""
    page = person.page
    path = urlsplit(page.url).path
    page.get_by_label("What it adds").first.fill("What one council saw.")
    for group in ("What it costs", "How much work it is"):
        fields = page.get_by_role("group", name=group, exact=True)
        fields.get_by_label("How much").select_option("low")
        fields.get_by_label("In a few words").fill("Ten minutes.")
    page.context.clear_cookies(name="impact_session")
    person.press("Save and go to the guide")
    assert urlsplit(page.url).path == "/sign-in"
    sign_in(person, platform, "evidence-editor")
    person.visit.open(path)
    expect(page.get_by_label("What it adds").first).to_have_value("What one council saw.")
    person.press("Save and go to the guide")
    with page.expect_navigation():
        page.get_by_role("link", name="How sure we are, statement 1").press("Enter")
    assert urlsplit(page.url).fragment == "sure"
    sure = page.get_by_label("How sure", exact=True)
    expect(sure).to_be_hidden()
    person.choose("In plain words")
    expect(sure).to_be_visible()
    expect(page.get_by_label("Overall confidence")).to_be_hidden()
    person.look()
    page.get_by_label("How sure", exact=True).fill("Likely.")
    page.locator("#reason").fill("Nobody has compared it.")
    person.press("Save and go to the guide")
    expect(page.get_by_text("What one council saw.")).to_be_visible()


def return_guide(person: Visitor) -> None:
    """Read the guide as its reviewer, and return it."""
    person.look()
    person.press("Return it with reasons")
    person.write("What does it need before it can be published?", "Say which weekday.")
    person.press("Return it")
    expect(person.page.get_by_text("Say which weekday.")).to_be_visible()


def test_an_editor_writes_a_guide_and_a_second_one_returns_it(person: Visitor, platform: Platform) -> None:
    page = person.page
    sign_in(person, platform, "evidence-editor")
    person.visit.open("/staff/guides?status=draft&mine=true")
    person.look()
    guide = begin_guide(person)
    cite_evidence(person)
    complete_statement(person, platform)
    person.press("Send it for review")
    expect(page.get_by_role("alert")).to_contain_text("It is waiting for review.")
    expect(page.get_by_text("You wrote in this version, so another evidence editor reads it")).to_be_visible()
    expect(page.get_by_role("button", name="Publish it")).to_have_count(0)
    person.look()
    sign_in(person, platform, "guide-reviewer")
    person.visit.open(guide)
    return_guide(person)
    page.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alert")).to_contain_text("The statement is deleted.")
    person.press("Restore it")
    expect(page.get_by_role("alert")).to_contain_text("The statement is restored.")
    person.press("Withdraw the guide")
    person.look()
    person.press("Yes, withdraw it permanently")
    person.look()


def test_the_other_queues_of_guides_are_open_to_everybody_who_edits(person: Visitor, platform: Platform) -> None:
    sign_in(person, platform, "evidence-editor")
    for path in ("/staff/flags", "/staff/renditions", "/staff/learning", "/staff/learning/new"):
        person.visit.open(path)
        person.look()
