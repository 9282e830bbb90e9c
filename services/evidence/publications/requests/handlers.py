"""Evidence requests as voices about their topics.

They are recorded here, where it is known who asked: a person counts once for a topic, however often they ask.
"""

from services.evidence.library.topics.priorities import commands
from services.evidence.publications.requests import queries
from shared.events.contracts.evidence import EvidenceRequestReceived, EvidenceRequestWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(EvidenceRequestReceived)
async def set_request_topics(received: EvidenceRequestReceived, uow: UnitOfWork) -> None:
    """Record the topics of a request. Received again with other topics, it raises those instead."""
    asker_id = await queries.get_asker_id(uow.session, received.request_id)
    await commands.set_request_topics(uow, received.request_id, received.topic_ids, asker_id)


@consumer.on(EvidenceRequestWithdrawn)
async def remove_withdrawn_request(withdrawn: EvidenceRequestWithdrawn, uow: UnitOfWork) -> None:
    """Remove the topics of a withdrawn request; one that was answered goes on counting."""
    await commands.set_request_topics(uow, withdrawn.request_id, ())
