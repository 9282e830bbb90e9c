"""When attendance is recorded, and what funding is told."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.registrations.tables import Registration
from shared.events.contracts.engagement import AttendanceRecorded
from shared.problems import FieldError, Invalid, NotAllowed, Problem

MOST_AT_ONCE = 500


class AssemblyNotHeld(Problem):
    status = 409
    title = "This assembly has not been held"
    detail = "Attendance is recorded on its day or later."


class OwnAttendance(NotAllowed):
    title = "Nobody records their own attendance"
    detail = "Ask another engagement officer to record yours, since money follows from it. Nothing was recorded."


def check_held(assembly: Assembly, today: date) -> None:
    """Attendance is what somebody saw: from the day itself on. Raises AssemblyNotHeld."""
    if assembly.status != "open":
        raise AssemblyNotHeld("It never opened, so nobody can have taken part.")
    if today < assembly.held_on:
        raise AssemblyNotHeld(f"Attendance is recorded on its day, {assembly.held_on:%-d %B %Y}, or later.")


def check_list(pointers: Mapping[UUID, str], registrations: Mapping[UUID, Registration]) -> None:
    """Raises Invalid for what is not a standing registration of the assembly: then nothing of the list is recorded."""
    errors: list[FieldError] = []
    for registration_id, pointer in pointers.items():
        registration = registrations.get(registration_id)
        if registration is None:
            errors.append(FieldError(pointer=pointer, detail="This assembly has no registration with this id."))
        elif registration.status != "registered":
            errors.append(
                FieldError(pointer=pointer, detail="This registration was cancelled. Register the person again.")
            )
    if errors:
        raise Invalid(errors=errors)


def check_not_own(pointers: Mapping[UUID, str], registrations: Mapping[UUID, Registration], caller_id: UUID) -> None:
    """Funding pays for attendance, so somebody else says who came. Raises OwnAttendance: nothing is recorded then."""
    errors = [
        FieldError(pointer=pointer, detail="This registration is your own.")
        for registration_id, pointer in pointers.items()
        if registrations[registration_id].person_id == caller_id
    ]
    if errors:
        raise OwnAttendance(errors=errors)


def pointers_to(ids: Sequence[UUID]) -> dict[UUID, str]:
    """Where each id stands in the list. Raises Invalid for one that stands there twice: which holds is unknown."""
    pointers: dict[UUID, str] = {}
    for place, registration_id in enumerate(ids):
        pointer = f"/attendances/{place}/registration_id"
        if registration_id in pointers:
            raise Invalid(errors=[FieldError(pointer=pointer, detail="This registration is in the list already.")])
        pointers[registration_id] = pointer
    return pointers


def record(registration: Registration, assembly: Assembly, *, attended: bool) -> AttendanceRecorded | None:
    """Whether the person took part. None when that is what was recorded before: nothing changes."""
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
    )
