"""When money is set aside, and how claims draw on it. All amounts are pence."""

from uuid import UUID

from services.funding.ledger.ledger import rules as ledger
from services.funding.ledger.ledger.rules import Posting
from services.funding.programme.programme import rules as programme
from services.funding.programme.programme.tables import Scheme
from services.funding.programme.reservations.tables import Reservation
from shared.events.contracts.engagement import AssemblyPlanned
from shared.events.contracts.funding import FundingRefused, FundingReserved, RefusalReason
from shared.problems import Conflict

Answer = FundingReserved | FundingRefused


class NothingToRelease(Conflict):
    title = "Nothing of this is free to give back"
    detail = "All that is set aside for this assembly is spoken for by claims, or was given back before."


def planned(event: AssemblyPlanned, sequence: int) -> Reservation:
    """Nothing is set aside yet."""
    return Reservation(
        assembly_id=event.assembly_id,
        scheme_code=event.scheme,
        status="refused",
        planned_pence=event.expected_cost_pence,
        planned_sequence=sequence,
    )


def decide(
    event: AssemblyPlanned, sequence: int, reservation: Reservation, scheme: Scheme | None
) -> tuple[Answer, list[Posting]]:
    """Set the expected cost aside, or say why not. A refused assembly may ask again with a later plan."""
    reservation.planned_sequence = sequence
    reservation.scheme_code = event.scheme
    reservation.planned_pence = event.expected_cost_pence
    if scheme is None:
        return _refused(event, "scheme_unknown", 0), []
    try:
        programme.set_aside(scheme, event.expected_cost_pence)
    except programme.SchemeExhausted as exhausted:
        return _refused(event, "scheme_exhausted", exhausted.available_pence), []
    reservation.scheme_id = scheme.id
    reservation.status = "reserved"
    reservation.pence = event.expected_cost_pence
    reserved = FundingReserved(
        assembly_id=event.assembly_id, reservation_id=reservation.id, pence=event.expected_cost_pence
    )
    if event.expected_cost_pence == 0:
        return reserved, []
    accounts = programme.accounts(scheme)
    return reserved, [ledger.reserve(accounts, event.expected_cost_pence, assembly_id=event.assembly_id)]


def answered(reservation: Reservation, sequence: int) -> bool:
    """Whether this plan, or a later one, has its answer already; money once reserved is not decided again."""
    return reservation.planned_sequence >= sequence or reservation.status != "refused"


def _refused(event: AssemblyPlanned, reason: RefusalReason, available_pence: int) -> FundingRefused:
    return FundingRefused(assembly_id=event.assembly_id, reason=reason, available_pence=available_pence)


def without_plan(assembly_id: UUID, scheme: Scheme) -> Reservation:
    """For claims on an assembly that never asked for money: everything comes from the scheme."""
    return Reservation(
        assembly_id=assembly_id, scheme_id=scheme.id, scheme_code=scheme.code, status="reserved", planned_pence=0
    )


def hold(reservation: Reservation, scheme: Scheme, pence: int, claim_id: UUID) -> list[Posting]:
    """Speak for money of the assembly, and for more of the scheme where that is not enough. Raises SchemeExhausted."""
    missing = max(0, pence - reservation.free_pence)
    if missing:
        try:
            programme.set_aside(scheme, missing)
        except programme.SchemeExhausted as exhausted:
            raise programme.SchemeExhausted(exhausted.available_pence + reservation.free_pence) from exhausted
        reservation.pence += missing
        reservation.scheme_id, reservation.status = scheme.id, "reserved"
    reservation.held_pence += pence
    accounts = programme.accounts(scheme)
    reserve = ledger.reserve
    return [reserve(accounts, missing, assembly_id=reservation.assembly_id, claim_id=claim_id)] if missing else []


def let_go(reservation: Reservation, pence: int) -> None:
    """A claim was refused or returned: its money is free for others of the assembly again."""
    reservation.held_pence -= pence


def approve(reservation: Reservation, scheme: Scheme, pence: int, claim_id: UUID) -> list[Posting]:
    """What was held is now owed."""
    reservation.held_pence -= pence
    reservation.pence -= pence
    reservation.approved_pence += pence
    programme.owe(scheme, pence)
    return [ledger.approve(programme.accounts(scheme), pence, assembly_id=reservation.assembly_id, claim_id=claim_id)]


def reverse(reservation: Reservation, scheme: Scheme, pence: int, claim_id: UUID) -> list[Posting]:
    """What was owed is held again."""
    reservation.held_pence += pence
    reservation.pence += pence
    reservation.approved_pence -= pence
    programme.owe_no_more(scheme, pence)
    return [ledger.reverse(programme.accounts(scheme), pence, assembly_id=reservation.assembly_id, claim_id=claim_id)]


def release_unused(reservation: Reservation, scheme: Scheme) -> list[Posting]:
    """Give back what no claim speaks for. Later claims draw on the scheme. Raises NothingToRelease."""
    unused = reservation.free_pence
    if unused == 0:
        raise NothingToRelease
    reservation.pence -= unused
    reservation.status = "released"
    programme.give_back(scheme, unused)
    return [ledger.release(programme.accounts(scheme), unused, assembly_id=reservation.assembly_id)]
