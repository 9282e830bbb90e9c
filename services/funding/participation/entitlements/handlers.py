"""Events that grant, change and withdraw entitlements."""

from collections.abc import Sequence

from services.funding.participation.entitlements import commands, queries
from shared.events.contracts.engagement import AttendanceRecorded
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.before(AttendanceRecorded)
async def lock_people(events: Sequence[AttendanceRecorded], uow: UnitOfWork) -> None:
    """Lock everyone in a batch together: another batch may name them in another order."""
    await queries.lock_people(uow.session, {event.person_id for event in events})


@consumer.on(AttendanceRecorded)
async def grant_entitlement_for_attendance(event: AttendanceRecorded, uow: UnitOfWork) -> None:
    """Grant the entitlement of a recorded attendance, or apply the correction of one."""
    await commands.apply_attendance(uow, event, sequence=uow.cause.sequence if uow.cause else 1)
