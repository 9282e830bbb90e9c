"""The approval of a claim that was taken back, reinstated because the bank had paid the claim. Amounts are pence."""

from uuid import UUID

from services.funding.ledger.ledger.rules import Posting, pounds
from services.funding.participation.claims.tables import Claim
from services.funding.participation.entitlements import rules as entitlements
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.programme.reservations import rules as reservations
from services.funding.programme.reservations.tables import Reservation
from services.funding.programme.schemes.tables import Scheme
from shared.problems import Conflict


class PaidBeyondReservation(Conflict):
    title = "The reservation of its meeting has too little left for this payment"
    detail = "A funding officer extends the reservation (see /v1/reservations). Resolve the payment after that."


class InvolvementClaimedElsewhere(Conflict):
    title = "Other claims ask for the same involvement payment"
    detail = (
        "This claim was returned or refused after the bank's refusal, and its person claimed again. Let an approver "
        "return or refuse the other claims for its entitlement, then resolve the payment. If the bank paid both, ask "
        "for one back, and resolve that one as not paid once it has come."
    )


def matches_payment(claim: Claim, pence: int, involvement_pence: int) -> bool:
    """Return whether the claim is owed as it was when it went to the bank."""
    return claim.status in ("approved", "in_payment") and (claim.pence, claim.involvement_pence) == (
        pence,
        involvement_pence,
    )


def restore_approval(
    claim: Claim,
    entitlement: Entitlement,
    reservation: Reservation,
    scheme: Scheme,
    *,
    pence: int,
    involvement_pence: int,
    approved_by: UUID,
) -> list[Posting]:
    """Owe a claim again as it was when it went to the bank, which paid it although it had said otherwise.

    Since then it was returned or refused, and perhaps changed and submitted or approved again: that is undone. Its
    lines stay as they are now. Raises InvolvementClaimedElsewhere, PaidBeyondReservation.
    """
    postings: list[Posting] = []
    if claim.status == "approved":
        postings += reservations.reverse(reservation, scheme, claim.pence, claim.id, claim.approvals)
    if claim.status in ("submitted", "approved"):
        if not claim.beyond_reservation:
            reservations.release_hold(reservation, claim.pence)
        entitlements.remove_claim(entitlement, claim.involvement_pence)
    if entitlement.claimed_pence + involvement_pence > entitlement.highest_pence:
        raise InvolvementClaimedElsewhere
    if missing := reservations.missing_pence(reservation, pence):
        raise PaidBeyondReservation(
            f"{pounds(missing)} is missing. A funding officer extends the reservation (POST "
            f"/v1/reservations/{reservation.id}/extend). Resolve the payment after that."
        )
    entitlement.claimed_pence += involvement_pence
    entitlement.submitted_claims += 1
    reservations.hold(reservation, scheme, pence)
    claim.status, claim.beyond_reservation = "approved", False
    claim.pence, claim.involvement_pence = pence, involvement_pence
    claim.approved_by = approved_by
    claim.attendance_recorded_by = [id for id in claim.attendance_recorded_by if id != approved_by]
    claim.approvals += 1
    return postings + reservations.approve(reservation, scheme, pence, claim.id, claim.approvals)
