"""What the sector said, as it reaches the topics: in surveys, at assemblies, and as questions."""

from datetime import UTC, datetime, time
from uuid import UUID

from services.evidence.topics import queries
from services.evidence.topics.weighing import reconsider
from shared import clock
from shared.consumer import Handlers
from shared.contracts.engagement import AssemblyPlanned, AttendanceRecorded, ResultsPublished
from shared.contracts.evidence import EvidenceRequestClosed, EvidenceRequestReceived
from shared.database import UnitOfWork

consumer = Handlers()


@consumer.on(ResultsPublished)
async def change_priorities_for_results(results: ResultsPublished, uow: UnitOfWork) -> None:
    """Every topic that the survey asked about gets the priority that all voices together give it."""
    await queries.hold_priorities(uow.session)
    known = await queries.known_topics(uow.session, [priority.topic_id for priority in results.priorities])
    said = [priority for priority in results.priorities if priority.topic_id in known]
    if not said:
        return
    await queries.note_voices(uow.session, results.survey_id, results.respondents, said, _at(uow))
    await reconsider(uow, known, by="survey", source_id=results.survey_id)


@consumer.on(AssemblyPlanned)
async def hear_assembly(planned: AssemblyPlanned, uow: UnitOfWork) -> None:
    """What its people raise is its topic; they are counted as they are known to have taken part."""
    await queries.hold_priorities(uow.session)
    held = datetime.combine(planned.held_on, time(), UTC)
    await queries.note_hearing(uow.session, "assembly", planned.assembly_id, [planned.topic_id], people=0, at=held)
    await _count(uow, planned.assembly_id)


@consumer.on(AttendanceRecorded)
async def hear_of_attendance(recorded: AttendanceRecorded, uow: UnitOfWork) -> None:
    """A correction takes the place of what was recorded before."""
    await queries.hold_priorities(uow.session)
    await queries.note_attendance(uow.session, recorded.registration_id, recorded.assembly_id, recorded.attended)
    await _count(uow, recorded.assembly_id)


@consumer.on(EvidenceRequestReceived)
async def hear_question(received: EvidenceRequestReceived, uow: UnitOfWork) -> None:
    """A question raises its topics; filed otherwise, it raises those instead. Asked further, it is still one."""
    await queries.hold_priorities(uow.session)
    before = await queries.forget_hearing(uow.session, "request", received.request_id, but=received.topic_ids)
    await queries.note_hearing(uow.session, "request", received.request_id, received.topic_ids, people=1, at=_at(uow))
    await reconsider(uow, {*before, *received.topic_ids}, by="request", source_id=received.request_id)


@consumer.on(EvidenceRequestClosed)
async def unhear_question_taken_back(closed: EvidenceRequestClosed, uow: UnitOfWork) -> None:
    """One that was answered goes on counting; one that was taken back does not."""
    if closed.used is None:
        await queries.hold_priorities(uow.session)
        before = await queries.forget_hearing(uow.session, "request", closed.request_id, but=())
        await reconsider(uow, before, by="request", source_id=closed.request_id)


async def _count(uow: UnitOfWork, assembly_id: UUID) -> None:
    topics = await queries.count_attendance(uow.session, assembly_id)
    await reconsider(uow, topics, by="assembly", source_id=assembly_id)


def _at(uow: UnitOfWork) -> datetime:
    """When it happened, not when we heard of it."""
    return uow.cause.time if uow.cause else clock.now()
