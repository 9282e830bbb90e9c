"""What a status report of the bank changes in the payments of a run."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from services.funding.ledger.ledger.rules import pounds
from services.funding.payments.bank_messages.tables import BankMessage, PaymentReport, ReportEffect
from services.funding.payments.iso20022 import reasons
from services.funding.payments.iso20022.pain002 import FileTotals, PaymentOutcome, StatusReport
from services.funding.payments.outcomes.rules import Change
from services.funding.payments.runs.rules import RunNotReleased
from services.funding.payments.runs.tables import Payment, PaymentRun
from shared.problems import FieldError, Invalid, Problem

MAX_MESSAGE_BYTES = 5_000_000
MAX_REPORTED_PAYMENTS = 50
MAX_DAYS_AHEAD = 10
"""How far ahead of today, and of the day that was asked for, a bank may date a payment that it calls settled."""


class BankMessageTooLarge(Problem):
    status = 413
    title = "This file is too large for a message about one run"
    detail = "A message has at most 5 MB. Ask the bank for one message per file. Nothing was changed."


class BankMessageForNoRun(Invalid):
    title = "This message is about no payment run of ours"
    detail = (
        "No run has the original message id that it names. Compare it with `message_id` in /v1/payment-runs, and ask "
        "the bank. Nothing was changed."
    )


class PaymentsUnknown(Invalid):
    title = "The message names payments that this run does not have"
    detail = "See `errors` for their ids, and ask the bank. Nothing was changed; the message can be posted again."


class PaymentDayImplausible(Invalid):
    title = "The message dates payments far ahead"
    detail = "It calls the payments in `errors` settled on a day that is far ahead. Ask the bank. Nothing was changed."


class FileDiffers(Invalid):
    title = "The bank has another file than ours"
    detail = (
        "The message names another number or sum of payments than the run has, see `errors`: the file may have been "
        "changed on its way to the bank. Ask the bank at once what it received, and to stop what is not ours. Nothing "
        "was changed; when it is known, the payments can be resolved (POST /v1/payment-runs/{id}/resolve)."
    )


class PaymentsDiffer(Invalid):
    title = "The message names other sums than those of the payments"
    detail = (
        "The payments in `errors` have another sum or currency in the run. Ask the bank what it paid. Nothing was "
        "changed; when it is known, the payments can be resolved (POST /v1/payment-runs/{id}/resolve)."
    )


class Report(NamedTuple):
    """What a message reports of a payment, and what that does."""

    payment: Payment
    outcome: PaymentOutcome
    effect: ReportEffect


def reports_of(run: PaymentRun, payments: Sequence[Payment], report: StatusReport, today: date) -> list[Report]:
    """Return what the message reports of its payments. Changes nothing.

    Raises RunNotReleased, FileDiffers, PaymentsUnknown, PaymentsDiffer, PaymentDayImplausible.
    """
    if run.status not in ("released", "settled"):
        raise RunNotReleased
    if errors := list(_differences(run, report.totals)):
        raise FileDiffers(errors=errors)
    by_id = {payment.end_to_end_id: payment for payment in payments}
    if unknown := sorted(report.outcomes.keys() - by_id.keys()):
        raise PaymentsUnknown(errors=_errors(unknown, "unknown end-to-end id"))
    if differing := [
        id
        for id, outcome in report.outcomes.items()
        if not all(amount.is_pence(by_id[id].pence) for amount in outcome.amounts)
    ]:
        raise PaymentsDiffer(errors=_errors(differing, "another sum or currency: end-to-end id"))
    latest = max(today, run.execute_on or today) + timedelta(days=MAX_DAYS_AHEAD)
    if ahead := [id for id, outcome in report.outcomes.items() if outcome.settled_on and outcome.settled_on > latest]:
        raise PaymentDayImplausible(errors=_errors(ahead, f"settled after {latest}: end-to-end id"))
    return [Report(by_id[id], outcome, effect_of(by_id[id], outcome)) for id, outcome in report.outcomes.items()]


def effect_of(payment: Payment, outcome: PaymentOutcome) -> ReportEffect:
    """Return what a report does to a payment.

    What only waits says nothing new of a payment that has an outcome; nor does a notice that the bank has it already,
    which fits both.
    """
    if outcome.status == "waiting":
        return "waiting"
    if payment.status == "pending":
        return "repeats" if outcome.status == payment.in_doubt else outcome.status
    return "repeats" if outcome.status in ("duplicate", payment.status) else "contradicts"


def changes_of(run: PaymentRun, reports: Sequence[Report]) -> Iterator[Change]:
    """Record the bank's codes in the payments that it reports news of, and yield what becomes of them."""
    for payment, outcome, effect in reports:
        if effect == "repeats" or (effect == "waiting" and payment.status != "pending"):
            continue
        payment.bank_status, payment.bank_reason = outcome.code, outcome.reason
        match effect:
            case "paid":
                yield Change(payment, "paid", "bank", paid_on=payment_day(run, outcome))
            case "refused":
                code = outcome.reason or ""
                yield Change(payment, "refused", "bank", reasons.explain(code), code)
            case "duplicate":
                stated = reasons.explain(outcome.reason or "")
                yield Change(payment, "duplicate", "bank", f"{stated} It may be paid. Someone will ask the bank.")
            case "contradicts" if payment.in_doubt is None:
                stated = f"The bank reported this payment as {payment.status} before, and now as {outcome.status}."
                yield Change(payment, "contradicts", "bank", f"{stated} Someone will ask the bank.")
            case _:
                pass


def payment_day(run: PaymentRun, outcome: PaymentOutcome) -> date | None:
    """Return the bank's day of a payment: never before the day on which the bank was asked to pay."""
    days = [day for day in (outcome.settled_on, run.execute_on) if day is not None]
    return max(days, default=None)


def new_message(
    run: PaymentRun, payments: Sequence[Payment], report: StatusReport, reports: Sequence[Report], posted_by: UUID
) -> BankMessage:
    """Return the row of a message, once its reports were applied, without its content."""
    effects = [effect for _, _, effect in reports]
    file_outcome = report.file_outcome
    return BankMessage(
        run_id=run.id,
        sha256="",
        message_id=report.message_id,
        posted_by=posted_by,
        file_status=file_outcome.code if file_outcome else None,
        file_reason=file_outcome.reason if file_outcome else None,
        paid=effects.count("paid"),
        refused=effects.count("refused"),
        duplicates=effects.count("duplicate"),
        contradictions=effects.count("contradicts"),
        waiting=sum(payment.status == "pending" for payment in payments),
        sealed=b"",
    )


def report_rows(message_id: UUID, reports: Sequence[Report]) -> list[PaymentReport]:
    """Return the rows of what a message reports of its payments."""
    return [
        PaymentReport(
            message_id=message_id,
            payment_id=payment.id,
            bank_status=outcome.code,
            bank_reason=outcome.reason,
            effect=effect,
        )
        for payment, outcome, effect in reports
    ]


def _differences(run: PaymentRun, totals: Sequence[FileTotals]) -> Iterator[FieldError]:
    """Yield how the totals that the bank names differ from the run's. Its file has one group of payments."""
    for number, control_sum in dict.fromkeys(totals):
        if number not in (None, run.claims):
            yield FieldError(pointer="", detail=f"{number} payments, and the run has {run.claims}")
        if control_sum is not None and not control_sum.is_pence(run.pence):
            yield FieldError(pointer="", detail=f"a sum of {control_sum.digits}, and the run has {pounds(run.pence)}")


def _errors(ids: Sequence[str], detail: str) -> list[FieldError]:
    return [FieldError(pointer="", detail=f"{detail} {id}") for id in ids[:MAX_REPORTED_PAYMENTS]]
