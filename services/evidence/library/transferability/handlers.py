"""Handles the withdrawal of items that were judged."""

from services.evidence.library.items.queries import is_withdrawn
from services.evidence.library.transferability import commands
from shared.events.contracts.evidence import EvidenceWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidenceWithdrawn)
async def erase_judgements_of_item(event: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Erase the judgements of a withdrawn item. Nobody could see them from the moment of the withdrawal."""
    if await is_withdrawn(uow.session, event.item_id):
        await commands.erase_judgements(uow, event.item_id)
