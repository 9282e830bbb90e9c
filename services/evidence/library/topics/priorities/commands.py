"""All voices on a topic together: when a survey is heard, when others were noted, and when one is too old to count."""

from collections.abc import Mapping
from typing import NamedTuple
from uuid import UUID

from services.evidence.library.topics import queries, rules, voices
from shared import clock
from shared.events.contracts.evidence import PriorityMovedBy
from shared.persistence.unit_of_work import UnitOfWork


class Cause(NamedTuple):
    """Which voice had a topic weighed again."""

    by: PriorityMovedBy
    source_id: UUID | None = None


async def reconsider(uow: UnitOfWork, causes: Mapping[UUID, Cause]) -> None:
    """Give each of these topics that exists the priority that all voices make, and tell of it where that moved it."""
    topics = await queries.lock_topics(uow.session, causes)
    if not topics:
        return
    said = await voices.of_each(uow.session, [topic.id for topic in topics])
    raised = await voices.attention(uow.session, clock.now() - rules.HEARD_FOR)
    for topic in topics:
        by, source_id = causes[topic.id]
        told = rules.hear(topic, said[topic.id], raised.get(topic.id, ()), by=by, source_id=source_id)
        uow.publish(*told, of=topic)
