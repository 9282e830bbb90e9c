"""What others changed of a question since it was shown in a form: told by what the form holds of it."""

from collections.abc import Mapping
from typing import Any, Final, cast

import orjson

from gateway.web.contributions.word_changes import compare
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.work.questions import choices
from gateway.web.work.questions.entries import Entry
from gateway.web.work.text_changes import TextChange

LABELS: Final = {
    "question": text("The question"),
    "answer": text("The answer"),
    "status": text("Status"),
    "holder": text("Who has it"),
    "urgency": text("How soon it is needed"),
    "topics": text("Topics"),
    "setting": text("Setting"),
    "country": text("Country"),
    "public_question": text("The public question"),
    "public_answer": text("The public answer"),
    "doubts": text("What is in doubt"),
}


def describe(page: WebPage, entry: Entry, topics: Mapping[str, str]) -> str:
    """Return what is shown of a question, for a hidden field."""
    return orjson.dumps(_texts(page, entry, topics)).decode()


def find_differences(page: WebPage, shown: object, entry: Entry, topics: Mapping[str, str]) -> list[TextChange]:
    """Return what differs from what a form has shown; nothing where it holds nothing that can be read."""
    try:
        document: Any = orjson.loads(str(shown or ""))
    except orjson.JSONDecodeError:
        return []
    if not isinstance(document, dict):
        return []
    before = cast("dict[str, Any]", document)
    return [
        TextChange(page.text(LABELS[name]), compare(str(before[name]), now))
        for name, now in _texts(page, entry, topics).items()
        if name in before and str(before[name]) != now
    ]


def _texts(page: WebPage, entry: Entry, topics: Mapping[str, str]) -> dict[str, str]:
    question, turn = entry.question, entry.question["turns"][-1]
    public: Mapping[str, Any] = question["public"] or {}
    doubts = [source["doubt_explanation"] for each_turn in question["turns"] for source in each_turn["cites"]]
    return {
        "question": turn["question"],
        "answer": turn["answer"] or "",
        "status": page.text(choices.STATUSES[question["status"]]),
        "holder": page.text(choices.HOLDERS[entry.holder]),
        "urgency": page.text(choices.URGENCIES[question["urgency"]]),
        "topics": ", ".join(sorted(topics.get(topic, topic) for topic in question["topics"])),
        "setting": question["setting"] or "",
        "country": question["country"] or "",
        "public_question": public.get("question") or "",
        "public_answer": public.get("answer") or "",
        "doubts": " ".join(filter(None, doubts)),
    }
