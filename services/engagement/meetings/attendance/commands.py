"""Recording of attendance."""

from uuid import UUID

from services.engagement.meetings.assemblies.queries import AssemblyNotFound
from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.attendance import rules
from services.engagement.meetings.attendance.views import AttendanceListRequest, AttendanceRequest, AttendanceView
from services.engagement.meetings.registrations.queries import lock_registrations
from shared import clock
from shared.callers import Caller
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def record_attendance(
    uow: UnitOfWork, assembly_id: UUID, body: AttendanceRequest | AttendanceListRequest, caller: Caller
) -> AttendanceView:
    """Record who took part, all of them or none, and publish each change.

    Raises AssemblyNotFound, AssemblyNotHeld, OwnAttendance, and Invalid for an id that is wrong or repeated.
    """
    if isinstance(body, AttendanceRequest):
        entries, pointers = [body], {body.registration_id: "/registration_id"}
    else:
        entries = body.attendances
        pointers = rules.pointers_to([entry.registration_id for entry in entries])
    assembly = await fetch(uow.session, Assembly, assembly_id, missing=AssemblyNotFound)
    rules.check_held(assembly, clock.today())
    registrations = await lock_registrations(uow.session, assembly_id, pointers.keys())
    rules.check_registered(pointers, registrations)
    rules.check_not_own(pointers, registrations, caller.id)
    changed = 0
    for entry in entries:
        registration = registrations[entry.registration_id]
        if recorded := rules.record(registration, assembly, attended=entry.attended, recorder=caller):
            uow.publish(recorded, of=registration)
            changed += 1
    return AttendanceView(recorded=len(entries), changed=changed)
