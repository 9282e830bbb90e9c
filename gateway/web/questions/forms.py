"""The forms of questions, as they are read."""

from collections.abc import Sequence
from typing import Any, Final

from gateway.web.api_client import ApiRefusal
from gateway.web.forms import Form
from gateway.web.layout.page import WebPage

MIN_LENGTH: Final = 10
MAX_LENGTH: Final = 5_000
MAX_SETTING_LENGTH: Final = 120
MAX_OUTCOME_LENGTH: Final = 20_000
URGENCIES: Final = ("today", "this_week", "this_month", "no_hurry")
USES: Final = ("yes", "no", "not_yet")
QUESTION, SETTING, WHAT_HAPPENED = "question", "setting", "what_happened"
FIELDS: Final = (QUESTION, "urgency", SETTING)


def read_question(form: Form, page: WebPage) -> dict[str, Any]:
    """Return the body of a new question; notes what is missing."""
    question = read_text(form, page)
    urgency = form.choice("urgency", URGENCIES, missing=page.text("Choose how soon you need an answer"))
    setting = form.text(
        SETTING, longest=MAX_SETTING_LENGTH, too_long=page.text("Say where you work in 120 characters or fewer")
    )
    return {"question": question, "urgency": urgency, **({"setting": setting} if setting else {})}


def read_text(form: Form, page: WebPage) -> str:
    """Return the text of a question; notes where it is missing, too short or too long."""
    question = form.text(
        QUESTION,
        missing=page.text("Write your question"),
        longest=MAX_LENGTH,
        too_long=page.text("Write your question in 5,000 characters or fewer"),
    )
    if 0 < len(question) < MIN_LENGTH:
        form.errors["question"] = page.text("Write a little more, so that we understand your question")
    return question


def read_use(form: Form, page: WebPage) -> dict[str, Any]:
    """Return the body of what became of an answer."""
    used = form.choice("used", USES, missing=page.text("Say whether you used the answer"))
    what_happened = form.text(
        WHAT_HAPPENED,
        longest=MAX_OUTCOME_LENGTH,
        too_long=page.text("Say what happened in 20,000 characters or fewer"),
    )
    return {"used": used, **({"what_happened": what_happened} if what_happened else {})}


def add_refusal(form: Form, refusal: ApiRefusal, fields: Sequence[str] = FIELDS) -> None:
    """Note what the API refused at the fields of this form. Raises a refusal that is about something else."""
    if refusal.status not in (409, 422):
        raise refusal
    for name in fields:
        form.values.setdefault(name, None)
    form.add_refusal(refusal)
