"""What the evidence service says of its guides."""

from uuid import UUID

from services.engagement.replicas.guides import queries
from services.engagement.replicas.guides.tables import Guide
from shared.events.contracts.evidence import GuidePublished, GuideWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(GuidePublished)
async def keep_guide_published(published: GuidePublished, uow: UnitOfWork) -> None:
    """From now on projects may apply it."""
    if guide := await _guide_to_change(uow, published.guide_id):
        guide.edition, guide.published = published.edition, True


@consumer.on(GuideWithdrawn)
async def keep_guide_withdrawn(withdrawn: GuideWithdrawn, uow: UnitOfWork) -> None:
    """From now on nobody may start to apply it; projects that do say so."""
    if guide := await _guide_to_change(uow, withdrawn.guide_id):
        guide.published = False


async def _guide_to_change(uow: UnitOfWork, guide_id: UUID) -> Guide | None:
    """The guide, unless something later of it has been heard already."""
    sequence = uow.cause.sequence if uow.cause else 0
    guide = await queries.lock_guide(uow.session, guide_id)
    if guide is None:
        guide = Guide(id=guide_id, published=False, heard=sequence)
        uow.save(guide)
        return guide
    if guide.heard >= sequence:
        return None
    guide.heard = sequence
    return guide
