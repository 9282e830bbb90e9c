"""Events of the evidence service about its items."""

from services.engagement.replicas.items.tables import Item
from shared.events.contracts.evidence import EvidencePublished, EvidenceWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.messaging.replicas import lock_replica
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidencePublished)
async def publish_item(published: EvidencePublished, uow: UnitOfWork) -> None:
    """Let projects apply the item."""
    if item := await lock_replica(uow, Item, published.item_id, initial=Item(id=published.item_id)):
        item.way_of_knowing, item.published = published.way_of_knowing, True


@consumer.on(EvidenceWithdrawn)
async def withdraw_item(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Let no new project apply the item; projects that do show it as withdrawn."""
    if item := await lock_replica(uow, Item, withdrawn.item_id, initial=Item(id=withdrawn.item_id)):
        item.published = False
