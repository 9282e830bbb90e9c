"""Events about items, for the guides that cite them.

An event only says which item to look at: the flags are made from the items as they are. Handling an event twice, or
late, changes nothing.
"""

from services.evidence.publications.guides.citations.commands import flag_citations_of
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
async def flag_citations_of_changed_item(changed: EvidenceChanged, uow: UnitOfWork) -> None:
    """Flag statements that rely on an earlier edition: an editor decides whether they still hold."""
    await flag_citations_of(uow.session, changed.item_id, clock.now())


@consumer.on(EvidenceWithdrawn)
async def flag_citations_of_withdrawn_item(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    """Flag statements that rely on a withdrawn item. Readers have seen its tombstone since the withdrawal."""
    await flag_citations_of(uow.session, withdrawn.item_id, clock.now())


@consumer.on(EvidenceRetracted)
async def flag_citations_of_retracted_item(retracted: EvidenceRetracted, uow: UnitOfWork) -> None:
    """Flag statements that rely on a retracted work, or remove the flag when it was reinstated."""
    await flag_citations_of(uow.session, retracted.item_id, clock.now())


@consumer.on(EvidenceMerged)
async def flag_citations_of_merged_item(merged: EvidenceMerged, uow: UnitOfWork) -> None:
    """Flag statements that rely on the absorbed item: an editor decides whether they hold for the other one."""
    await flag_citations_of(uow.session, merged.item_id, clock.now())


@consumer.on(EvidenceUnmerged)
async def flag_citations_of_unmerged_items(unmerged: EvidenceUnmerged, uow: UnitOfWork) -> None:
    """Remove the flags that the merge had brought: citations are of the item itself again."""
    await flag_citations_of(uow.session, unmerged.item_id, clock.now())
    await flag_citations_of(uow.session, unmerged.from_id, clock.now())
