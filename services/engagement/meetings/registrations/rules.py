"""When a person may register, and when they may cancel."""

from services.engagement.meetings.registrations.tables import Registration
from shared.problems import Problem


class AlreadyRegistered(Problem):
    status = 409
    title = "You are registered already"
    detail = "Your place is kept. There is nothing more to do."


class AlreadyAttended(Problem):
    status = 409
    title = "This person has taken part"
    detail = "A place cannot be given back after taking part. If that is a mistake, correct the attendance first."


def check_not_registered(registration: Registration | None) -> None:
    """Raise AlreadyRegistered for a registration that is not cancelled."""
    if registration is not None and registration.status == "registered":
        raise AlreadyRegistered


def cancel(registration: Registration) -> bool:
    """Cancel the registration. Returns False where it was cancelled before. Raises AlreadyAttended."""
    if registration.status == "cancelled":
        return False
    if registration.attended:
        raise AlreadyAttended
    registration.status = "cancelled"
    return True
