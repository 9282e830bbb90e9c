"""The life of an evidence request: who may do what with it when, and what others learn of it."""

import math
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn
from shared.callers import Caller, Role
from shared.events.contracts.evidence import (
    EvidenceRequestAnswered,
    EvidenceRequestClosed,
    EvidenceRequestReceived,
    Urgency,
)
from shared.problems import Conflict, FieldError, Invalid, NotFound

State = Literal["open", "in_hand", "answered", "closed", "taken_back"]
Used = Literal["yes", "no", "not_yet"]
HURRY: dict[Urgency, int] = {"today": 0, "this_week": 1, "this_month": 2, "no_hurry": 3}
Targets = Mapping[Urgency, int]
"""Hours within which staff mean to answer."""


class RequestNotFound(NotFound):
    detail = "No evidence request with this id was found, or it is not yours. Yours are at /v1/evidence-requests/mine."


class NotWaiting(Conflict):
    title = "This request does not wait for an answer"
    detail = "It is {state}. Fetch it again and look what happened; whoever asked may ask further."


class InOtherHands(Conflict):
    title = "A colleague is looking for this answer"
    detail = "Ask them, or have them give it back; then it can be taken again."


class NotAnswered(Conflict):
    title = "This request has no answer yet"
    detail = "This can be done once it is answered. Until then you may change it or take it back."


class TakenBack(Conflict):
    title = "This request was taken back"
    detail = "Its words have been erased. Ask anew if you want to know something."


class NothingToGive(Conflict):
    title = "Nothing has been said of what happened"
    detail = "Say first what happened, at /use; then it can become a draft of your own."


def is_staff(caller: Caller) -> bool:
    return caller.kind == "person" and caller.has(Role.EVIDENCE_EDITOR)


def is_asker(caller: Caller, request: EvidenceRequest) -> bool:
    return caller.kind == "person" and request.asker_id == caller.id


def check_may_read(caller: Caller, request: EvidenceRequest) -> None:
    """The asker and staff read all of it. Raises RequestNotFound."""
    if not (is_asker(caller, request) or is_staff(caller)):
        raise RequestNotFound


def check_is_asker(caller: Caller, request: EvidenceRequest) -> None:
    """Raises RequestNotFound: that there is such a request is the asker's own affair."""
    if not is_asker(caller, request):
        raise RequestNotFound


def ask(
    asker: UUID, urgency: Urgency, setting: str | None, country: str | None, *, now: datetime, targets: Targets
) -> EvidenceRequest:
    return EvidenceRequest(
        asker_id=asker,
        urgency=urgency,
        hurry=HURRY[urgency],
        setting=setting,
        country=country,
        asked_at=now,
        due_at=due(urgency, now, targets),
    )


def due(urgency: Urgency, asked_at: datetime, targets: Targets) -> datetime:
    return asked_at + timedelta(hours=targets[urgency])


def received(request: EvidenceRequest, topics: Collection[UUID]) -> EvidenceRequestReceived:
    """What others learn: never the words. Without hurry there is no day by which it is needed."""
    needed_by = None if request.urgency == "no_hurry" else request.due_at.date()
    return EvidenceRequestReceived.model_validate(
        {
            "request_id": request.id,
            "topic_ids": sorted(topics),
            "urgency": request.urgency,
            "needed_by": needed_by,
        }
    )


def hurry_otherwise(request: EvidenceRequest, urgency: Urgency, asked_at: datetime, targets: Targets) -> None:
    """The asker needs it sooner or later than they said: counted from when they asked."""
    request.urgency, request.hurry = urgency, HURRY[urgency]
    request.due_at = due(urgency, asked_at, targets)


def check_waiting(request: EvidenceRequest) -> None:
    """Raises NotWaiting."""
    if request.state not in ("open", "in_hand"):
        raise NotWaiting(state=request.state.replace("_", " "))


def take(request: EvidenceRequest, staff: UUID) -> None:
    """One of the staff looks for the answer. Raises NotWaiting, InOtherHands."""
    check_waiting(request)
    if request.in_hand_of not in (None, staff):
        raise InOtherHands
    request.state, request.in_hand_of = "in_hand", staff


def give_back(request: EvidenceRequest) -> None:
    """Nobody looks for the answer any more: any of the staff may say so, for a colleague who is away."""
    check_waiting(request)
    request.state, request.in_hand_of = "open", None


def answer(
    request: EvidenceRequest,
    turn: RequestTurn,
    words: str,
    *,
    items: Sequence[UUID],
    guides: Sequence[UUID],
    now: datetime,
) -> EvidenceRequestAnswered:
    """Also by another than who had it in hand: an answer that is there should not wait. Raises NotWaiting."""
    check_waiting(request)
    request.state, request.in_hand_of, request.used = "answered", None, None
    request.first_answered_at = request.first_answered_at or now
    turn.answer, turn.answered_at = words, now
    hours = math.floor((now - turn.asked_at) / timedelta(hours=1))
    return EvidenceRequestAnswered(
        request_id=request.id, item_ids=tuple(items), guide_ids=tuple(guides), within_hours=hours
    )


def tell_use(
    request: EvidenceRequest, used: Used, what_happened: str | None, now: datetime
) -> EvidenceRequestClosed | None:
    """Yes or no closes the request; not yet leaves it. Told again when something else came of it. Raises NotAnswered.

    Without a word of what happened, what was said before stays.
    """
    if request.state == "taken_back":
        raise TakenBack
    if request.state not in ("answered", "closed"):
        raise NotAnswered
    before = (request.state, request.used)
    request.used = used
    if what_happened is not None:
        request.what_happened = what_happened
    request.state = "answered" if used == "not_yet" else "closed"
    request.closed_at = None if used == "not_yet" else now
    if request.state != "closed" or before == (request.state, request.used):
        return None
    return EvidenceRequestClosed(request_id=request.id, used=used == "yes")


def ask_further(request: EvidenceRequest, now: datetime, targets: Targets) -> None:
    """The answer did not settle it. Raises NotAnswered, TakenBack."""
    if request.state == "taken_back":
        raise TakenBack
    if request.state not in ("answered", "closed"):
        raise NotAnswered
    request.state, request.closed_at, request.used = "open", None, None
    request.due_at = now + timedelta(hours=targets[_urgency(request)])


def take_back(request: EvidenceRequest, turns: Collection[RequestTurn], now: datetime) -> EvidenceRequestClosed:
    """The asker's words are erased, whatever became of the request, and what was made public of it is no longer shown.

    Raises TakenBack.
    """
    if request.state == "taken_back":
        raise TakenBack
    hide(request)
    request.state, request.in_hand_of, request.closed_at = "taken_back", None, now
    request.what_happened, request.setting, request.country, request.used = "", None, None, None
    for turn in turns:
        turn.question = ""
        turn.answer = None if turn.answer is None else ""
    return EvidenceRequestClosed(request_id=request.id, used=None)


def show(
    request: EvidenceRequest, turns: Sequence[RequestTurn], question: str, words: str | None, now: datetime
) -> None:
    """Let everyone read the latest answer to a question like this one.

    Raises TakenBack, NotAnswered, and Invalid where the question or the answer has the asker's own words.
    """
    if request.state == "taken_back":
        raise TakenBack
    answered = [turn for turn in turns if turn.answer]
    if not answered:
        raise NotAnswered
    latest = answered[-1]
    answer = words or latest.answer or ""
    anew = "These are the asker's own words. Write the {} anew, so that nobody can be recognised by it."
    errors = [
        FieldError(pointer=f"/{name}", detail=anew.format(name))
        for name, shown in (("question", question), ("answer", answer))
        if any(_plain(turn.question) in _plain(shown) for turn in turns)
    ]
    if errors:
        raise Invalid(errors=errors)
    request.shown_question, request.shown_answer = question, answer
    request.shown_turn, request.shown_at = latest.id, request.shown_at or now


def hide(request: EvidenceRequest) -> None:
    request.shown_question = request.shown_answer = request.shown_turn = request.shown_at = None


def _plain(words: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in words.casefold()).split())


def _urgency(request: EvidenceRequest) -> Urgency:
    return next(urgency for urgency in HURRY if urgency == request.urgency)
