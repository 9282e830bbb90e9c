"""Events about items and guides, for the answers that stand on them.

An event only says where to look: the flags follow from items and guides as they are now.
"""

from services.evidence.publications.cited_items.handlers import create_consumer
from services.evidence.publications.requests.doubts.commands import flag_answers_with_guide, flag_answers_with_item
from shared.events.contracts.evidence import GuideFlagsChanged, GuidePublished, GuideWithdrawn
from shared.persistence.unit_of_work import UnitOfWork

consumer = create_consumer(flag_answers_with_item)


async def _flag(event: GuidePublished | GuideWithdrawn | GuideFlagsChanged, uow: UnitOfWork) -> None:
    await flag_answers_with_guide(uow, event.guide_id)


for event_type in (GuidePublished, GuideWithdrawn, GuideFlagsChanged):
    consumer.on(event_type)(_flag)
