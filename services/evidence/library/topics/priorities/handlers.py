"""Voices that arrive as events: results of surveys, attendance at assemblies, and evidence requests.

A survey changes priorities at once. Attendances arrive by the thousand and requests one by one: they are recorded here,
and the worker's job includes all of them together within seconds.
"""

from services.evidence.library.topics.priorities import commands
from services.evidence.library.topics.voices import queries as voices
from shared.events.contracts.engagement import AssemblyPlanned, AttendanceRecorded, ResultsPublished
from shared.events.contracts.evidence import EvidenceRequestReceived, EvidenceRequestWithdrawn
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(ResultsPublished)
async def apply_survey_results(results: ResultsPublished, uow: UnitOfWork) -> None:
    """Recalculate every topic that the survey asked about."""
    await commands.apply_results(uow, results)


@consumer.on(AssemblyPlanned)
async def add_assembly(planned: AssemblyPlanned, uow: UnitOfWork) -> None:
    """Record the topic of the assembly."""
    await commands.add_assembly(uow, planned)


@consumer.on(AttendanceRecorded)
async def save_attendance(recorded: AttendanceRecorded, uow: UnitOfWork) -> None:
    """Record who attended; a correction replaces the earlier record of the same registration."""
    await voices.save_attendance(uow.session, recorded.registration_id, recorded.assembly_id, recorded.attended)


@consumer.on(EvidenceRequestReceived)
async def set_request_topics(received: EvidenceRequestReceived, uow: UnitOfWork) -> None:
    """Record the topics of a request. Received again with other topics, it raises those instead."""
    await commands.set_request_topics(uow, received.request_id, received.topic_ids)


@consumer.on(EvidenceRequestWithdrawn)
async def remove_withdrawn_request(withdrawn: EvidenceRequestWithdrawn, uow: UnitOfWork) -> None:
    """Remove the topics of a withdrawn request; one that was answered goes on counting."""
    await commands.set_request_topics(uow, withdrawn.request_id, ())
