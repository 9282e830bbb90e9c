"""Merging and undoing: everything that belongs to it, in one transaction."""

from collections.abc import Sequence
from uuid import UUID

from services.evidence.library.items import commands
from services.evidence.library.items import queries as items
from services.evidence.library.items.commands import parse_description
from services.evidence.library.items.descriptions import Retraction
from services.evidence.library.items.rules import Description as Described
from services.evidence.library.items.rules import DuplicateWork
from services.evidence.library.items.tables import Item
from services.evidence.library.items.views import description_of
from services.evidence.library.retraction_notices.queries import notices_of
from services.evidence.library.retraction_notices.rules import effective_notice, retract
from services.evidence.library.topics.classification import set_published, topics_of
from services.evidence.library.works.merges import queries, rules
from services.evidence.library.works.merges.problems import IdentifierTaken, LaterMergeStands
from services.evidence.library.works.merges.tables import Merge
from shared import clock
from shared.events.contracts.evidence import EvidenceMerged, EvidenceRetracted, EvidenceUnmerged
from shared.persistence.unit_of_work import UnitOfWork


async def merge(uow: UnitOfWork, into: UUID, absorbed: Sequence[UUID]) -> Merge:
    """Let `into` stand for these from now on. The very same merge again is the one that stands already.

    Raises the problems of `rules.check_may_merge`, ItemMissing, AlreadyHeld.
    """
    found = await queries.lock_items(uow.session, {into, *absorbed})
    survivor, others = found[into], [found[item] for item in dict.fromkeys(absorbed)]
    if (made := await _made_already(uow, survivor, others)) is not None:
        return made
    rules.check_may_merge(survivor, others)
    await items.lock_works(uow.session)
    before = await _description(uow, survivor)
    merged = Merge(into_id=into)
    uow.save(merged)
    await uow.session.flush()
    changes: list[rules.FieldChange] = []
    whole = before
    for item in others:
        whole, received = rules.combine(whole, await _description(uow, item), item.id)
        changes += received
        changes += _retracted_too(uow, survivor, item)
        await _absorb(uow, merged, survivor, item)
    merged.changes = [change.kept() for change in changes]
    await uow.session.flush()
    await _describe(uow, survivor, before, whole)
    await uow.session.flush()
    return merged


async def undo(uow: UnitOfWork, merge_id: UUID) -> Merge:
    """Every item as it was. What was changed on the survivor meanwhile stays, and `kept` says so.

    Undone already, it is left as it is. Raises MergeNotFound, LaterMergeStands, IdentifierTaken, AlreadyHeld.
    """
    merged = await queries.merge_of(uow.session, merge_id)
    rows = await queries.absorbed_by(uow.session, [merge_id])
    found = await queries.lock_items(uow.session, {merged.into_id, *(row.item_id for row in rows)})
    standing = await queries.standing_merges(uow.session, merged.into_id)
    if merged not in standing:
        await uow.session.refresh(merged)
        return merged
    survivor = found[merged.into_id]
    if above := await queries.standing_merge_of(uow.session, survivor.id):
        raise LaterMergeStands(merge_id=above)
    await items.lock_works(uow.session)
    for row in rows:
        await _return_identifiers(uow, [(scheme, value) for scheme, value in row.identifiers], survivor.id, row.item_id)
    stayed = await _give_back(uow, survivor, merged, [one for one in standing if one is not merged])
    for row in rows:
        if twin := await queries.twin_of(uow.session, found[row.item_id]):
            raise DuplicateWork(item_id=twin)
        await _restore(uow, found[row.item_id], survivor, row.state, row.published_at, row.led_here)
    merged.state, merged.undone_at, merged.kept = "undone", clock.now(), stayed
    await uow.session.flush()
    return merged


async def _made_already(uow: UnitOfWork, survivor: Item, others: Sequence[Item]) -> Merge | None:
    """A second click, or a second editor with the same decision."""
    if any(item.merged_into != survivor.id for item in others):
        return None
    made = {await queries.standing_merge_of(uow.session, item.id) for item in others}
    if len(made) != 1 or (merge_id := made.pop()) is None:
        return None
    rows = await queries.absorbed_by(uow.session, [merge_id])
    same = {row.item_id for row in rows} == {item.id for item in others}
    return await queries.merge_of(uow.session, merge_id) if same else None


async def _absorb(uow: UnitOfWork, merged: Merge, survivor: Item, item: Item) -> None:
    was = {"merge_id": merged.id, "item_id": item.id, "state": item.state, "published_at": item.published_at}
    names = await queries.hand_over_identifiers(uow.session, item.id, survivor.id)
    led_here = await queries.lead_on(uow.session, survivor.id, instead_of=item.id)
    await queries.keep_absorbed(uow.session, [{**was, "identifiers": names, "led_here": led_here}])
    item.state, item.merged_into, item.published_at = "merged", survivor.id, None
    await uow.session.flush()
    await set_published(uow.session, item.id, None)
    if was["state"] == "published":
        uow.publish(EvidenceMerged(item_id=item.id, into_id=survivor.id))


def _retracted_too(uow: UnitOfWork, survivor: Item, item: Item) -> list[rules.FieldChange]:
    """What is noted against one description of a work holds for the work."""
    if item.retraction is None:
        return []
    before = survivor.retraction
    if retracted := retract(survivor, Retraction.model_validate(item.retraction), clock.now()):
        uow.publish(retracted)
    if survivor.retraction == before:
        return []
    return [rules.FieldChange(field="retraction", came_from=item.id, before=before, after=survivor.retraction)]


async def _give_back(uow: UnitOfWork, survivor: Item, merged: Merge, others: Sequence[Merge]) -> list[str]:
    """The survivor without this merge, and with what the other merges that stand would have brought by themselves."""
    before = await _description(uow, survivor)
    noted = survivor.retraction
    changes = [rules.FieldChange.model_validate(change) for change in merged.changes]
    of_others = {one.id: [rules.FieldChange.model_validate(change) for change in one.changes] for one in others}
    later = [change for own in of_others.values() for change in own]
    whole, stayed = rules.give_back({**before, "retraction": noted}, changes, later)
    survivor.retraction = whole.pop("retraction")
    await _unsay(uow, survivor, [row.item_id for row in await queries.absorbed_by(uow.session, [merged.id])])
    for row in await queries.absorbed_by(uow.session, list(of_others)):
        item = await uow.session.get_one(Item, row.item_id)
        whole, received = rules.combine(whole, await _description(uow, item), item.id)
        of_others[row.merge_id] += [*received, *_retracted_too(uow, survivor, item)]
    for one in others:
        one.changes = [change.kept() for change in of_others[one.id]]
    if survivor.state == "published" and survivor.retraction != noted:
        nature = Retraction.model_validate(survivor.retraction).nature if survivor.retraction else "reinstatement"
        uow.publish(EvidenceRetracted(item_id=survivor.id, nature=nature))
    await uow.session.flush()
    await _describe(uow, survivor, before, whole)
    return stayed


async def _unsay(uow: UnitOfWork, survivor: Item, returned: Sequence[UUID]) -> None:
    """What a list said of these works while their identifiers led to the survivor is not said of the survivor."""
    if survivor.retraction is None:
        return
    noted = Retraction.model_validate(survivor.retraction)
    said = await notices_of(uow.session, [survivor.id, *returned])
    mine = said.pop(survivor.id, [])
    if noted not in mine and any(noted in theirs for theirs in said.values()):
        left = effective_notice(mine)
        survivor.retraction = left.model_dump(mode="json") if left else None


async def _return_identifiers(uow: UnitOfWork, names: Sequence[queries.Name], survivor: UUID, item: UUID) -> None:
    for (scheme, value), holder in (await queries.holders(uow.session, names)).items():
        if holder not in (survivor, item):
            raise IdentifierTaken(item_id=holder, scheme=scheme, value=value)
    await queries.take_back_identifiers(uow.session, names, item)


async def _restore(
    uow: UnitOfWork, item: Item, survivor: Item, state: str, published_at: object, led_here: Sequence[UUID]
) -> None:
    item.state, item.merged_into, item.published_at = state, None, published_at  # pyright: ignore[reportAttributeAccessIssue]  as the row had it
    await uow.session.flush()
    await set_published(uow.session, item.id, item.published_at)
    await queries.lead_back(uow.session, led_here, item.id, instead_of=survivor.id)
    if state == "published":
        uow.publish(EvidenceUnmerged(item_id=item.id, from_id=survivor.id))


async def _description(uow: UnitOfWork, item: Item) -> rules.Description:
    """With every field of today, also those that did not exist when it was written."""
    kept = description_of(item, await topics_of(uow.session, item.id))
    return parse_description(kept).model_dump(mode="json")


async def _describe(uow: UnitOfWork, survivor: Item, before: rules.Description, whole: rules.Description) -> None:
    if whole != before:
        described: Described = parse_description(whole)
        await commands.replace_description(uow, survivor, described)
