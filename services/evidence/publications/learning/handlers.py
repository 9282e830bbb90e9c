"""Events about items and guides, for the learning pieces that are based on them.

An event only says where to look: the flags are made from items and guides as they are. Handling an event twice, or
late, changes nothing.
"""

from services.evidence.publications.learning.commands import flag_links_to_guide, flag_links_to_item
from shared import clock
from shared.events.contracts.evidence import (
    EvidenceChanged,
    EvidenceMerged,
    EvidenceRetracted,
    EvidenceUnmerged,
    EvidenceWithdrawn,
    GuidePublished,
    GuideWithdrawn,
)
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidenceChanged)
async def flag_pieces_of_changed_item(changed: EvidenceChanged, uow: UnitOfWork) -> None:
    """Flag pieces that are based on an earlier edition of the item."""
    await flag_links_to_item(uow.session, changed.item_id, clock.now())


@consumer.on(EvidenceWithdrawn)
async def flag_pieces_of_withdrawn_item(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Flag pieces that are based on the withdrawn item."""
    await flag_links_to_item(uow.session, withdrawn.item_id, clock.now())


@consumer.on(EvidenceRetracted)
async def flag_pieces_of_retracted_item(retracted: EvidenceRetracted, uow: UnitOfWork) -> None:
    """Flag pieces that are based on the retracted work, or remove the flag when it was reinstated."""
    await flag_links_to_item(uow.session, retracted.item_id, clock.now())


@consumer.on(EvidenceMerged)
async def flag_pieces_of_merged_item(merged: EvidenceMerged, uow: UnitOfWork) -> None:
    """Flag pieces that are based on the absorbed item."""
    await flag_links_to_item(uow.session, merged.item_id, clock.now())


@consumer.on(EvidenceUnmerged)
async def flag_pieces_of_unmerged_items(unmerged: EvidenceUnmerged, uow: UnitOfWork) -> None:
    """Remove the flags that the merge had brought."""
    await flag_links_to_item(uow.session, unmerged.item_id, clock.now())
    await flag_links_to_item(uow.session, unmerged.from_id, clock.now())


@consumer.on(GuidePublished)
async def flag_pieces_of_new_guide_edition(published: GuidePublished, uow: UnitOfWork) -> None:
    """Flag pieces that are based on an earlier edition of the guide."""
    await flag_links_to_guide(uow.session, published.guide_id, clock.now())


@consumer.on(GuideWithdrawn)
async def flag_pieces_of_withdrawn_guide(withdrawn: GuideWithdrawn, uow: UnitOfWork) -> None:
    """Flag pieces that are based on the withdrawn guide."""
    await flag_links_to_guide(uow.session, withdrawn.guide_id, clock.now())
