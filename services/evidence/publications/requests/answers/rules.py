"""How a request is answered, and what may be published of it."""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.evidence.publications.cited_items.rules import CitedItem
from services.evidence.publications.requests.rules import (
    NotAnswered,
    RequestIsWithdrawn,
    check_awaiting_answer,
    check_wording,
)
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn
from shared.events.contracts.evidence import EvidenceRequestAnswered
from shared.problems import Conflict, FieldError, Invalid

_NOT_PUBLISHED = "This is not published, so whoever asked cannot read it. Publish it first, or cite something else."


class AnswerHeldBack(Conflict):
    title = "What this answer stands on was withdrawn or retracted"
    detail = "Decide about the answer first, at /decisions of the request. It can be published after that."


def check_published(
    items: Sequence[UUID],
    guides: Sequence[UUID],
    *,
    published_items: Mapping[UUID, CitedItem],
    published_guides: Collection[UUID],
) -> None:
    """Raise Invalid with a pointer to each source that is not published, or was retracted."""
    errors = [
        FieldError(pointer=f"/items/{position}", detail=detail)
        for position, item_id in enumerate(items)
        if (detail := _explain_item(published_items.get(item_id)))
    ]
    errors += [
        FieldError(pointer=f"/guides/{position}", detail=_NOT_PUBLISHED)
        for position, guide_id in enumerate(guides)
        if guide_id not in published_guides
    ]
    if errors:
        raise Invalid(errors=errors)


def _explain_item(item: CitedItem | None) -> str | None:
    if item is None:
        return _NOT_PUBLISHED
    return "This work was retracted. Nobody should rely on it: cite something else." if item.is_retracted else None


def answer(
    request: EvidenceRequest,
    turn: RequestTurn,
    text: str,
    *,
    items: Sequence[UUID],
    guides: Sequence[UUID],
    now: datetime,
) -> EvidenceRequestAnswered:
    """Answer the latest question. Return the event. Raises NotAwaitingAnswer."""
    check_awaiting_answer(request)
    request.status, request.assignee_id, request.assigned_at, request.used = "answered", None, None, None
    request.first_answered_at = request.first_answered_at or now
    turn.answer, turn.answered_at = text, now
    hours = math.floor((now - turn.asked_at) / timedelta(hours=1))
    return EvidenceRequestAnswered(
        request_id=request.id, item_ids=tuple(items), guide_ids=tuple(guides), within_hours=hours
    )


def publish(
    request: EvidenceRequest,
    turns: Sequence[RequestTurn],
    question: str,
    answer: str | None,
    now: datetime,
    *,
    held_back: Collection[UUID],
) -> None:
    """Publish the latest answer, or the given one, under a question that staff have written.

    `held_back`: turns whose answer stands on what was withdrawn or retracted. Raises RequestIsWithdrawn, NotAnswered,
    AnswerHeldBack, and Invalid where the question or the answer repeats the asker's own text.
    """
    if request.status == "withdrawn":
        raise RequestIsWithdrawn
    answered = [turn for turn in turns if turn.answer]
    if not answered:
        raise NotAnswered
    latest = answered[-1]
    if latest.id in held_back:
        raise AnswerHeldBack
    public_answer = answer or latest.answer or ""
    check_wording(request, turns, {"/question": question, "/answer": public_answer})
    request.public_question, request.public_answer = question, public_answer
    request.public_turn_id, request.published_at = latest.id, request.published_at or now
