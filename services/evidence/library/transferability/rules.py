"""How the judgements of single criteria become one of the whole. The rule is our own, and plain enough to retell."""

from collections.abc import Iterable
from typing import Literal
from uuid import UUID

from services.evidence.library.transferability.criteria import PARTS, Criteria, TransferParts, judged
from shared.callers import Caller, Role
from shared.problems import Conflict, Gone, Invalid, NotAllowed, NotFound

Judgement = Literal["fits", "fits_if_adapted", "does_not_fit", "unknown"]
Conclusion = Literal["transferable", "transferable_if_adapted", "not_transferable", "cannot_be_said"]

RULE = (
    "In each part, and then over the four parts: one that does not fit decides; otherwise one that is unknown leaves "
    "it open, and a criterion that nobody judged is unknown; otherwise one that fits only if adapted makes the whole "
    "depend on that; otherwise it fits. A criterion that is not relevant to the item is left out, with the reason; a "
    "part in which all are left out is unknown. Nothing is counted, so that no number of good signs hides a bad one."
)
WORST_FIRST: tuple[Judgement, ...] = ("does_not_fit", "unknown", "fits_if_adapted")
CONCLUSIONS: dict[Judgement, Conclusion] = {
    "fits": "transferable",
    "fits_if_adapted": "transferable_if_adapted",
    "does_not_fit": "not_transferable",
    "unknown": "cannot_be_said",
}


class TransferJudgementNotFound(NotFound):
    detail = "There is no such judgement of this item. The list is at its /transferability."


class TransferJudgementRemoved(Gone):
    title = "This judgement was taken back"
    detail = "Nothing needs to be done. What was judged otherwise is in the list, at /transferability of the item."


class JudgedByAnother(NotAllowed):
    title = "Somebody else judged this"
    detail = "Add a judgement of your own: both are shown. Whoever made this one, or an editor, can change it."


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
    """Of one part."""
    return _worst([one for _, one in judged(criteria) if one != "not_relevant"] or ["unknown"])


def conclusion_of(parts: TransferParts) -> Conclusion:
    """Of the whole."""
    return CONCLUSIONS[_worst(judgement_of(parts.criteria_of(part)) for part in PARTS)]


def deciding(parts: TransferParts) -> list[str]:
    """What made the conclusion what it is: criteria as `environment.money`, or a whole part; none where all fits."""
    worst = _worst(judgement_of(parts.criteria_of(part)) for part in PARTS)
    if worst == "fits":
        return []
    found: list[str] = []
    for part in PARTS:
        criteria = parts.criteria_of(part)
        if judgement_of(criteria) == worst:
            found += [f"{part}.{name}" for name, one in judged(criteria) if one == worst] or [part]
    return found


def check_may_change(caller: Caller, judge: UUID | None) -> None:
    """The judge may, and an editor. Raises JudgedByAnother."""
    if caller.id != judge and not caller.has(Role.EVIDENCE_EDITOR):
        raise JudgedByAnother


def check_says_what_changes(parts: TransferParts, adapted: str, needs: str) -> None:
    """Raises NothingToAdapt."""
    depends = any(one == "fits_if_adapted" for part in PARTS for _, one in judged(parts.criteria_of(part)))
    if depends and not adapted and not needs:
        raise NothingToAdapt


def check_edition(edition: int, current: int) -> None:
    """Raises EditionNotJudged."""
    if edition > current:
        raise EditionNotJudged(edition=current)


def _worst(given: Iterable[str]) -> Judgement:
    found = set(given)
    for one in WORST_FIRST:
        if one in found:
            return one
    return "fits"
