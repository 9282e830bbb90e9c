"""What becomes of payments, and what a person may resolve that nobody's word has settled. Amounts are pence."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Literal, NamedTuple
from uuid import UUID

from services.funding.ledger.ledger.rules import pounds
from services.funding.participation.claims import payment_steps
from services.funding.participation.claims.tables import Claim, ClaimStep, StepRole
from services.funding.payments.iso20022 import pain002, reasons
from services.funding.payments.iso20022.pain002 import OutcomeStatus
from services.funding.payments.runs.rules import MAX_REPORTED_CLAIMS, RunNotReleased, claim_errors, settle
from services.funding.payments.runs.tables import Payment, PaymentRun
from shared.callers import Caller
from shared.events.contracts.funding import ClaimPaid, ClaimPaymentVoided
from shared.problems import Conflict, FieldError, Invalid, NotAllowed

Effect = Literal["paid", "refused", "duplicate", "contradicts", "confirmed", "voided"]
Resolution = Literal["paid", "not_paid"]
DOUBTFUL_STATUSES: dict[OutcomeStatus, frozenset[str]] = {
    "duplicate": frozenset({"pending"}),
    "refused": frozenset({"pending", "paid"}),
    "paid": frozenset({"pending", "refused"}),
    "waiting": frozenset(),
}
"""For each status that the bank reports of a whole file: the statuses of payments which that leaves in doubt."""


class NothingToResolve(Conflict):
    title = "No payment of this run waits to be resolved"
    detail = (
        "The bank has settled all of them. To resolve one that is in doubt, or does not fit what the bank reported of "
        "the whole file, name it in `payments`."
    )


class PaymentsSettled(Conflict):
    title = "Some of these payments are settled, and not in doubt"
    detail = "Leave out the payments in `errors`: the bank's word settled them."


class PaymentsNotInRun(Invalid):
    title = "This run does not have some of these payments"
    detail = "See `errors` for their ids, and /v1/payment-runs/{run_id}/payments for those it has."


class ClaimInAnotherRun(Conflict):
    title = "Another run pays this claim as well"
    detail = (
        "See `errors` for the claims. Cancel the other run while it is a draft; else resolve its payment as not paid. "
        "If the bank paid both, ask for one back, and resolve that one as not paid once it has come."
    )


class PaymentNotApproved(Conflict):
    title = "This payment is not approved any more as it was made"
    detail = (
        "The claims in `errors` were returned, refused or changed after the bank had refused their payment. Let each "
        "be submitted and approved again with the sum of the payment (an approver returns a refused one first), and "
        "resolve the payment as paid after that. Or ask for the money back, and resolve the payment as not paid once "
        "it has come."
    )


class ReleaserMayNotResolve(NotAllowed):
    title = "Someone else must resolve this"
    detail = "Whoever released a run does not decide what became of its payments. Leave it to a colleague in finance."


class PaymentDayImpossible(Invalid):
    pointer = "/on"
    title = "This cannot be the day of the payment"
    detail = "Give the bank's day, for `paid` only: not before the run's `execute_on`, and not after today."


class Change(NamedTuple):
    """What becomes of a payment, and on whose word. `reason` is in words, `code` the bank's reason for a refusal."""

    payment: Payment
    effect: Effect
    role: StepRole
    reason: str | None = None
    code: str | None = None
    paid_on: date | None = None


class AppliedChange(NamedTuple):
    """The step in the claim's history, and the event to publish, if any."""

    step: ClaimStep
    event: ClaimPaid | ClaimPaymentVoided | None = None


def apply(change: Change, claim: Claim, finance: Caller, *, doubtful_elsewhere: bool = False) -> AppliedChange:
    """Apply a change to a payment and its claim. `doubtful_elsewhere`: another payment of the claim is in doubt."""
    payment, reason = change.payment, change.reason or ""
    payment.in_doubt = None
    claim.file_in_doubt = False
    match change.effect:
        case "paid":
            payment.status = "paid"
            if change.paid_on is None:
                raise ValueError("a payment has a day")
            event, step = payment_steps.pay(claim, finance, change.role, change.reason, paid_on=change.paid_on)
            applied = AppliedChange(step, event)
        case "refused":
            payment.status = "refused"
            step = payment_steps.refuse_payment(
                claim,
                finance,
                change.role,
                change.code,
                reason,
                refused_payee_version=payment.payee_version if reasons.concerns_payee(change.code) else None,
            )
            applied = AppliedChange(step)
        case "voided":
            payment.status = "refused"
            voided, step = payment_steps.void_payment(claim, finance, reason)
            applied = AppliedChange(step, voided)
        case "confirmed":
            applied = AppliedChange(payment_steps.confirm_payment(claim, finance, reason))
        case "duplicate" | "contradicts":
            payment.in_doubt = "duplicate" if change.effect == "duplicate" else "contradiction"
            applied = AppliedChange(payment_steps.question_payment(claim, finance, reason))
    payment_steps.set_payment_unclear(claim, unclear=doubtful_elsewhere or payment.in_doubt is not None)
    return applied


def report_file_outcome(run: PaymentRun, payments: Sequence[Payment], code: str | None, reason: str | None) -> None:
    """Keep what the bank reported of the whole file (`code`, if it did), and settle the run if its payments are.

    What was reported as final stays, until something else is. It changes no payment, but leaves the file in doubt where
    its payments do not bear it out.
    """
    if code and (file_status(code) != "waiting" or file_status(run.bank_status) == "waiting"):
        run.bank_status, run.bank_reason = code, reason
    run.file_in_doubt = bool(_in_doubt_by_file(run, payments)) if code else _stays_in_doubt(run, payments)
    run.revision += 1
    settle(run, payments)


def question_claims(run: PaymentRun, payments: Sequence[Payment], claims: Collection[Claim]) -> None:
    """Show in these claims of a file in doubt that it leaves open what became of those payments that wait."""
    waiting = {payment.claim_id for payment in payments if payment.status == "pending"}
    for claim in claims:
        claim.file_in_doubt = run.file_in_doubt and claim.id in waiting


def file_status(code: str | None, reason: str | None = None) -> OutcomeStatus:
    """Return what a status code of a whole file says."""
    if code in pain002.SETTLED_CODES:
        return "paid"
    if code in pain002.REFUSED_CODES:
        return "duplicate" if reason and reasons.means_duplicate(reason) else "refused"
    return "waiting"


def _in_doubt_by_file(run: PaymentRun, payments: Sequence[Payment]) -> list[Payment]:
    """Return the payments that do not bear out what was reported of the whole file."""
    doubtful = DOUBTFUL_STATUSES[file_status(run.bank_status, run.bank_reason)]
    return [payment for payment in payments if payment.status in doubtful]


def _stays_in_doubt(run: PaymentRun, payments: Sequence[Payment]) -> bool:
    """Return whether a file in doubt stays so: for a payment that no person has resolved."""
    return run.file_in_doubt and any(payment.resolved_by is None for payment in _in_doubt_by_file(run, payments))


def require_resolver(run: PaymentRun, finance: Caller) -> None:
    """Raise ReleaserMayNotResolve for whoever released the run."""
    if finance.id == run.released_by:
        raise ReleaserMayNotResolve


def resolvable_payments(run: PaymentRun, payments: Sequence[Payment], ids: Sequence[UUID] | None) -> list[Payment]:
    """Return the payments with these ids, or all that are pending.

    Raises RunNotReleased, NothingToResolve, PaymentsNotInRun, PaymentsSettled.
    """
    if run.status not in ("released", "settled"):
        raise RunNotReleased
    if ids is None:
        pending = [payment for payment in payments if payment.status == "pending"]
        if not pending:
            raise NothingToResolve
        return pending
    by_id = {payment.id: payment for payment in payments}
    if unknown := [id for id in ids if id not in by_id]:
        raise PaymentsNotInRun(errors=_errors(unknown, "not in this run"))
    selected = [by_id[id] for id in dict.fromkeys(ids)]
    if settled := [p.id for p in selected if p.status != "pending" and p.in_doubt is None and not run.file_in_doubt]:
        raise PaymentsSettled(errors=_errors(settled, "settled"))
    return selected


def resolve(
    run: PaymentRun,
    selected: Sequence[Payment],
    claims: Collection[Claim],
    resolution: Resolution,
    *,
    paid_on: date | None,
    reason: str,
    today: date,
) -> list[Change]:
    """Return what becomes of these payments by a person's word.

    Raises PaymentDayImpossible. Where a payment that was refused is to be paid after all: ClaimInAnotherRun, while
    another run pays the claim; PaymentNotApproved, unless the claim is approved with the sum of the payment.
    """
    by_id = {claim.id: claim for claim in claims}
    changes = [
        Change(payment, _resolved(payment, resolution), "finance", reason, paid_on=paid_on) for payment in selected
    ]
    _check_day(run, changes, by_id, resolution, paid_on, today)
    after_all = [
        (change.payment, by_id[change.payment.claim_id])
        for change in changes
        if change.effect == "paid" and change.payment.status == "refused"
    ]
    if elsewhere := [claim.id for _, claim in after_all if claim.status in ("in_payment", "paid")]:
        raise ClaimInAnotherRun(errors=claim_errors(elsewhere, "another run pays this one"))
    for payment, claim in after_all:
        if claim.status != "approved" or claim.pence != payment.pence:
            stated = f"the payment is {pounds(payment.pence)}, the claim {pounds(claim.pence)} and {claim.status}"
            raise PaymentNotApproved(errors=claim_errors([claim.id], stated))
    return changes


def _errors(payment_ids: Sequence[UUID], detail: str) -> list[FieldError]:
    return [FieldError(pointer="/payments", detail=f"{id}: {detail}") for id in payment_ids[:MAX_REPORTED_CLAIMS]]


def _resolved(payment: Payment, resolution: Resolution) -> Effect:
    if resolution == "paid":
        return "confirmed" if payment.status == "paid" else "paid"
    return "confirmed" if payment.status == "refused" else "voided" if payment.status == "paid" else "refused"


def _check_day(
    run: PaymentRun,
    changes: Sequence[Change],
    claims: dict[UUID, Claim],
    resolution: Resolution,
    paid_on: date | None,
    today: date,
) -> None:
    if resolution == "not_paid":
        if paid_on is not None:
            raise PaymentDayImpossible
        return
    if paid_on is None or run.execute_on is None or not run.execute_on <= paid_on <= today:
        raise PaymentDayImpossible
    for change in changes:
        claim = claims[change.payment.claim_id]
        if change.effect == "confirmed" and claim.paid_on != paid_on:
            raise PaymentDayImpossible(f"Claim {claim.id} is recorded as paid on {claim.paid_on}: give that day.")


def end_doubt(run: PaymentRun, payments: Sequence[Payment], resolved: Sequence[Payment], finance: Caller) -> None:
    """Record who resolved these payments. The file is in doubt until all that do not bear it out are resolved."""
    for payment in resolved:
        payment.resolved_by = finance.id
    run.file_in_doubt = _stays_in_doubt(run, payments)
    run.revision += 1
    settle(run, payments)
