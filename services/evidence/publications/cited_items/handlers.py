"""Events about items, for every slice that cites them."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from shared.events.contracts.evidence import (
    EvidenceChanged,
    EvidenceMerged,
    EvidenceRetracted,
    EvidenceUnmerged,
    EvidenceWithdrawn,
)
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

UpdateFlags = Callable[[UnitOfWork, UUID], Awaitable[None]]
"""Brings the flags of all citations of the item with this id up to date."""


def create_consumer(update_flags: UpdateFlags) -> EventHandlers:
    """Return handlers that update the flags of a slice's citations whenever an item changes. An editor decides on each.

    An event only says which item to look at: the flags follow from the items as they are now, so that handling an event
    twice, or late, changes nothing. An item that was reinstated or unmerged loses its flag.
    """
    consumer = EventHandlers()

    async def handle_change(
        event: EvidenceChanged | EvidenceWithdrawn | EvidenceRetracted | EvidenceMerged, uow: UnitOfWork
    ) -> None:
        await update_flags(uow, event.item_id)

    for event_type in (EvidenceChanged, EvidenceWithdrawn, EvidenceRetracted, EvidenceMerged):
        consumer.on(event_type)(handle_change)

    @consumer.on(EvidenceUnmerged)
    async def handle_unmerge(event: EvidenceUnmerged, uow: UnitOfWork) -> None:
        for item_id in (event.item_id, event.from_id):
            await update_flags(uow, item_id)

    return consumer
