"""What a claim's person and the staff read about it: what happens next, and what somebody has to do."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

from services.funding.participation.claims.tables import Claim, ClaimStatus

OPEN_STATUSES: tuple[ClaimStatus, ...] = ("submitted", "approved", "in_payment")
"""Of claims that are neither with their person nor at an end."""

PAYMENT_UNCLEAR = (
    "The bank's messages do not agree on whether you were paid. We are asking the bank. You do not need to do anything."
)
OTHER_PAYMENT_UNCLEAR = (
    "The bank's messages do not agree on whether another claim of yours for the same meeting was paid. We are asking "
    "the bank, and pay nothing before that. You do not need to do anything."
)
FILE_IN_DOUBT = (
    "The bank has answered about many payments at once, and it is not clear whether it paid you. We are asking the "
    "bank, and pay you if it did not. You do not need to do anything."
)


class ClaimSituation(NamedTuple):
    """What bears on a claim beside its own row. `statements.select_situations` selects it for a page of claims.

    `in_question`, `withdrawn`: its entitlement is. `exceeded`: with it, claims ask for more involvement payment than
    the entitlement says by now. `payment_unclear`: it is open whether a claim for its entitlement was paid.
    `details_corrected`: its person has changed the bank details since the bank refused them. `overdue`: it is open
    beyond its promised date. `paid_ahead`: the bank's day of its payment has not come. `needs_attention`: a person has
    to do something about it.
    """

    in_question: bool = False
    withdrawn: bool = False
    exceeded: bool = False
    payment_unclear: bool = False
    details_corrected: bool = False
    overdue: bool = False
    paid_ahead: bool = False
    needs_attention: bool = False


UNREMARKABLE = ClaimSituation()


def what_next(claim: Claim, situation: ClaimSituation = UNREMARKABLE) -> str:
    """Return what the claimant needs to do, or what will happen. Never a promise that is not kept."""
    if claim.payment_unclear:
        return PAYMENT_UNCLEAR
    if situation.payment_unclear and claim.status in OPEN_STATUSES:
        return OTHER_PAYMENT_UNCLEAR
    if (situation.withdrawn or situation.in_question or situation.exceeded) and claim.status in _CORRECTED:
        return _CORRECTED[claim.status](situation)
    if claim.file_in_doubt:
        return FILE_IN_DOUBT
    return _NEXT_STEPS[claim.status](claim, situation)


def attention(claim: Claim, situation: ClaimSituation) -> str | None:
    """Return why a claim needs a person's attention and who does what, for staff; or None where it does not."""
    if not situation.needs_attention:
        return None
    if claim.payment_unclear or (situation.payment_unclear and claim.status in OPEN_STATUSES):
        return (
            "The bank's messages about its payment, or one for the same entitlement, are in doubt. Someone in finance "
            "resolves it: see "
            "/v1/payment-runs?needs_attention=true."
        )
    if claim.status in OPEN_STATUSES and (situation.withdrawn or situation.in_question or situation.exceeded):
        return _attention_to_entitlement(claim, situation)
    if claim.file_in_doubt:
        return (
            "The bank's report on the whole file leaves open what became of its payment. Someone in finance asks the "
            "bank, and resolves it: see /v1/payment-runs?needs_attention=true."
        )
    if claim.needs_attention and not situation.details_corrected:
        return _attention_to_refusal(claim)
    return f"It was to be paid by {format_date(claim.promised_on)}. Decide on it, or put it into a payment run."


def _attention_to_entitlement(claim: Claim, situation: ClaimSituation) -> str:
    if situation.withdrawn:
        return (
            "Its entitlement is withdrawn, since the attendance was corrected. An approver returns or refuses it (POST "
            f"/v1/claims/{claim.id}/decisions)."
        )
    if situation.in_question:
        return (
            "The attendance was corrected. A funding officer decides whether the entitlement stands (POST "
            f"/v1/entitlements/{claim.entitlement_id}/resolve)."
        )
    return (
        "Claims ask for more than the entitlement says since the attendance was corrected. An approver returns it "
        f"(POST /v1/claims/{claim.id}/decisions), and its person lowers the involvement payment."
    )


def _attention_to_refusal(claim: Claim) -> str:
    if claim.refused_payee_version is not None:
        return (
            f"The bank refused the person's account ({claim.bank_reason}). It is in the next run of all claims once "
            "they have corrected their bank details. To try the same account again, name it in `claims` of a run."
        )
    refused = f"The bank refused it ({claim.bank_reason}), not for" if claim.bank_reason else "It was not paid, not for"
    return (
        f"{refused} what the person could correct. Someone in finance settles that with the bank, and then names it "
        "in `claims` of a run (POST /v1/payment-runs)."
    )


def _submitted(claim: Claim, situation: ClaimSituation) -> str:
    if claim.beyond_reservation:
        longer = "takes" if situation.overdue else "may take"
        return (
            "Nothing to do. This is more than was set aside for the meeting, so the centre has to add money first. It "
            f"{longer} longer than {format_date(claim.promised_on)}."
        )
    if situation.overdue:
        return f"Nobody has decided on this claim yet. {_late(claim)}"
    return f"Nothing to do. You will be paid by {format_date(claim.promised_on)}."


def _approved(claim: Claim, situation: ClaimSituation) -> str:
    if situation.details_corrected:
        return "You have corrected your bank details; we will try again."
    if claim.refused_payee_version is not None:
        return (
            "The bank could not pay you. Look at your bank details and correct them (GET /v1/payees, then PUT "
            "/v1/payees/{id}); we will try again. If they are right, ask your bank, and then tell the centre."
        )
    if claim.bank_reason:
        return (
            "The bank could not pay you, and your bank details are not the reason. You do not need to do anything: the "
            "centre settles it with the bank, and tries again."
        )
    if claim.needs_attention:
        return "You were not paid yet. You do not need to do anything; we will try again."
    if situation.overdue:
        return f"Approved, and not paid yet. {_late(claim)}"
    return f"Approved. You will be paid by {format_date(claim.promised_on)}."


def _in_payment(claim: Claim, situation: ClaimSituation) -> str:
    if situation.overdue:
        return f"On its way to the bank. {_late(claim)}"
    return f"On its way to the bank. You will be paid by {format_date(claim.promised_on)}."


def _late(claim: Claim) -> str:
    return (
        f"It takes longer than {format_date(claim.promised_on)}, which we had promised. We are sorry. You do not need "
        "to do anything, and may ask the centre."
    )


_NEXT_STEPS: dict[str, Callable[[Claim, ClaimSituation], str]] = {
    "draft": lambda _claim, _situation: "Add your costs, then submit the claim.",
    "returned": lambda _claim, _situation: "Read the reason in the history, correct the claim and submit it again.",
    "submitted": _submitted,
    "refused": lambda _claim, _situation: (
        "Read the reason in the history. If you think that it is wrong, ask the centre."
    ),
    "approved": _approved,
    "in_payment": _in_payment,
    "paid": lambda claim, situation: (
        f"The bank pays you on {format_date(claim.paid_on)}."
        if situation.paid_ahead
        else f"Paid on {format_date(claim.paid_on)}."
    ),
}


def _corrected_with_person(situation: ClaimSituation) -> str:
    if situation.withdrawn:
        return (
            "The attendance was corrected, so nothing can be claimed for this meeting. Ask the centre if you did take "
            "part."
        )
    if situation.in_question:
        return "The attendance was corrected, and a funding officer looks at it. You can submit this claim after that."
    return "Read the reason in the history, lower the involvement payment and submit the claim again."


def _corrected_with_centre(situation: ClaimSituation) -> str:
    if situation.withdrawn:
        return (
            "Not paid as it is: the attendance was corrected, and says that you did not take part. The centre gives "
            "this claim back to you or refuses it. Ask the centre if you did take part."
        )
    if situation.in_question:
        return (
            "The attendance was corrected after your claim. A funding officer decides what follows, and nothing is "
            "paid before that. You do not need to do anything. Ask the centre if the correction is wrong."
        )
    return (
        "Not paid as it is: the attendance was corrected, and claims ask for more than it is paid by now. The centre "
        "gives this claim back to you, so that you can lower the involvement payment."
    )


def _corrected_in_payment(situation: ClaimSituation) -> str:
    return (
        f"{_corrected_with_centre(situation)} If the bank has the payment already, you will be paid all the same, and "
        "the centre gets in touch."
    )


_CORRECTED: dict[str, Callable[[ClaimSituation], str]] = {
    "draft": _corrected_with_person,
    "returned": _corrected_with_person,
    "submitted": _corrected_with_centre,
    "approved": _corrected_with_centre,
    "in_payment": _corrected_in_payment,
}


def format_date(day: date | None) -> str:
    """Format a day, as in 7 December 2026."""
    return f"{day.day} {day:%B %Y}" if day else "a date that we will tell you"
