"""Bulk changes as they are sent and returned: the preview with examples, the progress, and each step."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.bulk_changes import change_request, queries
from services.evidence.library.bulk_changes.queries import SelectedItem, StepRow
from services.evidence.library.bulk_changes.tables import BulkChange, BulkChangeKind, BulkChangeStatus, StepStatus
from services.evidence.library.items.queries import ItemRow, items_by_id
from services.evidence.library.works.merges import rules as merge_rules
from shared.views import View

MAX_EXAMPLES = 5
NewBulkChange = Annotated[change_request.DuplicateDecisions | change_request.ManyItems, Field(discriminator="kind")]
_LISTS = frozenset(merge_rules.MAX_LIST_VALUES)


class StepItem(View):
    """An item of a step. Its title is as it is today."""

    id: UUID
    title: str | None
    changed_since: bool = Field(description="Whether it has another version than in the preview.")


class FieldDifference(View):
    """A field as it is, and as it would be."""

    field: str
    before: Any
    after: Any


class UnusedValue(View):
    """What a merged item says otherwise. It stays with that item, which is no longer shown, until an undo."""

    field: str
    item_id: UUID
    value: Any


class StepView(View):
    """One merge, decision or change: what it does, or why it was left."""

    number: int
    status: StepStatus
    reason: str | None = Field(description="Why it was left.")
    items: list[StepItem]
    group_id: UUID | None = Field(description="Of duplicates: their group, at /v1/duplicates.")
    into: UUID | None = Field(description="Of a merge: the item that stands for the others.")
    merge_id: UUID | None = Field(description="The merge that was made. It can be undone at /v1/merges.")
    changes: list[FieldDifference] = Field(description="What is planned: the fields that change.")
    unused: list[UnusedValue] = Field(description="Of a planned merge: what the surviving item does not receive.")


class StepCounts(View):
    """How many steps there are."""

    planned: int = 0
    done: int = 0
    left: int = Field(default=0, description="Not made: each says why.")


class BulkChangeView(View):
    """A preview, or the progress of a bulk change that was confirmed."""

    id: UUID
    kind: BulkChangeKind
    status: BulkChangeStatus = Field(description="`previewed` until somebody confirms it; nothing is changed before.")
    request: dict[str, Any] = Field(description="What was chosen, and what is to become of it.")
    steps: StepCounts
    beyond_limit: int = Field(description="Groups or items beyond what one holds (some 10,000).")
    created_at: datetime
    finished_at: datetime | None


class BulkChangePreview(BulkChangeView):
    """A bulk change, with the first of its planned steps in full. All are at /steps."""

    examples: list[StepView]


async def bulk_change_views(session: AsyncSession, rows: Sequence[BulkChange]) -> list[BulkChangeView]:
    """Return bulk changes with their progress."""
    counts = await queries.step_counts(session, [row.id for row in rows])
    return [BulkChangeView.model_validate(_fields(row, counts)) for row in rows]


async def preview_view(session: AsyncSession, row: BulkChange) -> BulkChangePreview:
    """Return a bulk change with examples of what is planned."""
    counts = await queries.step_counts(session, [row.id])
    steps = await queries.first_steps(session, row.id, "planned", MAX_EXAMPLES)
    return BulkChangePreview.model_validate({**_fields(row, counts), "examples": await step_views(session, row, steps)})


async def step_views(session: AsyncSession, row: BulkChange, steps: Sequence[StepRow]) -> list[StepView]:
    """Return steps with what they do to each item as it is today."""
    items = await items_by_id(session, {item for step in steps for item in step.items})
    return [_step_view(row, step, items) for step in steps]


def _fields(row: BulkChange, counts: Mapping[UUID, Mapping[str, int]]) -> dict[str, Any]:
    return {**row.model_dump(), "steps": StepCounts(**counts.get(row.id, {}))}


def _step_view(row: BulkChange, step: StepRow, items: Mapping[UUID, ItemRow]) -> StepView:
    changes: list[FieldDifference] = []
    unused: list[UnusedValue] = []
    if step.status == "planned" and all(item in items for item in step.items):
        if row.kind == "items":
            changes = _item_changes(change_request.ManyItems.model_validate(row.request).changes, items[step.items[0]])
        elif step.into_id is not None:
            others = [items[item] for item in step.items if item != step.into_id]
            changes, unused = _merge_changes(items[step.into_id], others)
    return StepView(
        number=step.number,
        status=step.status,
        reason=step.reason,
        items=[
            StepItem(id=item, title=None if shown is None else shown.title, changed_since=_version(shown) != version)
            for item, version in zip(step.items, step.versions, strict=True)
            for shown in [items.get(item)]
        ],
        group_id=step.group_id,
        into=step.into_id,
        merge_id=step.merge_id,
        changes=changes,
        unused=unused,
    )


def _version(item: ItemRow | None) -> int:
    return 0 if item is None else item.version


def _item_changes(changes: change_request.ItemChanges, item: ItemRow | SelectedItem) -> list[FieldDifference]:
    before = {
        "topics": [str(topic) for topic in item.topics],
        "country": item.country,
        "setting": item.setting,
        "status": item.status,
    }
    after = changes.patch(item.topics)
    if changes.state == "withdraw":
        after["status"] = "withdrawn"
    elif changes.state == "publish":
        after["status"] = "published"
    return [
        FieldDifference(field=name, before=before[name], after=value)
        for name, value in after.items()
        if before[name] != value
    ]


def _merge_changes(survivor: ItemRow, others: Sequence[ItemRow]) -> tuple[list[FieldDifference], list[UnusedValue]]:
    """Return what the survivor of a merge receives, and what the merged items say otherwise."""
    before = _description(survivor)
    combined = before
    for item in others:
        combined, _ = merge_rules.combine(combined, _description(item), item.id)
    changes = [
        FieldDifference(field=name, before=before.get(name), after=value)
        for name, value in combined.items()
        if value != before.get(name)
    ]
    unused = [
        UnusedValue(field=name, item_id=item.id, value=value)
        for item in others
        for name, value in _description(item).items()
        if name not in _LISTS and value not in (None, "", [], combined.get(name))
    ]
    return changes, unused


def _description(item: ItemRow) -> dict[str, Any]:
    common = {name: getattr(item, name) for name in ("title", "summary", "country", "setting", "language")}
    return {**common, "topics": [str(topic) for topic in item.topics], **item.details}
