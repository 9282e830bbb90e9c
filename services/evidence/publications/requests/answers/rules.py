"""How a request is answered, and what may be published of it."""

import math
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.evidence.publications.requests.rules import NotAnswered, RequestIsWithdrawn, check_awaiting_answer
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn
from shared.events.contracts.evidence import EvidenceRequestAnswered
from shared.problems import FieldError, Invalid


def check_published(
    items: Sequence[UUID],
    guides: Sequence[UUID],
    *,
    published_items: Collection[UUID],
    published_guides: Collection[UUID],
) -> None:
    """Raise Invalid with a pointer to each source that is not published."""
    detail = "This is not published, so whoever asked cannot read it. Publish it first, or cite something else."
    fields = (("items", items, published_items), ("guides", guides, published_guides))
    errors = [
        FieldError(pointer=f"/{name}/{position}", detail=detail)
        for name, ids, published in fields
        for position, source_id in enumerate(ids)
        if source_id not in published
    ]
    if errors:
        raise Invalid(errors=errors)


def answer(
    request: EvidenceRequest,
    turn: RequestTurn,
    text: str,
    *,
    items: Sequence[UUID],
    guides: Sequence[UUID],
    now: datetime,
) -> EvidenceRequestAnswered:
    """Answer the latest question. Return the event. Raises NotAwaitingAnswer.

    Any editor may answer, not only the assignee: an answer that is ready should not wait.
    """
    check_awaiting_answer(request)
    request.status, request.assignee_id, request.used = "answered", None, None
    request.first_answered_at = request.first_answered_at or now
    turn.answer, turn.answered_at = text, now
    hours = math.floor((now - turn.asked_at) / timedelta(hours=1))
    return EvidenceRequestAnswered(
        request_id=request.id, item_ids=tuple(items), guide_ids=tuple(guides), within_hours=hours
    )


def publish(
    request: EvidenceRequest, turns: Sequence[RequestTurn], question: str, answer: str | None, now: datetime
) -> None:
    """Publish the latest answer, or the given one, under a question that staff have written.

    Raises RequestIsWithdrawn, NotAnswered, and Invalid where the question or the answer contains the asker's own text.
    """
    if request.status == "withdrawn":
        raise RequestIsWithdrawn
    answered = [turn for turn in turns if turn.answer]
    if not answered:
        raise NotAnswered
    latest = answered[-1]
    public_answer = answer or latest.answer or ""
    detail = "This contains the asker's own words. Rewrite the {}, so that nobody can be recognised by it."
    errors = [
        FieldError(pointer=f"/{name}", detail=detail.format(name))
        for name, text in (("question", question), ("answer", public_answer))
        if any(_normalise(turn.question) in _normalise(text) for turn in turns)
    ]
    if errors:
        raise Invalid(errors=errors)
    request.public_question, request.public_answer = question, public_answer
    request.public_turn_id, request.published_at = latest.id, request.published_at or now


def _normalise(text: str) -> str:
    """Return the words in lower case, without punctuation."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())
