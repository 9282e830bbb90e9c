"""Events that grant, change and withdraw entitlements."""

from services.funding.participation.entitlements import commands
from shared.events.contracts.engagement import AttendanceRecorded
from shared.messaging.dispatcher import EventHandlers
from shared.persistence.unit_of_work import UnitOfWork

consumer = EventHandlers()


@consumer.on(AttendanceRecorded)
async def grant_entitlement_for_attendance(event: AttendanceRecorded, uow: UnitOfWork) -> None:
    """Grant the entitlement of a recorded attendance, or apply the correction of one."""
    await commands.apply_attendance(uow, event, sequence=uow.cause.sequence if uow.cause else 1)
