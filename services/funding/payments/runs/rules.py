"""Who may pay whom, and when a payment run may move. Amounts are pence."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import NamedTuple
from uuid import UUID

from services.funding.participation.claims.tables import Claim
from services.funding.payees.payees.rules import BankDetails, payment_name
from services.funding.payments.iso20022 import pain001
from services.funding.payments.iso20022.pain001 import BankAccount, CreditTransfer
from services.funding.payments.runs.left_out_claims import NOTHING_LEFT_OUT, LeftOutClaims
from services.funding.payments.runs.tables import Payment, PaymentRun
from services.funding.programme.working_days.rules import is_working_day
from shared.callers import Caller
from shared.encryption import FieldCipher
from shared.persistence.tables import new_id
from shared.problems import Conflict, FieldError, NotAllowed, ServiceUnavailable

MAX_REPORTED_CLAIMS = 50


class NothingToPay(Conflict):
    title = "No approved claim waits for payment"
    detail = (
        "None is approved, or all that are were left out: `errors`, if any, says why. To pay claims again that the "
        "bank refused, check them first, then name them in `claims`."
    )


class ClaimsNotReady(Conflict):
    title = "Some of these claims cannot be paid now"
    detail = "Leave out the claims in `errors`: they are not approved, or are in another run."


class ClaimsInQuestion(Conflict):
    title = "The attendance of some of these claims was corrected"
    detail = (
        "Wait until a funding officer has decided on the claims in `errors`, or make a run without them. A claim for "
        "more than its entitlement says by now is returned by an approver, which also takes it out of this run."
    )


class PaymentsUnclear(Conflict):
    title = "It is not clear whether some of these claims were paid"
    detail = (
        "Leave out the claims in `errors` until someone in finance has resolved their payments: see "
        "/v1/payment-runs?needs_attention=true. A draft run with them can be cancelled."
    )


class DutiesNotSegregated(NotAllowed):
    title = "Someone else must pay this"
    detail = (
        "Whoever claimed or approved a claim does not pay it. Leave the claims in `errors` to a colleague in finance."
    )


class OwnRun(NotAllowed):
    title = "Someone else must release this run"
    detail = (
        "Whoever made a run does not release it. Ask another finance officer to check and release it. If it is wrong, "
        "cancel it and make another."
    )


class RunAlreadyReleased(Conflict):
    title = "This run was released or cancelled already"
    detail = "Fetch it to see its status (GET /v1/payment-runs/{id}). Nothing was sent twice."


class PaymentReleased(Conflict):
    title = "This claim has gone to the bank"
    detail = (
        "Its payment run is released, so the approval can no longer be taken back. Ask finance to stop the payment at "
        "the bank; where the bank refuses it, the claim can be refused or returned."
    )


class RunNotReleased(Conflict):
    title = "This run has not been released"
    detail = (
        "Only a released run has a file, and answers of the bank. Let a colleague release it (POST "
        "/v1/payment-runs/{id}/release); if it was cancelled, make another one."
    )


class PayeesMissing(Conflict):
    title = "Some people's bank details are missing"
    detail = (
        "Ask the people of the claims in `errors` to add their bank details (POST /v1/payees), or cancel this run "
        "(POST /v1/payment-runs/{id}/cancel) and make one without them."
    )


class PayerUnknown(ServiceUnavailable):
    title = "The account that pays is not set up"
    detail = "Set PAYER_NAME, PAYER_SORT_CODE and PAYER_ACCOUNT_NUMBER, and release the run again. Nothing was changed."


class ClaimParties(NamedTuple):
    """Who claimed and who approved a claim."""

    claim_id: UUID
    claimant_id: UUID
    approver_id: UUID | None


@lru_cache(maxsize=4)
def file_cipher(field_key: str) -> FieldCipher:
    """Return the cipher of files that go to the bank and come from it."""
    return FieldCipher(field_key, "payment files")


def parties_to(payments: Sequence[Payment]) -> list[ClaimParties]:
    """Return who claimed and approved what is paid."""
    return [ClaimParties(payment.claim_id, payment.claimed_by, payment.approved_by) for payment in payments]


def parties_to_claims(claims: Sequence[Claim]) -> list[ClaimParties]:
    """Return who claimed these, and whose approval stands: not that of an earlier payment, where it was taken back."""
    return [ClaimParties(claim.id, claim.person_id, claim.approved_by) for claim in claims]


def require_segregation_of_duties(finance: Caller, parties: Sequence[ClaimParties]) -> None:
    """Raise DutiesNotSegregated where the caller claimed or approved one of the claims."""
    own = [claim.claim_id for claim in parties if finance.id in (claim.claimant_id, claim.approver_id)]
    if own:
        raise DutiesNotSegregated(errors=claim_errors(own, "you claimed or approved this one"))


def require_valid_entitlements(in_question: Collection[UUID]) -> None:
    """Raise ClaimsInQuestion where an entitlement is in question, withdrawn, or less than is claimed."""
    if in_question:
        detail = "its entitlement is in question, withdrawn, or less than is claimed"
        raise ClaimsInQuestion(errors=claim_errors(sorted(in_question), detail))


def require_clear_payments(unclear: Collection[UUID]) -> None:
    """Raise PaymentsUnclear where it is not clear whether what a claim is for was paid already."""
    if unclear:
        raise PaymentsUnclear(errors=claim_errors(sorted(unclear), "it may have been paid"))


def create_run(
    claim_ids: Sequence[UUID] | None,
    claims: Sequence[Claim],
    in_question: Collection[UUID],
    finance: Caller,
    left_out: LeftOutClaims = NOTHING_LEFT_OUT,
    unclear: Collection[UUID] = (),
) -> tuple[PaymentRun, list[Payment]]:
    """Return a run of these claims. `claim_ids` are those that were asked for, or None for all that can be paid.

    Raises NothingToPay, ClaimsNotReady, ClaimsInQuestion, PaymentsUnclear, DutiesNotSegregated.
    """
    require_valid_entitlements(in_question)
    require_clear_payments({*unclear, *(claim.id for claim in claims if claim.payment_unclear)})
    approved_ids = {claim.id for claim in claims if claim.status == "approved"}
    if missing := [id for id in claim_ids or () if id not in approved_ids]:
        raise ClaimsNotReady(errors=claim_errors(missing, "not approved, or in another run"))
    if not claims:
        raise NothingToPay(errors=[_claim_error(id, reason) for id, reason in left_out.reasons.items()])
    require_segregation_of_duties(finance, parties_to_claims(claims))
    run_id = new_id()
    run = PaymentRun(
        id=run_id,
        message_id=f"IMPACT-{pain001.short_id(run_id)}",
        claims=len(claims),
        pence=sum(claim.pence for claim in claims),
        created_by=finance.id,
    )
    return run, list(_payments(run, claims))


def _payments(run: PaymentRun, claims: Sequence[Claim]) -> Iterator[Payment]:
    for claim in claims:
        if claim.approved_by is None:
            raise ClaimsNotReady
        payment_id = new_id()
        yield Payment(
            id=payment_id,
            run_id=run.id,
            claim_id=claim.id,
            claimed_by=claim.person_id,
            approved_by=claim.approved_by,
            created_by=run.created_by,
            pence=claim.pence,
            end_to_end_id=pain001.end_to_end_id(payment_id),
        )


def release(
    run: PaymentRun, payments: Sequence[Payment], finance: Caller, *, today: date, bank_holidays: Collection[date]
) -> date:
    """Release a run. Returns the day on which the bank is asked to pay: today, or the next working day.

    Raises RunAlreadyReleased, OwnRun.
    """
    if run.status != "draft":
        raise RunAlreadyReleased
    if finance.id == run.created_by:
        raise OwnRun
    run.status = "released"
    run.released_by = finance.id
    for payment in payments:
        payment.released_by = finance.id
    run.execute_on = today
    while not is_working_day(run.execute_on, bank_holidays):
        run.execute_on += timedelta(days=1)
    return run.execute_on


def cancel(run: PaymentRun, payments: Sequence[Payment]) -> None:
    """Cancel a run and its payments. Raises RunAlreadyReleased."""
    if run.status != "draft":
        raise RunAlreadyReleased
    run.status = "cancelled"
    for payment in payments:
        payment.status = "cancelled"


def cancel_payment(run: PaymentRun, payment: Payment) -> None:
    """Take a payment out of a draft run. A run left empty is cancelled. Raises PaymentReleased."""
    if run.status != "draft":
        raise PaymentReleased
    payment.status = "cancelled"
    run.claims -= 1
    run.pence -= payment.pence
    if run.claims == 0:
        run.status = "cancelled"


def settle(run: PaymentRun, payments: Sequence[Payment]) -> None:
    """Settle the run once each of its payments is paid or refused; before that, change nothing."""
    if all(payment.status != "pending" for payment in payments):
        run.status = "settled"


def transfers(payments: Sequence[Payment], details: Mapping[UUID, BankDetails]) -> list[CreditTransfer]:
    """Return the transfers to the bank details of each payment's claimant. Raises PayeesMissing."""
    if missing := [payment.claim_id for payment in payments if payment.claimed_by not in details]:
        raise PayeesMissing(errors=claim_errors(missing, "no bank details that can be read"))
    return [_transfer(payment, details[payment.claimed_by]) for payment in payments]


def _transfer(payment: Payment, details: BankDetails) -> CreditTransfer:
    """Return the transfer. A roll number takes the place of our reference, which the end-to-end id makes up for."""
    return CreditTransfer(
        end_to_end_id=payment.end_to_end_id,
        uetr=payment.uetr,
        pence=payment.pence,
        payee=BankAccount(payment_name(details.account_name), details.sort_code, details.account_number),
        reference=details.roll_number or pain001.reference(payment.claim_id),
    )


def claim_errors(claim_ids: Sequence[UUID], detail: str) -> list[FieldError]:
    """Return an error for each claim, at most MAX_REPORTED_CLAIMS."""
    return [_claim_error(id, detail) for id in claim_ids[:MAX_REPORTED_CLAIMS]]


def _claim_error(claim_id: UUID, detail: str) -> FieldError:
    return FieldError(pointer="/claims", detail=f"{claim_id}: {detail}")
