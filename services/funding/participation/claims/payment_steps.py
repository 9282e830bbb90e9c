"""What a payment run and the bank make of an approved claim. Amounts are pence."""

from datetime import date
from uuid import UUID

from services.funding.participation.claims.tables import Claim, ClaimReason, ClaimStep, Step, StepRole
from shared.callers import Caller
from shared.events.contracts.funding import ClaimPaid, ClaimPaymentVoided


def new_step(claim: Claim, step: Step, role: StepRole, person_id: UUID, reason: str | None = None) -> ClaimStep:
    """Return a step of a claim's history, with its reason where there is one."""
    row = ClaimStep(claim_id=claim.id, step=step, role=role, performed_by=person_id)
    row.reason_row = ClaimReason(step_id=row.id, reason=reason) if reason else None
    return row


def add_to_run(claim: Claim, finance: Caller) -> ClaimStep:
    """Put an approved claim into a payment run. That the bank refused it before is known until the run's release."""
    claim.status = "in_payment"
    return new_step(claim, "in_payment", "finance", finance.id)


def release(claim: Claim) -> None:
    """Send a claim to the bank: what the bank said of it before is over."""
    claim.needs_attention = False
    forget_refusal(claim)


def remove_from_run(claim: Claim, caller: Caller, role: StepRole = "finance") -> ClaimStep:
    """Take a claim out of a payment run before its release."""
    claim.status = "approved"
    return new_step(claim, "payment_stopped", role, caller.id)


def refuse_payment(
    claim: Claim,
    finance: Caller,
    role: StepRole,
    code: str | None,
    reason: str,
    *,
    refused_payee_version: int | None = None,
) -> ClaimStep:
    """Record that the claim was not paid. It is still owed and needs attention.

    `code` is the bank's reason code, where it was the bank that refused; `reason` is in words. `refused_payee_version`
    is the version of the bank details that it refused, where other ones can mend that.
    """
    claim.status, claim.needs_attention = "approved", True
    claim.bank_reason, claim.refused_payee_version = code, refused_payee_version
    return new_step(claim, "payment_refused", role, finance.id, reason)


def pay(
    claim: Claim, finance: Caller, role: StepRole, reason: str | None = None, *, paid_on: date
) -> tuple[ClaimPaid, ClaimStep]:
    """Record that the claim was paid, on the bank's day."""
    claim.status, claim.needs_attention = "paid", False
    forget_refusal(claim)
    claim.paid_on = paid_on
    facts = claim.model_dump(include={"assembly_id", "pence", "entitlement_id"})
    paid = ClaimPaid(claim_id=claim.id, paid_on=paid_on, **facts)
    return paid, new_step(claim, "paid", role, finance.id, reason)


def void_payment(claim: Claim, finance: Caller, reason: str) -> tuple[ClaimPaymentVoided, ClaimStep]:
    """Record that the payment did not take place after all. The claim is owed again and needs attention."""
    claim.voided_payments += 1
    claim.paid_on = None
    step = new_step(claim, "payment_voided", "finance", finance.id, reason)
    claim.status = "approved"
    claim.needs_attention = True
    return ClaimPaymentVoided(claim_id=claim.id, assembly_id=claim.assembly_id, pence=claim.pence), step


def question_payment(claim: Claim, finance: Caller, reason: str) -> ClaimStep:
    """Record that the bank's messages leave it open whether the claim was paid."""
    return new_step(claim, "payment_unclear", "bank", finance.id, reason)


def confirm_payment(claim: Claim, finance: Caller, reason: str) -> ClaimStep:
    """Record that a person confirmed what was known of a payment."""
    return new_step(claim, "payment_confirmed", "finance", finance.id, reason)


def set_payment_unclear(claim: Claim, *, unclear: bool) -> None:
    """Set whether it is open if the claim was paid. A claim that is owed after a refusal keeps needing attention."""
    claim.payment_unclear = unclear
    if unclear or claim.status != "approved":
        claim.needs_attention = unclear


def forget_refusal(claim: Claim) -> None:
    """Forget what the bank said when it refused the claim."""
    claim.bank_reason = claim.refused_payee_version = None
