"""The life of an evidence request: who may read it, who holds it, how it changes, and what puts an answer in doubt."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from services.evidence.callers import is_editor
from services.evidence.publications.cited_items.rules import CitedItem, Issue, Reason, find_issues
from services.evidence.publications.requests.names import names_somebody, shares_names
from services.evidence.publications.requests.overlaps import repeats
from services.evidence.publications.requests.tables import EvidenceRequest, RequestTurn, Used
from shared.callers import Caller
from shared.events.contracts.evidence import (
    EvidenceRequestClosed,
    EvidenceRequestReceived,
    EvidenceRequestWithdrawn,
    Urgency,
)
from shared.problems import Conflict, FieldError, Invalid

URGENCY_RANK: dict[Urgency, int] = {"today": 0, "this_week": 1, "this_month": 2, "no_hurry": 3}
HOLD_HOURS: Mapping[Urgency, int] = {"today": 4, "this_week": 24, "this_month": 72, "no_hurry": 168}
"""How long a question is its assignee's alone: an editor who is away keeps nobody waiting for longer."""
DOUBT_EXPLANATIONS: Mapping[Reason, str] = {
    "withdrawn": "Something that this answer stands on was withdrawn.",
    "retracted": "A work that this answer stands on was retracted.",
    "concern": "A publisher has expressed concern about a work that this answer stands on.",
    "corrected": "A work that this answer stands on was corrected.",
    "superseded": "A newer work has taken the place of one that this answer stands on.",
    "changed": "Something that this answer stands on has a new edition.",
    "unsupported": "A statement of a guide that this answer stands on has nothing left to stand on itself.",
    "doubted": "A statement of a guide that this answer stands on is being looked at.",
}
DOUBTS = frozenset(DOUBT_EXPLANATIONS)
"""What puts an answer in doubt. That an item has another id is shown with it, and enough."""
Targets = Mapping[Urgency, int]
"""Hours within which staff aim to answer."""


class NotAwaitingAnswer(Conflict):
    title = "This request is not waiting for an answer"
    detail = "It is {status}. Fetch it again to see what has happened; whoever asked may reopen it."


class NotAnswered(Conflict):
    title = "This request has no answer yet"
    detail = "This can be done once it is answered. Until then you may change it or withdraw it."


class RequestIsWithdrawn(Conflict):
    title = "This request was withdrawn"
    detail = "Its text has been erased. Ask a new question if you need an answer."


class HeldByColleague(Conflict):
    title = "A colleague is looking for this answer"
    detail = (
        "Ask them to answer, unassign it or hand it over to you. From {until} on you may assign it to yourself; "
        "before, inform them and free it (POST to /unassign with their id in `informed`)."
    )


class NoOutcome(Conflict):
    title = "What happened has not been recorded yet"
    detail = "The draft is made of it. Send a POST with `what_happened` to /use of the request first."


def is_asker(caller: Caller, request: EvidenceRequest) -> bool:
    """Return whether the caller asked this."""
    return caller.kind == "person" and request.asker_id == caller.id


def can_read(caller: Caller, request: EvidenceRequest) -> bool:
    """Return whether the caller may read all of it, as asker and editors may. Others read what was published of it."""
    return is_asker(caller, request) or is_editor(caller)


def ask(
    asker_id: UUID, urgency: Urgency, setting: str | None, country: str | None, *, now: datetime, targets: Targets
) -> EvidenceRequest:
    """Return a new request."""
    return EvidenceRequest(
        asker_id=asker_id,
        urgency=urgency,
        urgency_rank=URGENCY_RANK[urgency],
        setting=setting,
        country=country,
        asked_at=now,
        due_at=due_at(urgency, now, targets),
    )


def due_at(urgency: Urgency, asked_at: datetime, targets: Targets) -> datetime:
    """Return when staff aim to have answered."""
    return asked_at + timedelta(hours=targets[urgency])


def received(request: EvidenceRequest, topic_ids: Collection[UUID]) -> EvidenceRequestReceived:
    """Return the event, which has none of the text. A request in no hurry is not needed by any day."""
    needed_by = None if request.urgency == "no_hurry" else request.due_at.date()
    return EvidenceRequestReceived(
        request_id=request.id, topic_ids=tuple(sorted(topic_ids)), urgency=request.urgency, needed_by=needed_by
    )


def change_urgency(request: EvidenceRequest, urgency: Urgency, asked_at: datetime, targets: Targets) -> None:
    """Change the urgency; the time for the answer still counts from when the question was asked."""
    request.urgency, request.urgency_rank = urgency, URGENCY_RANK[urgency]
    request.due_at = due_at(urgency, asked_at, targets)


def check_may_change(caller: Caller, request: EvidenceRequest, changes: Mapping[str, object]) -> None:
    """Raise Invalid where the question, urgency or topics are null, or staff change the question or the urgency."""
    for name in ("question", "urgency", "topics"):
        if name in changes and changes[name] is None:
            raise Invalid(errors=[FieldError(pointer=f"/{name}", detail="This cannot be left empty.")])
    askers_fields = sorted(changes.keys() & {"question", "urgency"})
    if askers_fields and not is_asker(caller, request):
        detail = "Only whoever asked may change the question, or how urgent it is."
        raise Invalid(errors=[FieldError(pointer=f"/{name}", detail=detail) for name in askers_fields])


def check_awaiting_answer(request: EvidenceRequest) -> None:
    """Raise NotAwaitingAnswer."""
    if request.status not in ("open", "assigned"):
        raise NotAwaitingAnswer(status=request.status)


def held_until(request: EvidenceRequest) -> datetime | None:
    """Return until when the question is its assignee's alone; None where it has none."""
    if request.assignee_id is None:
        return None
    return (request.assigned_at or request.updated_at) + timedelta(hours=HOLD_HOURS[request.urgency])


def check_not_held(request: EvidenceRequest, caller: Caller, now: datetime) -> None:
    """Raise HeldByColleague where somebody else holds the question, unless their time is over."""
    until = held_until(request)
    if until is not None and request.assignee_id != caller.id and now < until:
        raise HeldByColleague(until=until.strftime("%H:%M on %d %B (UTC)"))


def find_item_doubts(item_id: UUID, edition: int, item: CitedItem) -> list[Issue]:
    """Return what puts an answer that cites this edition of the item in doubt, the most serious first."""
    return [issue for issue in find_issues(item_id, edition, item) if issue.reason in DOUBTS]


def find_guide_doubts(is_published: bool, doubts: Sequence[Issue]) -> list[Issue]:
    """Return what puts an answer that cites a guide in doubt. `doubts`: those of its statements."""
    return list(doubts) if is_published else [Issue("withdrawn", "withdrawn")]


def check_wording(request: EvidenceRequest, turns: Iterable[RequestTurn], texts: Mapping[str, str]) -> None:
    """Raise Invalid where one of these public texts, by its pointer, repeats what the asker wrote, also in disguise."""
    own_words = [text for text in (*(turn.question for turn in turns), request.what_happened) if text]
    detail = "This repeats the asker's own words. Write it in yours, so that nobody can be recognised by it."
    errors = [
        FieldError(pointer=pointer, detail=detail)
        for pointer, text in texts.items()
        if any(_repeats(text, own, is_title=pointer == "/question") for own in own_words)
    ]
    if errors:
        raise Invalid(errors=errors)


def _repeats(text: str, own: str, *, is_title: bool) -> bool:
    """Return whether a text repeats the words or names of the asker. An answer may name the bodies that they named."""
    if _contains(text, own) or repeats(text, own) or names_somebody(text, own):
        return True
    return is_title and shares_names(text, own)


def _contains(text: str, own: str) -> bool:
    return _normalise(own) in _normalise(text)


def _normalise(text: str) -> str:
    """Return the words in lower case, without punctuation."""
    return " ".join("".join(letter if letter.isalnum() else " " for letter in text.casefold()).split())


def check_answered(request: EvidenceRequest) -> None:
    """Raise RequestIsWithdrawn, NotAnswered."""
    if request.status == "withdrawn":
        raise RequestIsWithdrawn
    if request.status not in ("answered", "closed"):
        raise NotAnswered


def record_use(
    request: EvidenceRequest, used: Used, what_happened: str | None, now: datetime
) -> EvidenceRequestClosed | None:
    """Record whether the answer was used: `yes` and `no` close the request, `not_yet` leaves it open.

    Without `what_happened` the earlier text stays. Returns the event, or None if the request is not closed or nothing
    has changed. Raises NotAnswered, RequestIsWithdrawn.
    """
    check_answered(request)
    before = (request.status, request.used)
    request.used = used
    if what_happened is not None:
        request.what_happened = what_happened
    request.status = "answered" if used == "not_yet" else "closed"
    request.closed_at = None if used == "not_yet" else now
    if request.status != "closed" or before == (request.status, request.used):
        return None
    return EvidenceRequestClosed(request_id=request.id, used=used == "yes")


def reopen(request: EvidenceRequest, now: datetime, targets: Targets) -> None:
    """Open the request again for a further question. Raises NotAnswered, RequestIsWithdrawn."""
    check_answered(request)
    request.status, request.closed_at, request.used = "open", None, None
    request.due_at = due_at(request.urgency, now, targets)


def withdraw(request: EvidenceRequest, turns: Collection[RequestTurn], now: datetime) -> EvidenceRequestWithdrawn:
    """Erase the asker's text and everything that was published of the request, whatever its status.

    Return the event. Raises RequestIsWithdrawn.
    """
    if request.status == "withdrawn":
        raise RequestIsWithdrawn
    unpublish(request)
    request.status, request.assignee_id, request.assigned_at, request.closed_at = "withdrawn", None, None, now
    request.doubted_at = None
    request.what_happened, request.setting, request.country, request.used = "", None, None, None
    for turn in turns:
        turn.question = ""
        turn.answer = None if turn.answer is None else ""
    return EvidenceRequestWithdrawn(request_id=request.id)


def unpublish(request: EvidenceRequest) -> None:
    """Remove what everyone reads of the request."""
    request.public_question = request.public_answer = request.public_turn_id = request.published_at = None
