"""Handles the withdrawal of items and guides that have renditions."""

from services.evidence.library.items.queries import is_withdrawn
from services.evidence.library.renditions import commands
from shared.events.contracts.evidence import EvidenceWithdrawn, GuideWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidenceWithdrawn)
async def erase_renditions_of_item(event: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Erase the renditions of a withdrawn item. Nobody could see them from the moment of the withdrawal."""
    if await is_withdrawn(uow.session, event.item_id):
        await commands.erase_renditions(uow, "evidence", event.item_id)


@consumer.on(GuideWithdrawn)
async def erase_renditions_of_guide(event: GuideWithdrawn, uow: UnitOfWork) -> None:
    """Erase the renditions of a withdrawn guide. Nobody could see them from the moment of the withdrawal."""
    await commands.erase_renditions(uow, "guide", event.guide_id)
