"""Events of the evidence service about its items."""

from services.engagement.replicas.items.tables import Item
from shared.events.contracts.evidence import (
    EvidenceMerged,
    EvidencePublished,
    EvidenceRetracted,
    EvidenceUnmerged,
    EvidenceWithdrawn,
    RetractionNature,
)
from shared.messaging.dispatcher import EventHandlers
from shared.messaging.replicas import lock_replica
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidencePublished)
async def publish_item(published: EvidencePublished, uow: UnitOfWork) -> None:
    """Let projects apply the item."""
    if item := await lock_replica(uow, Item, published.item_id, initial=Item(id=published.item_id)):
        item.way_of_knowing, item.published, item.notice = published.way_of_knowing, True, _in_force(published.notice)


@consumer.on(EvidenceWithdrawn)
async def withdraw_item(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Let no new project apply the item; projects that do show it as withdrawn."""
    if item := await lock_replica(uow, Item, withdrawn.item_id, initial=Item(id=withdrawn.item_id)):
        item.published = False


@consumer.on(EvidenceRetracted)
async def notice_item(retracted: EvidenceRetracted, uow: UnitOfWork) -> None:
    """Let projects that apply the work show that it was retracted, corrected, doubted or reinstated."""
    initial = Item(id=retracted.item_id)
    # A merge may say more of the surviving item at the same time.
    if item := await lock_replica(uow, Item, retracted.item_id, initial=initial, same_version=True):
        item.notice = _in_force(retracted.nature)


@consumer.on(EvidenceMerged)
async def merge_item(merged: EvidenceMerged, uow: UnitOfWork) -> None:
    """Let the other item stand for this one."""
    if item := await lock_replica(uow, Item, merged.item_id, initial=Item(id=merged.item_id)):
        item.merged_into = merged.into_id


@consumer.on(EvidenceUnmerged)
async def unmerge_item(unmerged: EvidenceUnmerged, uow: UnitOfWork) -> None:
    """Let the item stand for itself again."""
    if item := await lock_replica(uow, Item, unmerged.item_id, initial=Item(id=unmerged.item_id)):
        item.merged_into = None


def _in_force(nature: RetractionNature | None) -> RetractionNature | None:
    return None if nature == "reinstatement" else nature
