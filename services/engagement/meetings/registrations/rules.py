"""When a person may register, and when they may cancel."""

from dataclasses import dataclass
from datetime import datetime

from services.engagement.meetings.assemblies.rules import has_ended
from services.engagement.meetings.assemblies.tables import Assembly
from services.engagement.meetings.registrations.tables import Registration
from shared.http.etags import digest_of
from shared.problems import Problem


class AlreadyRegistered(Problem):
    status = 409
    title = "You are registered already"
    detail = (
        "Your place is kept. To change what you need there, PATCH your registration, which is in "
        "/v1/assemblies/{assembly_id}/registrations."
    )


class AlreadyAttended(Problem):
    status = 409
    title = "This person has taken part"
    detail = (
        "A place cannot be given back after taking part. If that is a mistake, ask an engagement officer to correct "
        "the attendance first (POST /v1/assemblies/{assembly_id}/attendance)."
    )


class RegistrationCancelled(Problem):
    status = 409
    title = "This registration is cancelled"
    detail = "It keeps no access needs. Register again (POST /v1/assemblies/{assembly_id}/registrations) with them."


class NeedsTooLate(Problem):
    status = 409
    title = "This assembly is over"
    detail = "What was needed there is not changed any more. For the next ones, use PUT /v1/me/access-needs."


@dataclass(frozen=True, slots=True)
class RegistrationVersion:
    """The version of a registration with the place that it shows, for its entity tag.

    The assembly's own version is no part of it: that counts the places which everybody takes and gives back.
    """

    registration: Registration
    assembly: Assembly

    @property
    def version(self) -> int:
        place = self.assembly.place if self.registration.status == "registered" else None
        return digest_of(f"{self.registration.version} {place}")


def check_needs_may_change(registration: Registration, assembly: Assembly, now: datetime) -> None:
    """Raise RegistrationCancelled, or NeedsTooLate once the assembly has ended."""
    if registration.status == "cancelled":
        raise RegistrationCancelled(RegistrationCancelled.detail.format(assembly_id=assembly.id))
    if has_ended(assembly, now):
        raise NeedsTooLate


def check_not_registered(registration: Registration | None) -> None:
    """Raise AlreadyRegistered for a registration that is not cancelled."""
    if registration is not None and registration.status == "registered":
        raise AlreadyRegistered


def cancel(registration: Registration) -> bool:
    """Cancel the registration, and erase what the person needs. Returns False where it was cancelled before.

    Raises AlreadyAttended.
    """
    if registration.status == "cancelled":
        return False
    if registration.attended:
        raise AlreadyAttended
    registration.status, registration.access_needs = "cancelled", None
    return True
