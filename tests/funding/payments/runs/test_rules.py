from services.funding.participation.claims.tables import Claim
from services.funding.payments.bank_messages.rules import apply_outcome
from services.funding.payments.iso20022.pain002 import PaymentOutcome
from services.funding.payments.runs import rules
from shared.persistence.tables import new_id
from tests.support.callers import APPROVER, CARER, FINANCE


def approved() -> Claim:
    return Claim(
        person_id=CARER.id,
        entitlement_id=new_id(),
        assembly_id=new_id(),
        scheme_id=new_id(),
        pence=1_000,
        status="approved",
        approved_by=APPROVER.id,
    )


def test_a_run_is_settled_once_each_payment_has_an_outcome_and_not_before() -> None:
    run, (first, second) = rules.create_run(None, [approved(), approved()], (), FINANCE)
    run.status = "released"
    apply_outcome(first, PaymentOutcome("paid"))
    rules.settle(run, [first, second])
    assert run.status == "released"
    apply_outcome(second, PaymentOutcome("refused", "AC04"))
    rules.settle(run, [first, second])
    assert run.status == "settled"
