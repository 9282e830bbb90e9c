"""What has happened to a cited item since it was cited, and when a citation of it is flagged."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any, Generic, Literal, NamedTuple, Protocol, TypeVar
from uuid import UUID

from services.evidence.library.items.descriptions import WAYS
from services.evidence.library.items.tables import ItemStatus
from shared.events.contracts.evidence import WayOfKnowing

Reason = Literal[
    "withdrawn", "retracted", "concern", "corrected", "superseded", "merged", "changed", "unsupported", "doubted"
]
"""`unsupported` and `doubted` are of guides: a statement has nothing left to stand on, or is being looked at."""
UNSOUND: frozenset[Reason] = frozenset({"withdrawn", "retracted", "unsupported"})
"""Reasons for which nothing may stand on the source until somebody has decided."""
_REASON_OF_NATURE: dict[str, Reason] = {
    "retraction": "retracted",
    "expression_of_concern": "concern",
    "correction": "corrected",
    "superseded": "superseded",
}


class CitedItem(NamedTuple):
    """A cited item, or the one that it was merged into, as it is now."""

    cited_id: UUID
    """The id in the citation."""
    id: UUID
    """The id of the item itself: another one after a merge."""
    way_of_knowing: WayOfKnowing
    status: ItemStatus
    edition: int
    retraction: Mapping[str, Any] | None
    updated_at: datetime
    withdrawn_at: datetime | None
    title: str | None
    """None unless the item is published, as are `design` and `details`."""
    design: str | None
    details: Mapping[str, Any] | None
    erased: Sequence[int] = ()
    """Earlier editions whose words the person who gave them has taken back."""
    language: str = "en"

    @property
    def is_published(self) -> bool:
        """Whether anyone may read it."""
        return self.status == "published"

    @property
    def is_retracted(self) -> bool:
        """Whether its publisher has retracted the work."""
        return self.retraction is not None and self.retraction["nature"] == "retraction"

    @property
    def is_sound(self) -> bool:
        """Whether it may support a statement: published and not retracted."""
        return self.is_published and not self.is_retracted


class Issue(NamedTuple):
    """Something that puts a citation in doubt. `key` distinguishes occurrences: `changed:3`, then `changed:4`."""

    reason: Reason
    key: str


class FlaggedCitation(Protocol):
    """A stored citation of an edition, with its flag columns (`tables.flag_columns`)."""

    @property
    def edition(self) -> int: ...
    @property
    def flagged_reason(self) -> str | None: ...
    @property
    def flagged_key(self) -> str | None: ...
    @property
    def flagged_at(self) -> datetime | None: ...
    @property
    def accepted(self) -> Sequence[Mapping[str, Any]]: ...


Citation = TypeVar("Citation", bound=FlaggedCitation)


class FlagChange(NamedTuple, Generic[Citation]):
    """The new flag of a stored citation. Both fields are None where it no longer has one."""

    citation: Citation
    issue: Issue | None
    flagged_at: datetime | None


def find_issues(item_id: UUID, edition: int, item: CitedItem) -> list[Issue]:
    """Return the issues that a citation of this edition of the item has today, the most serious first."""
    if not item.is_published:
        return [Issue("withdrawn", "withdrawn")]
    issues: list[Issue] = []
    if item.retraction and (reason := _REASON_OF_NATURE.get(item.retraction["nature"])):
        issues.append(Issue(reason, f"{reason}:{item.retraction.get('on') or ''}"))
    if item.id != item_id:
        issues.append(Issue("merged", f"merged:{item.id}"))
    elif edition in item.erased:
        issues.append(Issue("withdrawn", f"erased:{edition}"))
    elif item.edition > edition:
        issues.append(Issue("changed", f"changed:{item.edition}"))
    return issues


def find_open_issues(issues: Iterable[Issue], accepted: Iterable[Mapping[str, Any]]) -> list[Issue]:
    """Return the issues that no editor has accepted."""
    accepted_keys = {acceptance["key"] for acceptance in accepted}
    return [issue for issue in issues if issue.key not in accepted_keys]


def is_held_back(doubts: Iterable[Issue]) -> bool:
    """Return whether what stands on sources with these open doubts is not public until an editor has decided."""
    return any(doubt.reason in UNSOUND for doubt in doubts)


def is_unsupported(issues: Iterable[Issue | None]) -> bool:
    """Return whether nothing is left to stand on: of each source its open issue, or None, at least one of them."""
    issues = list(issues)
    return bool(issues) and all(issue is not None and is_held_back([issue]) for issue in issues)


def explain_hold(doubts: Iterable[Issue], explanations: Mapping[Reason, str]) -> str | None:
    """Return what to say where something is held back: why, once for each reason. None where it is not."""
    unsound = [doubt for doubt in doubts if is_held_back([doubt])]
    why = " ".join(dict.fromkeys(explanations[doubt.reason] for doubt in unsound))
    return f"{why} This is not shown until an editor has looked at it." if why else None


def accept_issue(citation: FlaggedCitation, because: str, today: date) -> list[dict[str, Any]]:
    """Return the accepted issues of the citation, including the one that is flagged now."""
    return [*map(dict, citation.accepted), _accept(citation.flagged_key, citation.flagged_reason, because, today)]


def accept_issues(
    citation: FlaggedCitation, issues: Iterable[Issue], because: str, today: date
) -> list[dict[str, Any]]:
    """Return the accepted issues of the citation, including the one that is flagged now.

    Of a guide all statements that are looked at: one decision is about all of them.
    """
    accepted = accept_issue(citation, because, today)
    if citation.flagged_reason != "doubted":
        return accepted
    others = [issue for issue in find_open_issues(issues, accepted) if issue.reason == "doubted"]
    return [*accepted, *(_accept(issue.key, issue.reason, because, today) for issue in others)]


def _accept(key: str | None, reason: str | None, because: str, today: date) -> dict[str, Any]:
    return {"key": key, "reason": reason, "because": because, "on": today.isoformat()}


def find_flag_changes(
    citations: Iterable[tuple[Citation, Sequence[Issue]]], now: datetime
) -> list[FlagChange[Citation]]:
    """Return the citations whose flag differs from the first of their open issues, each with its new flag.

    The issues are read from the items as they are, not from what happened to them: in whatever order events arrive, and
    however often, the flags are the same. A citation that stays flagged for another reason keeps its `flagged_at`.
    """
    changes: list[FlagChange[Citation]] = []
    for citation, issues in citations:
        issue = next(iter(find_open_issues(issues, citation.accepted)), None)
        if (issue.key if issue else None) != citation.flagged_key:
            changes.append(FlagChange(citation, issue, (citation.flagged_at or now) if issue else None))
    return changes


def carry_over_flag(earlier: FlaggedCitation | None, edition: int | None) -> dict[str, Any]:
    """Return the flag columns of a citation that replaces an earlier one: the same where it is of the same edition."""
    same = earlier if earlier is not None and earlier.edition == edition else None
    return {
        "flagged_reason": same.flagged_reason if same else None,
        "flagged_key": same.flagged_key if same else None,
        "flagged_at": same.flagged_at if same else None,
        "accepted": same.accepted if same else [],
    }


def count_by_way_of_knowing(item_ids: Iterable[UUID], items: Mapping[UUID, CitedItem]) -> dict[WayOfKnowing, int]:
    """Count the sound items of each way of knowing. An item that is cited under two ids counts once."""
    sound = {item.id: item for item_id in item_ids if (item := items.get(item_id)) is not None and item.is_sound}
    ways = [item.way_of_knowing for item in sound.values()]
    return {way: ways.count(way) for way in WAYS}
