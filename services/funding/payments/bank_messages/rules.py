"""What a status report of the bank changes in the payments of a run."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from services.funding.payments.iso20022.pain002 import PaymentOutcome, StatusReport
from services.funding.payments.runs.rules import RunNotReleased, claim_errors
from services.funding.payments.runs.tables import Payment, PaymentRun
from shared.problems import Conflict, FieldError, Invalid, Problem

MAX_MESSAGE_BYTES = 5_000_000
MAX_REPORTED_PAYMENTS = 50


class BankMessageTooLarge(Problem):
    status = 413
    title = "This file is too large for a message about one run"
    detail = "A message has at most 5 MB. Ask the bank for one message per file. Nothing was changed."


class BankMessageForAnotherRun(Invalid):
    title = "This message is about another run"
    detail = "Post it to the run whose message id it names. Nothing was changed."


class PaymentsUnknown(Invalid):
    title = "The message names payments that this run does not have"
    detail = "See `errors` for their ids, and ask the bank. Nothing was changed; the message can be posted again."


class BankMessageContradicts(Conflict):
    title = "The message contradicts an earlier one"
    detail = "For the payments in `errors` the bank reported another outcome before. Ask the bank. Nothing was changed."


def new_outcomes(run: PaymentRun, payments: Sequence[Payment], report: StatusReport) -> dict[UUID, PaymentOutcome]:
    """Return the outcomes of payments that were pending, by the payment's id. Changes nothing.

    Raises RunNotReleased, BankMessageForAnotherRun, PaymentsUnknown, BankMessageContradicts.
    """
    if run.status not in ("released", "settled"):
        raise RunNotReleased
    if report.original_message_id != run.message_id:
        raise BankMessageForAnotherRun
    if unknown := sorted(report.outcomes.keys() - {payment.end_to_end_id for payment in payments}):
        raise PaymentsUnknown(
            errors=[
                FieldError(pointer="", detail=f"unknown end-to-end id {id}") for id in unknown[:MAX_REPORTED_PAYMENTS]
            ]
        )
    outcomes = {payment.id: report.outcome_of(payment.end_to_end_id) for payment in payments}
    final = {id: outcome for id, outcome in outcomes.items() if outcome.status != "waiting"}
    if contradicted := _contradicted(payments, final):
        raise BankMessageContradicts(errors=claim_errors(contradicted, "settled otherwise before"))
    pending_ids = {payment.id for payment in payments if payment.status == "pending"}
    return {id: outcome for id, outcome in final.items() if id in pending_ids}


def _contradicted(payments: Sequence[Payment], final: Mapping[UUID, PaymentOutcome]) -> list[UUID]:
    """Return the claims whose payment already had another outcome."""
    return [
        payment.claim_id
        for payment in payments
        if payment.id in final and payment.status not in ("pending", final[payment.id].status)
    ]


def apply_outcome(payment: Payment, outcome: PaymentOutcome) -> None:
    """Set a pending payment to paid, or to refused with the bank's reason."""
    payment.status = "paid" if outcome.status == "paid" else "refused"
    payment.bank_reason = outcome.reason
