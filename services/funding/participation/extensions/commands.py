"""Changes of extensions. A scheme's row is locked before a reservation's."""

from uuid import UUID

from services.funding.ledger.ledger import commands as ledger
from services.funding.participation.extensions import queries, rules
from services.funding.participation.extensions.views import NewExtension
from services.funding.programme.reservations.queries import ReservationNotFound
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes.queries import lock_scheme
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def extend_reservation(
    uow: UnitOfWork, reservation_id: UUID, new: NewExtension, officer: Caller, match: Match
) -> Reservation:
    """Add money of the scheme to a reservation.

    Raises ReservationNotFound, NothingReserved, and the problems of `rules.extend`.
    """
    unlocked = await fetch(uow.session, Reservation, reservation_id, missing=ReservationNotFound)
    if unlocked.scheme_id is None:
        raise rules.NothingReserved
    scheme = await lock_scheme(uow.session, unlocked.scheme_id)
    reservation = await fetch(uow.session, Reservation, reservation_id, missing=ReservationNotFound, lock=True)
    match.check(reservation)
    extension, postings = rules.extend(
        reservation,
        scheme,
        pence=new.amount.pence,
        reason=new.reason,
        officer=officer,
        took_part=await queries.took_part(uow.session, reservation.assembly_id, officer.id),
    )
    uow.save(extension)
    await ledger.post(uow, *postings)
    return reservation
