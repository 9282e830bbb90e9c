"""When a person may register, and when they may give their place back."""

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


def register_again(registration: Registration | None) -> Registration | None:
    """The cancelled registration to take up again, or None for a new one. Raises AlreadyRegistered."""
    if registration is not None and registration.status == "registered":
        raise AlreadyRegistered
    return registration


def cancel(registration: Registration) -> bool:
    """Give the place back; False when that was done before. Raises AlreadyAttended."""
    if registration.status == "cancelled":
        return False
    if registration.attended:
        raise AlreadyAttended
    registration.status = "cancelled"
    return True
