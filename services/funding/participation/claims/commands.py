"""Changes of claims.

Rows are locked in this order everywhere, so that commands do not deadlock: payment run, claim, entitlements of the
person, scheme, reservation.
"""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from services.funding.ledger.ledger import commands as ledger
from services.funding.participation.claims import queries, rules
from services.funding.participation.claims.duplicates import require_room
from services.funding.participation.claims.queries import ClaimDetails
from services.funding.participation.claims.tables import Claim, ClaimLine
from services.funding.participation.claims.views import NewClaim, NewDecision, NewLine
from services.funding.participation.entitlements.commands import follow_attendance
from services.funding.participation.entitlements.queries import (
    EntitlementNotFound,
    EntitlementWithOthers,
    get_visible_entitlement,
    list_recorders,
    lock_entitlement_with_others,
    lock_people,
)
from services.funding.participation.entitlements.rules import require_not_withdrawn
from services.funding.payees.payees.queries import has_payee
from services.funding.payees.payees.rules import PayeeMissing
from services.funding.programme.cost_limits.queries import get_limits
from services.funding.programme.cost_limits.rules import require_within_limits
from services.funding.programme.reservations.queries import lock_reservation_of_assembly
from services.funding.programme.reservations.rules import unplanned_reservation
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes.queries import lock_scheme
from services.funding.programme.schemes.tables import Scheme
from services.funding.programme.working_days.queries import list_bank_holidays
from shared import clock
from shared.callers import Caller
from shared.http.etags import Match
from shared.persistence.unit_of_work import UnitOfWork


async def create_claim(uow: UnitOfWork, new: NewClaim, caller: Caller) -> ClaimDetails:
    """Draft a claim for the caller's own entitlement. Those of one person wait for each other, so that all are counted.

    Raises EntitlementNotFound, EntitlementWithdrawnAlready, TooManyOpenClaims, CostOutsideLimits.
    """
    await lock_people(uow.session, [caller.id])
    entitlement = await get_visible_entitlement(uow.session, new.entitlement_id, caller)
    if entitlement.person_id != caller.id:
        raise EntitlementNotFound
    require_not_withdrawn(entitlement)
    require_room(await queries.count_open_claims(uow.session, entitlement.id))
    claim = Claim(
        person_id=caller.id,
        entitlement_id=entitlement.id,
        assembly_id=entitlement.assembly_id,
        scheme_id=entitlement.scheme_id,
    )
    uow.save(claim)
    # Lines refer to the claim by id alone, so the session does not know that the claim comes first.
    await uow.session.flush()
    await _save_lines(uow, claim, new.lines, entitlement.held_on)
    return await queries.get_claim_details(uow.session, claim)


async def update_claim(
    uow: UnitOfWork, claim_id: UUID, lines: Sequence[NewLine], caller: Caller, match: Match
) -> ClaimDetails:
    """Replace the cost lines of the caller's claim.

    Raises ClaimNotFound, ClaimDeleted, ClaimAlreadySubmitted, CostOutsideLimits.
    """
    claim = await queries.lock_own_claim(uow.session, claim_id, caller)
    match.check(claim)
    rules.require_editable(claim)
    for line in await queries.list_claim_lines(uow.session, claim.id):
        await uow.remove(line)
    entitlement = await get_visible_entitlement(uow.session, claim.entitlement_id, caller)
    await _save_lines(uow, claim, lines, entitlement.held_on)
    return await queries.get_claim_details(uow.session, claim)


async def delete_claim(uow: UnitOfWork, claim_id: UUID, caller: Caller, match: Match) -> None:
    """Delete the caller's draft. Raises ClaimNotFound, ClaimDeleted, ClaimAlreadySubmitted."""
    claim = await queries.lock_own_claim(uow.session, claim_id, caller)
    match.check(claim)
    rules.require_draft(claim)
    for line in await queries.list_claim_lines(uow.session, claim.id):
        await uow.remove(line)
    # As when they are added, the session does not know the order: here the lines go before their claim.
    await uow.session.flush()
    await uow.remove(claim)


async def submit_claim(uow: UnitOfWork, claim_id: UUID, caller: Caller, match: Match) -> ClaimDetails:
    """Submit the caller's claim.

    Raises ClaimNotFound, ClaimDeleted, PayeeMissing, CostOutsideLimits, and the problems of `rules.submit`.
    """
    claim = await queries.lock_own_claim(uow.session, claim_id, caller)
    match.check(claim)
    if not await has_payee(uow.session, caller.id):
        raise PayeeMissing
    locked, scheme, reservation = await _lock_money(uow, claim)
    held_on = locked.entitlement.held_on
    rules.require_editable(claim)
    # The limits, the day of the meeting and the person's other claims may have changed since the costs were drafted.
    await _require_within_limits(uow, claim, await queries.list_claim_lines(uow.session, claim.id), held_on)
    today = clock.today()
    bank_holidays = await list_bank_holidays(uow.session, today)
    submitted, step = rules.submit(
        claim, locked.entitlement, reservation, scheme, today=today, bank_holidays=bank_holidays
    )
    uow.save(step)
    uow.publish(submitted, of=claim)
    return await queries.get_claim_details(uow.session, claim)


async def decide_claim(uow: UnitOfWork, claim: Claim, decision: NewDecision, approver: Caller) -> ClaimDetails:
    """Approve, refuse or return a locked claim, or take its approval back.

    An entitlement in question of which nothing is claimed any more follows its attendance. Raises OwnRecording,
    PaymentUnclear, and the problems of `rules.decide`.
    """
    locked, scheme, reservation = await _lock_money(uow, claim)
    recorders = await list_recorders(uow.session, locked.entitlement.registration_id)
    rules.separate_from_recorders(claim, recorders, decision.decision, approver)
    if decision.decision == "approved" and await queries.is_payment_of_other_claim_unclear(uow.session, claim):
        raise rules.PaymentUnclear
    step, postings = rules.decide(
        claim,
        locked.entitlement,
        reservation,
        scheme,
        decision=decision.decision,
        reason=decision.reason,
        approver=approver,
        duplicates=await queries.list_possible_duplicates(uow.session, claim),
        duplicates_checked=decision.duplicates_checked,
    )
    follow_attendance(uow, locked)
    uow.save(step)
    await ledger.post(uow, *postings)
    return await queries.get_claim_details(uow.session, claim)


async def _lock_money(uow: UnitOfWork, claim: Claim) -> tuple[EntitlementWithOthers, Scheme, Reservation]:
    locked = await lock_entitlement_with_others(uow.session, claim.entitlement_id)
    scheme = await lock_scheme(uow.session, claim.scheme_id)
    reservation = await lock_reservation_of_assembly(uow.session, claim.assembly_id)
    if reservation is None:
        reservation = unplanned_reservation(claim.assembly_id, scheme)
        uow.save(reservation)
    return locked, scheme, reservation


async def _save_lines(uow: UnitOfWork, claim: Claim, lines: Sequence[NewLine], held_on: date) -> None:
    rows = [line.row(claim.id, position) for position, line in enumerate(lines, start=1)]
    await _require_within_limits(uow, claim, rows, held_on)
    for row in rows:
        uow.save(row)
    rules.recalculate_totals(claim, rows)


async def _require_within_limits(uow: UnitOfWork, claim: Claim, lines: Sequence[ClaimLine], held_on: date) -> None:
    claimed = await queries.sum_costs_of_other_claims(uow.session, claim)
    require_within_limits(lines, await get_limits(uow.session, held_on), held_on, claimed)
