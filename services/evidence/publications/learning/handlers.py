"""What becomes of items and guides, as it reaches the pieces that teach from them.

The flags are made from items and guides as they are: hearing of something twice, or late, changes nothing.
"""

from uuid import UUID

from services.evidence.publications.guides.flagging import items_standing_behind
from services.evidence.publications.learning import queries
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
async def flag_pieces_for_change(changed: EvidenceChanged, uow: UnitOfWork) -> None:
    await _look_again(uow, changed.item_id)


@consumer.on(EvidenceWithdrawn)
async def flag_pieces_for_withdrawal(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    await _look_again(uow, withdrawn.item_id)


@consumer.on(EvidenceRetracted)
async def flag_pieces_for_retraction(retracted: EvidenceRetracted, uow: UnitOfWork) -> None:
    await _look_again(uow, retracted.item_id)


@consumer.on(EvidenceMerged)
async def flag_pieces_for_merge(merged: EvidenceMerged, uow: UnitOfWork) -> None:
    await _look_again(uow, merged.item_id)


@consumer.on(EvidenceUnmerged)
async def look_at_pieces_for_unmerge(unmerged: EvidenceUnmerged, uow: UnitOfWork) -> None:
    await _look_again(uow, unmerged.item_id)
    await _look_again(uow, unmerged.from_id)


@consumer.on(GuidePublished)
async def flag_pieces_for_edition(published: GuidePublished, uow: UnitOfWork) -> None:
    """A guide that a piece teaches from says something else now, perhaps."""
    await queries.flag_ties(uow.session, queries.tied_to("guide", [published.guide_id]), clock.now())


@consumer.on(GuideWithdrawn)
async def flag_pieces_for_withdrawn_guide(withdrawn: GuideWithdrawn, uow: UnitOfWork) -> None:
    await queries.flag_ties(uow.session, queries.tied_to("guide", [withdrawn.guide_id]), clock.now())


async def _look_again(uow: UnitOfWork, item_id: UUID) -> None:
    behind = await items_standing_behind(uow.session, item_id)
    await queries.flag_ties(uow.session, queries.tied_to("item", behind | {item_id}), clock.now())
