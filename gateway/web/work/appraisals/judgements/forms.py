"""The forms of an appraisal: an answer to each question with a reason, and how differences are settled."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from gateway.web.api_client import Document
from gateway.web.forms import Form
from gateway.web.layout.page import WebPage
from gateway.web.vocabulary import ANSWERS

MAX_REASON_CHARACTERS: Final = 5_000


def read_judgement(form: Form, page: WebPage, instrument: Document) -> dict[str, Any]:
    """Return the answers to all questions, with a reason where one was given; notes what is missing at its question."""
    answers: list[dict[str, Any]] = []
    for criterion in instrument["criteria"]:
        code = criterion["code"]
        answer = form.choice(f"answer-{code}", ANSWERS, missing=page.text("Answer this question"))
        comment = _reason(form, page, f"reason-{code}")
        answers.append({"criterion": code, "answer": answer, "comment": comment or None})
    _check_applies(form, page, instrument)
    return {"answers": answers}


def read_settlement(form: Form, page: WebPage, differing: Sequence[str], optional: Sequence[str]) -> dict[str, Any]:
    """Return an answer and a reason for each difference, and for the skipped questions that were answered now."""
    resolutions: list[dict[str, Any]] = []
    for code in (*differing, *optional):
        is_asked = code in differing
        answer = form.choice(f"answer-{code}", ANSWERS, missing=page.text("Choose an answer") if is_asked else None)
        needs_reason = is_asked or answer is not None
        reason = _reason(form, page, f"reason-{code}", missing=page.text("Give the reason") if needs_reason else None)
        if answer is not None:
            resolutions.append({"criterion": code, "answer": answer, "reason": reason})
    return {"resolutions": resolutions}


def skipped_by_both(appraisal: Document, instrument: Document) -> list[str]:
    """Return the questions that neither answered, since a first question was not answered with yes: they may apply."""
    if instrument["not_applicable"]:
        return []
    first, second = (_answers(judgement) for judgement in appraisal["judgements"])
    return [code for code, answer in first.items() if answer == second[code] == "not_applicable"]


def answers_beside(appraisal: Document) -> dict[str, list[Document]]:
    """Return, by question, what each of those who have judged answered."""
    beside: dict[str, list[Document]] = {}
    for judgement in appraisal["judgements"] or ():
        for answer in judgement["answers"]:
            beside.setdefault(answer["criterion"], []).append(answer)
    return beside


def _answers(judgement: Document) -> Mapping[str, str]:
    return {answer["criterion"]: answer["answer"] for answer in judgement["answers"]}


def _reason(form: Form, page: WebPage, name: str, missing: str | None = None) -> str:
    too_long = page.text("Write 5,000 characters or fewer")
    return form.text(name, missing=missing, longest=MAX_REASON_CHARACTERS, too_long=too_long)


def _check_applies(form: Form, page: WebPage, instrument: Document) -> None:
    """Note where a question was skipped that applies: with both first questions answered with yes, all do."""
    if instrument["not_applicable"]:
        return
    screening = [criterion["code"] for criterion in instrument["criteria"] if criterion["screening"]]
    may_skip = any(form.values.get(f"answer-{code}") not in ("yes", None) for code in screening)
    for criterion in instrument["criteria"]:
        name = f"answer-{criterion['code']}"
        if form.values.get(name) == "not_applicable" and (criterion["code"] in screening or not may_skip):
            form.errors[name] = page.text("This question applies here: answer yes, no or cannot tell")
