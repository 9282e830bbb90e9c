"""An editor writes a learning piece, one question a page: with and without script, at 400 % zoom, and by keyboard."""

from urllib.parse import urlsplit

from playwright.sync_api import expect

from tests.support.platform import Platform
from tests.verify.browser.test_tell import Visitor, person
from tests.verify.browser.work.test_guides import sign_in

__all__ = ["person"]

QUESTIONS = (
    ("When do you offer a break?", ("Late", "On the first visit"), "Number 2"),
    ("Whom do you ask first?", ("The carer", "Nobody"), "Number 1"),
    ("What helps most?", ("A leaflet", "A name", "A voucher", "A weekday"), "Number 4"),
)


def write_question(person: Visitor, ask: str, options: tuple[str, ...], right: str) -> None:
    """Write a question on the page that is shown, with room for more answers where it has more."""
    person.write("The question", ask)
    if len(options) > 3:
        person.press("Make room for another answer")
        expect(person.page.get_by_label("The question", exact=True)).to_have_value(ask)
    for number, option in enumerate(options, 1):
        person.write(f"Answer {number}", option)
    person.choose(right)
    person.write("Why it is right", "Before a crisis.")


def follow(person: Visitor, what: str, question: str) -> None:
    """Follow the link that does this with a question."""
    with person.page.expect_navigation():
        person.page.get_by_role("link").filter(has_text=what).filter(has_text=question).press("Enter")


def test_an_editor_writes_a_piece_one_question_a_page(person: Visitor, platform: Platform) -> None:
    page = person.page
    sign_in(person, platform, "evidence-editor")
    person.visit.open("/staff/learning")
    person.press("Write a new piece")
    person.look()
    person.write("Title", "Asking about a break")
    person.write("The one thing to take away", "Carers take breaks that are offered early.")
    person.write("What there is to learn", "Most carers do not ask for a break.")
    person.press("Save, and go on to its questions")
    expect(page.get_by_role("alert")).to_contain_text("The piece is created.")
    person.look()
    piece = urlsplit(page.url).path
    person.press("Add a question")
    person.press("Save the question")
    expect(page.locator(".govuk-error-summary")).to_contain_text("Write the question")
    person.look()
    write_question(person, *QUESTIONS[0])
    page.context.clear_cookies(name="impact_session")
    person.press("Save the question")
    assert urlsplit(page.url).path == "/sign-in"
    sign_in(person, platform, "evidence-editor")
    person.visit.open(f"{piece}/questions/new")
    expect(page.get_by_label("The question", exact=True)).to_have_value(QUESTIONS[0][0])
    person.press("Save the question")
    for question in QUESTIONS[1:]:
        person.press("Add another question")
        write_question(person, *question)
        person.press("Save the question")
        expect(page.get_by_role("heading", name=question[0])).to_be_visible()
    person.look()
    follow(person, "Change", QUESTIONS[1][0])
    expect(page.get_by_label("Answer 1", exact=True)).to_have_value("The carer")
    person.look()
    person.press("Back without saving")
    follow(person, "Remove", QUESTIONS[2][0])
    person.look()
    person.press("Yes, remove it")
    expect(page.get_by_role("heading", name=QUESTIONS[2][0])).to_have_count(0)
    person.press("Add something to watch or listen to")
    person.look()
    person.visit.open(f"{piece}/sources")
    person.write("Search words, or the address or id of an item", "breaks")
    person.press("Search")
    person.look()
    page.get_by_role("button", name="Use this").first.click()
    expect(page.get_by_role("alert")).to_contain_text("The piece teaches from it now.")
    person.look()
    person.visit.open(f"{piece}/withdraw")
    person.press("Yes, withdraw it permanently")
