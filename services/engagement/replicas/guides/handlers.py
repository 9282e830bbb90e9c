"""Events of the evidence service about its guides."""

from services.engagement.replicas.guides.tables import Guide
from shared.events.contracts.evidence import GuideFlagsChanged, GuidePublished, GuideWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.messaging.replicas import lock_replica
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(GuidePublished)
async def publish_guide(published: GuidePublished, uow: UnitOfWork) -> None:
    """Let projects apply this edition of the guide."""
    if guide := await lock_replica(uow, Guide, published.guide_id, initial=Guide(id=published.guide_id)):
        guide.edition, guide.published, guide.doubts = published.edition, True, []


@consumer.on(GuideWithdrawn)
async def withdraw_guide(withdrawn: GuideWithdrawn, uow: UnitOfWork) -> None:
    """Let no new project apply the guide; projects that do show it as withdrawn."""
    if guide := await lock_replica(uow, Guide, withdrawn.guide_id, initial=Guide(id=withdrawn.guide_id)):
        guide.published = False


@consumer.on(GuideFlagsChanged)
async def doubt_guide(changed: GuideFlagsChanged, uow: UnitOfWork) -> None:
    """Let projects that apply the guide show that it is in doubt, or that it no longer is."""
    initial = Guide(id=changed.guide_id)
    # An item that changes alters no version of the guides that cite it.
    if guide := await lock_replica(uow, Guide, changed.guide_id, initial=initial, same_version=True):
        guide.doubts = list(changed.doubts)
