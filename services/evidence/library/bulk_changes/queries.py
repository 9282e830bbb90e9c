"""SQL of bulk changes and their steps, and of what a selection holds."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Uuid, any_, bindparam, delete, exists, func, insert, or_, select
from sqlalchemy import update as update_rows
from sqlalchemy.ext.asyncio import AsyncSession
from sqlmodel import col
from sqlmodel import select as select_rows
from sqlmodel.sql.expression import SelectOfScalar

from services.evidence.library.bulk_changes import change_request, rules
from services.evidence.library.bulk_changes.tables import BulkChange, StepStatus, bulk_change_steps
from services.evidence.library.items.statements import ItemFilters, filter_conditions, title_patterns, topics_column
from services.evidence.library.items.tables import Item, ItemStatus
from services.evidence.library.provenance.queries import any_came_with
from services.evidence.library.topics.tables import filings
from services.evidence.library.works.duplicates.queries import STANDING, DuplicatePair
from services.evidence.library.works.duplicates.tables import DuplicateGroup, duplicate_pairs
from shared.persistence.columns import in_array
from shared.problems import NotFound

_step = bulk_change_steps.c


class BulkChangeNotFound(NotFound):
    title = "There is no such bulk change"
    detail = "Check the id. A preview that nobody confirmed is kept for seven days; the list is at /v1/bulk-changes."


class StepRow(NamedTuple):
    """One step of a bulk change."""

    number: int
    status: StepStatus
    group_id: UUID | None
    into_id: UUID | None
    items: list[UUID]
    versions: list[int]
    reason: str | None
    merge_id: UUID | None

    @property
    def step(self) -> rules.Step:
        return rules.Step(self.items, self.versions, self.group_id, self.into_id, self.reason)


class SelectedItem(NamedTuple):
    """What a bulk change may alter of an item."""

    id: UUID
    version: int
    way_of_knowing: str
    status: ItemStatus
    title: str
    country: str | None
    setting: str | None
    consent_to_publish: bool | None
    contributor_id: UUID | None
    topics: list[UUID]


class GroupRow(NamedTuple):
    """An open group of duplicates."""

    id: UUID
    members: list[UUID]


class MemberRow(NamedTuple):
    """A member of a group of duplicates."""

    id: UUID
    version: int
    status: ItemStatus
    details: dict[str, Any]


_STEP_COLUMNS = tuple(_step[name] for name in StepRow._fields)
_ITEM_COLUMNS: tuple[Any, ...] = (
    *(getattr(Item, name) for name in SelectedItem._fields if name != "topics"),
    topics_column,
)


def bulk_changes() -> SelectOfScalar[BulkChange]:
    """Select every bulk change. To be paged by id."""
    return select_rows(BulkChange)


def steps_of(bulk_change_id: UUID, status: StepStatus | None) -> Select[Any]:
    """Select the steps of a bulk change. To be paged by number."""
    statement = select(*_STEP_COLUMNS).where(_step.bulk_change_id == bulk_change_id)
    return statement if status is None else statement.where(_step.status == status)


async def first_steps(session: AsyncSession, bulk_change_id: UUID, status: StepStatus, limit: int) -> list[StepRow]:
    """Return the first steps of this status."""
    statement = steps_of(bulk_change_id, status).order_by(_step.number).limit(limit)
    return [StepRow(*row) for row in await session.execute(statement)]


async def next_planned(session: AsyncSession, bulk_change_id: UUID) -> StepRow | None:
    """Return the first step that is still to be made."""
    return next(iter(await first_steps(session, bulk_change_id, "planned", 1)), None)


async def step_counts(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """Return how many steps of each status these bulk changes have."""
    statement = select(_step.bulk_change_id, _step.status, func.count().label("steps"))
    statement = statement.where(in_array(_step.bulk_change_id, ids)).group_by(_step.bulk_change_id, _step.status)
    counts: dict[UUID, dict[str, int]] = {}
    for row in await session.execute(statement):
        counts.setdefault(row.bulk_change_id, {})[row.status] = row.steps
    return counts


async def insert_steps(session: AsyncSession, bulk_change_id: UUID, steps: Sequence[rules.Step]) -> None:
    """Store the steps of a preview, in their order."""
    rows: list[dict[str, Any]] = [
        {
            "bulk_change_id": bulk_change_id,
            "number": number,
            "status": "left" if step.reason else "planned",
            "group_id": step.group_id,
            "into_id": step.into_id,
            "items": list(step.items),
            "versions": list(step.versions),
            "reason": step.reason,
        }
        for number, step in enumerate(steps, 1)
    ]
    if rows:
        await session.execute(insert(bulk_change_steps), rows)


async def end_step(
    session: AsyncSession, bulk_change_id: UUID, number: int, *, reason: str | None, merge_id: UUID | None = None
) -> None:
    """Note that a step was made, or why it was left."""
    values = {"status": "left" if reason else "done", "reason": reason, "merge_id": merge_id}
    of_step = _step.bulk_change_id == bulk_change_id, _step.number == number
    await session.execute(update_rows(bulk_change_steps).where(*of_step).values(values))


async def lock_next_due(session: AsyncSession, now: datetime) -> BulkChange | None:
    """Return the oldest confirmed bulk change that no other worker makes and that does not wait after a failure."""
    due = or_(col(BulkChange.try_at).is_(None), col(BulkChange.try_at) <= now)
    statement = select_rows(BulkChange).where(col(BulkChange.status) == "queued", due).order_by(col(BulkChange.id))
    rows = await session.execute(statement.limit(1).with_for_update(skip_locked=True))
    return rows.scalars().first()


async def lock_version(session: AsyncSession, bulk_change_id: UUID, version: int) -> BulkChange | None:
    """Return a confirmed bulk change as it was at this version; None where another worker has it, or has ended it."""
    statement = select_rows(BulkChange).where(
        col(BulkChange.id) == bulk_change_id, col(BulkChange.version) == version, col(BulkChange.status) == "queued"
    )
    return (await session.execute(statement.with_for_update(skip_locked=True))).scalars().first()


async def delete_previews(session: AsyncSession, before: datetime) -> None:
    """Delete the previews of before this time that nobody confirmed."""
    old = col(BulkChange.status) == "previewed", col(BulkChange.created_at) < before
    ids = (
        (await session.execute(select(col(BulkChange.id)).where(*old).with_for_update(skip_locked=True)))
        .scalars()
        .all()
    )
    if ids:
        await session.execute(delete(bulk_change_steps).where(in_array(_step.bulk_change_id, ids)))
        await session.execute(delete(BulkChange).where(in_array(col(BulkChange.id), ids)))


async def items_by_id(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, SelectedItem]:
    """Return those of these items that exist, whatever their status."""
    rows = await session.execute(select(*_ITEM_COLUMNS).where(in_array(col(Item.id), ids)))
    return {row.id: row for row in map(SelectedItem._make, rows)}


async def selected_items(
    session: AsyncSession, selection: change_request.ItemSelection, topics: Collection[UUID] | None, limit: int
) -> tuple[list[SelectedItem], int]:
    """Return the first items of a selection, by their ids, and how many more it has. `topics`: those to look under.

    Of items that are chosen by their ids, also those that were withdrawn or merged.
    """
    statement = _chosen(_ITEM_COLUMNS, selection, topics).order_by(col(Item.id)).limit(limit)
    rows = [SelectedItem(*row) for row in await session.execute(statement)]
    if len(rows) < limit:
        return rows, 0
    total = await session.scalar(_chosen([func.count()], selection, topics)) or 0
    return rows, total - len(rows)


def _chosen(
    columns: Sequence[Any], selection: change_request.ItemSelection, topics: Collection[UUID] | None
) -> Select[*tuple[Any, ...]]:
    filing = exists().where(filings.c.item_id == col(Item.id))
    filters = ItemFilters(
        selection.way_of_knowing,
        topics,
        selection.country,
        selection.setting,
        selection.import_id,
        selection.imported,
        selection.retraction,
        None if selection.title is None else title_patterns(selection.title),
    )
    conditions = [*filter_conditions(filters.names)]
    if selection.status is not None:
        conditions.append(col(Item.status) == selection.status)
    if selection.ids is not None:
        conditions.append(in_array(col(Item.id), selection.ids))
    elif selection.status is None:
        conditions.append(col(Item.status).in_(STANDING))
    if selection.without == "topics":
        conditions.append(~filing)
    elif selection.without is not None:
        conditions.append(getattr(Item, selection.without).is_(None))
    return select(*columns).select_from(Item).where(*conditions).params(filters._asdict())


async def open_groups(
    session: AsyncSession,
    selection: change_request.DuplicateSelection,
    topics: Collection[UUID] | None,
    after: UUID | None,
    limit: int,
) -> list[GroupRow]:
    """Return the next open groups after this one with an undecided pair that is alike in this way."""
    statement = select(col(DuplicateGroup.id), col(DuplicateGroup.members)).where(*_alike(selection, topics))
    if after is not None:
        statement = statement.where(col(DuplicateGroup.id) > after)
    rows = await session.execute(statement.order_by(col(DuplicateGroup.id)).limit(limit))
    return [GroupRow(*row) for row in rows]


async def count_open_groups(
    session: AsyncSession, selection: change_request.DuplicateSelection, topics: Collection[UUID] | None, after: UUID
) -> int:
    """Return how many groups `open_groups` has after this one."""
    statement = select(func.count()).select_from(DuplicateGroup).where(*_alike(selection, topics))
    return await session.scalar(statement.where(col(DuplicateGroup.id) > after)) or 0


def _alike(selection: change_request.DuplicateSelection, topics: Collection[UUID] | None) -> list[ColumnElement[bool]]:
    pair, members = duplicate_pairs.c, col(DuplicateGroup.members)
    has_pair = exists().where(
        pair.low_id == any_(members),
        pair.high_id == any_(members),
        pair.decision.is_(None),
        pair.judgement == selection.judgement,
        pair.title_similarity.between(selection.min_similarity, selection.max_similarity),
    )
    conditions: list[ColumnElement[bool]] = [col(DuplicateGroup.status) == "open", has_pair]
    if topics is not None:
        conditions.append(exists().where(filings.c.item_id == any_(members), in_array(filings.c.topic_id, topics)))
    if selection.import_id is not None:
        conditions.append(any_came_with(members, selection.import_id))
    return conditions


async def standing_members(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, MemberRow]:
    """Return those of these items that are drafts or published."""
    columns = (getattr(Item, name) for name in MemberRow._fields)
    statement = select(*columns).where(in_array(col(Item.id), ids), col(Item.status).in_(STANDING))
    return {row.id: row for row in map(MemberRow._make, await session.execute(statement))}


async def pairs_among(session: AsyncSession, ids: Collection[UUID]) -> list[DuplicatePair]:
    """Return the pairs of which both items are among these."""
    pair = duplicate_pairs.c
    statement = select(duplicate_pairs).where(in_array(pair.low_id, ids), in_array(pair.high_id, ids))
    return [DuplicatePair(*row) for row in await session.execute(statement)]


async def lock_versions(session: AsyncSession, ids: Collection[UUID]) -> dict[UUID, int]:
    """Lock these items, in the order of their ids, and return the versions of those that are drafts or published.

    As `merges.queries.lock_items` locks them: with those merged into them, so that two transactions cannot deadlock.
    """
    array = bindparam(None, sorted(ids), type_=ARRAY(Uuid))
    statement = select_rows(Item).where(or_(col(Item.id) == any_(array), col(Item.merged_into) == any_(array)))
    statement = statement.order_by(col(Item.id)).with_for_update(key_share=True)
    rows = (await session.execute(statement.execution_options(populate_existing=True))).scalars()
    return {item.id: item.version for item in rows if item.id in ids and item.status in STANDING}
