"""Changes of reservations. A scheme's row is locked before a reservation's."""

from uuid import UUID

from services.funding.ledger.ledger import commands as ledger
from services.funding.programme.reservations import queries, rules
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes.queries import lock_scheme, lock_scheme_by_code
from shared.events.contracts.engagement import AssemblyPlanned
from shared.http.etags import Match
from shared.persistence.fetch import fetch
from shared.persistence.unit_of_work import UnitOfWork


async def reserve_for_assembly(uow: UnitOfWork, event: AssemblyPlanned, *, sequence: int) -> None:
    """Reserve an assembly's expected cost, or refuse it, and publish which. `sequence` is the version of the plan.

    A plan that was decided before, or that is older than a decided one, changes nothing. The scheme's row is locked,
    so that two assemblies never reserve the same pound.
    """
    scheme = await lock_scheme_by_code(uow.session, event.scheme)
    reservation = await queries.lock_reservation_of_assembly(uow.session, event.assembly_id)
    if reservation is None:
        reservation = rules.new_reservation(event, sequence)
    elif rules.is_decided(reservation, sequence):
        return
    decision, postings = rules.decide(event, sequence, reservation, scheme)
    uow.save(reservation)
    await ledger.post(uow, *postings)
    uow.publish(decision, of=reservation)


async def release_reservation(uow: UnitOfWork, reservation_id: UUID, match: Match) -> Reservation:
    """Return what no claim holds to the scheme. Raises ReservationNotFound, NothingToRelease."""
    unlocked = await fetch(uow.session, Reservation, reservation_id, missing=queries.ReservationNotFound)
    scheme = await lock_scheme(uow.session, unlocked.scheme_id) if unlocked.scheme_id else None
    reservation = await fetch(uow.session, Reservation, reservation_id, missing=queries.ReservationNotFound, lock=True)
    match.check(reservation)
    if scheme is None:
        raise rules.NothingToRelease
    await ledger.post(uow, *rules.release_unused(reservation, scheme))
    return reservation
