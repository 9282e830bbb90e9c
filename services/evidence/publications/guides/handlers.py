"""What becomes of items, as it reaches the guides that cite them.

Whatever happened, and in whatever order it is heard: the flags are made from the items as they are. An event says only
where to look, so that hearing one twice or late changes nothing.
"""

from services.evidence.publications.guides import flagging
from shared import clock
from shared.events.contracts.evidence import (
    EvidenceChanged,
    EvidenceMerged,
    EvidenceRetracted,
    EvidenceUnmerged,
    EvidenceWithdrawn,
)
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidenceChanged)
async def flag_statements_for_change(changed: EvidenceChanged, uow: UnitOfWork) -> None:
    """Statements stand on an earlier edition: somebody looks whether they still hold."""
    await flagging.flag_items(uow.session, changed.item_id, clock.now())


@consumer.on(EvidenceWithdrawn)
async def flag_statements_for_withdrawal(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Readers see the tombstone already; the owner learns that the statement lost its ground."""
    await flagging.flag_items(uow.session, withdrawn.item_id, clock.now())


@consumer.on(EvidenceRetracted)
async def flag_statements_for_retraction(retracted: EvidenceRetracted, uow: UnitOfWork) -> None:
    """Also when a retraction was taken back: then the flag goes."""
    await flagging.flag_items(uow.session, retracted.item_id, clock.now())


@consumer.on(EvidenceMerged)
async def move_citations_for_merge(merged: EvidenceMerged, uow: UnitOfWork) -> None:
    """Readers are led to the item that stands for both; the owner decides whether the statement stands on that."""
    await flagging.flag_items(uow.session, merged.item_id, clock.now())


@consumer.on(EvidenceUnmerged)
async def move_citations_back_for_unmerge(unmerged: EvidenceUnmerged, uow: UnitOfWork) -> None:
    """The citation is of the item itself again, and the flag goes."""
    await flagging.flag_items(uow.session, unmerged.item_id, clock.now())
    await flagging.flag_items(uow.session, unmerged.from_id, clock.now())
