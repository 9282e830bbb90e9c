"""Merging items and undoing it: everything that belongs to it, in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from services.evidence.library.items import commands as item_commands
from services.evidence.library.items.commands import parse_description
from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.identifiers.queries import lock_works
from services.evidence.library.items.rules import DuplicateWork, published_nature
from services.evidence.library.items.tables import Item
from services.evidence.library.items.views import description_of
from services.evidence.library.provenance.queries import credit_item
from services.evidence.library.retraction_notices.queries import notices_of
from services.evidence.library.retraction_notices.rules import effective_notice, retract
from services.evidence.library.topics.classification import set_published, topics_of
from services.evidence.library.works.merges import queries, rules
from services.evidence.library.works.merges.queries import MergedItemRow, MergeNotFound
from services.evidence.library.works.merges.tables import Merge
from shared import clock
from shared.events.contracts.evidence import EvidenceMerged, EvidenceRetracted, EvidenceUnmerged
from shared.http.etags import Match
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def merge_items(uow: UnitOfWork, into: UUID, item_ids: Sequence[UUID]) -> Merge:
    """Merge items into the item `into`, which stands for them from now on.

    Returns the standing merge where the very same merge was made before: a second click, or a second editor.
    Raises ItemMissing, AlreadyHeld, Invalid, and what `rules.check_may_merge` raises.
    """
    rules.check_not_itself(into, item_ids)
    locked = await queries.lock_items(uow.session, {into, *item_ids})
    survivor, others = locked[into], [locked[item_id] for item_id in dict.fromkeys(item_ids)]
    if (same_merge := await _same_merge(uow, survivor, others)) is not None:
        return same_merge
    rules.check_may_merge(survivor, others)
    await lock_works(uow.session)
    before = await _description(uow, survivor)
    merge = Merge(into_id=into)
    uow.save(merge)
    changes: list[rules.FieldChange] = []
    combined = before
    for item in others:
        combined, received = rules.combine(combined, await _description(uow, item), item.id)
        changes += received
        changes += _apply_retraction(uow, survivor, item)
        await _merge_item(uow, merge, survivor, item)
    merge.changes = [change.as_json() for change in changes]
    await _describe(uow, survivor, before, combined)
    return merge


async def undo_merge(uow: UnitOfWork, merge_id: UUID, match: Match) -> Merge:
    """Restore every item as it was. Fields of the survivor that were changed since stay: see `fields_not_restored`.

    A merge that was undone before is returned as it is. Raises MergeNotFound, PreconditionRequired,
    PreconditionFailed, LaterMergeStands, IdentifierTaken, DuplicateWork.
    """
    merge = await fetch(uow.session, Merge, merge_id, missing=MergeNotFound)
    rows = (await queries.merged_items_of(uow.session, [merge_id]))[merge_id]
    locked = await queries.lock_items(uow.session, {merge.into_id, *(row.item_id for row in rows)})
    standing = await queries.lock_standing_merges(uow.session, merge.into_id)
    if merge not in standing:
        await uow.session.refresh(merge)
        match.check(merge)
        return merge
    match.check(merge)
    survivor = locked[merge.into_id]
    if later := await queries.standing_merge_of(uow.session, survivor.id):
        raise rules.LaterMergeStands(merge_id=later)
    await lock_works(uow.session)
    for row in rows:
        await _return_identifiers(uow, row.names, survivor.id, row.item_id)
    other_merges = [other for other in standing if other is not merge]
    fields_not_restored = await _undo_changes(uow, survivor, merge, other_merges)
    for row in rows:
        item = locked[row.item_id]
        if holder := await queries.same_fingerprint(uow.session, item):
            raise DuplicateWork(item_id=holder)
        await _restore_item(uow, item, survivor, row)
        await _return_gains(uow, item, merge, fields_not_restored)
    merge.status, merge.undone_at, merge.fields_not_restored = "undone", clock.now(), fields_not_restored
    return merge


async def note_gains(uow: UnitOfWork, gains: Sequence[rules.RecordGain]) -> None:
    """Note at its merge what a record gave to a survivor that it reached by the identifiers of a merged item alone.

    The caller holds the locks of the items: an undo waits.
    """
    merges = await queries.lock_standing_merges_into(uow.session, {gain.item_id for gain in gains})
    if not merges:
        return
    rows = await queries.merged_items_of(uow.session, [merge.id for merge in merges])
    held = await queries.identifiers_of(uow.session, {merge.into_id for merge in merges})
    for gain in gains:
        of_survivor = [merge for merge in merges if merge.into_id == gain.item_id]
        sources = [
            (merge, row.item_id, rules.names_of(row.item_id, row.names, _changes_of(merge)))
            for merge in of_survivor
            for row in rows[merge.id]
        ]
        learnt_now = {name for other in gains if other.item_id == gain.item_id for name in _added_names(other)}
        own = held.get(gain.item_id, set()).difference(learnt_now, *(names for _, _, names in sources))
        source = next(((merge, item) for merge, item, names in sources if names & gain.names), None)
        if source is not None and not own & gain.names:
            merge, came_from = source
            merge.changes = [*merge.changes, gain.change(came_from).as_json()]


def _changes_of(merge: Merge) -> list[rules.FieldChange]:
    return [rules.FieldChange.model_validate(change) for change in merge.changes]


def _added_names(gain: rules.RecordGain) -> set[queries.Identifier]:
    return {(name["scheme"], name["value"]) for name in gain.value} if gain.field == "identifiers" else set()


async def _same_merge(uow: UnitOfWork, survivor: Item, others: Sequence[Item]) -> Merge | None:
    """Return the standing merge of exactly these items into the survivor."""
    if any(item.merged_into != survivor.id for item in others):
        return None
    merge_ids = {await queries.standing_merge_of(uow.session, item.id) for item in others}
    if len(merge_ids) != 1 or (merge_id := merge_ids.pop()) is None:
        return None
    rows = (await queries.merged_items_of(uow.session, [merge_id]))[merge_id]
    if {row.item_id for row in rows} != {item.id for item in others}:
        return None
    return await fetch(uow.session, Merge, merge_id, missing=MergeNotFound)


async def _merge_item(uow: UnitOfWork, merge: Merge, survivor: Item, item: Item) -> None:
    """Move what leads to the item to the survivor, and note what the item was."""
    status, published_at = item.status, item.published_at
    names = await queries.move_identifiers(uow.session, item.id, survivor.id)
    redirected_ids = await queries.redirect_merged(uow.session, item.id, survivor.id)
    row = MergedItemRow(merge.id, item.id, status, published_at, [list(name) for name in names], redirected_ids)
    await queries.add_merged_item(uow.session, row)
    item.status, item.merged_into, item.published_at = "merged", survivor.id, None
    await set_published(uow.session, item.id, None)
    if status == "published":
        uow.publish(EvidenceMerged(item_id=item.id, into_id=survivor.id))


def _apply_retraction(uow: UnitOfWork, survivor: Item, item: Item) -> list[rules.FieldChange]:
    """Note the retraction of a merged item at the survivor: it is of the work, whoever described it."""
    if item.retraction is None:
        return []
    before = survivor.retraction
    if retracted := retract(survivor, Retraction.model_validate(item.retraction), clock.now()):
        uow.publish(retracted)
    if survivor.retraction == before:
        return []
    return [rules.FieldChange(field="retraction", came_from=item.id, before=before, after=survivor.retraction)]


async def _undo_changes(uow: UnitOfWork, survivor: Item, merge: Merge, others: Sequence[Merge]) -> list[str]:
    """Take what a merge brought from the survivor, and add what the other standing merges bring without it.

    Returns the fields that cannot be restored.
    """
    before = await _description(uow, survivor)
    retraction = survivor.retraction
    changes = _changes_of(merge)
    changes_of = {other.id: _changes_of(other) for other in others}
    other_changes = [change for changes_of_other in changes_of.values() for change in changes_of_other]
    restored, not_restored = rules.undo_changes({**before, "retraction": retraction}, changes, other_changes)
    survivor.retraction = restored.pop("retraction")
    merged = await queries.merged_items_of(uow.session, [merge.id, *changes_of])
    await _remove_listed_retraction(uow, survivor, [row.item_id for row in merged[merge.id]])
    for other_id in sorted(changes_of):
        for row in merged[other_id]:
            item = await uow.session.get_one(Item, row.item_id)
            restored, received = rules.combine(restored, await _description(uow, item), item.id)
            changes_of[other_id] += [*received, *_apply_retraction(uow, survivor, item)]
    for other in others:
        other.changes = [change.as_json() for change in changes_of[other.id]]
    if survivor.status == "published" and survivor.retraction != retraction:
        nature = published_nature(survivor) or "reinstatement"
        uow.publish(EvidenceRetracted(item_id=survivor.id, nature=nature))
    await _describe(uow, survivor, before, restored)
    return not_restored


async def _remove_listed_retraction(uow: UnitOfWork, survivor: Item, restored_ids: Sequence[UUID]) -> None:
    """Remove a retraction that a list noted at the survivor because of the identifiers of an item that is restored."""
    if survivor.retraction is None:
        return
    retraction = Retraction.model_validate(survivor.retraction)
    notices = await notices_of(uow.session, [survivor.id, *restored_ids])
    own_notices = notices.pop(survivor.id, [])
    if retraction not in own_notices and any(retraction in of_item for of_item in notices.values()):
        remaining = effective_notice(own_notices)
        survivor.retraction = remaining.model_dump(mode="json") if remaining else None


async def _return_identifiers(
    uow: UnitOfWork, names: Sequence[queries.Identifier], survivor_id: UUID, item_id: UUID
) -> None:
    for (scheme, value), holder in (await queries.identifier_holders(uow.session, names)).items():
        if holder not in (survivor_id, item_id):
            raise rules.IdentifierTaken(item_id=holder, scheme=scheme, value=value)
    await queries.give_identifiers(uow.session, names, item_id)


async def _restore_item(uow: UnitOfWork, item: Item, survivor: Item, row: MergedItemRow) -> None:
    item.status, item.merged_into, item.published_at = row.status, None, row.published_at
    await set_published(uow.session, item.id, item.published_at)
    await queries.restore_redirects(uow.session, row.redirected_ids, survivor.id, item.id)
    if row.status == "published":
        uow.publish(EvidenceUnmerged(item_id=item.id, from_id=survivor.id))


async def _return_gains(uow: UnitOfWork, item: Item, merge: Merge, not_restored: Sequence[str]) -> None:
    """Let an item that is restored have what records gave since by its identifiers."""
    changes = _changes_of(merge)
    before = await _description(uow, item)
    after, returned = rules.given_back(before, item.id, changes, not_restored)
    if returned:
        await uow.session.flush()
        await _describe(uow, item, before, after)
        await credit_item(uow.session, item.id, {(change.job_id, change.number, change.field) for change in returned})


async def _description(uow: UnitOfWork, item: Item) -> rules.Description:
    """Return the description of an item with every field of today, also those that are newer than it."""
    stored = description_of(item, await topics_of(uow.session, item.id))
    return parse_description(stored).model_dump(mode="json")


async def _describe(uow: UnitOfWork, survivor: Item, before: rules.Description, after: rules.Description) -> None:
    if after != before:
        await item_commands.replace_description(uow, survivor, parse_description(after))
