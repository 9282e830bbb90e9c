"""The questions of the journey, one a page: what each asks, what is wrong with an answer, and how it reads again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from gateway.web.forms import Form
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.tell.choices import CONSENT, COUNTRIES, NAMING, ORGANISATIONS, SPEAKERS, WHOSE
from shared import clock

Topics = Mapping[str, str]
"""Names of topics by id."""
LONGEST_ACCOUNT: Final = 40_000
LONGEST_PART: Final = 9_000
LONGEST_TITLE: Final = 200
LONGEST_LINE: Final = 300
LONGEST_NAME: Final = 120
LONGEST_SETTING: Final = 120
MAX_TOPICS: Final = 20
FIRST_YEAR: Final = 1900
NAMEABLE: Final = ("self", "the_persons_agreement")
"""On whose word a full name may be shown: that of the person."""


@dataclass(frozen=True, slots=True)
class Question:
    """A page with one question. `check` notes what is wrong with its answers; `read` returns them as a text."""

    slug: str
    label: str
    fields: tuple[str, ...]
    check: Callable[[Form, WebPage], object]
    read: Callable[[Mapping[str, Any], WebPage, Topics], str]


def check_text(name: str, longest: int, missing: str | None = None) -> Callable[[Form, WebPage], object]:
    """Return the check of a text: it may not be longer, and not be missing where `missing` says so."""

    def check(form: Form, page: WebPage) -> object:
        too_long = page.text("This is too long. Use at most %(number)s characters.") % {"number": f"{longest:,}"}
        return form.text(name, missing=missing and page.text(missing), longest=longest, too_long=too_long)

    return check


def _choice(name: str, choices: Mapping[str, str], missing: str) -> Callable[[Form, WebPage], object]:
    return lambda form, page: form.choice(name, choices, missing=page.text(missing))


def _check_work(form: Form, page: WebPage) -> None:
    check_text("role", LONGEST_LINE, text("Say in a few words what your job is"))(form, page)
    form.choice("organisation_kind", ORGANISATIONS)


def _check_speaker(form: Form, page: WebPage) -> None:
    _choice("speaks_as", SPEAKERS, text("Choose what fits best"))(form, page)
    check_text("role", LONGEST_LINE)(form, page)


def _check_when(form: Form, page: WebPage) -> None:
    for name in ("from", "to"):
        year = form.text(name)
        if year and not (year.isascii() and year.isdecimal() and FIRST_YEAR <= int(year) <= clock.today().year):
            form.errors[name] = page.text("Write a year with four digits, such as 2021, that is not in the future")
    first, last = form.values["from"], form.values["to"]
    if first and last and not form.errors and last < first:
        form.errors["to"] = page.text("The second year must not be before the first")


def _check_where(form: Form, page: WebPage) -> None:
    form.choice("country", COUNTRIES)
    practice = form.values.get("way") == "practice_knowledge"
    check_text("setting", LONGEST_SETTING, text("Say where it was done, such as home care") if practice else None)(
        form, page
    )


def _check_topic(form: Form, page: WebPage) -> None:
    if len(form.values.get("topics") or ()) > MAX_TOPICS:
        form.errors["topics"] = page.text("Choose at most %(number)s topics") % {"number": MAX_TOPICS}
    check_text("service", LONGEST_LINE)(form, page)


def _check_name(form: Form, page: WebPage) -> None:
    choices = NAMING[form.values["way"]]
    chosen = form.choice("attribution", choices, missing=page.text("Choose how you want to be named"))
    check_text("name", LONGEST_NAME)(form, page)
    if chosen not in (None, "anonymous") and not form.values["name"]:
        form.errors["name"] = page.text("Write the name that we may show")
    if chosen == "full_name" and form.values.get("whose") not in NAMEABLE:
        form.errors["attribution"] = page.text("We only show a full name if the person agrees. Choose another option.")


def _read(name: str, choices: Mapping[str, str] | None = None) -> Callable[[Mapping[str, Any], WebPage, Topics], str]:
    def read(values: Mapping[str, Any], page: WebPage, _topics: Topics) -> str:
        value = values.get(name) or ""
        return page.text(choices[value]) if choices and value in choices else str(value)

    return read


def _joined(*names: str, **choices: Mapping[str, str]) -> Callable[[Mapping[str, Any], WebPage, Topics], str]:
    parts = [_read(name, choices.get(name)) for name in names]
    return lambda values, page, topics: ", ".join(filter(None, (part(values, page, topics) for part in parts)))


def _read_when(values: Mapping[str, Any], page: WebPage, _topics: Topics) -> str:
    first, last = values.get("from"), values.get("to")
    if first and last:
        return page.text("%(first)s to %(last)s") % {"first": first, "last": last} if first != last else str(first)
    pattern, year = (text("since %(year)s"), first) if first else (text("until %(year)s"), last)
    return page.text(pattern) % {"year": year} if year else ""


def _read_topics(values: Mapping[str, Any], _page: WebPage, topics: Topics) -> str:
    return ", ".join([*(topics.get(id, "") for id in values.get("topics") or ()), values.get("service") or ""]).strip(
        ", "
    )


def _read_name(values: Mapping[str, Any], page: WebPage, _topics: Topics) -> str:
    chosen = values.get("attribution") or ""
    naming = page.text(NAMING[values["way"]].get(chosen, ""))
    return f"{naming}: {values.get('name')}" if chosen not in ("", "anonymous") else naming


_WHEN = Question("when", text("When it was"), ("from", "to"), _check_when, _read_when)
_WHERE = Question(
    "where",
    text("Where it was"),
    ("country", "setting"),
    _check_where,
    _joined("setting", "country", country=COUNTRIES),
)
_TOPIC = Question("topic", text("What it is about"), ("topics", "service"), _check_topic, _read_topics)
_TITLE = Question(
    "title",
    text("Title"),
    ("title",),
    check_text("title", LONGEST_TITLE, text("Give it a title, so that others can find it")),
    _read("title"),
)
_NAME = Question("name", text("How you are named"), ("attribution", "name"), _check_name, _read_name)

QUESTIONS: Final[dict[str, tuple[Question, ...]]] = {
    "lived_experience": (
        Question(
            "whose-story", text("Whose story it is"), ("whose",),
            _choice("whose", WHOSE, text("Choose whose story it is")), _read("whose", WHOSE),
        ),
        Question(
            "about-you", text("Who you are in it"), ("speaks_as", "role"), _check_speaker,
            _joined("speaks_as", "role", speaks_as=SPEAKERS),
        ),
        Question(
            "what-happened", text("What happened"), ("account",),
            check_text("account", LONGEST_ACCOUNT, text("Write what happened, in your own words")), _read("account"),
        ),
        Question(
            "what-helped", text("What helped, or did not"), ("helped",), check_text("helped", LONGEST_PART),
            _read("helped"),
        ),
        _WHEN,
        _WHERE,
        _TOPIC,
        _TITLE,
        Question(
            "who-may-see-it", text("Who may see it"), ("to_publish",),
            _choice("to_publish", CONSENT, text("Choose who may see it")), _read("to_publish", CONSENT),
        ),
        _NAME,
    ),
    "practice_knowledge": (
        Question(
            "your-work", text("Your work"), ("role", "organisation_kind"), _check_work,
            _joined("role", "organisation_kind", organisation_kind=ORGANISATIONS),
        ),
        Question(
            "what-you-did", text("What you did"), ("what_was_done",),
            check_text("what_was_done", LONGEST_ACCOUNT, text("Write what you did")), _read("what_was_done"),
        ),
        Question(
            "what-came-of-it", text("What happened as a result"), ("what_happened",),
            check_text("what_happened", LONGEST_ACCOUNT), _read("what_happened"),
        ),
        _WHERE,
        Question(
            "what-it-needs", text("What it needs to work"), ("what_it_needs",),
            check_text("what_it_needs", LONGEST_ACCOUNT), _read("what_it_needs"),
        ),
        _WHEN,
        _TOPIC,
        _TITLE,
        _NAME,
    ),
}  # fmt: skip
BY_SLUG: Final = {question.slug: question for questions in QUESTIONS.values() for question in questions}


def sent_answers(question: Question, form: Form) -> dict[str, Any]:
    """Return the answers to a question as they were sent. Of boxes to tick that is a list, also of one."""
    answers = {name: form.values.get(name) or "" for name in question.fields}
    if isinstance(topics := answers.get("topics"), str):
        answers["topics"] = [topics] if topics else []
    return answers


def errors_of(question: Question, values: Mapping[str, Any], page: WebPage) -> dict[str, str]:
    """Return what is wrong with the answers to a question, by field."""
    form = Form(dict(values))
    question.check(form, page)
    return form.errors


def questions_of(values: Mapping[str, Any]) -> list[Question]:
    """Return the questions to somebody who answered this so far: what nobody will see needs no name."""
    hidden = values.get("to_publish") == "no"
    return [question for question in QUESTIONS[values["way"]] if not (hidden and question is _NAME)]


def first_unanswered(values: Mapping[str, Any], page: WebPage) -> Question | None:
    """Return the first question whose answer is missing or wrong, or None."""
    return next((question for question in questions_of(values) if errors_of(question, values, page)), None)
