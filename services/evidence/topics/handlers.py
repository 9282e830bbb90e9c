"""What the sector said, as it reaches the topics."""

from services.evidence.topics import queries, rules
from shared import clock
from shared.consumer import Handlers
from shared.contracts.engagement import ResultsPublished
from shared.database import UnitOfWork

consumer = Handlers()


@consumer.on(ResultsPublished)
async def change_priorities_for_results(results: ResultsPublished, uow: UnitOfWork) -> None:
    """Every topic that the survey asked about gets the priority that all surveys together give it."""
    topics = {
        topic.id: topic for topic in await queries.lock_topics(uow.session, [p.topic_id for p in results.priorities])
    }
    said = [priority for priority in results.priorities if priority.topic_id in topics]
    if not said:
        return
    heard_at = uow.cause.time if uow.cause else clock.now()
    voices = await queries.note_voices(uow.session, results.survey_id, results.respondents, said, heard_at)
    for topic_id, topic in topics.items():
        if changed := rules.hear(topic, voices[topic_id], results.survey_id):
            uow.publish(changed, of=topic)
