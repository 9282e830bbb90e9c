"""The states of a claim, who may change them, and the date that is promised. Amounts are pence."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from services.funding.ledger.ledger.rules import Posting, pounds
from services.funding.participation.claims.duplicates import PossibleDuplicate, require_checked
from services.funding.participation.claims.payment_steps import forget_refusal, new_step
from services.funding.participation.claims.tables import Claim, ClaimLine, ClaimStep
from services.funding.participation.entitlements import rules as entitlements
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.programme.reservations import rules as reservations
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes import rules as schemes
from services.funding.programme.schemes.tables import Scheme
from services.funding.programme.working_days.rules import add_working_days
from shared.callers import Caller
from shared.events.contracts.funding import ClaimSubmitted
from shared.problems import Conflict, Invalid, NotAllowed

Decision = Literal["approved", "refused", "returned"]


class ClaimAlreadySubmitted(Conflict):
    title = "This claim has been submitted already"
    detail = "To change it, ask the centre to return it to you, which it can until the payment goes to the bank."


class ClaimEmpty(Conflict):
    title = "This claim has no costs yet"
    detail = "Add at least one cost line (PATCH /v1/claims/{id}), then submit it."


class CapExceeded(Conflict):
    title = "The scheme does not have enough money for this claim"
    detail = (
        "The claim stays as it is, and nobody should be out of pocket. Ask the centre to add money to the scheme, and "
        "submit the claim again after that."
    )


class BeyondReservation(Conflict):
    title = "This claim is more than the reservation of its meeting has left"
    detail = (
        "A funding officer can extend the reservation (POST /v1/reservations/{id}/extend). Approve the claim after "
        "that, or return or refuse it."
    )


class ClaimNotSubmitted(Conflict):
    title = "This claim is not waiting for a decision"
    detail = (
        "It is not submitted, or was decided already. An approval is taken back by `refused` or `returned`, until its "
        "payment run is released."
    )


class OwnClaim(NotAllowed):
    title = "Someone else must decide this"
    detail = "Nobody decides on their own claim. Leave it to another approver."


class PaymentUnclear(Conflict):
    title = "It is not clear whether this claim was paid"
    detail = (
        "The bank's messages about its payment, or one for the same entitlement, are in doubt. First someone in "
        "finance resolves the payment: see "
        "/v1/payment-runs?needs_attention=true."
    )


class OwnRecording(NotAllowed):
    title = "Someone else must decide this"
    detail = "You recorded or corrected the attendance that this claim is for. Leave it to another approver."


class ReasonNeeded(Invalid):
    pointer = "/reason"
    title = "A reason is needed"
    detail = "Tell the person why the claim is refused or returned, and what they can do."


AT_AN_END: dict[str, str] = {
    "refused": "It was refused. Begin a new claim for the same entitlement (POST /v1/claims), without that.",
    "paid": "It was paid. For further costs, begin a new claim for the same entitlement (POST /v1/claims).",
}
NOT_A_DRAFT = (
    "A claim that was ever submitted is kept. If you do not want to be paid, ask the centre to refuse it; one that was "
    "returned to you may stay as it is."
)
NOT_TO_DECIDE: dict[str, str] = {
    "returned": "It is with its person, who can correct and submit it again.",
    "refused": "It was refused. Its person can begin a new claim for the same entitlement.",
    "paid": "It was paid. What a corrected attendance makes too much is in /v1/entitlements?overpaid=true.",
}


def recalculate_totals(claim: Claim, lines: Sequence[ClaimLine]) -> None:
    """Set the claim's totals from its lines, and count the edit, so that the claim gets a new version."""
    claim.pence = sum(line.pence for line in lines)
    claim.involvement_pence = sum(line.pence for line in lines if line.kind == "involvement_payment")
    claim.edits += 1


def require_editable(claim: Claim) -> None:
    """Raise ClaimAlreadySubmitted unless the claim is a draft or was returned."""
    if claim.status not in ("draft", "returned"):
        raise ClaimAlreadySubmitted(AT_AN_END.get(claim.status))


def require_draft(claim: Claim) -> None:
    """Raise ClaimAlreadySubmitted unless the claim was never submitted."""
    if claim.status != "draft":
        raise ClaimAlreadySubmitted(AT_AN_END.get(claim.status, NOT_A_DRAFT))


def submit(
    claim: Claim,
    entitlement: Entitlement,
    reservation: Reservation,
    scheme: Scheme,
    *,
    today: date,
    bank_holidays: Collection[date],
) -> tuple[ClaimSubmitted, ClaimStep]:
    """Submit a claim: hold its money, where its assembly's reservation has it, and promise a payment date.

    Raises ClaimAlreadySubmitted, ClaimEmpty, CapExceeded, and the problems of `entitlements.add_claim`.
    """
    require_editable(claim)
    if claim.pence == 0:
        raise ClaimEmpty
    entitlements.add_claim(entitlement, claim.involvement_pence)
    try:
        claim.beyond_reservation = not reservations.hold(reservation, scheme, claim.pence)
    except schemes.SchemeExhaustedError as error:
        raise CapExceeded from error
    promised_on = add_working_days(today, scheme.promise_working_days, bank_holidays)
    claim.status = "submitted"
    claim.promised_on = promised_on
    submitted = ClaimSubmitted(
        claim_id=claim.id, assembly_id=claim.assembly_id, promised_on=promised_on, pence=claim.pence
    )
    return submitted, new_step(claim, "submitted", "claimant", claim.person_id)


def decide(
    claim: Claim,
    entitlement: Entitlement,
    reservation: Reservation,
    scheme: Scheme,
    *,
    decision: Decision,
    reason: str | None,
    approver: Caller,
    duplicates: Sequence[PossibleDuplicate] = (),
    duplicates_checked: Collection[UUID] = (),
) -> tuple[ClaimStep, list[Posting]]:
    """Approve, refuse or return a claim, or take an approval back by refusing or returning the approved claim.

    A claim in a payment run is taken out of that first (`remove_from_run`). A refused claim that may have been paid can
    be returned: to record its payment, it has to be approved again. Raises OwnClaim, ClaimNotSubmitted, PaymentUnclear,
    ReasonNeeded, DuplicatesNotChecked, BeyondReservation, and the problems of `entitlements.require_payable`.
    """
    if approver.id == claim.person_id:
        raise OwnClaim
    reverses = claim.status == "approved" and decision != "approved"
    reopens = claim.status == "refused" and claim.payment_unclear and decision == "returned"
    if claim.status != "submitted" and not reverses and not reopens:
        raise ClaimNotSubmitted(NOT_TO_DECIDE.get(claim.status))
    if claim.payment_unclear and reverses:
        raise PaymentUnclear
    if decision != "approved" and not reason:
        raise ReasonNeeded
    postings: list[Posting] = []
    checked: list[UUID] = []
    if decision == "approved":
        entitlements.require_payable(entitlement, claim.involvement_pence)
        checked = require_checked(duplicates, duplicates_checked)
        _require_reserved(claim, reservation, scheme)
        claim.approvals += 1
        postings = reservations.approve(reservation, scheme, claim.pence, claim.id, claim.approvals)
        claim.approved_by = approver.id
    elif not reopens:
        if reverses:
            postings = reservations.reverse(reservation, scheme, claim.pence, claim.id, claim.approvals)
        if not claim.beyond_reservation:
            reservations.release_hold(reservation, claim.pence)
        entitlements.remove_claim(entitlement, claim.involvement_pence)
        claim.approved_by = None
        forget_refusal(claim)
    claim.status = decision
    claim.needs_attention, claim.beyond_reservation = claim.payment_unclear, False
    step = new_step(claim, decision, "approver", approver.id, reason)
    step.duplicates_checked = checked
    return step, postings


def _require_reserved(claim: Claim, reservation: Reservation, scheme: Scheme) -> None:
    """Hold the money of a claim that was beyond the reservation. Raises BeyondReservation where it still is."""
    if not claim.beyond_reservation:
        return
    missing = reservations.missing_pence(reservation, claim.pence)
    if missing:
        raise BeyondReservation(
            f"{pounds(missing)} is missing. A funding officer can extend the reservation (POST "
            f"/v1/reservations/{reservation.id}/extend). Approve the claim after that, or return or refuse it."
        )
    reservations.hold(reservation, scheme, claim.pence)


def separate_from_recorders(claim: Claim, recorders: Sequence[UUID], decision: Decision, approver: Caller) -> None:
    """Raise OwnRecording where the approver recorded or corrected the attendance behind the claim.

    An approval keeps the recorders in the claim, where the database checks them against whoever approved it.
    """
    if approver.id in recorders:
        raise OwnRecording
    if decision == "approved":
        claim.attendance_recorded_by = list(recorders)
