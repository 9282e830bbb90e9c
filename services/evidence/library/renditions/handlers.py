"""What becomes of renditions when their original goes. That nobody sees them any more does not wait for this."""

from uuid import UUID

from services.evidence.library.renditions import queries
from services.evidence.library.renditions.rules import OriginalKind
from shared.events.contracts.evidence import EvidenceWithdrawn, GuideWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidenceWithdrawn)
async def erase_renditions_of_item(withdrawn: EvidenceWithdrawn, uow: UnitOfWork) -> None:
    await _erase(uow, "evidence", withdrawn.item_id)


@consumer.on(GuideWithdrawn)
async def erase_renditions_of_guide(withdrawn: GuideWithdrawn, uow: UnitOfWork) -> None:
    await _erase(uow, "guide", withdrawn.guide_id)


async def _erase(uow: UnitOfWork, kind: OriginalKind, original_id: UUID) -> None:
    for rendition_id in await queries.forget_all_of(uow.session, kind, original_id):
        uow.record("removed", "Rendition", rendition_id)
