"""The four journeys of the pages, as people walk them on the demo library."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import uuid4

import httpx

from tests.benchmarks.pages.walker import PageLoad, Phone, Walker
from tests.verify.browser.test_tell import ANSWERS

QUESTION: Final = "Which breaks can be booked early for families who never ask for one?"
GUIDE: Final = "Time off for carers"
ANSWERED: Final = "Does a regular visitor make it easier"


@dataclass(frozen=True, slots=True)
class Walk:
    """A journey that was walked: its pages, and how many of its presses and pages led to what was looked for."""

    loads: list[PageLoad]
    presses: int
    foreign_requests: int
    answer: PageLoad | None = None
    """The page with the answer, and all bytes up to it: of the journey that looks for one."""


@dataclass(frozen=True, slots=True)
class WalkedJourney:
    """A journey by its name: who walks it, and its steps, which return how many pages led to an answer, if any."""

    name: str
    walk: Callable[[Phone, bool], Walk]


def find_and_read(phone: Phone, script: bool) -> Walk:
    """Search, read a guide, its evidence, its topic, and the thread from a voice to a change."""
    with phone.walker(None, script=script) as walker:
        walker.open("/")
        walker.enter("What do you want to know?", "carers")
        walker.follow(GUIDE)
        walker.expect("What to try today")
        walker.follow("See the whole line of sight")
        walker.page.go_back()
        walker.follow_to("/evidence/")
        walker.follow_to("/topics/")
        walker.follow("Topics", region="nav[aria-label='Main']")
        walker.follow_to("/gaps")
        return _walk_of(walker)


def find_an_answer(phone: Phone, script: bool) -> Walk:
    """Read an answer that is there already; ask a question, and say what happened with its answer."""
    with phone.walker("practitioner", script=script) as walker:
        walker.open("/")
        walker.follow("Questions", region="nav[aria-label='Main']")
        walker.follow(ANSWERED)
        walker.expect("The answer")
        read = walker.loads[-1]
        answer = PageLoad(read.kind, sum(load.size for load in walker.loads), read.presses)
        walker.follow("Questions", region="nav[aria-label='Main']")
        walker.follow("Ask a question")
        question = _ask_on_pages(walker)
        _answer_by_api(phone, question)
        walker.follow("Questions", region="nav[aria-label='Main']")
        walker.follow("My questions")
        walker.follow(QUESTION)
        walker.expect("The answer")
        walker.follow("Say what happened")
        walker.choose("Yes")
        walker.press("Send")
        return _walk_of(walker, answer)


def tell_what_you_know(phone: Phone, script: bool) -> Walk:
    """Tell an account, one question a page, see it as others will, and send it."""
    with phone.walker("carer", script=script) as walker:
        walker.open("/")
        walker.follow("Take part", region="nav[aria-label='Main']")
        walker.follow_to("/tell")
        walker.choose("Something I have lived through")
        walker.press("Start")
        for _, answers in ANSWERS:
            for label, text in answers.items():
                if text:
                    walker.write(label, text)
                else:
                    walker.choose(label)
            walker.press("Continue")
        walker.expect("How others will see it")
        walker.follow("Continue to check and send")
        walker.press("Send it")
        walker.expect("Thank you. We have received it.")
        return _walk_of(walker)


def edit_and_review(phone: Phone, script: bool) -> Walk:
    """Answer a question from the queue; then read a guide as its reviewer and return it with reasons."""
    question = f"{QUESTION} {uuid4().hex[:8]}"
    body = {"question": question, "urgency": "today"}
    _send(phone, "practitioner", "POST", "/v1/evidence-requests", body)
    with phone.walker("evidence-editor", script=script) as editor:
        editor.open("/staff")
        editor.follow("Questions waiting for an answer")
        editor.follow(question)
        editor.press("Take this question")
        editor.follow("Write the answer")
        editor.write("Your answer, in plain words", "Begin with one hour at home.")
        editor.press("Preview it as the person will see it")
        editor.press("Send the answer")
        editor.follow_to("/staff/questions")
        walk = _walk_of(editor)
    guide = _guide_in_review(phone)
    with phone.walker("guide-reviewer", script=script) as reviewer:
        reviewer.open("/staff")
        reviewer.follow("Guides waiting for review")
        reviewer.follow_to(f"/staff/guides/{guide}")
        reviewer.follow("Return it with reasons")
        reviewer.write("What does it need before it can be published?", "Say which weekday.")
        reviewer.press("Return it")
        _submit(phone, guide)
        review = _walk_of(reviewer)
    return Walk(
        walk.loads + review.loads,
        walk.presses + review.presses,
        walk.foreign_requests + review.foreign_requests,
    )


JOURNEYS: Final = (
    WalkedJourney("find and read", find_and_read),
    WalkedJourney("an answer between two shifts", find_an_answer),
    WalkedJourney("tell what you know", tell_what_you_know),
    WalkedJourney("editor and reviewer", edit_and_review),
)


def _walk_of(walker: Walker, answer: PageLoad | None = None) -> Walk:
    return Walk(walker.loads, walker.presses, len(walker.foreign_requests), answer)


def _ask_on_pages(walker: Walker) -> str:
    """Ask a question with its three fields. Returns its id."""
    walker.write("What do you want to know?", QUESTION)
    walker.choose("This week")
    walker.write("Where do you work?", "home care")
    walker.press("Continue")
    if "/asked" not in walker.page.url:
        walker.press("Ask my question")
    walker.expect("We have your question")
    return walker.page.url.split("/")[-2]


def _answer_by_api(phone: Phone, question: str) -> None:
    body: dict[str, Any] = {"answer": "Book one on the first visit.", "items": [], "guides": []}
    _send(phone, "evidence-editor", "POST", f"/v1/evidence-requests/{question}/answer", body)


def _guide_in_review(phone: Phone) -> str:
    return _send(phone, "guide-reviewer", "GET", "/v1/guides?status=review").json()["items"][0]["id"]


def _submit(phone: Phone, guide: str) -> None:
    """Send the guide for review again: the next walk returns it too."""
    _send(phone, "evidence-editor", "POST", f"/v1/guides/{guide}/submit")


def _send(phone: Phone, persona: str, method: str, path: str, body: object = None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {phone.token(persona)}"}
    response = httpx.request(method, f"{phone.platform.url}{path}", json=body, headers=headers)
    response.raise_for_status()
    return response
