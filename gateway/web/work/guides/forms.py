"""The forms of guides, as they are shown and read."""

from collections.abc import Iterable
from typing import Any, Final

from gateway.web.api_client import ApiRefusal, Document
from gateway.web.forms import Form
from gateway.web.layout.languages import text
from gateway.web.layout.page import WebPage
from gateway.web.work.guides.choices import BURDENS, COMPONENTS, CONCERNS, LANGUAGES, OVERALL, SURENESS

MAX_SENTENCE: Final = 600
MAX_TEXT: Final = 4_000
MAX_TITLE: Final = 300
MAX_WHY: Final = 600
TOO_LONG: Final = {
    MAX_SENTENCE: text("Shorten this to 600 characters or fewer"),
    MAX_TEXT: text("Shorten this to 4,000 characters or fewer"),
}
TEXTS: Final = ("text", "what_to_try", "conditions")
DETAILS: Final = ("title", "summary", "language", "topics", "review_on")


def details_of(guide: Document) -> dict[str, Any]:
    """Return the values of the form of a guide's details."""
    return {name: guide[name] or "" for name in DETAILS}


def read_details(form: Form, page: WebPage, topics: Iterable[str]) -> Document:
    """Return the details as the API takes them; notes what is wrong."""
    title = read_text(
        form,
        "title",
        missing=page.text("Give the guide a title"),
        longest=MAX_TITLE,
        too_long=page.text("Shorten the title to 300 characters or fewer"),
    )
    summary = _text(form, page, "summary", MAX_TEXT)
    language = form.choice("language", tuple(LANGUAGES)) or "en"
    return {
        "title": title,
        "summary": summary,
        "language": language,
        "topics": form.choices("topics", tuple(topics)),
        "review_on": form.day("review_on"),
    }


def values_of(statement: Document | None) -> dict[str, Any]:
    """Return the values of the form of a statement; of a new one for None."""
    values: dict[str, Any] = dict.fromkeys(TEXTS, "")
    values |= {f"{name}_{part}": "" for name in ("cost", "effort") for part in ("level", "words")}
    values |= {f"{name}_{part}": "" for name in COMPONENTS for part in ("concerns", "reason")}
    values |= dict.fromkeys(("sure", "confidence", "reason", "overall", "explanation"), "")
    if statement is None:
        return values
    values |= {name: statement[name] for name in TEXTS}
    for name in ("cost", "effort"):
        if burden := statement[name]:
            values |= {f"{name}_level": burden["level"], f"{name}_words": burden["in_words"]}
    values |= {f"why-{citation['item_id']}": citation["why"] for citation in statement["citations"]}
    confidence: Document = statement["confidence"] or {}
    values["sure"] = confidence.get("kind", "")
    if values["sure"] == "in_plain_words":
        values |= {name: confidence[name] for name in ("confidence", "reason")}
    elif confidence:
        values |= {name: confidence[name] for name in ("overall", "explanation")}
        for name in COMPONENTS:
            values |= {f"{name}_{part}": confidence[name][part] for part in ("concerns", "reason")}
    return values


def read_statement(form: Form, page: WebPage) -> Document:
    """Return the words of a statement as the API takes them, without its citations; notes what is wrong."""
    says = read_text(
        form,
        "text",
        missing=page.text("Write what the statement says"),
        longest=MAX_SENTENCE,
        too_long=page.text("Shorten the statement to 600 characters or fewer"),
    )
    return {
        "text": says,
        "what_to_try": _text(form, page, "what_to_try", MAX_TEXT),
        "conditions": _text(form, page, "conditions", MAX_TEXT),
        "cost": _read_burden(form, page, "cost"),
        "effort": _read_burden(form, page, "effort"),
        "confidence": _read_confidence(form, page),
    }


def check_whys(form: Form, page: WebPage) -> None:
    """Note where what is said of a citation is too long."""
    for name in [name for name in form.values if name.startswith("why-")]:
        _text(form, page, name, MAX_WHY)


def read_citations(form: Form, citations: Iterable[Document]) -> list[Document]:
    """Return these citations with what the form says of each: what it adds, and whether today's edition is cited."""
    return [
        {
            "item_id": citation["item_id"],
            "edition": None if form.values.get(f"current-{citation['item_id']}") == "yes" else citation["edition"],
            "why": form.values.get(f"why-{citation['item_id']}", citation["why"]),
        }
        for citation in citations
    ]


def add_statement_refusal(form: Form, refusal: ApiRefusal, position: int, items: list[str]) -> None:
    """Note what the API refused of the statement at this position, at its fields.

    Raises a refusal that is about something else than what was written.
    """
    if refusal.status not in (409, 422):
        raise refusal
    start = f"/statements/{position}/"
    names = {f"{start}{name}/in_words": f"{name}_words" for name in ("cost", "effort")}
    names |= {f"{start}{name}": name for name in (*TEXTS, "confidence")}
    names |= {f"{start}citations/{index}": f"why-{item}" for index, item in enumerate(items)}
    for index, item in enumerate(items):
        form.values.setdefault(f"why-{item}", "")
        names[f"{start}citations/{index}/why"] = f"why-{item}"
    for kind in ("", *(f"{kind}/" for kind in SURENESS)):
        for name in ("confidence", "reason", "overall", "explanation"):
            names[f"{start}confidence/{kind}{name}"] = name
        for name in COMPONENTS:
            names[f"{start}confidence/{kind}{name}/reason"] = f"{name}_reason"
    form.add_refusal(refusal, names)


def read_text(
    form: Form, name: str, *, missing: str | None = None, longest: int | None = None, too_long: str = ""
) -> str:
    """Return the text of a field. Its name stands in a call of this, which is none of a text of the pages."""
    return form.text(name, missing=missing, longest=longest, too_long=too_long)


def _text(form: Form, page: WebPage, name: str, longest: int) -> str:
    return read_text(form, name, longest=longest, too_long=page.text(TOO_LONG[longest]))


def _read_burden(form: Form, page: WebPage, name: str) -> Document | None:
    level = form.choice(f"{name}_level", BURDENS)
    in_words = _text(form, page, f"{name}_words", MAX_SENTENCE)
    if level and not in_words:
        form.errors.setdefault(f"{name}_words", page.text("Say it in a few words too"))
    elif in_words and not level:
        form.errors[f"{name}_level"] = page.text("Choose how much it is")
    return {"level": level, "in_words": in_words} if level and in_words else None


def _read_confidence(form: Form, page: WebPage) -> Document | None:
    match form.choice("sure", tuple(SURENESS)):
        case "in_plain_words":
            sure = read_text(
                form,
                "confidence",
                missing=page.text("Say how sure you are"),
                longest=MAX_SENTENCE,
                too_long=page.text(TOO_LONG[MAX_SENTENCE]),
            )
            reason = _reason(form, page, "reason", page.text("Say why you are that sure"))
            return {"kind": "in_plain_words", "confidence": sure, "reason": reason}
        case "qualitative_finding":
            components = {
                name: {
                    "concerns": form.choice(
                        f"{name}_concerns", tuple(CONCERNS), missing=page.text("Choose how great your concerns are")
                    ),
                    "reason": _reason(form, page, f"{name}_reason", page.text("Give the reason for it")),
                }
                for name in COMPONENTS
            }
            overall = form.choice("overall", tuple(OVERALL), missing=page.text("Choose how confident you are overall"))
            explanation = _reason(form, page, "explanation", page.text("Explain it in plain words"))
            return {"kind": "qualitative_finding", **components, "overall": overall, "explanation": explanation}
        case _:
            if read_text(form, "confidence") or read_text(form, "reason"):
                form.errors["sure"] = page.text("Choose how you say how sure you are")
            return None


def _reason(form: Form, page: WebPage, name: str, missing: str) -> str:
    too_long = page.text(TOO_LONG[MAX_TEXT])
    return read_text(form, name, missing=missing, longest=MAX_TEXT, too_long=too_long)
