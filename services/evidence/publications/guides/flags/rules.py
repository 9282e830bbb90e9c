"""Which decisions about a flag are possible."""

from typing import Literal

from services.evidence.publications.cited_items.rules import CitedItem, FlaggedCitation
from shared.problems import Conflict

Decision = Literal["repin", "remove", "keep"]
DraftDecision = Literal["repin", "remove"]
"""Decisions that the next edition carries out."""


class NothingFlagged(Conflict):
    title = "There is nothing to decide here"
    detail = "Somebody has decided this already, or the reason for it is gone. Fetch the list of flags again."


class CannotKeepCitation(Conflict):
    title = "A withdrawn item can no longer be relied on"
    detail = (
        "Its contributor, or an editor, has withdrawn it, or the edition that is cited. Remove it from the statement, "
        "or cite the current edition (`repin`) if there is one."
    )


class CannotRepinCitation(Conflict):
    title = "There is no edition to cite instead"
    detail = "The item is no longer shown. Remove it from the statement."


def check_may_decide(decision: Decision, citation: FlaggedCitation, is_decided: bool, item: CitedItem) -> None:
    """Raise NothingFlagged, CannotKeepCitation, CannotRepinCitation."""
    if citation.flagged_key is None or is_decided:
        raise NothingFlagged
    if decision == "keep" and (not item.is_published or citation.flagged_reason == "withdrawn"):
        raise CannotKeepCitation
    if decision == "repin" and not item.is_published:
        raise CannotRepinCitation
