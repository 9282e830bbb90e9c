"""When a reservation may be extended. Amounts are pence."""

from services.funding.ledger.ledger.rules import Posting, pounds
from services.funding.participation.extensions.tables import ReservationExtension
from services.funding.programme.reservations import rules as reservations
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes import rules as schemes
from services.funding.programme.schemes.tables import Scheme
from shared.callers import Caller
from shared.problems import Conflict, NotAllowed


class OwnMeeting(NotAllowed):
    title = "Someone else must extend this"
    detail = "Nobody extends the reservation of a meeting for which they are paid. Leave it to another funding officer."


class NothingReserved(Conflict):
    title = "Nothing was reserved for this assembly, and nothing is claimed"
    detail = "Its funding was refused. Plan the assembly again: then its cost is reserved, and registration opens."


class SchemeExhausted(Conflict):
    title = "The scheme does not have so much"
    detail = "Raise the cap of the scheme first (PATCH /v1/schemes/{id})."


def extend(
    reservation: Reservation, scheme: Scheme, *, pence: int, reason: str, officer: Caller, took_part: bool
) -> tuple[ReservationExtension, list[Posting]]:
    """Add money of the scheme to a reservation. `took_part`: the officer has an entitlement for the assembly.

    Raises OwnMeeting, SchemeExhausted.
    """
    if took_part:
        raise OwnMeeting
    try:
        postings = reservations.extend(reservation, scheme, pence)
    except schemes.SchemeExhaustedError as error:
        raise_cap = f"Raise its cap first (PATCH /v1/schemes/{scheme.id})"
        raise SchemeExhausted(
            f"It has {pounds(error.available_pence)} left. {raise_cap}, or extend by less."
            if error.available_pence
            else f"It has nothing left. {raise_cap}."
        ) from error
    extension = ReservationExtension(reservation_id=reservation.id, pence=pence, reason=reason, extended_by=officer.id)
    return extension, postings
