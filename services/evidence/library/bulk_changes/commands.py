"""Preview a bulk change, confirm it, and make its steps one by one."""

from collections.abc import Sequence
from uuid import UUID

from fastapi.exceptions import RequestValidationError
from sqlalchemy.ext.asyncio import AsyncSession

from services.evidence.library.bulk_changes import change_request, queries, rules
from services.evidence.library.bulk_changes.queries import BulkChangeNotFound, GroupRow, StepRow
from services.evidence.library.bulk_changes.tables import BulkChange
from services.evidence.library.items.commands import change_item, publish_item, withdraw_item
from services.evidence.library.topics.classification import topics_of
from services.evidence.library.topics.queries import topic_and_below, unknown_topics
from services.evidence.library.works.duplicates.commands import decide_group
from services.evidence.library.works.duplicates.queries import lock_comparison
from services.evidence.library.works.merges.queries import standing_merge_of
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork
from shared.problems import FieldError, Invalid

BATCH_GROUPS = 1_000


async def preview_duplicates(uow: UnitOfWork, request: change_request.DuplicateDecisions) -> BulkChange:
    """Store what would be decided of each group. Raises TopicNotFound."""
    topic = request.selection.topic
    topics = None if topic is None else await topic_and_below(uow.session, topic)
    steps: list[rules.Step] = []
    beyond_limit, after = 0, None
    while groups := await queries.open_groups(uow.session, request.selection, topics, after, BATCH_GROUPS):
        steps += await _plan_groups(uow.session, groups, request)
        after = groups[-1].id
        if len(steps) >= change_request.MAX_STEPS:
            beyond_limit = await queries.count_open_groups(uow.session, request.selection, topics, after)
            break
    bulk_change = BulkChange(
        kind="duplicates", request=request.model_dump(mode="json", by_alias=True), beyond_limit=beyond_limit
    )
    return await _save(uow, bulk_change, steps)


async def preview_items(uow: UnitOfWork, request: change_request.ManyItems) -> BulkChange:
    """Store what would be changed of each item. Raises TopicNotFound, Invalid for topics to add that do not exist."""
    selection, changes = request.selection, request.changes
    if unknown := await unknown_topics(uow.session, changes.add_topics):
        detail = "There is no such topic. The list is at /v1/topics."
        raise Invalid(errors=[FieldError(pointer=f"/changes/add_topics/{index}", detail=detail) for index in unknown])
    topics = None if selection.topic is None else await topic_and_below(uow.session, selection.topic)
    items, beyond_limit = await queries.selected_items(uow.session, selection, topics, change_request.MAX_STEPS)
    steps = [rules.plan_item(item, changes) for item in items]
    if selection.ids is not None:
        existing = await queries.items_by_id(uow.session, selection.ids)
        steps += [rules.missing_item(item_id) for item_id in dict.fromkeys(selection.ids) if item_id not in existing]
    stored_request = request.model_dump(mode="json", exclude_unset=True, by_alias=True)
    bulk_change = BulkChange(kind="items", request=stored_request, beyond_limit=beyond_limit)
    return await _save(uow, bulk_change, steps)


async def confirm(uow: UnitOfWork, bulk_change_id: UUID, caller: Caller, match: Match) -> BulkChange:
    """Let the worker make the steps of a preview.

    Raises BulkChangeNotFound, BulkChangeConfirmed, NothingPlanned, PreconditionRequired, PreconditionFailed.
    """
    bulk_change = await fetch(uow.session, BulkChange, bulk_change_id, missing=BulkChangeNotFound, lock=True)
    counts = await queries.step_counts(uow.session, [bulk_change_id])
    rules.check_may_confirm(bulk_change.status, counts.get(bulk_change_id, {}).get("planned", 0))
    match.check(bulk_change)
    bulk_change.status, bulk_change.editor_id = "queued", caller.id
    return bulk_change


async def make_step(uow: UnitOfWork, bulk_change: BulkChange, step: StepRow) -> None:
    """Make one step as a single decision or change of it is made, or note that something has changed since.

    Raises the refusals of `decide_group` and `change_item`.
    """
    make = _decide if bulk_change.kind == "duplicates" else _change
    reason, merge_id = await make(uow, bulk_change, step)
    await queries.end_step(uow.session, bulk_change.id, step.number, reason=reason, merge_id=merge_id)
    if bulk_change.attempts:
        bulk_change.attempts, bulk_change.try_at = 0, None


async def finish(uow: UnitOfWork, bulk_change: BulkChange) -> None:
    """End the bulk change, and delete previews that nobody confirmed in time."""
    bulk_change.status, bulk_change.finished_at = "done", clock.now()
    await queries.delete_previews(uow.session, clock.now() - rules.PREVIEW_RETENTION)


async def record_failure(uow: UnitOfWork, bulk_change: BulkChange, step: StepRow) -> None:
    """Put a step off that failed without a refusal, or leave it after so many attempts."""
    bulk_change.attempts += 1
    if bulk_change.attempts < rules.MAX_ATTEMPTS:
        bulk_change.try_at = clock.now() + rules.FIRST_DELAY * 2 ** (bulk_change.attempts - 1)
        return
    bulk_change.attempts, bulk_change.try_at = 0, None
    await queries.end_step(uow.session, bulk_change.id, step.number, reason=rules.FAILED)


def reason_of(refusal: Exception) -> str:
    """Return why a step is left that was refused."""
    return rules.REFUSED if isinstance(refusal, RequestValidationError) else str(refusal)


async def _save(uow: UnitOfWork, bulk_change: BulkChange, steps: Sequence[rules.Step]) -> BulkChange:
    uow.save(bulk_change)
    await uow.session.flush()
    await queries.insert_steps(uow.session, bulk_change.id, steps)
    return bulk_change


async def _plan_groups(
    session: AsyncSession, groups: Sequence[GroupRow], request: change_request.DuplicateDecisions
) -> list[rules.Step]:
    ids = {member for group in groups for member in group.members}
    members = await queries.standing_members(session, ids)
    pairs = await queries.pairs_among(session, members.keys())
    group_of = {member: group.id for group in groups for member in group.members}
    pairs_of: dict[UUID, list[queries.DuplicatePair]] = {}
    for pair in pairs:
        pairs_of.setdefault(group_of[pair.low_id], []).append(pair)
    return [
        step
        for group in groups
        for step in rules.plan_group(
            group.id,
            {item: members[item] for item in group.members if item in members},
            pairs_of.get(group.id, ()),
            request,
        )
    ]


async def _decide(uow: UnitOfWork, bulk_change: BulkChange, step: StepRow) -> tuple[str | None, UUID | None]:
    """Decide a group. Returns why it is left, or the merge."""
    assert step.group_id is not None  # noqa: S101  of duplicates each step has one
    request = change_request.DuplicateDecisions.model_validate(bulk_change.request)
    await lock_comparison(uow.session)
    if rules.is_changed(step.step, await queries.lock_versions(uow.session, step.items)):
        return rules.CHANGED_SINCE, None
    pairs = await queries.pairs_among(uow.session, step.items)
    if rules.reason_not_alike(step.items, pairs, request):
        return rules.GROUP_CHANGED, None
    if step.into_id is None:
        await decide_group(uow, step.group_id, None, None, step.items)
        return None, None
    merged = [item for item in step.items if item != step.into_id]
    await decide_group(uow, step.group_id, step.into_id, merged, [])
    return None, await standing_merge_of(uow.session, merged[0])


async def _change(uow: UnitOfWork, bulk_change: BulkChange, step: StepRow) -> tuple[str | None, UUID | None]:
    """Change an item. Returns why it is left."""
    changes = change_request.ManyItems.model_validate(bulk_change.request).changes
    [item_id] = step.items
    if rules.is_changed(step.step, await queries.lock_versions(uow.session, step.items)):
        return rules.CHANGED_SINCE, None
    if changes.state == "withdraw":
        await withdraw_item(uow, item_id, bulk_change.editor, Match("*"))
        return None, None
    if patch := changes.patch(await topics_of(uow.session, item_id)):
        await change_item(uow, item_id, bulk_change.editor, Match("*"), patch)
    item = (await queries.items_by_id(uow.session, [item_id]))[item_id]
    if rules.is_to_be_published(item, changes):
        await publish_item(uow, item_id, Match("*"))
    return None, None
