"""Recalculate the priorities of topics from every voice."""

from collections.abc import Mapping
from datetime import UTC, datetime, time
from uuid import UUID

from services.evidence.library.topics import queries as topic_queries
from services.evidence.library.topics.priorities import queries, rules
from services.evidence.library.topics.priorities.rules import Cause
from services.evidence.library.topics.voices import queries as voices
from shared import clock
from shared.events.contracts.engagement import AssemblyPlanned, ResultsPublished
from shared.persistence.unit_of_work import UnitOfWork


async def reprioritise(uow: UnitOfWork, causes: Mapping[UUID, Cause]) -> None:
    """Give each of these topics that exists the priority of all voices, and publish those that changed.

    Under `queries.lock_priorities`.
    """
    topics = await topic_queries.lock_topics(uow.session, causes)
    if not topics:
        return
    scores = await voices.scores_by_topic(uow.session, [topic.id for topic in topics])
    mentions = await voices.mentions_since(uow.session, clock.now() - rules.MENTIONS_COUNT_FOR)
    for topic in topics:
        changed = rules.reprioritise(topic, scores[topic.id], mentions.get(topic.id, ()), cause=causes[topic.id])
        if changed is not None:
            uow.publish(changed, of=topic)


async def apply_results(uow: UnitOfWork, results: ResultsPublished) -> None:
    """Save the scores of a survey and recalculate its topics at once. Topics that are not known here are left out."""
    await queries.lock_priorities(uow.session)
    known_ids = await topic_queries.known_topics(uow.session, [priority.topic_id for priority in results.priorities])
    priorities = [priority for priority in results.priorities if priority.topic_id in known_ids]
    if not priorities:
        return
    await voices.save_scores(uow.session, results.survey_id, results.respondents, priorities, event_time(uow))
    await reprioritise(uow, dict.fromkeys(known_ids, Cause("survey", results.survey_id)))


async def add_assembly(uow: UnitOfWork, planned: AssemblyPlanned) -> None:
    """Record the topic of an assembly; those who attend are counted by `apply_pending`."""
    at = datetime.combine(planned.held_on, time(), UTC)
    await voices.save_mentions(uow.session, "assembly", planned.assembly_id, [planned.topic_id], people=0, at=at)
    await voices.add_pending(uow.session, "assembly", planned.assembly_id)


async def set_request_topics(
    uow: UnitOfWork, request_id: UUID, topic_ids: tuple[UUID, ...], asker_id: UUID | None = None
) -> None:
    """Let a request raise these topics and no others, on behalf of whoever asked."""
    removed = await voices.delete_mentions(uow.session, "request", request_id, besides=topic_ids)
    added: set[UUID] = set()
    if topic_ids:
        at = event_time(uow)
        added = await voices.save_mentions(
            uow.session, "request", request_id, topic_ids, people=1, at=at, asker_id=asker_id
        )
    if removed or added:
        await voices.add_pending(uow.session, "request", request_id, removed | added)


async def apply_pending(uow: UnitOfWork) -> bool:
    """Recalculate once for all pending mentions. Returns whether there were any."""
    await queries.lock_priorities(uow.session)
    pending = await voices.take_pending(uow.session)
    assembly_ids = [mention.source_id for mention in pending if mention.kind == "assembly"]
    assembly_topics = await voices.count_attendance(uow.session, assembly_ids) if assembly_ids else {}
    causes = {
        topic_id: Cause(mention.kind, mention.source_id)
        for mention in pending
        for topic_id in (mention.topics if mention.kind == "request" else assembly_topics.get(mention.source_id, ()))
    }
    await reprioritise(uow, causes)
    return bool(pending)


def event_time(uow: UnitOfWork) -> datetime:
    """Return when the event happened that is being handled, not when it arrived."""
    return uow.cause.time if uow.cause else clock.now()
