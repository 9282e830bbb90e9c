from datetime import date

import pytest

from services.funding.payments.bank_messages import rules
from services.funding.payments.bank_messages.tables import ReportEffect
from services.funding.payments.iso20022.pain002 import OutcomeStatus, PaymentOutcome, StatusReport
from services.funding.payments.runs.tables import Payment, PaymentDoubt, PaymentRun, PaymentStatus
from shared.persistence.tables import new_id
from tests.support.callers import APPROVER, CARER, FINANCE, SECOND_FINANCE

MONDAY = date(2026, 11, 30)


def released(execute_on: date = MONDAY) -> PaymentRun:
    return PaymentRun(
        message_id="R1",
        claims=1,
        pence=100,
        status="released",
        created_by=FINANCE.id,
        released_by=SECOND_FINANCE.id,
        execute_on=execute_on,
    )


def payment(status: PaymentStatus = "pending", in_doubt: PaymentDoubt | None = None) -> Payment:
    return Payment(
        run_id=new_id(),
        claim_id=new_id(),
        claimed_by=CARER.id,
        approved_by=APPROVER.id,
        created_by=FINANCE.id,
        pence=100,
        end_to_end_id="E1",
        status=status,
        in_doubt=in_doubt,
    )


@pytest.mark.parametrize(
    ("status", "in_doubt", "reported", "effect"),
    [
        ("pending", None, "paid", "paid"),
        ("pending", None, "refused", "refused"),
        ("pending", None, "duplicate", "duplicate"),
        ("pending", None, "waiting", "waiting"),
        ("pending", "duplicate", "duplicate", "repeats"),
        ("pending", "duplicate", "paid", "paid"),
        ("pending", "duplicate", "refused", "refused"),
        ("paid", None, "paid", "repeats"),
        ("paid", None, "refused", "contradicts"),
        ("paid", None, "duplicate", "repeats"),
        ("paid", None, "waiting", "waiting"),
        ("refused", None, "refused", "repeats"),
        ("refused", None, "paid", "contradicts"),
        ("refused", None, "duplicate", "repeats"),
        ("refused", "contradiction", "refused", "repeats"),
    ],
)
def test_what_a_report_does_to_a_payment(
    status: PaymentStatus, in_doubt: PaymentDoubt | None, reported: OutcomeStatus, effect: ReportEffect
) -> None:
    assert rules.effect_of(payment(status, in_doubt), PaymentOutcome(reported)) == effect


def test_a_contradiction_changes_neither_status_and_is_recorded_once() -> None:
    refused = payment("refused")
    outcome = PaymentOutcome("paid", "ACSC", None, MONDAY)
    (change,) = rules.changes_of(released(), [rules.Report(refused, outcome, "contradicts")])
    assert (change.effect, refused.status, refused.bank_status) == ("contradicts", "refused", "ACSC")
    refused.in_doubt = "contradiction"
    assert list(rules.changes_of(released(), [rules.Report(refused, outcome, "contradicts")])) == []


@pytest.mark.parametrize(
    ("settled_on", "execute_on", "day"),
    [
        (date(2026, 11, 29), MONDAY, MONDAY),
        (MONDAY, MONDAY, MONDAY),
        (date(2026, 12, 1), MONDAY, date(2026, 12, 1)),
    ],
)
def test_the_day_is_the_banks_and_never_before_the_day_asked_for(settled_on: date, execute_on: date, day: date) -> None:
    assert rules.payment_day(released(execute_on), PaymentOutcome("paid", "ACSC", None, settled_on)) == day


def test_a_day_far_ahead_is_refused_and_the_next_working_days_are_not() -> None:
    def reports(day: date) -> list[rules.Report]:
        report = StatusReport("B1", "R1", None, {"E1": PaymentOutcome("paid", "ACSC", None, day)})
        return rules.reports_of(released(), [payment()], report, MONDAY)

    assert len(reports(date(2026, 12, 10))) == 1
    with pytest.raises(rules.PaymentDayImplausible):
        reports(date(2026, 12, 11))
