"""Which decisions about an answer in doubt are possible, and what they do."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Literal, Protocol
from uuid import UUID

from services.evidence.publications.cited_items.rules import UNSOUND, Issue
from services.evidence.publications.requests.rules import check_wording, unpublish
from services.evidence.publications.requests.tables import DoubtDecision, EvidenceRequest, RequestTurn
from shared.events.contracts.evidence import EvidenceRequestRevised
from shared.problems import Conflict


class NothingToDecide(Conflict):
    title = "Nothing about this answer is in doubt"
    detail = "Somebody has decided this already, or the reason for it is gone. Fetch the request again."


class CannotKeepAnswer(Conflict):
    title = "A withdrawn item or guide can no longer be relied on"
    detail = "Send `revise` with the answer as it reads without it: the words of whoever withdrew it must not stay."


def check_may_decide(decision: DoubtDecision, doubts: Collection[Issue]) -> None:
    """Raise NothingToDecide, CannotKeepAnswer."""
    if not doubts:
        raise NothingToDecide
    if decision == "keep" and any(doubt.reason == "withdrawn" for doubt in doubts):
        raise CannotKeepAnswer


def accept(accepted: Sequence[Any], doubts: Collection[Issue], because: str, today: date) -> list[dict[str, Any]]:
    """Return what is accepted of a citation, with these doubts."""
    new = [{"key": doubt.key, "reason": doubt.reason, "because": because, "on": today.isoformat()} for doubt in doubts]
    return [*map(dict, accepted), *new]


def is_lost(doubts: Collection[Issue]) -> bool:
    """Return whether a revised answer no longer cites a source with these doubts."""
    return any(doubt.reason in UNSOUND for doubt in doubts)


class Cited(Protocol):
    """What an answer cites."""

    @property
    def kind(self) -> Literal["item", "guide"]: ...
    @property
    def source_id(self) -> UUID: ...


def revised(request: EvidenceRequest, cited: Iterable[Cited]) -> EvidenceRequestRevised:
    """Return the event of a revised answer. `cited`: by all answers of the request."""
    ids = {(citation.kind, citation.source_id) for citation in cited}
    return EvidenceRequestRevised(
        request_id=request.id,
        item_ids=tuple(sorted(source_id for kind, source_id in ids if kind == "item")),
        guide_ids=tuple(sorted(source_id for kind, source_id in ids if kind == "guide")),
    )


def revise(
    request: EvidenceRequest, turns: Sequence[RequestTurn], turn: RequestTurn, answer: str, public_answer: str | None
) -> None:
    """Replace the answer, and what everyone reads of it: without a public answer it is no longer public.

    Raises Invalid where the public answer repeats the asker's own text.
    """
    turn.answer = answer
    if request.public_turn_id != turn.id:
        return
    if public_answer is None:
        unpublish(request)
        return
    check_wording(request, turns, {"/public_answer": public_answer})
    request.public_answer = public_answer
