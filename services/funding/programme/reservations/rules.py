"""When money is reserved for an assembly, and how claims draw on it. Amounts are pence."""

from uuid import UUID

from services.funding.ledger.ledger import rules as ledger
from services.funding.ledger.ledger.rules import Posting
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes import rules as schemes
from services.funding.programme.schemes.tables import Scheme
from shared.events.contracts.engagement import AssemblyPlanned
from shared.events.contracts.funding import FundingRefused, FundingReserved, RefusalReason
from shared.problems import Conflict

FundingDecision = FundingReserved | FundingRefused


class NothingToRelease(Conflict):
    title = "This reservation has nothing to release"
    detail = "Submitted claims hold all of it, or the rest was released before."


def new_reservation(event: AssemblyPlanned, sequence: int) -> Reservation:
    """Return the reservation of a planned assembly, before anything is reserved."""
    return Reservation(
        assembly_id=event.assembly_id,
        scheme_code=event.scheme,
        status="refused",
        planned_pence=event.expected_cost_pence,
        last_sequence=sequence,
    )


def unplanned_reservation(assembly_id: UUID, scheme: Scheme) -> Reservation:
    """Return an empty reservation for claims on an assembly without a plan: all of them are beyond it."""
    return Reservation(
        assembly_id=assembly_id, scheme_id=scheme.id, scheme_code=scheme.code, status="reserved", planned_pence=0
    )


def is_decided(reservation: Reservation, sequence: int) -> bool:
    """Return whether this plan, or a later one, was decided. Once money is reserved, later plans change nothing."""
    return reservation.last_sequence >= sequence or reservation.status != "refused"


def decide(
    event: AssemblyPlanned, sequence: int, reservation: Reservation, scheme: Scheme | None
) -> tuple[FundingDecision, list[Posting]]:
    """Reserve the expected cost, or refuse it. A later plan of a refused assembly may be decided again."""
    reservation.last_sequence = sequence
    reservation.scheme_code = event.scheme
    reservation.planned_pence = event.expected_cost_pence
    if scheme is None:
        return _refused(event, "scheme_unknown", 0), []
    try:
        schemes.reserve(scheme, event.expected_cost_pence)
    except schemes.SchemeExhaustedError as error:
        return _refused(event, "scheme_exhausted", error.available_pence), []
    reservation.scheme_id = scheme.id
    reservation.status = "reserved"
    reservation.pence = event.expected_cost_pence
    reserved = FundingReserved(
        assembly_id=event.assembly_id, reservation_id=reservation.id, pence=event.expected_cost_pence
    )
    if event.expected_cost_pence == 0:
        return reserved, []
    accounts = schemes.accounts(scheme)
    return reserved, [ledger.reserve(accounts, event.expected_cost_pence, assembly_id=event.assembly_id)]


def _refused(event: AssemblyPlanned, reason: RefusalReason, available_pence: int) -> FundingRefused:
    return FundingRefused(assembly_id=event.assembly_id, reason=reason, available_pence=available_pence)


def missing_pence(reservation: Reservation, pence: int) -> int:
    """Return what a claim of so many pence needs beyond what the reservation has left."""
    return max(0, pence - reservation.free_pence)


def hold(reservation: Reservation, scheme: Scheme, pence: int) -> bool:
    """Hold money for a submitted claim. Returns False, and holds nothing, where the reservation has not enough left.

    Raises SchemeExhaustedError, with what reservation and scheme have together, where no extension could be enough.
    """
    missing = missing_pence(reservation, pence)
    if missing > scheme.available_pence:
        raise schemes.SchemeExhaustedError(scheme.available_pence + reservation.free_pence)
    # The plan of an assembly may have been refused: an extension adds the money of the scheme that pays its claims.
    reservation.scheme_id = reservation.scheme_id or scheme.id
    if missing:
        return False
    reservation.held_pence += pence
    return True


def extend(reservation: Reservation, scheme: Scheme, pence: int) -> list[Posting]:
    """Add money of the scheme to a reservation. Raises SchemeExhaustedError with what the scheme has."""
    schemes.reserve(scheme, pence)
    reservation.pence += pence
    reservation.status = "reserved"
    return [ledger.reserve(schemes.accounts(scheme), pence, assembly_id=reservation.assembly_id)]


def release_hold(reservation: Reservation, pence: int) -> None:
    """Free the money of a claim that was refused or returned, for other claims on the assembly."""
    reservation.held_pence -= pence


def approve(reservation: Reservation, scheme: Scheme, pence: int, claim_id: UUID) -> list[Posting]:
    """Owe the money that was held for a claim."""
    reservation.held_pence -= pence
    reservation.pence -= pence
    reservation.approved_pence += pence
    schemes.approve(scheme, pence)
    return [ledger.approve(schemes.accounts(scheme), pence, assembly_id=reservation.assembly_id, claim_id=claim_id)]


def reverse(reservation: Reservation, scheme: Scheme, pence: int, claim_id: UUID) -> list[Posting]:
    """Reverse the approval of a claim: its money is held again."""
    reservation.held_pence += pence
    reservation.pence += pence
    reservation.approved_pence -= pence
    schemes.reverse(scheme, pence)
    return [ledger.reverse(schemes.accounts(scheme), pence, assembly_id=reservation.assembly_id, claim_id=claim_id)]


def release_unused(reservation: Reservation, scheme: Scheme) -> list[Posting]:
    """Return to the scheme what no claim holds. Later claims need an extension. Raises NothingToRelease."""
    unused = reservation.free_pence
    if unused == 0:
        raise NothingToRelease
    reservation.pence -= unused
    reservation.status = "released"
    schemes.release(scheme, unused)
    return [ledger.release(schemes.accounts(scheme), unused, assembly_id=reservation.assembly_id)]
