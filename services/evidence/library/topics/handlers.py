"""What the sector said, as it reaches the topics: in surveys, at assemblies, and as questions.

A survey moves priorities here and now. Attendances come by the thousand and questions one by one: each is noted here,
and all of a moment are weighed together by the worker's job within seconds.
"""

from datetime import UTC, datetime, time

from services.evidence.library.topics import queries, voices
from services.evidence.library.topics.weighing import Cause, reconsider
from shared import clock
from shared.events.contracts.engagement import AssemblyPlanned, AttendanceRecorded, ResultsPublished
from shared.events.contracts.evidence import EvidenceRequestReceived, EvidenceRequestWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(ResultsPublished)
async def change_priorities_for_results(results: ResultsPublished, uow: UnitOfWork) -> None:
    """Every topic that the survey asked about gets the priority that all voices together give it."""
    await voices.hold_priorities(uow.session)
    known = await queries.known_topics(uow.session, [priority.topic_id for priority in results.priorities])
    said = [priority for priority in results.priorities if priority.topic_id in known]
    if not said:
        return
    await voices.note_voices(uow.session, results.survey_id, results.respondents, said, _at(uow))
    await reconsider(uow, dict.fromkeys(known, Cause("survey", results.survey_id)))


@consumer.on(AssemblyPlanned)
async def hear_assembly(planned: AssemblyPlanned, uow: UnitOfWork) -> None:
    """What its people raise is its topic; they are counted as they are known to have taken part."""
    held = datetime.combine(planned.held_on, time(), UTC)
    await voices.note_hearing(uow.session, "assembly", planned.assembly_id, [planned.topic_id], people=0, at=held)
    await voices.note_unweighed(uow.session, "assembly", planned.assembly_id)


@consumer.on(AttendanceRecorded)
async def hear_of_attendance(recorded: AttendanceRecorded, uow: UnitOfWork) -> None:
    """A correction takes the place of what was recorded before."""
    await voices.note_attendance(uow.session, recorded.registration_id, recorded.assembly_id, recorded.attended)


@consumer.on(EvidenceRequestReceived)
async def hear_question(received: EvidenceRequestReceived, uow: UnitOfWork) -> None:
    """A question raises its topics; filed otherwise, it raises those instead. Asked further, it is still one."""
    request, topics = received.request_id, received.topic_ids
    before = await voices.forget_hearing(uow.session, "request", request, but=topics)
    new = await voices.note_hearing(uow.session, "request", request, topics, people=1, at=_at(uow))
    if before or new:
        await voices.note_unweighed(uow.session, "request", request, before | new)


@consumer.on(EvidenceRequestWithdrawn)
async def forget_withdrawn_question(withdrawn: EvidenceRequestWithdrawn, uow: UnitOfWork) -> None:
    """Stop counting a withdrawn question; one that was answered goes on counting."""
    before = await voices.forget_hearing(uow.session, "request", withdrawn.request_id, but=())
    if before:
        await voices.note_unweighed(uow.session, "request", withdrawn.request_id, before)


def _at(uow: UnitOfWork) -> datetime:
    """When it happened, not when we heard of it."""
    return uow.cause.time if uow.cause else clock.now()
