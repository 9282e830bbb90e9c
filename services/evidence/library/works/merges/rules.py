"""What the surviving item receives, field by field, and how it is given back."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import orjson
from pydantic import BaseModel, Field

from services.evidence.library.works.merges.problems import (
    AlreadyMerged,
    ItemGone,
    OnlyResearchIsMerged,
    PublishedIntoDraft,
    SurvivorGone,
    SurvivorStandsElsewhere,
)

MOST_ITEMS = 50
OF_THE_SURVIVOR = frozenset({"way_of_knowing", "title", "language"})
LISTS = {"topics": 20, "keywords": 1_000, "identifiers": 50}
"""Fields that take in what the others have, and the most that each holds (`items.descriptions`)."""
Description = dict[str, Any]
"""As JSON, with every field of its way of knowing."""


class FieldChange(BaseModel):
    """What one field of the survivor received from one item: `added` to a list, or `after` in the place of `before`."""

    field: str
    came_from: UUID = Field(description="The item that had it.")
    before: Any = None
    after: Any = None
    added: list[Any] | None = None
    left_out: list[Any] = Field(default=[], description="What did not fit any more; it stays known of that item.")

    def kept(self) -> dict[str, Any]:
        return self.model_dump(mode="json")


class Mergeable(Protocol):
    """An item, as far as merging asks."""

    @property
    def id(self) -> UUID: ...
    @property
    def way_of_knowing(self) -> str: ...
    @property
    def state(self) -> str: ...
    @property
    def merged_into(self) -> UUID | None: ...
    @property
    def published_at(self) -> datetime | None: ...


def check_may_merge(survivor: Mergeable, items: Sequence[Mergeable]) -> None:
    """Raises why these may not become one."""
    for item in (survivor, *items):
        if item.way_of_knowing != "research":
            raise OnlyResearchIsMerged(item_id=item.id)
    if survivor.state == "withdrawn":
        raise SurvivorGone
    if survivor.state == "merged":
        raise SurvivorStandsElsewhere(into=survivor.merged_into)
    for item in items:
        if item.state == "merged":
            raise AlreadyMerged(item_id=item.id, into=item.merged_into)
        if item.state == "withdrawn":
            raise ItemGone(item_id=item.id)
        if item.state == "published" and survivor.state != "published":
            raise PublishedIntoDraft(item_id=item.id)


def combine(mine: Description, theirs: Description, item: UUID) -> tuple[Description, list[FieldChange]]:
    """The survivor with what the other item knows beyond it, and what that was.

    Lists take in what is new; the longer summary and the more precise date are better; else what stands, stands, and
    only what was empty is filled.
    """
    whole = dict(mine)
    changes: list[FieldChange] = []
    for name, value in theirs.items():
        if name in OF_THE_SURVIVOR or _empty(value):
            continue
        if name in LISTS:
            added, left_out = _new(mine.get(name) or [], value, LISTS[name])
            if added or left_out:
                whole[name] = [*(mine.get(name) or []), *added]
                changes.append(FieldChange(field=name, came_from=item, added=added, left_out=left_out))
        elif _better(name, mine.get(name), value):
            whole[name] = value
            changes.append(FieldChange(field=name, came_from=item, before=mine.get(name), after=value))
    return whole, changes


def give_back(
    mine: Description, changes: Sequence[FieldChange], later: Sequence[FieldChange]
) -> tuple[Description, list[str]]:
    """The survivor without what a merge brought, and the fields that were changed since and therefore stay.

    Where a `later` merge put something in the place of what this one brought, that one now stands on what was before.
    """
    whole = dict(mine)
    stayed: list[str] = []
    for change in reversed(changes):
        now = whole.get(change.field)
        if change.added is not None:
            gone = [_sameness(value) for value in change.added]
            whole[change.field] = _without(now or [], gone)
        elif now == change.after:
            whole[change.field] = change.before
        elif (above := _standing_on(change, later)) is not None:
            above.before = change.before
        else:
            stayed.append(change.field)
    return whole, stayed


def _without(values: list[Any], gone: Collection[Any]) -> list[Any]:
    return [value for value in values if _sameness(value) not in gone]


def _standing_on(change: FieldChange, later: Sequence[FieldChange]) -> FieldChange | None:
    return next((one for one in later if one.field == change.field and one.before == change.after), None)


def _better(name: str, mine: Any, theirs: Any) -> bool:
    if _empty(mine):
        return True
    match name:
        case "summary":
            return len(theirs) > len(mine)
        case "kind":
            return mine == "other" and theirs != "other"
        case "published_on":
            return len(theirs) > len(mine) and theirs.startswith(mine)
        case _:
            return False


def _new(mine: list[Any], theirs: list[Any], most: int) -> tuple[list[Any], list[Any]]:
    known = {_sameness(value) for value in mine}
    new = list({_sameness(value): value for value in theirs if _sameness(value) not in known}.values())
    room = max(0, most - len(mine))
    return new[:room], new[room:]


def _sameness(value: Any) -> Any:
    """Keywords are the same in capitals; an identifier is an object."""
    return value.casefold() if isinstance(value, str) else orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _empty(value: Any) -> bool:
    return value is None or value in ("", [])


def told(stayed: Sequence[str]) -> list[str]:
    """What a person should know after an undo."""
    return [f"Changed since the merge, so it stays as it is now: {name}." for name in stayed]
