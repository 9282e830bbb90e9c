"""Handles the withdrawal of items that were appraised."""

from services.evidence.library.appraisals import commands
from services.evidence.library.items.queries import is_withdrawn
from shared.events.contracts.evidence import EvidenceWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidenceWithdrawn)
async def erase_comments_of_withdrawn_item(event: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Erase comments and reasons, which may quote the person who gave the item. Nobody sees the appraisal any more."""
    if await is_withdrawn(uow.session, event.item_id):
        await commands.erase_comments(uow, event.item_id)
