"""Who may record whose attendance, and when."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.registrations.tables import Registration
from shared.callers import Caller
from shared.events.contracts.engagement import AttendanceRecorded
from shared.problems import FieldError, Invalid, NotAllowed, Problem

MAX_BATCH_ATTENDANCES = 500


class AssemblyNotHeld(Problem):
    status = 409
    title = "This assembly has not been held"
    detail = "Attendance is recorded on its day or later."


class OwnAttendance(NotAllowed):
    title = "Nobody records their own attendance"
    detail = "Attendance is paid for, so ask another engagement officer to record yours. Nothing was recorded."


def check_held(assembly: Assembly, today: date) -> None:
    """Raise AssemblyNotHeld for an assembly that never opened, and before its day."""
    if assembly.status != "open":
        raise AssemblyNotHeld("It never opened, so nobody can have taken part.")
    if today < assembly.held_on:
        raise AssemblyNotHeld(f"Attendance is recorded on its day, {assembly.held_on:%-d %B %Y}, or later.")


def check_registered(pointers: Mapping[UUID, str], registrations: Mapping[UUID, Registration]) -> None:
    """Raise Invalid with each id that is not a registration of the assembly, or one that was cancelled."""
    errors: list[FieldError] = []
    for registration_id, pointer in pointers.items():
        registration = registrations.get(registration_id)
        if registration is None:
            errors.append(FieldError(pointer=pointer, detail="This assembly has no registration with this id."))
        elif registration.status != "registered":
            errors.append(FieldError(pointer=pointer, detail="This registration was cancelled. Leave the person out."))
    if errors:
        raise Invalid(errors=errors)


def check_not_own(pointers: Mapping[UUID, str], registrations: Mapping[UUID, Registration], caller_id: UUID) -> None:
    """Raise OwnAttendance where the caller records themselves: funding pays for attendance, so somebody else must."""
    errors = [
        FieldError(pointer=pointer, detail="This registration is your own.")
        for registration_id, pointer in pointers.items()
        if registrations[registration_id].person_id == caller_id
    ]
    if errors:
        raise OwnAttendance(errors=errors)


def pointers_to(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the JSON pointer of each id in the list. Raises Invalid for an id that is repeated."""
    pointers: dict[UUID, str] = {}
    for index, registration_id in enumerate(ids):
        pointer = f"/attendances/{index}/registration_id"
        if registration_id in pointers:
            raise Invalid(errors=[FieldError(pointer=pointer, detail="This registration is in the list already.")])
        pointers[registration_id] = pointer
    return pointers


def record(
    registration: Registration, assembly: Assembly, *, attended: bool, recorder: Caller
) -> AttendanceRecorded | None:
    """Record whether the person took part. Returns None where it was recorded before."""
    if registration.attended == attended:
        return None
    registration.attended = attended
    return AttendanceRecorded(
        registration_id=registration.id,
        assembly_id=assembly.id,
        person_id=registration.person_id,
        attended=attended,
        held_on=assembly.held_on,
        minutes=assembly.minutes,
        scheme=assembly.scheme,
        recorded_by=recorder.id if recorder.kind == "person" else None,
    )
