"""Voices that arrive as events: results of surveys and attendance at assemblies. Evidence requests know who asked: see
`publications.requests.handlers`.

A survey changes priorities at once. Attendances arrive by the thousand: they are recorded here,
and the worker's job includes all of them together within seconds.
"""

from services.evidence.library.topics.priorities import commands
from services.evidence.library.topics.voices import queries as voices
from shared.events.contracts.engagement import AssemblyPlanned, AttendanceRecorded, ResultsPublished
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
    await voices.save_attendance(uow.session, recorded)
