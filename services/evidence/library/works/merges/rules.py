"""What the surviving item of a merge receives, field by field, and how an undo gives it back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from services.evidence.library.items.identifiers.rules import Name
from services.evidence.library.items.tables import ItemStatus
from shared.problems import Conflict, Invalid

MAX_ITEMS = 50
SURVIVOR_FIELDS = frozenset({"way_of_knowing", "title", "language"})
"""Fields that a merge never changes."""
MAX_LIST_VALUES = {"topics": 20, "keywords": 1_000, "identifiers": 50}
"""List fields, which take in what the merged items have, and the most values of each (`items.descriptions`)."""
Description = dict[str, Any]
"""As JSON, with every field of its way of knowing."""


class ItemMissing(Invalid):
    title = "One of these items does not exist"
    detail = "There is no evidence item {item_id}. Check the ids; nothing was merged."


class OnlyResearchIsMerged(Conflict):
    title = "Only research can be merged"
    detail = (
        "The item {item_id} is somebody's own account or practice knowledge: it stands for itself, beside others like "
        "it. Whoever gave it twice may withdraw one of the two."
    )


class SurvivorGone(Conflict):
    title = "The item to merge into was withdrawn"
    detail = "Choose another item to merge into."


class SurvivorStandsElsewhere(Conflict):
    title = "The item to merge into has been merged into another one"
    detail = "Merge into the item {into} instead, or undo that merge first."


class AlreadyMerged(Conflict):
    title = "One of these items has been merged already"
    detail = "The item {item_id} was merged into the item {into}. Undo that merge at /v1/merges first if it was wrong."


class ItemGone(Conflict):
    title = "One of these items was withdrawn"
    detail = "The item {item_id} is no longer shown. Leave it out."


class PublishedIntoDraft(Conflict):
    title = "A published item cannot be merged into a draft"
    detail = "The item {item_id} is published. Merge the draft into it, or publish the draft first."


class LaterMergeStands(Conflict):
    title = "A later merge builds on this one"
    detail = "Undo the merge {merge_id} first."


class IdentifierTaken(Conflict):
    title = "Another item has an identifier of this one now"
    detail = (
        "The item {item_id} has the {scheme} {value} that the merge took over. Change that item, or merge it, first."
    )


class FieldChange(BaseModel):
    """What one field of the survivor received from one item: `added` to a list, or `after` in place of `before`."""

    field: str
    came_from: UUID = Field(description="The item that had it.")
    before: object = None
    after: object = None
    added: list[Any] | None = None
    left_out: list[Any] = Field(
        default=[], description="What exceeded the limit of the list; the merged item still has it."
    )
    job_id: UUID | None = Field(
        default=None,
        description="Of what came after the merge, by the merged item's identifiers: the import or harvest",
    )
    number: int | None = Field(default=None, description="and its record. An undo gives it to the merged item.")

    def as_json(self) -> dict[str, Any]:
        """Return the change as the row of its merge stores it."""
        return self.model_dump(mode="json")


class RecordGain(NamedTuple):
    """A field of an item that a record of an import or harvest filled. `names`: the identifiers of the record."""

    item_id: UUID
    names: frozenset[Name]
    job_id: UUID
    number: int
    field: str
    before: Any
    value: Any

    def change(self, came_from: UUID) -> FieldChange:
        """Return it as what the survivor received by an item that was merged into it."""
        source = {"field": self.field, "came_from": came_from, "job_id": self.job_id, "number": self.number}
        if self.field in MAX_LIST_VALUES:
            return FieldChange.model_validate({**source, "added": self.value})
        empty: Any = [] if isinstance(self.value, list) else "" if self.field == "summary" else None
        return FieldChange.model_validate(
            {**source, "before": empty if self.before is None else self.before, "after": self.value}
        )


class Mergeable(Protocol):
    """What the rules need of an item."""

    @property
    def id(self) -> UUID: ...
    @property
    def way_of_knowing(self) -> str: ...
    @property
    def status(self) -> ItemStatus: ...
    @property
    def merged_into(self) -> UUID | None: ...
    @property
    def published_at(self) -> datetime | None: ...


def check_not_itself(into: UUID, items: Collection[UUID]) -> None:
    """Refuse to merge an item into itself. Raises Invalid."""
    if into in items:
        raise Invalid("An item cannot be merged into itself. Leave it out of `items`.", pointer="/items")


def check_may_merge(survivor: Mergeable, items: Sequence[Mergeable]) -> None:
    """Check that these items may be merged into the survivor.

    Raises OnlyResearchIsMerged, SurvivorGone, SurvivorStandsElsewhere, AlreadyMerged, ItemGone, PublishedIntoDraft.
    """
    for item in (survivor, *items):
        if item.way_of_knowing != "research":
            raise OnlyResearchIsMerged(item_id=item.id)
    if survivor.status == "withdrawn":
        raise SurvivorGone
    if survivor.status == "merged":
        raise SurvivorStandsElsewhere(into=survivor.merged_into)
    for item in items:
        if item.status == "merged":
            raise AlreadyMerged(item_id=item.id, into=item.merged_into)
        if item.status == "withdrawn":
            raise ItemGone(item_id=item.id)
        if item.status == "published" and survivor.status != "published":
            raise PublishedIntoDraft(item_id=item.id)


def combine(survivor: Description, merged: Description, item_id: UUID) -> tuple[Description, list[FieldChange]]:
    """Return the survivor's description with what the merged item adds to it, and the changes.

    Lists take in new values; a longer summary and a more precise date replace the survivor's; any other field is only
    filled where it was empty.
    """
    combined = dict(survivor)
    changes: list[FieldChange] = []
    for name, value in merged.items():
        if name in SURVIVOR_FIELDS or _is_empty(value):
            continue
        if name in MAX_LIST_VALUES:
            values: list[Any] = survivor.get(name) or []
            added, left_out = _new_values(values, value, MAX_LIST_VALUES[name])
            if added or left_out:
                combined[name] = [*values, *added]
                changes.append(FieldChange(field=name, came_from=item_id, added=added, left_out=left_out))
        elif _is_better(name, survivor.get(name), value):
            combined[name] = value
            changes.append(FieldChange(field=name, came_from=item_id, before=survivor.get(name), after=value))
    return combined, changes


def undo_changes(
    survivor: Description, changes: Sequence[FieldChange], other_changes: Sequence[FieldChange]
) -> tuple[Description, list[str]]:
    """Return the survivor's description without the changes of a merge, and the fields that cannot be restored.

    Those are the fields that were changed since. Where a change of another merge replaced what this one brought, its
    `before` becomes what was there before both: it is updated in place.
    """
    restored = dict(survivor)
    not_restored: list[str] = []
    for change in reversed(changes):
        value = restored.get(change.field)
        if change.added is not None:
            added_keys = [_comparison_key(added) for added in change.added]
            restored[change.field] = _without(value or [], added_keys)
        elif value == change.after:
            restored[change.field] = change.before
        elif (successor := _successor(change, other_changes)) is not None:
            successor.before = change.before
        else:
            not_restored.append(change.field)
    return restored, not_restored


def names_of(came_from: UUID, moved: Collection[Name], changes: Sequence[FieldChange]) -> set[Name]:
    """Return the identifiers by which a survivor is recognised because of one merged item."""
    learnt = [
        name
        for change in changes
        if change.came_from == came_from and change.field == "identifiers" and change.job_id is not None
        for name in change.added or ()
    ]
    return {*moved, *((name["scheme"], name["value"]) for name in learnt)}


def given_back(
    description: Description, item_id: UUID, changes: Sequence[FieldChange], not_restored: Collection[str]
) -> tuple[Description, list[FieldChange]]:
    """Return the description of a merged item with what records gave since by its identifiers, and those changes.

    What was changed since stays with the survivor; what the item says itself stays as it is.
    """
    filled = dict(description)
    returned: list[FieldChange] = []
    for change in changes:
        if change.came_from != item_id or change.job_id is None or change.field in not_restored:
            continue
        value = filled.get(change.field)
        if change.added is not None:
            added, _ = _new_values(value or [], change.added, MAX_LIST_VALUES[change.field])
            filled[change.field] = [*(value or []), *added]
        elif _is_empty(value) or value == change.before:
            filled[change.field] = change.after
        returned.append(change)
    return filled, returned


def undo_problems(fields_not_restored: Sequence[str]) -> list[str]:
    """Return what a person should know after an undo."""
    return [f"Changed since the merge, so it stays as it is now: {name}." for name in fields_not_restored]


def _without(values: list[Any], keys: Collection[str | bytes]) -> list[Any]:
    return [value for value in values if _comparison_key(value) not in keys]


def _successor(change: FieldChange, others: Sequence[FieldChange]) -> FieldChange | None:
    return next((other for other in others if other.field == change.field and other.before == change.after), None)


def _is_better(name: str, current: object, candidate: object) -> bool:
    if _is_empty(current):
        return True
    match name, current, candidate:
        case "summary", str(current_text), str(new_text):
            return len(new_text) > len(current_text)
        case "kind", "other", _:
            return candidate != "other"
        case "published_on", str(current_date), str(new_date):
            return len(new_date) > len(current_date) and new_date.startswith(current_date)
        case _:
            return False


def _new_values(current: list[Any], candidates: list[Any], limit: int) -> tuple[list[Any], list[Any]]:
    """Return the candidates that are not there yet: those that fit, and those beyond the limit."""
    known_keys = {_comparison_key(value) for value in current}
    by_key = {_comparison_key(value): value for value in candidates}
    new = [value for key, value in by_key.items() if key not in known_keys]
    room = max(0, limit - len(current))
    return new[:room], new[room:]


def _comparison_key(value: object) -> str | bytes:
    """Return what two equal values share: keywords regardless of case, identifiers (objects) as sorted JSON."""
    return value.casefold() if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _is_empty(value: object) -> bool:
    return value is None or value in ("", [])
