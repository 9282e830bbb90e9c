"""What a bulk change would do with each group of duplicates and each item, and what it leaves alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import combinations
from typing import Protocol
from uuid import UUID

from services.evidence.library.bulk_changes.change_request import (
    MAX_TOPICS,
    DuplicateDecisions,
    DuplicateSelection,
    ItemChanges,
)
from services.evidence.library.bulk_changes.tables import BulkChangeStatus
from services.evidence.library.items.tables import ItemStatus
from services.evidence.library.works.duplicates.rules import GroupMember, Pair, best_survivor, components
from services.evidence.library.works.merges.rules import MAX_ITEMS
from shared.problems import Conflict

PREVIEW_RETENTION = timedelta(days=7)
MAX_ATTEMPTS = 4
FIRST_DELAY = timedelta(seconds=1)
"""After an unexpected failure; it doubles with each."""

CHANGED_SINCE = "It was changed after the preview."
GROUP_CHANGED = "The group was changed or decided after the preview."
NOT_ALL_ALIKE = "Not all of its members are alike in this way: decide it by itself."
CALLED_DIFFERENT = "Somebody called two of its members different: decide it by itself."
TOO_MANY_MEMBERS = f"It has more than {MAX_ITEMS} members to merge: decide it by itself."
NO_SUCH_ITEM = "There is no such item."
ITEM_GONE = "It was withdrawn or merged."
SO_ALREADY = "It is like this already."
NEEDS_CONSENT = "The person has not agreed to publish it."
NEEDS_SETTING = "Practice knowledge cannot be without a setting."
TOO_MANY_TOPICS = f"It would be filed under more than {MAX_TOPICS} topics."
REFUSED = "The item would no longer be valid with this change: change it by itself."
FAILED = "It failed several times. Try it by itself, and tell us if it happens again."


class BulkChangeConfirmed(Conflict):
    title = "This bulk change has been confirmed already"
    detail = "Somebody confirmed it before you. Follow its progress at its own address; nothing is done twice."


class NothingPlanned(Conflict):
    title = "This preview holds nothing to do"
    detail = "Its steps say why each was left. Choose others, and ask for another preview."


class ItemFields(Protocol):
    """What the rules need of an item."""

    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def way_of_knowing(self) -> str: ...
    @property
    def status(self) -> ItemStatus: ...
    @property
    def country(self) -> str | None: ...
    @property
    def setting(self) -> str | None: ...
    @property
    def topics(self) -> Sequence[UUID]: ...
    @property
    def consent_to_publish(self) -> bool | None: ...
    @property
    def contributor_id(self) -> UUID | None: ...


class JudgedPair(Protocol):
    """What the rules need of a pair of likely duplicates."""

    @property
    def low_id(self) -> UUID: ...
    @property
    def high_id(self) -> UUID: ...
    @property
    def judgement(self) -> str: ...
    @property
    def title_similarity(self) -> int: ...
    @property
    def decision(self) -> str | None: ...


class VersionedMember(GroupMember, Protocol):
    """A member of a group, with its version."""

    @property
    def version(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Step:
    """One merge, decision or change; `reason`: why it is left out. `versions`: of the items, in their order."""

    items: Sequence[UUID]
    versions: Sequence[int]
    group_id: UUID | None = None
    into_id: UUID | None = None
    reason: str | None = None

    @property
    def version_of(self) -> dict[UUID, int]:
        return dict(zip(self.items, self.versions, strict=True))


def check_may_confirm(status: BulkChangeStatus, planned: int) -> None:
    """Refuse a bulk change that was confirmed, or that would do nothing. Raises BulkChangeConfirmed, NothingPlanned."""
    if status != "previewed":
        raise BulkChangeConfirmed
    if not planned:
        raise NothingPlanned


def plan_item(item: ItemFields, changes: ItemChanges) -> Step:
    """Return the step of an item: planned, or why it stays as it is."""
    return Step([item.id], [item.version], reason=_reason_to_leave(item, changes))


def missing_item(item_id: UUID) -> Step:
    """Return the step of an id that no item has."""
    return Step([item_id], [0], reason=NO_SUCH_ITEM)


def _reason_to_leave(item: ItemFields, changes: ItemChanges) -> str | None:
    if item.status not in ("draft", "published"):
        return ITEM_GONE
    if changes.state == "withdraw":
        return None
    topics = set(item.topics) - set(changes.remove_topics) | set(changes.add_topics)
    says_so = topics == set(item.topics) and all(getattr(item, name) == value for name, value in changes.fields.items())
    if says_so and not is_to_be_published(item, changes):
        return SO_ALREADY
    is_account = item.way_of_knowing == "lived_experience"
    if is_to_be_published(item, changes) and is_account and not (item.consent_to_publish and item.contributor_id):
        return NEEDS_CONSENT
    if item.way_of_knowing == "practice_knowledge" and changes.fields.get("setting", "") is None:
        return NEEDS_SETTING
    return TOO_MANY_TOPICS if len(topics) > MAX_TOPICS else None


def is_to_be_published(item: ItemFields, changes: ItemChanges) -> bool:
    """Return whether these changes publish the item, which is a draft."""
    return changes.state == "publish" and item.status == "draft"


def plan_group(
    group_id: UUID,
    members: Mapping[UUID, VersionedMember],
    pairs: Collection[JudgedPair],
    request: DuplicateDecisions,
) -> list[Step]:
    """Return the steps of a group: one for each set of members that are alike in the way that is asked for.

    `pairs`: of these members. Only where each member of a set is alike with each other one in that way is it planned:
    of a chain, the first and the last may be two works.
    """
    alike = [set(members)] if request.decision == "different" else components(_edges(pairs, request.selection))
    return [_plan_members(group_id, items, members, pairs, request) for items in alike if len(items) > 1]


def _plan_members(
    group_id: UUID,
    items: Collection[UUID],
    members: Mapping[UUID, VersionedMember],
    pairs: Iterable[JudgedPair],
    request: DuplicateDecisions,
) -> Step:
    ordered = sorted(items)
    into_id = best_survivor(members[item] for item in ordered) if request.decision == "merge" else None
    reason = reason_not_alike(items, pairs, request)
    return Step(ordered, [members[item].version for item in ordered], group_id, into_id, reason)


def reason_not_alike(items: Collection[UUID], pairs: Iterable[JudgedPair], request: DuplicateDecisions) -> str | None:
    """Return why these items cannot be decided together; None if they can."""
    between = [pair for pair in pairs if pair.low_id in items and pair.high_id in items]
    edges = set(_edges(between, request.selection))
    if request.decision == "different":
        undecided = {(pair.low_id, pair.high_id) for pair in between if pair.decision is None}
        return None if undecided and undecided == edges else NOT_ALL_ALIKE
    if any(pair.decision == "different" for pair in between):
        return CALLED_DIFFERENT
    if len(items) > MAX_ITEMS:
        return TOO_MANY_MEMBERS
    return None if edges.issuperset(combinations(sorted(items), 2)) else NOT_ALL_ALIKE


def _edges(pairs: Iterable[JudgedPair], selection: DuplicateSelection) -> list[Pair]:
    """Return the undecided pairs that are alike in this way."""
    return [
        (pair.low_id, pair.high_id)
        for pair in pairs
        if pair.decision is None
        and pair.judgement == selection.judgement
        and selection.min_similarity <= pair.title_similarity <= selection.max_similarity
    ]


def is_changed(step: Step, versions: Mapping[UUID, int]) -> bool:
    """Return whether one of the items of a step has another version than in the preview, or is gone."""
    return step.version_of != {item: versions.get(item) for item in step.items}
