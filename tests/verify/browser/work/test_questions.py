"""An editor answers a question: with and without script, on a desk and at 400 % zoom, with a mouse and by keyboard."""

from urllib.parse import urlsplit
from uuid import uuid4

import httpx
from playwright.sync_api import expect

from tests.support.platform import Platform
from tests.verify.browser.test_tell import MAX_TABS, Visitor, person

__all__ = ["person"]

ANSWER = "Begin with one hour at home.\nSay on the phone who comes, and when."


def sign_in(person: Visitor, platform: Platform) -> None:
    person.visit.page.goto(platform.impact("link", "evidence-editor").split()[-1])
    person.visit.page.get_by_role("main").get_by_role("button", name="Sign in").click()


def ask(platform: Platform) -> str:
    """Ask a question, as a practitioner. Returns its words."""
    question = f"How do we speak of planned breaks with a family? {uuid4().hex[:8]}"
    headers = {"Authorization": f"Bearer {platform.impact('token', 'practitioner').split()[-1]}"}
    body = {"question": question, "urgency": "today"}
    httpx.post(f"{platform.url}/v1/evidence-requests", json=body, headers=headers).raise_for_status()
    return question


def tick_first_source(person: Visitor) -> None:
    first = person.page.locator("input[name=cite]").first
    if not person.keyboard:
        first.check()
        return
    person.page.get_by_role("main").get_by_role("link").first.focus()
    for _ in range(MAX_TABS):
        person.page.keyboard.press("Tab")
        if first.evaluate("element => element === document.activeElement"):
            break
    person.page.keyboard.press("Space")
    expect(first).to_be_checked()


def test_an_editor_takes_a_question_and_answers_it_though_the_session_ends_in_between(
    person: Visitor, platform: Platform
) -> None:
    page = person.page
    question = ask(platform)
    sign_in(person, platform)
    person.visit.open("/staff/questions?status=open&urgency=today")
    person.look()
    person.press(question)
    person.look()
    path = urlsplit(page.url).path
    person.press("Take this question")
    expect(page.get_by_role("alert")).to_contain_text("You have taken this question.")
    person.press("Write the answer")
    person.look()
    person.press("Preview it as the person will see it")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Write the answer")
    person.look()
    person.write("Your answer, in plain words", ANSWER)
    page.context.clear_cookies(name="impact_session")
    person.press("Preview it as the person will see it")
    assert urlsplit(page.url).path == "/sign-in"
    sign_in(person, platform)
    person.visit.open(f"{path}/answer")
    expect(page.get_by_label("Your answer, in plain words")).to_have_value(ANSWER)
    person.write("Words to search for", "carers")
    person.press("Search")
    tick_first_source(person)
    person.press("Preview it as the person will see it")
    person.look()
    expect(page.locator(".impact-answer")).to_contain_text("Begin with one hour at home.")
    person.press("Send the answer")
    expect(page.get_by_role("alert")).to_contain_text("Your answer is sent.")
    person.look()
    person.press("Publish it")
    person.look()
    person.write("The question, reworded", question)
    person.press("Publish")
    expect(page.locator(".govuk-error-summary")).to_contain_text("This repeats the asker's own words.")
    person.look()
    for other in ("/topics", "/decide/1"):
        person.visit.open(f"{path}{other}")
        person.look()
    person.visit.open("/staff/questions/figures")
    person.look()
