"""Attendance by HTTP."""

from uuid import UUID

from services.engagement.callers import OfficerOrAssemblyPartner
from services.engagement.meetings.assemblies.queries import AssemblyNotFound
from services.engagement.meetings.attendance import commands, rules
from services.engagement.meetings.attendance.views import AttendanceListRequest, AttendanceRequest, AttendanceView
from shared.http.conditional_requests import create_router
from shared.persistence.dependencies import Transaction
from shared.problems import Invalid, documented

router = create_router("/v1/assemblies/{assembly_id}/attendance", "Assemblies")


@router.post(
    "",
    response_model=AttendanceView,
    responses=documented(AssemblyNotFound, rules.AssemblyNotHeld, rules.OwnAttendance, Invalid),
)
async def record_attendance(
    assembly_id: UUID,
    body: AttendanceRequest | AttendanceListRequest,
    caller: OfficerOrAssemblyPartner,
    uow: Transaction,
) -> AttendanceView:
    """Record who took part, or correct it. Each change is published, so that funding can pay for it.

    A list is recorded as a whole or not at all. An officer who took part is recorded by another officer.
    """
    return await commands.record_attendance(uow, assembly_id, body, caller)
