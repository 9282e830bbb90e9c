"""Events about items and guides, for the learning pieces that are based on them.

An event only says where to look: the flags follow from items and guides as they are now.
"""

from services.evidence.publications.cited_items.handlers import create_consumer
from services.evidence.publications.learning.commands import flag_links_to_guide, flag_links_to_item
from shared import clock
from shared.events.contracts.evidence import GuideFlagsChanged, GuidePublished, GuideWithdrawn
from shared.persistence.unit_of_work import UnitOfWork

consumer = create_consumer(flag_links_to_item)


@consumer.on(GuidePublished)
async def flag_pieces_of_new_guide_edition(published: GuidePublished, uow: UnitOfWork) -> None:
    """Flag pieces that are based on an earlier edition of the guide."""
    await flag_links_to_guide(uow.session, published.guide_id, clock.now())


@consumer.on(GuideWithdrawn)
async def flag_pieces_of_withdrawn_guide(withdrawn: GuideWithdrawn, uow: UnitOfWork) -> None:
    """Flag pieces that are based on the withdrawn guide."""
    await flag_links_to_guide(uow.session, withdrawn.guide_id, clock.now())


@consumer.on(GuideFlagsChanged)
async def flag_pieces_of_doubted_guide(changed: GuideFlagsChanged, uow: UnitOfWork) -> None:
    """Flag pieces that are based on a guide with a statement in doubt, or free them."""
    await flag_links_to_guide(uow.session, changed.guide_id, clock.now())
