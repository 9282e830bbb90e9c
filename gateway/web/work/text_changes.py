"""Two editions of an item or a guide: which of their texts differ, word by word."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from gateway.web.api_client import Document, PublicApi
from gateway.web.contributions.word_changes import Comparison, compare, text_of
from gateway.web.layout.languages import text

LABELS: Final = {
    "title": text("Title"),
    "summary": text("Summary"),
    "account": text("Account"),
    "what_was_done": text("What was done"),
    "what_happened": text("What happened"),
    "what_it_needs": text("What it needs"),
    "role": text("Role"),
    "population": text("Who it is about"),
    "sample": text("Sample"),
    "intervention": text("What was studied"),
    "service": text("Support it is about"),
    "setting": text("Setting"),
    "published_on": text("Published"),
}
SHOWN: Final = LABELS | {
    "status": text("Status"),
    "attributed_to": text("Named as"),
    "country": text("Country"),
    "language": text("Language"),
}
"""What somebody who decides about an item as a whole has read of it."""
STATEMENT_LABELS: Final = {
    "text": text("Statement"),
    "what_to_try": text("What to try"),
    "conditions": text("Who it is for, where and when"),
}


@dataclass(frozen=True, slots=True)
class TextChange:
    """A text that differs: what it is called, and both as pieces."""

    label: str
    texts: Comparison


async def find_changes(api: PublicApi, path: str, before: int, after: int) -> list[TextChange]:
    """Return what differs between two editions of the item or guide at this path; nothing where one is not shown."""
    old, new = await asyncio.gather(*(api.find_aside(f"{path}/versions/{number}") for number in (before, after)))
    return compare_documents(old, new) if old and new else []


def compare_documents(old: Document, new: Document) -> list[TextChange]:
    """Return the texts that differ between two items, guides or statements."""
    return compare_texts(dict(_texts(old)), dict(_texts(new)))


def describe(document: Document) -> str:
    """Return what is shown of an item, for a hidden field of the form that decides about it."""
    return orjson.dumps({name: text_of(document.get(name)) for name in SHOWN}).decode()


def changes_since(shown: object, document: Document) -> list[TextChange]:
    """Return what differs from what a form has shown (`describe`); nothing where it holds nothing that can be read."""
    try:
        before: Any = orjson.loads(str(shown or ""))
    except orjson.JSONDecodeError:
        return []
    if not isinstance(before, dict):
        return []
    texts = cast("dict[str, Any]", before)
    return [
        TextChange(label, compare(str(texts[name]), text_of(document.get(name))))
        for name, label in SHOWN.items()
        if name in texts and str(texts[name]) != text_of(document.get(name))
    ]


def compare_texts(before: Mapping[tuple[str, str], str], after: Mapping[tuple[str, str], str]) -> list[TextChange]:
    """Return the texts that differ. Each has a label and a key, by which several have the same label."""
    return [
        TextChange(name[0], compare(before.get(name, ""), after.get(name, "")))
        for name in dict.fromkeys((*before, *after))
        if before.get(name, "") != after.get(name, "")
    ]


def _texts(document: Document) -> Iterator[tuple[tuple[str, str], str]]:
    for name, label in LABELS.items():
        if value := document.get(name):
            yield (label, ""), text_of(value)
    for statement in document.get("statements", ()):
        for name, label in STATEMENT_LABELS.items():
            if statement[name]:
                yield (label, statement["id"]), str(statement[name])
