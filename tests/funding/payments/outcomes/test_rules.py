from datetime import date

import pytest

from services.funding.participation.claims.tables import Claim, ClaimStatus
from services.funding.payments.outcomes import rules
from services.funding.payments.outcomes.rules import Change
from services.funding.payments.runs.tables import PaymentStatus
from tests.funding.payments.bank_messages.test_rules import MONDAY, payment, released
from tests.support.callers import APPROVER, CARER, FINANCE, SECOND_FINANCE


def claim_of(claim_id: object, status: ClaimStatus = "in_payment", paid_on: date | None = None) -> Claim:
    return Claim.model_validate(
        {
            "id": claim_id,
            "person_id": CARER.id,
            "entitlement_id": claim_id,
            "assembly_id": claim_id,
            "scheme_id": claim_id,
            "pence": 100,
            "status": status,
            "approved_by": APPROVER.id,
            "paid_on": paid_on,
        }
    )


@pytest.mark.parametrize(
    ("code", "reason", "statuses", "in_doubt"),
    [
        ("RJCT", "DUPL", ["pending"], True),
        ("RJCT", "DUPL", ["paid", "refused"], False),
        ("RJCT", "FF01", ["pending"], True),
        ("RJCT", "FF01", ["paid"], True),
        ("RJCT", "FF01", ["refused"], False),
        ("ACSC", None, ["pending", "paid"], True),
        ("ACSC", None, ["refused"], True),
        ("ACSC", None, ["paid"], False),
        ("PART", None, ["pending", "refused"], False),
        ("ACCP", None, ["pending"], False),
    ],
)
def test_a_file_is_in_doubt_where_its_payments_do_not_bear_it_out(
    code: str, reason: str | None, statuses: list[PaymentStatus], in_doubt: bool
) -> None:
    run, payments = released(), [payment(status) for status in statuses]
    rules.report_file_outcome(run, payments, code, reason)
    assert (run.file_in_doubt, run.bank_status, run.bank_reason) == (in_doubt, code, reason)
    assert [row.status for row in payments] == statuses


def test_what_was_reported_as_final_of_a_file_is_not_forgotten_for_an_interim_report() -> None:
    run = released()
    rules.report_file_outcome(run, [payment()], "RJCT", "DUPL")
    rules.report_file_outcome(run, [payment()], "ACCP", None)
    assert (run.bank_status, run.bank_reason, run.file_in_doubt, run.revision) == ("RJCT", "DUPL", True, 2)
    rules.report_file_outcome(run, [payment("paid")], None, None)
    assert (run.file_in_doubt, run.status) == (False, "settled")


@pytest.mark.parametrize(
    ("status", "resolution", "effect"),
    [
        ("pending", "paid", "paid"),
        ("pending", "not_paid", "refused"),
        ("refused", "not_paid", "confirmed"),
        ("paid", "paid", "confirmed"),
        ("paid", "not_paid", "voided"),
    ],
)
def test_what_a_persons_word_does(status: PaymentStatus, resolution: rules.Resolution, effect: rules.Effect) -> None:
    resolved, day = payment(status), MONDAY if resolution == "paid" else None
    paid = status == "paid"
    claim = claim_of(resolved.claim_id, "paid" if paid else "in_payment", MONDAY if paid else None)
    (change,) = rules.resolve(released(), [resolved], [claim], resolution, paid_on=day, reason="Seen", today=MONDAY)
    assert (change.effect, change.role, change.reason) == (effect, "finance", "Seen")


def test_a_claim_stays_unclear_while_another_of_its_payments_is_in_doubt() -> None:
    resolved = payment("refused", "contradiction")
    claim = claim_of(resolved.claim_id, "approved")
    change = Change(resolved, "confirmed", "finance", "Seen")
    rules.apply(change, claim, FINANCE, doubtful_elsewhere=True)
    assert (resolved.in_doubt, claim.payment_unclear, claim.needs_attention) == (None, True, True)
    rules.apply(change, claim, FINANCE)
    assert (claim.payment_unclear, claim.needs_attention) == (False, True)


def test_whoever_released_a_run_does_not_resolve_it() -> None:
    with pytest.raises(rules.ReleaserMayNotResolve):
        rules.require_resolver(released(), SECOND_FINANCE)
    rules.require_resolver(released(), FINANCE)


def test_without_ids_what_is_pending_is_resolved() -> None:
    pending, paid = payment(), payment("paid")
    assert rules.resolvable_payments(released(), [pending, paid], None) == [pending]
    with pytest.raises(rules.PaymentsSettled):
        rules.resolvable_payments(released(), [pending, paid], [paid.id])
