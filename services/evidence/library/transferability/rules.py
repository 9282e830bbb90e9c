"""The rule by which the judgements of single criteria become one conclusion. It is our own."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from services.evidence.callers import is_editor
from services.evidence.library.items.tables import ItemStatus
from services.evidence.library.transferability.criteria import PARTS, Criteria, TransferParts, judgements_in
from shared.callers import Caller
from shared.problems import Conflict, Invalid, NotAllowed

Judgement = Literal["fits", "fits_if_adapted", "does_not_fit", "unknown"]
Conclusion = Literal["transferable", "transferable_if_adapted", "not_transferable", "cannot_be_said"]

RULE = (
    "In each part, and then over the four parts: one that does not fit decides; otherwise one that is unknown leaves "
    "it open, and a criterion that nobody judged is unknown; otherwise one that fits only if adapted makes the whole "
    "depend on that; otherwise it fits. A criterion that is not relevant to the item is left out, with the reason; a "
    "part in which all are left out is unknown. Nothing is added up, so that no number of good signs hides a bad one."
)
WORST_FIRST: tuple[Judgement, ...] = ("does_not_fit", "unknown", "fits_if_adapted")
CONCLUSIONS: dict[Judgement, Conclusion] = {
    "fits": "transferable",
    "fits_if_adapted": "transferable_if_adapted",
    "does_not_fit": "not_transferable",
    "unknown": "cannot_be_said",
}


class JudgedByAnother(NotAllowed):
    title = "This judgement is somebody else's"
    detail = "Add a judgement of your own: both are shown. Only its author or an editor can change this one."


class ItemNotShown(Conflict):
    title = "The item is not published"
    detail = "Judge what everyone can read. Publish the item first."


class EditionNotJudged(Invalid):
    pointer = "/edition"
    title = "The item has no such edition"
    detail = "It has the editions 1 to {edition}. Say which one was judged."


class NothingToAdapt(Invalid):
    pointer = "/adapted"
    title = "Say what would have to change"
    detail = "It fits only if adapted: say in `adapted` what was changed, or in `needs` what it would need."


def judgement_of(criteria: Criteria) -> Judgement:
    """Return the judgement of one part."""
    relevant = [judgement for _, judgement in judgements_in(criteria) if judgement != "not_relevant"]
    return _worst(relevant or ["unknown"])


def conclusion_of(parts: TransferParts) -> Conclusion:
    """Return the conclusion over the four parts."""
    return CONCLUSIONS[_worst(judgement_of(parts.criteria_of(part)) for part in PARTS)]


def deciding_criteria(parts: TransferParts) -> list[str]:
    """Return what decided: criteria as `environment.money`, or a whole part; none where everything fits."""
    worst = _worst(judgement_of(parts.criteria_of(part)) for part in PARTS)
    if worst == "fits":
        return []
    deciding: list[str] = []
    for part in PARTS:
        criteria = parts.criteria_of(part)
        if judgement_of(criteria) == worst:
            names = [f"{part}.{name}" for name, judgement in judgements_in(criteria) if judgement == worst]
            deciding += names or [part]
    return deciding


def check_may_change(caller: Caller, author: UUID | None) -> None:
    """Refuse callers who are neither the author nor an editor. Raises JudgedByAnother."""
    if caller.id != author and not is_editor(caller):
        raise JudgedByAnother


def check_describes_adaptation(parts: TransferParts, adapted: str, needs: str) -> None:
    """Refuse a fit that depends on adaptation and says nothing of it. Raises NothingToAdapt."""
    needs_adaptation = any(
        judgement == "fits_if_adapted" for part in PARTS for _, judgement in judgements_in(parts.criteria_of(part))
    )
    if needs_adaptation and not adapted and not needs:
        raise NothingToAdapt


def check_published(status: ItemStatus) -> None:
    """Refuse an item that is not published. Raises ItemNotShown."""
    if status != "published":
        raise ItemNotShown


def check_edition(edition: int, current: int) -> None:
    """Refuse an edition that the item does not have yet. Raises EditionNotJudged."""
    if edition > current:
        raise EditionNotJudged(edition=current)


def _worst(judgements: Iterable[str]) -> Judgement:
    present = set(judgements)
    for judgement in WORST_FIRST:
        if judgement in present:
            return judgement
    return "fits"
