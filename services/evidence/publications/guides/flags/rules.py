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
    detail = "Remove it from the statement: its contributor, or an editor, has withdrawn it."


class CannotRepinCitation(Conflict):
    title = "There is no edition to cite instead"
    detail = "The item is no longer shown. Remove it from the statement."


def check_may_decide(decision: Decision, citation: FlaggedCitation, is_decided: bool, item: CitedItem) -> None:
    """Raise NothingFlagged, CannotKeepCitation, CannotRepinCitation."""
    if citation.flagged_key is None or is_decided:
        raise NothingFlagged
    if item.is_published:
        return
    if decision == "keep":
        raise CannotKeepCitation
    if decision == "repin":
        raise CannotRepinCitation
