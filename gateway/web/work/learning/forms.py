"""The forms of a learning piece, as they are shown and read: its words, one question, something to watch."""

from typing import Any, Final

from gateway.web.api_client import Document
from gateway.web.forms import Form
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.work.guides.choices import CONTENT, LANGUAGES, POINT, QUESTION, TITLE
from gateway.web.work.guides.forms import read_text

MAX_OPTIONS: Final = 6
SHOWN_OPTIONS: Final = 3
"""Boxes for answers that the form of a new question has; one more is a press away."""
MAX_TITLE: Final = 300
MAX_SENTENCE: Final = 600
MAX_WHY: Final = 4_000
MAX_TEXT: Final = 20_000
MAX_SECONDS: Final = 600
TOO_LONG: Final = {
    MAX_TITLE: text("Shorten this to 300 characters or fewer"),
    MAX_SENTENCE: text("Shorten this to 600 characters or fewer"),
    MAX_WHY: text("Shorten this to 4,000 characters or fewer"),
    MAX_TEXT: text("Shorten this to 20,000 characters or fewer"),
}
WORDS: Final = ("title", "point", "text", "language")
OPTIONS: Final = tuple(map(str, range(1, MAX_OPTIONS + 1)))


def values_of_words(piece: Document) -> dict[str, Any]:
    """Return the values of the form of the words of a piece."""
    return {name: piece[name] or "" for name in WORDS}


def read_words(form: Form, page: WebPage) -> Document:
    """Return the words of a piece as the API takes them; notes what is wrong."""
    return {
        "title": _text(form, page, "title", MAX_TITLE, missing=page.text("Give it a title")),
        "point": _text(form, page, "point", MAX_SENTENCE, missing=page.text("Say the one thing to take away")),
        "text": _text(form, page, "text", MAX_TEXT),
        "language": form.choice("language", tuple(LANGUAGES)) or "en",
    }


def texts_of_words(words: Document) -> dict[tuple[str, str], str]:
    """Return the words of a piece, or what was sent, to be compared."""
    return {(TITLE, ""): words["title"], (POINT, ""): words["point"] or "", (CONTENT, ""): words["text"] or ""}


def values_of_question(question: Document | None) -> dict[str, Any]:
    """Return the values of the form of a question; of a new one for None."""
    if question is None:
        return {"ask": "", "why": "", "right": ""}
    options = {f"option-{number}": option for number, option in enumerate(question["options"], 1)}
    right = "" if question["right"] is None else str(question["right"] + 1)
    return {"ask": question["ask"], "why": question["why"] or "", "right": right, **options}


def read_question(form: Form, page: WebPage) -> Document:
    """Return a question as the API takes it; notes what is wrong. Answers left empty are left out."""
    ask = _text(form, page, "ask", MAX_SENTENCE, missing=page.text("Write the question"))
    boxes = [number for number in OPTIONS if f"option-{number}" in form.values]
    written = {number: words for number in boxes if (words := _text(form, page, f"option-{number}", MAX_SENTENCE))}
    right = form.choice("right", OPTIONS)
    why = _text(form, page, "why", MAX_WHY, missing=page.text("Say why it is right. Learners see this"))
    if len(written) < 2:
        form.errors.setdefault("option-1", page.text("Give at least two answers to choose from"))
    elif len({words.casefold() for words in written.values()}) < len(written):
        form.errors.setdefault("option-1", page.text("Two answers are the same: change one of them"))
    if right not in written:
        form.errors["right"] = page.text("Choose which of the answers is right")
    place = list(written).index(right) if right in written else 0
    return {"ask": ask, "options": list(written.values()), "right": place, "why": why}


def texts_of_question(question: Document) -> dict[tuple[str, str], str]:
    """Return a question in one text, to be compared."""
    lines = [question["ask"], *question["options"], str((question["right"] or 0) + 1), question["why"] or ""]
    return {(QUESTION, ""): "\n".join(lines)}


def count_boxes(form: Form) -> int:
    """Return how many boxes for answers to show: those that are there, and one more where that was pressed."""
    there = [int(number) for number in OPTIONS if f"option-{number}" in form.values]
    more = 1 if form.values.get("do") == "option" else 0
    return min(MAX_OPTIONS, max([SHOWN_OPTIONS, *there]) + more)


def values_of_medium(medium: Document | None) -> dict[str, Any]:
    """Return the values of the form of something to watch or listen to; of something new for None."""
    return {name: str(medium[name]) if medium else "" for name in ("title", "url", "seconds")}


def read_medium(form: Form, page: WebPage) -> Document:
    """Return something to watch or listen to as the API takes it; notes what is wrong."""
    title = _text(form, page, "title", MAX_TITLE, missing=page.text("Say what it is called"))
    url, seconds = read_text(form, "url"), read_text(form, "seconds")
    if not url.startswith(("https://", "http://")):
        form.errors["url"] = page.text("Give a full web address that begins with https://")
    length = int(seconds) if seconds.isdecimal() and len(seconds) < 4 else 0
    if not 1 <= length <= MAX_SECONDS:
        form.errors["seconds"] = page.text("Say how long it runs in seconds, up to 600")
    return {"title": title, "url": url, "seconds": length}


def texts_of_medium(medium: Document) -> dict[tuple[str, str], str]:
    """Return something to watch or listen to in one text, to be compared."""
    return {(TITLE, ""): "\n".join(str(medium[name]) for name in ("title", "url", "seconds"))}


def _text(form: Form, page: WebPage, name: str, longest: int, *, missing: str | None = None) -> str:
    return read_text(form, name, missing=missing, longest=longest, too_long=page.text(TOO_LONG[longest]))
