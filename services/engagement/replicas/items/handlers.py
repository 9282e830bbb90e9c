"""What the evidence service says of its items."""

from uuid import UUID

from services.engagement.replicas.items import queries
from services.engagement.replicas.items.tables import Item
from shared.events.contracts.evidence import EvidencePublished, EvidenceWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidencePublished)
async def keep_item_published(published: EvidencePublished, uow: UnitOfWork) -> None:
    """From now on projects may apply it."""
    if item := await _item_to_change(uow, published.item_id):
        item.way_of_knowing, item.published = published.way_of_knowing, True


@consumer.on(EvidenceWithdrawn)
async def keep_item_withdrawn(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """From now on nobody may start to apply it; projects that do say so."""
    if item := await _item_to_change(uow, withdrawn.item_id):
        item.published = False


async def _item_to_change(uow: UnitOfWork, item_id: UUID) -> Item | None:
    """The item, unless something later of it has been heard already."""
    sequence = uow.cause.sequence if uow.cause else 0
    item = await queries.lock_item(uow.session, item_id)
    if item is None:
        item = Item(id=item_id, way_of_knowing=None, published=False, heard=sequence)
        uow.save(item)
        return item
    if item.heard >= sequence:
        return None
    item.heard = sequence
    return item
