"""When an overpayment may be closed, and what that changes. Amounts are pence."""

from services.funding.participation.entitlements.rules import OwnEntitlement
from services.funding.participation.entitlements.tables import Entitlement
from services.funding.participation.entitlements.terms import pounds, recount_overpaid
from services.funding.participation.recoveries.tables import Recovery, RecoveryOutcome
from shared.callers import Caller
from shared.problems import Conflict


class NotOverpaid(Conflict):
    title = "This is more than was overpaid"
    detail = "Fetch the entitlement to see what was paid beyond it and is not recovered or written off yet."


def close(entitlement: Entitlement, outcome: RecoveryOutcome, pence: int, reason: str, officer: Caller) -> Recovery:
    """Close this much of an overpayment. Raises OwnEntitlement, NotOverpaid.

    What was recovered the person does not have any more, so it is not claimed any more either: should the attendance
    be corrected back, it can be claimed again. What was written off the person keeps; it counts as long as it is beyond
    the entitlement, so that it is on the list again where the attendance is corrected back and forth.
    """
    if officer.id == entitlement.person_id:
        raise OwnEntitlement
    if pence > entitlement.overpaid_pence:
        raise NotOverpaid(
            f"{pounds(entitlement.overpaid_pence)} are overpaid and open. Close at most that."
            if entitlement.overpaid_pence
            else "Nothing of it is overpaid and open, so there is nothing to close. What is, is listed in "
            "/v1/entitlements?overpaid=true."
        )
    if outcome == "recovered":
        entitlement.recovered_pence += pence
        entitlement.claimed_pence -= pence
    else:
        entitlement.written_off_pence += pence
    recount_overpaid(entitlement)
    return Recovery(
        entitlement_id=entitlement.id,
        person_id=entitlement.person_id,
        outcome=outcome,
        pence=pence,
        reason=reason,
        recorded_by=officer.id,
    )
