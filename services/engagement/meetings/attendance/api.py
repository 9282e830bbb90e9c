"""Attendance by HTTP: recorded for one person or for a list of them."""

from typing import Annotated
from uuid import UUID

from pydantic import ConfigDict, Field

from services.engagement.callers import OfficerOrAssemblyPartner
from services.engagement.meetings.assemblies.queries import AssemblyNotFound
from services.engagement.meetings.assemblies.queries import assembly as assembly_of
from services.engagement.meetings.attendance import rules
from services.engagement.meetings.registrations.queries import lock_registrations
from shared import clock
from shared.http.conditional_requests import create_router
from shared.persistence.unit_of_work import Transaction
from shared.problems import Invalid, documented
from shared.views import Body, View

attendance = create_router("/v1/assemblies/{assembly_id}/attendance", "Assemblies")


class Attendance(Body):
    """Whether one registered person took part."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"registration_id": "01980000-0000-7000-8000-000000000002", "attended": True}}
    )

    registration_id: UUID
    attended: Annotated[bool, Field(strict=True)]


class AttendanceList(Body):
    """The same for many people at once."""

    attendances: list[Attendance] = Field(min_length=1, max_length=rules.MOST_AT_ONCE)


class AttendanceView(View):
    """How many were told, and how many of them were news."""

    recorded: int
    changed: int


@attendance.post(
    "",
    response_model=AttendanceView,
    responses=documented(AssemblyNotFound, rules.AssemblyNotHeld, rules.OwnAttendance, Invalid),
)
async def record_attendance(
    assembly_id: UUID, body: Attendance | AttendanceList, caller: OfficerOrAssemblyPartner, uow: Transaction
) -> AttendanceView:
    """Record who took part, or correct it; funding hears of each change.

    A list is recorded whole or not at all. An officer who took part is recorded by another officer.
    """
    told = body.attendances if isinstance(body, AttendanceList) else [body]
    pointers = rules.pointers_to([one.registration_id for one in told])
    if isinstance(body, Attendance):
        pointers = {body.registration_id: "/registration_id"}
    assembly = await assembly_of(uow.session, assembly_id)
    rules.check_held(assembly, clock.today())
    registrations = await lock_registrations(uow.session, assembly_id, pointers.keys())
    rules.check_list(pointers, registrations)
    rules.check_not_own(pointers, registrations, caller.id)
    changed = 0
    for one in told:
        registration = registrations[one.registration_id]
        if recorded := rules.record(registration, assembly, attended=one.attended):
            uow.publish(recorded, of=registration)
            changed += 1
    return AttendanceView(recorded=len(told), changed=changed)
