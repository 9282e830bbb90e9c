"""Which notice holds for a work when there are several, and which works may carry one."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

import orjson

from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.tables import Item
from shared.events.contracts.evidence import EvidenceChanged, EvidenceRetracted
from shared.problems import Conflict

SEVERITY = {"reinstatement": 0, "superseded": 1, "correction": 2, "expression_of_concern": 3, "retraction": 4}


class NothingToReinstate(Conflict):
    title = "This work has no notice to lift"
    detail = (
        "A reinstatement lifts a retraction, a correction, an expression of concern or a notice that a newer work has "
        "taken this one's place, and none is recorded here. "
        "Check the id of the item."
    )


class AccountsAreNotRetracted(Conflict):
    title = "Accounts of lived experience cannot be retracted"
    detail = "Only the person who gave the account, or an editor, can withdraw it: send a POST to its /withdraw."


class NoticeSuperseded(Conflict):
    title = "A more serious or later notice already holds"
    detail = "A {nature} is recorded here. If it no longer holds, send a reinstatement with its date first."


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice, and the identifiers (scheme, value) of the work that it is about."""

    names: tuple[tuple[str, str], ...]
    retraction: Retraction

    @property
    def digest(self) -> str:
        """Equal for equal notices, whichever list holds them."""
        content = self.retraction.model_dump(mode="json", exclude={"source"})
        return hashlib.blake2b(orjson.dumps(content, option=orjson.OPT_SORT_KEYS), digest_size=16).hexdigest()


def retract(item: Item, retraction: Retraction, now: datetime) -> EvidenceRetracted | EvidenceChanged | None:
    """Record the notice on the item. Returns the event, or None if nothing changed or the item is not published.

    A more serious notice holds until a reinstatement: a correction does not hide a retraction. A notice dated before
    the recorded one is ignored, so lists may be read in any order; on the same day a reinstatement comes last.
    Accounts of lived experience are never retracted.
    """
    if item.way_of_knowing == "lived_experience" or item.status in ("withdrawn", "merged"):
        return None
    current = _current(item)
    if current == retraction or not _supersedes(retraction, current):
        return None
    item.retraction = retraction.model_dump(mode="json")
    item.updated_at = now
    if item.status != "published":
        return None
    if retraction.nature == "superseded":
        return EvidenceChanged(item_id=item.id, edition=item.edition)
    return EvidenceRetracted(item_id=item.id, nature=retraction.nature)


def check_may_retract(item: Item, retraction: Retraction) -> None:
    """Raise AccountsAreNotRetracted, NothingToReinstate or NoticeSuperseded where `retract` would record nothing."""
    if item.way_of_knowing == "lived_experience":
        raise AccountsAreNotRetracted
    current = _current(item)
    if current is None and retraction.nature == "reinstatement":
        raise NothingToReinstate
    if current is not None and not _supersedes(retraction, current):
        name = "notice of a newer work" if current.nature == "superseded" else current.nature.replace("_", " ")
        raise NoticeSuperseded(nature=name)


def effective_notice(notices: Iterable[Retraction]) -> Retraction | None:
    """Return the notice that holds, whatever order they come in; None without any.

    The last reinstatement lifts all notices before it. Of the others the most serious holds, and among equally serious
    ones the latest.
    """
    ordered = sorted(notices, key=_date_of)
    reinstatement = next((notice for notice in reversed(ordered) if notice.nature == "reinstatement"), None)
    remaining = [
        notice
        for notice in ordered
        if notice.nature != "reinstatement" and (reinstatement is None or _date_of(notice) > _date_of(reinstatement))
    ]
    return max(remaining, key=lambda notice: (SEVERITY[notice.nature], _date_of(notice)), default=reinstatement)


def _current(item: Item) -> Retraction | None:
    return Retraction.model_validate(item.retraction) if item.retraction else None


def _date_of(notice: Retraction) -> date:
    return notice.on or date.min


def _supersedes(new: Retraction, current: Retraction | None) -> bool:
    reinstates = new.nature == "reinstatement"
    if current is None:
        return not reinstates
    if new.on and current.on:
        if reinstates and new.on < current.on:
            return False
        if not reinstates and current.nature == "reinstatement" and new.on <= current.on:
            return False
    return reinstates or SEVERITY[new.nature] >= SEVERITY[current.nature]
