"""What becomes of items, as it reaches the guides that cite them.

Whatever happened, and in whatever order it is heard: the flags are made from the items as they are. An event says only
where to look, so that hearing one twice or late changes nothing.
"""

from uuid import UUID

from services.evidence.guides import flagging
from shared import clock
from shared.consumer import Handlers
from shared.contracts.evidence import (
    EvidenceChanged,
    EvidenceMerged,
    EvidenceRetracted,
    EvidenceUnmerged,
    EvidenceWithdrawn,
)
from shared.database import UnitOfWork

consumer = Handlers()


@consumer.on(EvidenceChanged)
async def flag_statements_for_change(changed: EvidenceChanged, uow: UnitOfWork) -> None:
    """Statements stand on an earlier edition: somebody looks whether they still hold."""
    await _look_again(uow, changed.item_id)


@consumer.on(EvidenceWithdrawn)
async def flag_statements_for_withdrawal(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Readers see the tombstone already; the owner learns that the statement lost its ground."""
    await _look_again(uow, withdrawn.item_id)


@consumer.on(EvidenceRetracted)
async def flag_statements_for_retraction(retracted: EvidenceRetracted, uow: UnitOfWork) -> None:
    """Also when a retraction was taken back: then the flag goes."""
    await _look_again(uow, retracted.item_id)


@consumer.on(EvidenceMerged)
async def move_citations_for_merge(merged: EvidenceMerged, uow: UnitOfWork) -> None:
    """Readers are led to the item that stands for both; the owner decides whether the statement stands on that."""
    await _look_again(uow, merged.item_id)


@consumer.on(EvidenceUnmerged)
async def move_citations_back_for_unmerge(unmerged: EvidenceUnmerged, uow: UnitOfWork) -> None:
    """The citation is of the item itself again, and the flag goes."""
    await _look_again(uow, unmerged.item_id)
    await _look_again(uow, unmerged.from_id)


async def _look_again(uow: UnitOfWork, item_id: UUID) -> None:
    behind = await flagging.items_standing_behind(uow.session, item_id)
    await flagging.flag_citations(uow.session, flagging.of_items(behind | {item_id}), clock.now())
