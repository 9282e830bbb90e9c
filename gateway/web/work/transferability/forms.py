"""The form of a judgement for another place: its place, its four parts with their questions, and who judged."""

from collections.abc import Sequence
from typing import Any, Final

from gateway.web.api_client import Document
from gateway.web.forms import Form
from gateway.web.layout.page import WebPage
from gateway.web.vocabulary import JUDGEMENTS, JUDGES

LONGEST_REASON: Final = 2_000
LONGEST_PROSE: Final = 50_000
POINTERS: Final = {
    "/target/country": "country",
    "/target/setting": "setting",
    "/target/service": "service",
    "/judged_on": "judged_on",
    "/judged_by": "judged_by",
    "/adapted": "adapted",
    "/needs": "needs",
}
"""The field of the form for each that the API may refuse."""


def read_judgement(form: Form, page: WebPage, parts: Sequence[Document]) -> dict[str, Any]:
    """Return the judgement as it is sent; notes what is missing at its field."""
    target = {
        "country": form.text("country", missing=page.text("Choose the country")),
        "setting": _text(form, page, "setting", 120) or None,
        "service": _text(form, page, "service", 300) or None,
    }
    return {
        "target": target,
        "parts": {part["part"]: _read_part(form, page, part) for part in parts},
        "adapted": _text(form, page, "adapted", LONGEST_PROSE),
        "needs": _text(form, page, "needs", LONGEST_PROSE),
        "judged_by": form.choice("judged_by", JUDGES, missing=page.text("Choose the role of the person who judged it")),
        "judged_on": form.day("judged_on", missing=page.text("Write the date on which it was judged")),
    }


def values_of(judgement: Document) -> dict[str, Any]:
    """Return the values of the form for a judgement that is to be changed."""
    target = judgement["target"]
    values = {name: target[name] for name in ("country", "setting", "service")}
    values |= {name: judgement[name] for name in ("adapted", "needs", "judged_by", "judged_on")}
    for part, judged in judgement["parts"].items():
        values[f"{part}-why"] = judged["why"]
        for name, criterion in judged["criteria"].items():
            if criterion:
                values[f"{part}-{name}"] = criterion["judgement"]
                values[f"{part}-{name}-why"] = criterion["why"]
    return values


def _read_part(form: Form, page: WebPage, part: Document) -> dict[str, Any]:
    criteria: dict[str, Any] = {}
    for criterion in part["criteria"]:
        name = f"{part['part']}-{criterion['criterion']}"
        judgement = form.choice(name, JUDGEMENTS)
        why = _text(form, page, f"{name}-why", LONGEST_REASON)
        if judgement is None and why:
            form.errors[name] = page.text("Choose an answer, or leave the reason empty")
        if judgement not in (None, "unknown") and not why:
            form.errors[f"{name}-why"] = page.text("Say why")
        if judgement is not None:
            criteria[criterion["criterion"]] = {"judgement": judgement, "why": why or None}
    why = _text(
        form, page, f"{part['part']}-why", LONGEST_REASON, missing=page.text("Say in a few words how it compares")
    )
    return {"criteria": criteria, "why": why}


def _text(form: Form, page: WebPage, name: str, longest: int, missing: str | None = None) -> str:
    return form.text(name, missing=missing, longest=longest, too_long=page.text("This text is too long"))
